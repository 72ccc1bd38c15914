"""Invented words in every category of record, and a day's work: none stands afterwards where it does not belong."""

import psycopg
import pytest
from django.db import connection
from tests.conftest import _use
from tests.walls.canaries import walk
from tests.walls.left_behind import CANARIES, HEARD, Left

pytestmark = [pytest.mark.database, pytest.mark.slow]
# Where the day must have left something, or looking there would prove nothing.
LOOKED_AT = {
    "addresses",
    "caches",
    "counts that are taken along",
    "errors",
    "events",
    "held rows and problems",
    "jobs",
    "lines of who looked",
    "log of the database",
    "log of the site",
    "mail",
    "names of backups and of files kept",
    "names of exported files",
    "sessions",
    "what commands print",
}

# What somebody typed or sent and the site did not take: no table of the whole database holds it.
NOT_TAKEN = {
    "address typed wrong",
    "label of a paper",
    "letters searched for",
    "password typed wrong",
    "value in a file that is refused",
    "value in a row that is held",
    "value in an error of ours",
    "value of a row that broke",
}


@pytest.fixture(scope="module")
def left(databases, world_template, django_db_blocker, tmp_path_factory) -> Left:
    """What a whole day left behind, once for all tests here."""
    from tests import world

    for _ in _use(databases, world_template, django_db_blocker):
        dsn = databases.server.dsn(database=connection.settings_dict["NAME"])
        with psycopg.connect(dsn, autocommit=True) as run:
            yield walk(world, run.execute, tmp_path_factory.mktemp("canaries"))


def test_no_word_stands_where_it_does_not_belong(left):
    assert left.found() == {}


def test_every_place_was_looked_at_and_held_something(left):
    assert set(left.places) == LOOKED_AT
    assert [kind for kind, texts in left.places.items() if not any(text.strip() for text in texts)] == []


def test_the_logs_were_read_to_their_end(left):
    assert HEARD in left.places["log of the database"][0]
    assert "page broke, reference" in left.places["log of the site"][0]
    assert "core.mail-invitation" in left.places["log of the site"][0]


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ("search for Zeph", "student's given name"),
        ("students of West", "student's family name"),
        ("file", "label of a file"),
        ("colleagues", "colleague's name"),
        ("a correction", "words of a correction"),
        ("students in an emergency", "student's name in another district"),
        ("emergencies", "reason of an emergency"),
        ("attendance", "allergy"),
        ("notes", "note about a meeting"),
        ("notes as the next one reads them", "next step of a note"),
        ("what a coach saw", "what a coach saw"),
        ("what a coach saw as the teacher reads it", "next step of a coach"),
        ("a goal as the coach reads it", "measure of a goal"),
        ("who looked, as a file", "student's given name"),
    ],
)
def test_each_word_stands_where_it_belongs(left, page, what):
    assert CANARIES[what] in left.pages[page]


def test_what_was_kept_is_kept_in_tables_and_what_was_not_taken_is_kept_nowhere(left):
    assert {what for what, word in CANARIES.items() if word not in left.kept} == NOT_TAKEN


def test_held_rows_are_shown_without_their_values(left):
    assert CANARIES["value in a row that is held"] not in left.pages["held rows"]


@pytest.mark.parametrize("what", CANARIES)
def test_a_line_that_leaks_would_be_found(what):
    leaking = Left()
    leaking.add("log of the site", f"2026-11-24 WARNING could not save {CANARIES[what].upper()}, row 7")

    assert list(leaking.found()) == [("log of the site", what)]


def test_a_leak_in_an_encoded_address_or_a_written_telephone_would_be_found():
    leaking = Left()
    leaking.add("addresses", "/students/?letters=%51uillonwy")
    leaking.add("mail", "call (612) 555-0187 or 612-555-0187")

    assert set(leaking.found()) == {("addresses", "student's given name"), ("mail", "guardian's telephone")}
