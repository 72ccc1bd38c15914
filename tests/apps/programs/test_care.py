"""Emergency facts of a registered child are changed by those who may write them; who changed them when can be read."""

import datetime
import uuid

import pytest
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.models import Event
from commonground.store.walls import enter

pytestmark = pytest.mark.database
FACTS = (
    "contact_name",
    "contact_phone",
    "other_name",
    "other_phone",
    "picked_up_by",
    "allergies",
    "medicines",
    "needs",
)


def place(gamma, name):
    return f"/programs/registrations/{gamma.registration(name)}/care/"


def facts(outside, gamma, name):
    row = outside.execute(
        f"select {', '.join(FACTS)}, ride_id, written_by_id from programs_care where registration_id = %s",
        [gamma.registration(name)],
    ).fetchone()
    return dict(zip((*FACTS, "ride", "by"), row, strict=True))


@pytest.fixture
def typed(gamma, outside, world):
    """Lena typed Chue's paper form, with these facts."""
    outside.execute(
        "insert into programs_care (id, owner_id, registration_id, contact_name, contact_phone, other_name, other_phone,"
        " allergies, medicines, needs, picked_up_by, written_by_id, written_at)"
        " values (gen_random_uuid(), %s, %s, 'Mai Vang', '320-555-0142', '', '', 'Wasps', '', '', '', %s, now())",
        [world.NORTH, gamma.registration("chue"), world.LENA],
    )


def family_form(**changes):
    return {"contact_name": "Asha Ali", "contact_phone": "320-555-0199", "allergies": "Peanuts", "ride": ""} | changes


def test_a_family_changes_one_fact_and_the_others_stay(gamma, world, outside):
    ali = signed_in("ali@example.org")
    page = ali.get(place(gamma, "amina")).content.decode()
    assert "Peanuts" in page

    answer = ali.post(place(gamma, "amina"), family_form(allergies="Peanuts, eggs", picked_up_by="Hodan"))

    assert answer.status_code == 302
    after = facts(outside, gamma, "amina")
    assert (after["allergies"], after["picked_up_by"], after["contact_phone"], after["by"]) == (
        "Peanuts, eggs",
        "Hodan",
        "320-555-0199",
        world.ALI,
    )
    changed = Event.objects.get(kind="program.care_changed")
    assert (changed.person_id, changed.about) == (world.ALI, str(gamma.registration("amina")))
    assert changed.detail == {"facts": ["allergies", "picked_up_by"]}


def test_who_changed_which_fact_and_when_stands_on_the_page(gamma, world, outside):
    ali = signed_in("ali@example.org")
    ali.post(place(gamma, "amina"), family_form(medicines="Inhaler"))

    page = ali.get(place(gamma, "amina"))

    (change,) = page.context["changes"]
    (name,) = outside.execute("select name from core_person where id = %s", [world.ALI]).fetchone()
    assert (change.name, [str(one) for one in change.facts]) == (name, ["Medicines during the day"])
    assert name.encode() in page.content


def test_what_was_not_changed_is_no_change(gamma):
    ali = signed_in("ali@example.org")

    ali.post(place(gamma, "amina"), family_form())

    assert not Event.objects.filter(kind="program.care_changed").exists()


def test_somebody_to_call_is_asked_for_and_what_was_typed_stays(gamma, outside):
    answer = signed_in("ali@example.org").post(place(gamma, "amina"), family_form(contact_phone="", needs="Quiet room"))

    assert answer.status_code == 422
    assert b"Quiet room" in answer.content
    assert facts(outside, gamma, "amina")["needs"] == ""


def test_a_liaison_writes_what_the_family_tells_and_reads_nothing(gamma, typed, world, outside):
    lena = signed_in("lena@example.org")
    page = lena.get(place(gamma, "chue")).content.decode()
    assert "Chue" in page
    assert not any(word in page for word in ("Wasps", "Mai Vang", "0142"))

    answer = lena.post(place(gamma, "chue"), {"medicines": "Inhaler", "ride": "keep"})

    assert answer.status_code == 302
    after = facts(outside, gamma, "chue")
    assert (after["medicines"], after["allergies"], after["contact_name"], after["by"]) == (
        "Inhaler",
        "Wasps",
        "Mai Vang",
        world.LENA,
    )
    assert Event.objects.get(kind="program.care_changed").detail == {"facts": ["medicines"]}


def test_the_liaison_finds_the_children_she_registered(gamma, typed):
    page = signed_in("lena@example.org").get(f"/programs/{gamma.OFFERING}/register/").content.decode()

    assert place(gamma, "chue") in page
    assert place(gamma, "amina") not in page


def test_the_manager_reads_the_change_and_who_made_it_on_the_sheet(gamma, world):
    signed_in("ali@example.org").post(place(gamma, "amina"), family_form(allergies="Eggs"))

    sheet = signed_in("pam@example.org").get(f"/programs/{gamma.OFFERING}/paper/contacts/").content.decode()

    assert "Allergies: Eggs." in sheet
    assert "Peanuts" in sheet  # of Elia, whose facts were not changed


@pytest.mark.parametrize(
    ("person", "status"), [("cora", 404), ("lena", 404), ("otto", 404), ("pam", 403), ("pete", 403)]
)
def test_nobody_else_opens_or_changes_a_childs_facts(gamma, outside, person, status):
    before, client = facts(outside, gamma, "amina"), signed_in(f"{person}@example.org")

    answers = [client.get(place(gamma, "amina")), client.post(place(gamma, "amina"), family_form(allergies="None"))]

    assert [answer.status_code for answer in answers] == [status, status]
    assert facts(outside, gamma, "amina") == before


@pytest.mark.parametrize("person", ["CORA", "LENA", "OTTO", "PAM", "PETE", "DANA"])
def test_the_database_itself_refuses_everybody_else(gamma, world, outside, person):
    before = facts(outside, gamma, "amina")

    with pytest.raises(Refused), enter(person=getattr(world, person), purpose="test"):
        ask_database("change_care", gamma.registration("amina"), '{"allergies": "None"}')

    assert facts(outside, gamma, "amina") == before


@pytest.mark.parametrize("way", ["over", "withdrawn"])
def test_nothing_is_changed_once_the_program_is_over_or_the_seat_given_back(gamma, outside, way):
    if way == "over":
        outside.execute(
            "update programs_offering set starts_on = starts_on - 60, ends_on = ends_on - 60, opens_on = opens_on - 60,"
            " closes_on = closes_on - 60"
        )
    else:
        outside.execute("update programs_seat set state = 'withdrawn', number = null, withdrawn_at = now()")

    assert signed_in("ali@example.org").get(place(gamma, "amina")).status_code == 404
    assert signed_in("ali@example.org").post(place(gamma, "amina"), family_form(needs="x")).status_code == 404


def test_a_bus_of_another_program_is_not_taken(gamma, world, outside):
    gamma.offer(outside.execute, gamma.OTHER_OFFERING, first=datetime.date(2099, 6, 1))
    other = uuid.uuid4()
    outside.execute(
        "insert into programs_ride (id, owner_id, offering_id, name, stop, leaves_at, returns_at, phone)"
        " values (%s, %s, %s, 'Bus 9', 'Elsewhere', '08:00', '16:00', '')",
        [other, world.COLLABORATIVE, gamma.OTHER_OFFERING],
    )

    answer = signed_in("ali@example.org").post(place(gamma, "amina"), family_form(ride=str(other)))

    assert answer.status_code == 422
    with pytest.raises(Refused), enter(person=world.ALI, purpose="test"):
        ask_database("change_care", gamma.registration("amina"), f'{{"ride_id": "{other}"}}')
