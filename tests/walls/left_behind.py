"""The words that are planted, and everything in which a day at the site may leave one: pages, logs, mail, jobs, tables and files."""

import io
import logging
import logging.config
import re
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus

from django.conf import settings
from django.db import connection
from django.test import Client
from tests.conftest import FOLDER
from tests.signing_in import CODE

# One word for each kind of thing that people write about a child or a family; found nowhere else in the world.
CANARIES = {
    "student's given name": "Quillonwy",
    "student's family name": "Zephrandel",
    "student's name in another district": "Fennimarch",
    "student's identifier": "Kordabloom",
    "birth place": "Wixelbury",
    "meals status": "Quorfreemeal",
    "race in words": "Marbletonque",
    "answer about school meals": "meals_unsaid",
    "guardian's name": "Vrastimund",
    "guardian's telephone": "612-555-0187",
    "contact for emergencies": "Tolliverra",
    "allergy": "Kumquatosis",
    "medicine": "Blimbozine",
    "other need": "Splinterwhim",
    "who may take the child home": "Drogbertha",
    "words of a correction": "Grombliffe",
    "answer to a correction": "Snorvaldic",
    "note about a meeting": "Plonkernaut",
    "next step of a note": "Wimbleshoot",
    "what a coach saw": "Fizzlequorn",
    "next step of a coach": "Grumpletarn",
    "measure of a goal": "Thistlebrunk",
    "reason of an emergency": "Yotterwick",
    "colleague's name": "Mallowfinch",
    "label of a file": "Zibblethorpe",
    "label of a paper": "Plimsoggle",
    "value in a row that is held": "Oddlemarsh",
    "value in a file that is refused": "Grindlewump",
    "password typed wrong": "Hushplover",
    "address typed wrong": "drabnoodle",
    "letters searched for": "Brindlequo",
    "value of a row that broke": "Crumbewald",
    "value in an error of ours": "Nettlesprock",
}


GUARDIAN = "guardian's name"


HEARD = "the log of the database was read to here"


@dataclass
class Left:
    """What the day left, by kind: a text for each place that was looked at.

    pages: what was shown to those to whom it belongs. kept: every row of every table.
    """

    places: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    kept: str = ""

    def add(self, kind: str, *texts: object) -> None:
        self.places.setdefault(kind, []).extend(str(text) for text in texts)

    def found(self) -> dict[tuple[str, str], str]:
        """Each word that stands where it does not belong: (kind of place, what the word is) to the text around it."""
        found = {}
        for kind, texts in self.places.items():
            whole = _plain("\n".join(unquote_plus(text) for text in texts))
            for what, word in CANARIES.items():
                if (at := whole.find(_plain(word))) >= 0:
                    found[kind, what] = whole[max(at - 200, 0) : at + 100]
        return found


def _plain(text: str) -> str:
    """In small letters, telephone numbers without what stands between their digits."""
    return re.sub(r"(?<=\d)[()\s-]+(?=\d)", "", text).lower()


class Walker(Client):
    """A browser that writes down what it asked, where it was led, and every error it was shown."""

    def __init__(self, left: Left) -> None:
        super().__init__(SERVER_NAME="localhost", raise_request_exception=False)
        self.left = left

    def request(self, **request):
        answer = super().request(**request)
        query = request.get("QUERY_STRING", "")
        self.left.add("addresses", f"{request['PATH_INFO']}?{query}", answer.headers.get("Location", ""))
        self.left.add("names of exported files", answer.headers.get("Content-Disposition", ""))
        if answer.streaming:
            answer.content = b"".join(answer.streaming_content)
        body = answer.content.decode("utf-8", "replace")
        self.left.add("addresses", *re.findall(r'(?:href|action|src|hx-[a-z]+)="([^"]*)"', body))
        # 409 and 422 give a form back to the one who sent it.
        if answer.status_code >= 400 and answer.status_code not in {409, 422}:
            self.left.add("errors", body)
        return answer


class Server:
    """A mail server that keeps what it is given."""

    def __init__(self, left: Left) -> None:
        self.left = left

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def login(self, *_):
        return None

    def send_message(self, message) -> None:
        self.left.add("mail", message.as_string(), message.get_content())


@contextmanager
def listening(left: Left):
    """What every logger says while the block runs, down to INFO, in the form in which the site's own log is written."""
    written = io.StringIO()
    logging.config.DictConfigurator(settings.LOGGING).configure()
    root = logging.getLogger()
    console = next(one for one in root.handlers if type(one) is logging.StreamHandler)
    before = console.stream, root.level
    console.setStream(written)
    root.setLevel(logging.INFO)
    log = FOLDER / "postgres.log"
    start = log.stat().st_size
    try:
        yield
    finally:
        console.setStream(before[0])
        root.setLevel(before[1])
        left.add("log of the site", written.getvalue())
        with log.open("rb") as file:
            file.seek(start)
            left.add("log of the database", file.read().decode("utf-8", "replace"))


def gather(left: Left, outside, folder: Path) -> None:
    """What stands in tables and on the disk at the end of the day."""
    from django.contrib.sessions.models import Session

    from commonground.store.backup import back_up
    from commonground.store.database import dsn

    for kind, table in (
        ("jobs", "procrastinate_jobs"),
        ("jobs", "procrastinate_events"),
        ("caches", "core_cachedvalue"),
        ("events", "core_event"),
        ("lines of who looked", "core_disclosureline"),
        ("held rows and problems", "intake_problem"),
        ("held rows and problems", "intake_heldrow"),
        ("held rows and problems", "intake_decision"),
    ):
        left.add(kind, *(row for (row,) in outside(f"select t::text from {table} t").fetchall()))
    tables = outside("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    rows = (outside(f"select t::text from {table} t").fetchall() for (table,) in tables.fetchall())
    left.kept = "\n".join(row for found in rows for (row,) in found)
    # The letters that somebody searches for are kept in the own session (docs/explanation/sign-in.md), nothing else is.
    kept = [one.get_decoded() for one in Session.objects.all()]
    left.add("sessions", *(one | {"searches": len(one.get("searches", ()))} for one in kept))
    made = folder / "backup.tar"
    back_up(dsn=dsn("cg_backup", connection.settings_dict["NAME"]), files=FOLDER, to=made)
    with tarfile.open(made) as archive:
        left.add("names of backups and of files kept", made.name, *archive.getnames())
    left.add("names of backups and of files kept", *(path.relative_to(FOLDER) for path in FOLDER.rglob("*")))


def signed_in(left: Left, key: str) -> Walker:
    client = Walker(left)
    answer = client.post("/account/demonstration/", {"email": f"{key}@example.org", "code": CODE})
    assert answer.status_code == 302
    return client


def went(answer, status: int = 302):
    """The answer, which must be this one: a step that was refused would leave nothing to look at."""
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer
