"""Writes the reference pages that come from the registries (roles, walls, settings, commands) and the engine's docstrings."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

HELP = "write docs/reference from the registries and the engine's docstrings"
ROOT = Path(__file__).resolve().parents[3]
SETTING = re.compile(r"COMMONGROUND_[A-Z_]+[A-Z]")
# What each variable of the environment is for. A variable read in the code and not named here fails a test.
SETTINGS = {
    "COMMONGROUND_ADDRESS": "the address people open; `start` sets it to this machine",
    "COMMONGROUND_BACKUPS_KEPT_DAYS": "for how many days you keep a backup, told on certificates of destruction; else 35",
    "COMMONGROUND_CHROMIUM": "which browser the tests drive",
    "COMMONGROUND_COUNTS": "where a half of the tests leaves its last line, set by `./test`",
    "COMMONGROUND_DATA": "the data folder; else `.data` beside the code",
    "COMMONGROUND_DATABASE": "the database's name; else `commonground`",
    "COMMONGROUND_DATABASE_ROLE": "the role a command signs in as; else `cg_login`",
    "COMMONGROUND_DEBUG": "Django's own error pages, for development only",
    "COMMONGROUND_DEMONSTRATION_CODE": "the six-digit code of this run, set by `start`",
    "COMMONGROUND_DRILLS": "`whole` tries every case of the long drills, set by `./test drills`",
    "COMMONGROUND_HOSTS": "further host names the site answers to, with commas",
    "COMMONGROUND_MAIL_CERTIFICATES": "a file of certificates that the mail server's TLS is checked against; else the system's",
    "COMMONGROUND_MAIL_HOSTS": "mail servers inside the own network that may be used, as host:port, with commas",
    "COMMONGROUND_NO_JIT": "run the engine's loops as plain Python",
    "COMMONGROUND_OLD_SECRET_KEYS": "secret keys that may still be read, with commas",
    "COMMONGROUND_OPENID_HOSTS": "sign-in providers inside the own network, or on another port than 443, that may be used, as host:port, with commas",
    "COMMONGROUND_POOL": "database connections per web process",
    "COMMONGROUND_POSTGRES": "a folder of PostgreSQL programs in place of the wheel's",
    "COMMONGROUND_PROXIES": "addresses or networks of the proxies in front of the site, with commas; nobody else is believed",
    "COMMONGROUND_SECOND_STEP_ISSUERS": "issuers of sign-in providers whose `mfa` counts as the second step, with commas; else nobody's does",
    "COMMONGROUND_SHARED": "where the tests find shared real files",
    "COMMONGROUND_SHOTS": "a folder where browser tests leave pictures",
    "COMMONGROUND_TIME_ZONE": "where a day begins; else America/Chicago",
    "COMMONGROUND_UNCLEAN": "how many lint checks failed, set by `./test`",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "reference")


def run(arguments: argparse.Namespace) -> int:
    for name, text in pages().items():
        (arguments.into / name).parent.mkdir(parents=True, exist_ok=True)
        (arguments.into / name).write_text(text, "utf-8")
    return 0


def pages() -> dict[str, str]:
    """File name and text of every generated page. Reads no database."""
    from commonground.cli._engine_reference import engine_pages
    from commonground.cli._format_reference import format_page
    from commonground.cli._site import setup

    setup()
    return {
        "roles.md": _page("Roles and permissions", _roles()),
        "walls.md": _page("Walls", _walls()),
        "settings.md": _page("Settings", _settings()),
        "commands.md": _page("Commands", _commands()),
        "formats.md": _page("File formats", format_page()),
        **engine_pages(),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", "Written by `commonground reference`.", "", *lines]) + "\n"


def _roles() -> Iterator[str]:
    from commonground.apps.core.roles import ROLES

    yield "| role | held at | may | the database shows |"
    yield "|---|---|---|---|"
    for role in ROLES.values():
        may = ", ".join(sorted(p.value for p in role.may))
        shows = ", ".join(f"{s.access} {s.category} by {s.form}" for s in role.shows) or "nothing"
        yield f"| **{role.title}** ({role.key}). {role.description} | {', '.join(role.held_at)} | {may} | {shows} |"


def _walls() -> Iterator[str]:
    from commonground.store.unwalled import UNWALLED
    from commonground.store.walls import PUBLIC, Wall, walled_models

    yield "| table | category | ways in besides the whole organization | written by |"
    yield "|---|---|---|---|"
    for table, model in sorted(walled_models().items()):
        wall: Wall = vars(model)["wall"]
        ways = ", ".join(wall.relationships()) or ("everybody" if wall.category == PUBLIC else "none")
        writers = ", ".join((*wall.written_by, *wall.appended_by)) or ("triggers" if wall.ledger else "nobody")
        yield f"| {table} | {wall.category} | {ways} | {writers} |"
    yield ""
    yield "| table behind no wall | reason | the site may |"
    yield "|---|---|---|"
    for table, unwalled in sorted(UNWALLED.items()):
        yield f"| {table} | {unwalled.reason} | {unwalled.privileges or 'nothing'} |"


def settings_in_code() -> set[str]:
    """Every variable of ours that the code or the tests name in full; the list in this module does not count."""
    paths = {path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")} - {Path(__file__).resolve()}
    texts = (path.read_text("utf-8") for path in paths)
    return {name for text in texts for name in SETTING.findall(text)}


def _settings() -> Iterator[str]:
    yield "`DATABASE_URL` names a PostgreSQL of your own. Every secret (`secret_key`, `<role>_password`) may come from"
    yield "`COMMONGROUND_<NAME>` or from the file that `COMMONGROUND_<NAME>_FILE` names; else it stands in `secrets.json`."
    yield ""
    yield "| variable | what it is for |"
    yield "|---|---|"
    for name, purpose in sorted(SETTINGS.items()):
        yield f"| `{name}` | {purpose} |"


def _commands() -> Iterator[str]:
    from importlib import import_module  # noqa: TID251 - a registry

    from commonground.cli import commands

    yield "| command | what it does |"
    yield "|---|---|"
    for name, stem in commands().items():
        yield f"| `commonground {name}` | {import_module(f'commonground.cli.{stem}').HELP} |"
