"""`commonground`: one module of this folder per command, found by scanning.

A command module has `HELP` (one line), `add_arguments(parser)` and `run(arguments) -> int` (the exit status).
"""

import argparse
import sys
from importlib import import_module  # noqa: TID251 - a registry
from pathlib import Path


def commands() -> dict[str, str]:
    """Names of the commands and the modules that hold them: `print_sql.py` is `print-sql`."""
    here = Path(__file__).parent
    return {p.stem.replace("_", "-"): p.stem for p in sorted(here.glob("*.py")) if not p.stem.startswith("_")}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    known = commands()
    parser = argparse.ArgumentParser(prog="commonground", description="Run Commonground.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in argv if not word.startswith("-")), None)
    # Only the asked command's module is imported: `commonground stop` must not wait for NumPy.
    for name, stem in known.items():
        if asked in known and name != asked:
            subparsers.add_parser(name)
            continue
        module = import_module(f"commonground.cli.{stem}")
        module.add_arguments(subparsers.add_parser(name, help=module.HELP, description=module.HELP))
    arguments = parser.parse_args(argv)
    module = import_module(f"commonground.cli.{known[arguments.command]}")
    status: int = module.run(arguments)
    return status
