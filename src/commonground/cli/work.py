"""The worker: runs what pages put off."""

import argparse

HELP = "run background work until stopped"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--until-empty", action="store_true", help="stop when no job waits")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import refuse_a_role_that_passes_walls, setup

    setup()
    refuse_a_role_that_passes_walls()
    from commonground.store.jobs import work

    work(until_empty=arguments.until_empty)
    return 0
