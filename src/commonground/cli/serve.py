"""The web server."""

import argparse

HELP = "serve the site"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import refuse_a_role_that_passes_walls, setup

    setup()
    refuse_a_role_that_passes_walls()
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    settings.STATIC_ROOT.mkdir(mode=0o700, exist_ok=True)
    Granian(
        "commonground.config.wsgi:application",
        address="127.0.0.1",
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=2,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()
    return 0
