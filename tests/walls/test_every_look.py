"""Every page that names a child of another district leaves a line about it: every address is asked, and every answer read.

Each child bears a word of its own in place of its name. Whoever reads the word on any answer must have written, by the same
request, a line about that child; only in the own district nobody does.
"""

import datetime
import itertools
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import drills
from tests.contracts.test_every_address import DECLARED
from tests.signing_in import signed_in
from tests.walls.test_every_policy import fill, full_world, outside  # noqa: F401 - a fixture

from commonground.apps.programs.views.papers import SHEETS
from commonground.store.walls import enter, walled_models

pytestmark = [pytest.mark.database, pytest.mark.slow]

# Where each of them works: what they see of that district is no disclosure.
AT_HOME = {**dict.fromkeys(("dana", "ann", "pam", "pete", "omar"), "COLLABORATIVE"), "milo": "NORTH", "cora": "NORTH"}
# In every run; the others in `./test drills`.
ASKED = AT_HOME if drills.WHOLE else ("pam", "milo")
# Pages on which each is known to read a child of another district; else the test would hold of pages that show nothing.
READS = {
    "dana": {"home:students", "home:student", "programs:registrations"},
    "ann": {"home:students", "home:student"},
    "pam": {"programs:registrations", "programs:attendance", "programs:sheet"},
    "pete": {"programs:attendance", "programs:sheet"},
    "omar": {"home:students", "home:student"},
    "milo": {"home:today", "home:students", "home:student", "mentoring:caseload", "mentoring:notes", "mentoring:note"},
    "cora": set(),
}


@pytest.fixture
def words(full_world, databases) -> Iterator[dict]:  # noqa: F811
    """The word of each child with the child's id and owner. Omar is let in to South, and Milo given its child."""
    world = full_world
    with outside(databases) as run:
        run.execute(
            "update roster_student set given_name = 'Zq' || md5(id::text), family_name = 'Zq' || md5(id::text),"
            " name_key = 'zq' || md5(id::text)"
        )
        now, day = timezone.now(), datetime.timedelta(1)
        fill(
            run,
            "core_breakglass",
            person_id=world.OMAR,
            district_id=world.SOUTH,
            categories=["roster", "contact", "staff"],
            approved_by_id=world.DANA,
            approved_at=now,
            until=now + datetime.timedelta(hours=4),
        )
        fill(
            run,
            "core_agreement",
            owner_id=world.SOUTH,
            collaborative_id=world.COLLABORATIVE,
            categories=["roster", "contact"],
            ground="school_official",
            since=now - day,
            signed_on=now - day,
            until=now + day,
            destroy_by=now + day,
        )
        grant = world.fixed("milo-at-the-collaborative")
        fill(
            run,
            "core_rolegrant",
            id=grant,
            person_id=world.MILO,
            role="mentor",
            organization_id=world.COLLABORATIVE,
            since=world.LONG_AGO,
        )
        beside = {"owner_id": world.SOUTH, "student_id": world.ELIA}
        fill(run, "mentoring_caseload", grant_id=grant, since=world.LONG_AGO, given_by_id=world.OTTO, **beside)
        run.execute("update mentoring_note set author_id = %s where student_id = %s", [world.MILO, world.ELIA])
        rows = run.execute("select 'Zq' || md5(id::text), id, owner_id from roster_student").fetchall()
        yield {word: (pk, owner) for word, pk, owner in rows}


def one_of(model, *, home):
    """An id that exists for whoever has entered, of another district where there is one; else None."""
    for rows in (model.objects.exclude(owner_id=home), model.objects.all()):
        if found := rows.first():
            return found.pk
    return None


def addresses(person, *, home) -> Iterator[tuple[str, str]]:
    """Name and address of every page, with ids that exist for the person: a student's, and one of each table of its app."""
    with enter(person=person, purpose="test"):
        ids = {
            table: one_of(model, home=home)
            for table, model in walled_models().items()
            if not model.wall.ledger and any(field.name == "id" for field in model._meta.fields)
        }
    for name, pattern in DECLARED.items():
        kinds, app = pattern.pattern.converters, name.partition(":")[0]
        own = {pk for table, pk in ids.items() if pk and (table.startswith(app) or table == "roster_student")}
        sheets = [{"sheet": sheet} for sheet in SHEETS] if "sheet" in kinds else [{}]
        for pk, sheet in itertools.product(own if kinds else {None}, sheets):
            given = {"UUIDConverter": pk, "IntConverter": timezone.localdate().year, "StringConverter": "gamma"}
            yield name, reverse(name, kwargs={key: given[type(kind).__name__] for key, kind in kinds.items()} | sheet)


@pytest.mark.parametrize("person", ASKED)
def test_every_answer_that_names_a_child_of_another_district_leaves_a_line(words, full_world, databases, person):  # noqa: F811
    world, me = full_world, full_world.fixed(f"person-{person}")
    home = getattr(world, AT_HOME[person])
    client = signed_in(world.address(person))
    client.raise_request_exception = False
    unlogged, read = set(), set()

    with outside(databases) as run:

        def lines() -> dict:
            counted = "select student_id, count(*) from core_disclosureline where person_id = %s group by 1"
            return dict(run.execute(counted, [me]).fetchall())

        def ask(name, method, address, sent) -> None:
            before = lines()
            answer = getattr(client, method)(address, sent, follow=True)
            page = b"".join(answer.streaming_content) if answer.streaming else answer.content
            named = {pk for word, (pk, owner) in words.items() if word.encode() in page and owner != home}
            if named:
                read.add(name)
                after = lines()
                unlogged.update((method, name) for pk in named if after.get(pk, 0) <= before.get(pk, 0))

        asked = list(addresses(me, home=home))
        for name, address in asked:
            ask(name, "get", address, {})
        for name, address in asked:
            ask(name, "post", address, {"letters": "zq"})

    assert unlogged == set()
    assert read >= READS[person]
