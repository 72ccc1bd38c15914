"""The sweep: every address × method × person × {own, another owner's, missing} id, in the path and in the body.

Another owner's id and one that nobody has must give the same bytes and headers, and nothing of another owner's may
change. The same again with every permission check in Python switched off: then the database alone keeps the walls.
"""

import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection as site
from tests import drills
from tests.contracts.test_every_address import DECLARED, told
from tests.signing_in import signed_in
from tests.walls.test_every_policy import full_world, outside  # noqa: F401 - a fixture
from tests.world import PEOPLE

import commonground
from commonground.store.walls import PUBLIC, enter, walled_models

pytestmark = [pytest.mark.database, pytest.mark.slow]

# Count attempts, so that their answer changes after some of them whatever is sent.
COUNTS_ATTEMPTS = {"core:demonstration", "core:way-in"}
# In every run; the others in `./test drills`.
SWEPT = PEOPLE if drills.WHOLE else ("cora", "dana", "theo", "ali", "milo")
READING, WRITING = ("get", "head", "options"), ("post", "put", "patch", "delete")
NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fields_of_every_form() -> list[str]:
    """The names under which any template sends something."""
    templates = Path(commonground.__file__).parent.rglob("*.html")
    names = {name for path in templates for name in re.findall(r'\bname="([a-z_]+)"', path.read_text("utf-8"))}
    return sorted(names - {"csrfmiddlewaretoken", "viewport"})


FIELDS = fields_of_every_form()


def with_id(name: str, pk) -> str | None:
    """The address with this id in each place that takes one; None when it takes none of ours."""
    from django.urls import reverse

    kinds = DECLARED[name].pattern.converters
    if not any(type(kind).__name__ == "UUIDConverter" for kind in kinds.values()):
        return None
    others = {"IntConverter": 1, "StringConverter": "nothing", "SlugConverter": "nothing"}
    return reverse(name, kwargs={key: others.get(type(kind).__name__, pk) for key, kind in kinds.items()})


def without_ids() -> Iterator[tuple[str, str]]:
    from django.urls import reverse

    for name, pattern in DECLARED.items():
        kinds = pattern.pattern.converters
        if not kinds:
            yield name, reverse(name)


@pytest.fixture
def ids(full_world, databases):  # noqa: F811
    """A function of a person: by walled table, an id that exists for them, and one that does not."""
    with outside(databases) as run:
        everything = {
            table: {row[0] for row in run.execute(f"select id from {table}").fetchall()}
            for table, model in walled_models().items()
            if not model.wall.ledger and any(field.name == "id" for field in model._meta.fields)
        }
        assert all(everything.values()), [table for table, rows in everything.items() if not rows]

    def of(person):
        own, hidden = {}, {}
        with enter(person=getattr(full_world, person.upper()), purpose="test"):
            for table, model in walled_models().items():
                if table in everything and model.wall.category != PUBLIC:
                    visible = set(model.objects.values_list("pk", flat=True))
                    for found, these in ((own, visible), (hidden, everything[table] - visible)):
                        if these:
                            found[table] = min(these)
        return own, hidden

    return of


@pytest.fixture
def others_rows(full_world, databases):  # noqa: F811
    """A function of a person: a checksum of every row of every owner whose rows the person may not change."""

    def of(person):
        with enter(person=getattr(full_world, person.upper()), purpose="test"), site.cursor() as cursor:
            cursor.execute("select array_agg(distinct o) from unnest(cg.owners('roster', 'write')) o")
            mine = cursor.fetchone()[0] or []
        sums = {}
        with outside(databases) as run:
            for table, model in walled_models().items():
                if not model.wall.ledger and not model.wall.appended_by:
                    sums[table] = run.execute(
                        f"select count(*), md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t"
                        " where owner_id <> all(%s::uuid[])",
                        [mine],
                    ).fetchone()
        return sums

    return of


def checks_off(monkeypatch) -> None:
    """Every permission is everybody's, as if no view had ever asked."""
    for name, module in list(sys.modules.items()):
        if name.startswith("commonground.") and hasattr(module, "may"):
            monkeypatch.setattr(module, "may", lambda request, permission: True)


# Addresses of other apps take ids of these: `home:student`, `mentoring:beside`, `families:print-sheet`.
ASKED_EVERYWHERE = {"roster_student", "roster_guardian"}


def of_use(name: str, ids: dict[str, uuid.UUID]) -> list[uuid.UUID]:
    """The ids to ask an address for: of its own app's tables, students and guardians always, of the others a third in turn.

    `./test drills` asks for all of them.
    """
    app, turn = name.partition(":")[0], list(DECLARED).index(name) % 3
    return [
        pk
        for number, (table, pk) in enumerate(ids.items())
        if drills.WHOLE or table.startswith(app) or table in ASKED_EVERYWHERE or number % 3 == turn
    ]


@dataclass
class Sweep:
    """What one person's sweep asked and found."""

    asked: int = 0
    denied: int = 0
    differing: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)


def sweep(person: str, own, hidden) -> Sweep:
    """Ask every address for everything, as this person."""
    found, all_hidden = Sweep(), set(hidden.values())
    client = signed_in(f"{person}@example.org")
    client.raise_request_exception = False

    def ask(method, address, body=None):
        found.asked += 1
        sent = {"data": body} if body is not None else {}
        answer = getattr(client, method)(address, **sent)
        if answer.streaming:
            answer.content = b"".join(answer.streaming_content)
        found.denied += answer.status_code == 403
        shown = {uuid.UUID(one) for one in UUIDS.findall(answer.content.decode("utf-8", "replace"))}
        echoed = {uuid.UUID(one) for one in UUIDS.findall(f"{address} {body}")}
        if shown & all_hidden - echoed:
            found.leaked.append(f"{method} {address}")
        return told(answer)

    for name in DECLARED:
        missing = with_id(name, NOBODY)
        if missing is None:
            continue
        asked = of_use(name, hidden)
        for method in (*READING, *WRITING):
            expected = ask(method, missing)
            for pk in asked if method in {"get", "post"} or drills.WHOLE else asked[:1]:
                if ask(method, with_id(name, pk)) != expected:
                    found.differing.append(f"{method} {name} {pk}")
        for pk in of_use(name, own):
            ask("get", with_id(name, pk))
    for name, address in without_ids():
        for method in READING:
            ask(method, address)
        if name not in COUNTS_ATTEMPTS:
            expected = ask("post", address, dict.fromkeys(FIELDS, str(NOBODY)))
            for pk in of_use(name, hidden):
                if ask("post", address, dict.fromkeys(FIELDS, str(pk))) != expected:
                    found.differing.append(f"post {name} with {pk} in the body")
    return found


@pytest.mark.parametrize("checks", ["checks on", "checks off"])
@pytest.mark.parametrize("person", SWEPT)
def test_another_owners_id_gives_the_same_bytes_as_a_missing_one_everywhere(
    ids, others_rows, monkeypatch, capsys, person, checks
):
    if checks == "checks off":
        checks_off(monkeypatch)
    own, hidden = ids(person)
    untouched = others_rows(person)

    found = sweep(person, own, hidden)

    with capsys.disabled():
        sys.stdout.write(
            f"\n{person}, {checks}: {found.asked} requests, {len(DECLARED)} addresses, {len(hidden)} hidden ids"
        )
    assert found.differing == []
    assert found.leaked == []
    assert others_rows(person) == untouched
    if checks == "checks off":
        assert found.denied == 0


def test_the_address_of_a_guardian_is_asked_for_the_one_that_another_district_has(ids):
    for person in SWEPT:
        _own, hidden = ids(person)
        if "roster_guardian" in hidden:
            assert hidden["roster_guardian"] in of_use("families:print-sheet", hidden), person


@pytest.mark.parametrize("table", ["roster_student", "intake_batch"])
def test_the_sweep_notices_a_wall_that_is_down(ids, databases, table):
    own, hidden = ids("otto")
    with outside(databases) as run:
        run.execute(f"alter table {table} disable row level security")

    assert sweep("otto", own, hidden).differing
