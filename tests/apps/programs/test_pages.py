"""Pages of programs as each person opens them: allowed, not allowed, another district's, without JavaScript."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.signing_in import signed_in
from tests.world import ALI, LONG_AGO, SOUTH

from commonground.apps.core.queries import grants_today
from commonground.apps.programs.queries import offerings, seats_left
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def get(person, path):
    return signed_in(f"{person}@example.org").get(path)


@pytest.mark.parametrize("person", ["dana", "ann", "cora", "lena", "ali", "pam", "pete"])
def test_the_list_shows_the_offerings_of_the_persons_collaborative(gamma, person):
    answer = get(person, "/programs/")

    assert answer.status_code == 200
    assert "GAMMA" in answer.content.decode()


def test_a_family_reads_its_childrens_places_and_nobody_elses(gamma):
    page = get("ali", f"/programs/{gamma.OFFERING}/").content.decode()

    assert page.count("Has a seat") == 2
    assert "Chue" not in page
    assert "Vang" not in page


@pytest.mark.parametrize(("language", "none"), [("en", "No seat is free for"), ("es", "Ahora no hay lugar libre")])
def test_a_family_of_two_districts_reads_of_each_in_a_sentence_of_its_own(gamma, outside, language, none):
    """Its children are in North and in South, where no seat is free; a capital letter begins a sentence and nothing else."""
    outside.execute("update core_person set language = %s where id = %s", [language, ALI])
    outside.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since) values (gen_random_uuid(), %s, 'family', %s, %s)",
        [ALI, SOUTH, LONG_AGO],
    )

    page = get("ali", f"/programs/{gamma.OFFERING}/").content.decode()

    assert page.count(none) == 2
    assert f"; {none}" not in page


@pytest.mark.parametrize("person", ["dana", "pam"])
def test_those_who_run_it_see_seats_by_district(gamma, person):
    page = get(person, f"/programs/{gamma.OFFERING}/").content.decode()

    assert "2 of 2 seats, by district" in page
    assert "1 waiting" in page


@pytest.mark.parametrize(
    ("person", "names", "absent"),
    [
        ("pam", ["Ali, Amina", "Ali, Elia", "Vang, Chue"], ["Dee"]),
        ("dana", ["Ali, Amina", "Ali, Elia", "Vang, Chue"], ["Dee"]),
        ("cora", ["Ali, Amina", "Vang, Chue", "O’Brien, Dee"], ["Elia"]),
        ("otto", ["Ali, Elia"], ["Amina", "Chue", "Dee"]),
    ],
)
def test_the_list_of_children_is_what_the_walls_open(gamma, person, names, absent):
    page = get(person, f"/programs/{gamma.OFFERING}/registrations/").content.decode()

    for name in names:
        assert name in page
    for name in absent:
        assert name not in page


@pytest.mark.parametrize("place", ["", "edit/", "days/", "staff/", "attendance/", "counts/", "paper/"])
def test_the_manager_opens_every_page_of_the_offering(gamma, place):
    assert get("pam", f"/programs/{gamma.OFFERING}/{place}").status_code == 200


def test_the_last_day_is_not_moved_into_the_past(gamma):
    pam, address = signed_in("pam@example.org"), f"/programs/{gamma.OFFERING}/edit/"
    said = {name: value for name, value in pam.get(address).context["form"].initial.items() if value is not None}
    yesterday, today = (timezone.localdate() - datetime.timedelta(days) for days in (1, 0))

    past = pam.post(address, said | {"ends_on": yesterday, "closes_on": yesterday})
    ends_early = pam.post(address, said | {"ends_on": today, "closes_on": today})

    assert (past.status_code, ends_early.status_code) == (422, 302)
    assert b"cannot be moved into the past" in past.content


@pytest.mark.parametrize("sheet", ["roster", "contacts", "buses", "days", "certificates"])
@pytest.mark.parametrize("person", ["pam", "pete"])
def test_every_sheet_prints(gamma, person, sheet):
    page = get(person, f"/programs/{gamma.OFFERING}/paper/{sheet}/")

    assert page.status_code == 200
    assert ("Elia" in page.content.decode()) is (sheet != "days")


@pytest.mark.parametrize("place", ["edit/", "days/", "staff/", "counts/"])
def test_a_teacher_is_denied_what_a_manager_does(gamma, place):
    assert get("pete", f"/programs/{gamma.OFFERING}/{place}").status_code == 403


def test_an_offering_of_another_house_is_not_there(gamma, world, outside):
    outside.execute("delete from core_membership where organization_id = %s", [world.SOUTH])

    assert get("otto", f"/programs/{gamma.OFFERING}/").status_code == 404


@pytest.mark.parametrize("person", ["pam", "pete"])
def test_every_named_child_of_a_district_is_a_line_in_its_log(gamma, outside, person):
    client = signed_in(f"{person}@example.org")
    for place in ("attendance/", "paper/roster/"):
        client.get(f"/programs/{gamma.OFFERING}/{place}")

    lines = outside.execute(
        "select page, count(*), min(purpose) from core_disclosureline group by 1 order by 1"
    ).fetchall()
    assert lines == [("programs:attendance", 2, "Summer programs"), ("programs:paper", 2, "Summer programs")]


@pytest.mark.parametrize("person", ["pam", "pete"])
def test_a_role_in_the_district_that_shows_a_part_of_it_hides_no_look(gamma, world, outside, person):
    """Who is liaison at North's school, too, reads there the registrations written down there; these come by the program."""
    outside.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (gen_random_uuid(), %s, 'liaison', %s, '2020-07-01')",
        [getattr(world, person.upper()), world.NORTH_SCHOOL],
    )

    signed_in(f"{person}@example.org").get(f"/programs/{gamma.OFFERING}/attendance/")

    lines = outside.execute("select owner_id, role, purpose from core_disclosureline order by owner_id").fetchall()
    role = world.PEOPLE[person][1]
    assert lines == [(one, role, "Summer programs") for one in sorted([world.NORTH, world.SOUTH])]


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_of_offerings_asks_the_same_for_two_and_for_twelve(world, gamma, outside, count):
    for number in range(count - 1):
        first = timezone.localdate() + datetime.timedelta(30 + number)
        gamma.offer(outside.execute, uuid.uuid4(), first=first, capacity=3 + number)

    with enter(person=world.DANA, purpose="test"):
        grants = grants_today(world.DANA)
        with CaptureQueriesContext(connection) as asked:
            lines = offerings(grants, today=timezone.localdate())

        assert [one.left.seats_left for one in lines[1:]] == [3 + number for number in range(count - 1)]
        assert lines[0].left == seats_left(lines[0].offering)
    assert len(asked) == 3
