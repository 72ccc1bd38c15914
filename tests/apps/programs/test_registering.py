"""Registering as people do it: sent twice is once, closed is said, what was typed stays, others' children are not there."""

import datetime
import re
import uuid

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from tests.signing_in import signed_in

pytestmark = pytest.mark.database


@pytest.fixture
def later(gamma, outside):
    """An offering in 90 days with 3 seats in which nobody is registered. Its id."""
    first = timezone.localdate() + datetime.timedelta(90)
    gamma.offer(outside.execute, gamma.OTHER_OFFERING, first=first, capacity=3)
    return gamma.OTHER_OFFERING


def filled(*children, token=None, **changes):
    """The form as a family sends it, with these children ticked."""
    form = {
        "token": str(token or uuid.uuid4()),
        "contact_name": "Asha Ali",
        "contact_phone": "320-555-0199",
        "signer": "Asha Ali",
        "consent-taking-part": "on",
    }
    return form | {f"{child}-takes_part": "on" for child in children} | changes


def registered(outside, offering):
    return {
        student: (way, state)
        for student, way, state in outside.execute(
            "select r.student_id, r.way, s.state from programs_registration r"
            " join programs_seat s on s.registration_id = r.id where r.offering_id = %s",
            [offering],
        ).fetchall()
    }


def test_a_family_registers_its_children_of_two_districts_at_once(later, world, outside):
    answer = signed_in("ali@example.org").post(
        f"/programs/{later}/register/", filled(world.AMINA, world.ELIA, **{f"{world.ELIA}-allergies": "Nuts"})
    )

    assert answer.status_code == 302
    assert registered(outside, later) == {world.AMINA: ("family", "seated"), world.ELIA: ("family", "seated")}
    units = outside.execute("select distinct family_unit from programs_registration where offering_id = %s", [later])
    assert len(units.fetchall()) == 1
    cares = outside.execute(
        "select r.student_id, c.allergies from programs_care c join programs_registration r on r.id = c.registration_id"
        " where r.offering_id = %s",
        [later],
    )
    assert dict(cares.fetchall()) == {world.AMINA: "", world.ELIA: "Nuts"}


def test_a_form_sent_twice_registers_once(later, world, outside):
    client, form = signed_in("ali@example.org"), filled(world.AMINA)
    for _ in range(2):
        client.post(f"/programs/{later}/register/", form)

    assert registered(outside, later) == {world.AMINA: ("family", "seated")}


def test_a_form_sent_again_because_no_answer_came_is_answered_as_the_first_time(later, world):
    client, form = signed_in("ali@example.org"), filled(world.AMINA)
    answers = [client.post(f"/programs/{later}/register/", form, follow=True) for _ in range(2)]

    assert [answer.redirect_chain for answer in answers] == [[(f"/programs/{later}/", 302)]] * 2
    assert all("Registered, with a seat." in answer.content.decode() for answer in answers)


def test_a_family_is_never_told_that_nothing_was_saved_when_it_was(later, world, outside, monkeypatch):
    """The registration is written, and the database is gone when the session is written after it."""
    client = signed_in("ali@example.org")
    session = client.session
    session["seen_at"] = session.get("seen_at", 0) - 100  # long ago enough to be written anew
    session.save()

    def fails(self, must_create=False):
        raise UpdateError

    monkeypatch.setattr(SessionStore, "save", fails)
    answer = client.post(f"/programs/{later}/register/", filled(world.AMINA))

    assert answer.status_code == 500
    assert "Nothing was saved" not in answer.content.decode()
    assert "What you sent last may not be saved" in answer.content.decode()
    assert registered(outside, later) == {world.AMINA: ("family", "seated")}


def test_a_child_that_was_registered_meanwhile_does_not_keep_its_sister_from_it(later, world, outside):
    client = signed_in("ali@example.org")
    client.post(f"/programs/{later}/register/", filled(world.AMINA))
    answer = client.post(f"/programs/{later}/register/", filled(world.AMINA, world.ELIA))

    assert answer.status_code == 302
    assert registered(outside, later) == {world.AMINA: ("family", "seated"), world.ELIA: ("family", "seated")}


def test_a_child_of_somebody_else_cannot_be_smuggled_into_the_form(later, world, outside):
    answer = signed_in("ali@example.org").post(f"/programs/{later}/register/", filled(world.BJORN))

    assert answer.status_code == 422
    assert registered(outside, later) == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contact_phone": ""}, "Fill this in."),
        ({"consent-taking-part": ""}, "Without this your child cannot take part."),
        ({"signer": ""}, "Fill this in."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(later, world, outside, changes, words):
    form = filled(world.AMINA, **changes, **{f"{world.AMINA}-medicines": "Inhaler at noon"})
    answer = signed_in("ali@example.org").post(f"/programs/{later}/register/", form)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Inhaler at noon" in answer.content.decode()
    assert registered(outside, later) == {}


def test_registration_closes(later, world, outside):
    outside.execute(
        "update programs_offering set closes_on = %s where id = %s",
        [timezone.localdate() - datetime.timedelta(1), later],
    )
    client = signed_in("ali@example.org")

    assert "Registration is not open today" in client.get(f"/programs/{later}/register/").content.decode()
    assert client.post(f"/programs/{later}/register/", filled(world.AMINA)).status_code == 422
    assert registered(outside, later) == {}


def test_a_district_that_shares_nothing_cannot_register(later, world, outside):
    outside.execute("delete from core_agreement where owner_id = %s", [world.SOUTH])

    answer = signed_in("ali@example.org").post(f"/programs/{later}/register/", filled(world.ELIA))

    assert answer.status_code == 422
    assert "has not agreed to take part" in answer.content.decode()
    assert registered(outside, later) == {}


def test_a_family_that_waits_reads_its_place_and_leaves_the_list(gamma, world, outside):
    """Ali gives Amina's seat back, which goes to Chue, then asks again and waits behind nobody."""
    client = signed_in("ali@example.org")
    client.post(f"/programs/registrations/{gamma.registration('amina')}/give-back/")
    assert registered(outside, gamma.OFFERING)[world.CHUE] == ("paper", "seated")

    client.post(f"/programs/{gamma.OFFERING}/register/", filled(world.AMINA))
    page = client.get(f"/programs/{gamma.OFFERING}/").content.decode()
    assert "Place 1 on the waiting list" in page

    client.post(f"/programs/registrations/{gamma.registration('amina')}/give-back/")
    assert registered(outside, gamma.OFFERING)[world.AMINA] == ("family", "withdrawn")


@pytest.mark.parametrize("person", ["otto", "lena"])
def test_somebody_elses_registration_cannot_be_given_back(gamma, world, outside, person):
    answer = signed_in(f"{person}@example.org").post(
        f"/programs/registrations/{gamma.registration('amina')}/give-back/"
    )

    assert answer.status_code == 404
    assert registered(outside, gamma.OFFERING)[world.AMINA] == ("family", "seated")


def test_a_coordinator_finds_the_child_by_name_and_registers_it(later, world, outside):
    client = signed_in("cora@example.org")
    found = client.post(f"/programs/{later}/register/", {"letters": "åsen", "find": "yes"}).content.decode()
    assert "Bjørn Åsen" in found
    assert "Amina" not in found

    client.post(f"/programs/{later}/register/", filled(world.BJORN, letters="åsen"))

    assert registered(outside, later) == {world.BJORN: ("staff", "seated")}


def test_a_liaison_is_offered_the_arrivals_and_no_child_of_the_caseload_that_could_not_be_registered(later, world):
    from tests.apps.mentoring.conftest import give

    give(world.DEE, world.LENA, by=world.CORA)

    page = signed_in("lena@example.org").get(f"/programs/{later}/register/").content.decode()

    assert "Chue Vang" in page
    assert "O’Brien" not in page


def test_a_coordinators_form_sent_again_is_answered_as_the_first_time(later, world, outside):
    client, form = signed_in("cora@example.org"), filled(world.BJORN, letters="åsen")
    answers = [client.post(f"/programs/{later}/register/", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert registered(outside, later) == {world.BJORN: ("staff", "seated")}


def test_no_childs_name_stands_in_an_address(later, world):
    answer = signed_in("cora@example.org").post(f"/programs/{later}/register/", filled(world.BJORN, letters="åsen"))

    assert not re.search("sen|Bj", answer.url)


def test_the_ledger_names_nobody(later, world, outside):
    signed_in("ali@example.org").post(f"/programs/{later}/register/", filled(world.AMINA))

    lines = outside.execute("select kind, about, detail::text from core_event where kind like 'program.%'").fetchall()
    assert [kind for kind, *_rest in lines] == ["program.child_registered"]
    assert "Ali" not in str(lines)


def test_a_coordinator_who_registers_a_familys_withdrawn_child_again_is_answered(gamma, later, world, outside):
    """The family's words about health stay the family's; the coordinator is told, and nothing is half done."""
    family = signed_in("ali@example.org")
    family.post(f"/programs/{later}/register/", filled(world.AMINA, **{f"{world.AMINA}-allergies": "Nuts"}))
    (registration,) = outside.execute("select id from programs_registration where offering_id = %s", [later]).fetchone()
    family.post(f"/programs/registrations/{registration}/give-back/")
    assert registered(outside, later) == {world.AMINA: ("family", "withdrawn")}

    answer = signed_in("cora@example.org").post(
        f"/programs/{later}/register/",
        filled(world.AMINA, letters="ali"),
    )

    assert answer.status_code == 422
    assert registered(outside, later) == {world.AMINA: ("family", "withdrawn")}
