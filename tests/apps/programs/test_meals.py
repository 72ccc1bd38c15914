"""What families say about school meals: asked where the kind asks, changed by the family, no part in who gets a seat."""

import datetime
import json
import uuid
from dataclasses import replace

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.programs.test_registering import filled, later  # noqa: F401 - a fixture
from tests.apps.programs.test_seats import ask, decide, offer, states  # noqa: F401 - fixtures
from tests.signing_in import signed_in
from tests.world import ALI, LONG_AGO, NORTH, SOUTH, fixed

from commonground.apps.programs.kinds import kinds

pytestmark = pytest.mark.database
YES, NO, UNSAID, SILENT = "meals_yes", "meals_no", "meals_unsaid", ""


def said(outside, offering):
    """What was said, and by whom written, of each child."""
    rows = outside.execute(
        "select r.student_id, m.answer, m.written_by_id from programs_mealsanswer m"
        " join programs_registration r on r.id = m.registration_id where r.offering_id = %s",
        [offering],
    ).fetchall()
    return {student: (answer, by) for student, answer, by in rows}


def place(gamma, name):
    return f"/programs/registrations/{gamma.registration(name)}/meals/"


# Asked and answered


def test_a_family_answers_for_one_child_and_says_nothing_of_the_other(later, world, outside):  # noqa: F811
    ali, address = signed_in("ali@example.org"), f"/programs/{later}/register/"
    form = ali.get(address).content.decode()
    assert form.count("free or reduced-price school meals?") == 2
    assert 'value="meals_yes"' in form
    assert not any("checked" in tag for tag in form.split("<input") if "meals_" in tag)

    answer = ali.post(address, filled(world.AMINA, world.ELIA, **{f"{world.AMINA}-meals": YES}))

    assert answer.status_code == 302
    assert said(outside, later) == {world.AMINA: (YES, world.ALI)}


def test_what_nobody_offered_as_an_answer_is_refused(later, world, outside):  # noqa: F811
    form = filled(world.AMINA, **{f"{world.AMINA}-meals": "meals_perhaps"})

    assert signed_in("ali@example.org").post(f"/programs/{later}/register/", form).status_code == 422
    assert said(outside, later) == {}


def test_a_kind_that_does_not_ask_has_no_question_and_no_page(gamma, later, world, outside, monkeypatch):  # noqa: F811
    monkeypatch.setitem(kinds(), "gamma", replace(kinds()["gamma"], asks_meals=False))
    ali = signed_in("ali@example.org")

    assert "meals" not in ali.get(f"/programs/{later}/register/").content.decode()
    ali.post(f"/programs/{later}/register/", filled(world.AMINA, **{f"{world.AMINA}-meals": YES}))
    assert said(outside, later) == {}
    assert ali.get(place(gamma, "amina")).status_code == 404
    assert (
        "does not ask families"
        in signed_in("dana@example.org").get(f"/programs/{gamma.OFFERING}/counts/").content.decode()
    )


def test_a_coordinator_writes_what_the_family_says_and_is_shown_nothing_of_it(later, world, outside):  # noqa: F811
    cora, address = signed_in("cora@example.org"), f"/programs/{later}/register/"
    found = cora.post(address, {"letters": "åsen", "find": "yes"}).content.decode()
    assert "You cannot read it again afterwards" in found

    cora.post(address, filled(world.BJORN, letters="åsen", **{f"{world.BJORN}-meals": NO}))

    assert said(outside, later) == {world.BJORN: (NO, world.CORA)}
    pages = (address, f"/programs/{later}/", f"/programs/{later}/registrations/")
    assert not any("checked" in cora.get(page).content.decode() for page in pages)


def test_a_family_reads_and_changes_its_own_answer(gamma, world, outside):
    ali, whole = signed_in("ali@example.org"), f"/programs/{gamma.OFFERING}/"
    assert "your family said “Yes”" in ali.get(whole).content.decode()
    assert ali.get(place(gamma, "amina")).context["form"].initial == {"meals": YES}

    assert ali.post(place(gamma, "amina"), {"meals": UNSAID}).url == whole

    assert said(outside, gamma.OFFERING) == {world.AMINA: (UNSAID, world.ALI), world.ELIA: (NO, world.ALI)}
    assert "your family said “I prefer not to say”" in ali.get(whole).content.decode()


def test_another_guardian_of_the_child_reads_the_answer_and_no_words_say_otherwise(gamma, world, outside):
    """Asha and another guardian of Amina, each with an account of their own; Asha said "Yes"."""
    guardian = uuid.uuid4()
    outside.execute(
        "insert into roster_guardian (id, owner_id, source_id, file, given_name, family_name)"
        " values (%s, %s, 'second', '', 'Omar', 'Ali')",
        [guardian, world.NORTH],
    )
    outside.execute(
        "insert into roster_guardianship (id, owner_id, source_id, file, guardian_id, student_id)"
        " values (gen_random_uuid(), %s, 'second', '', %s, %s)",
        [world.NORTH, guardian, world.AMINA],
    )
    outside.execute("update core_rolegrant set role = 'family' where person_id = %s", [fixed("person-stella")])
    outside.execute(
        "insert into roster_link (id, owner_id, person_id, guardian_id, since) values (gen_random_uuid(), %s, %s, %s, %s)",
        [world.NORTH, fixed("person-stella"), guardian, LONG_AGO],
    )
    second, whole = signed_in("stella@example.org"), f"/programs/{gamma.OFFERING}/"

    assert "your family said “Yes”" in second.get(whole).content.decode()
    asked = second.get(place(gamma, "amina")).content.decode()
    assert "Only this child’s guardians see the answer" in asked
    assert "Only you see" not in asked
    saved = second.post(place(gamma, "amina"), {"meals": NO}, follow=True).content.decode()
    assert "Saved. Only this child’s guardians see the answer." in saved


def test_a_form_sent_without_an_answer_changes_nothing(gamma, world, outside):
    answer = signed_in("ali@example.org").post(place(gamma, "amina"), {"meals": ""}, follow=True)

    assert "Nothing was changed." in answer.content.decode()
    assert said(outside, gamma.OFFERING)[world.AMINA] == (YES, world.ALI)


def test_no_family_is_asked_whose_district_lets_nobody_be_counted_by_meals(gamma, later, world, outside):  # noqa: F811
    """South's agreement is older than the question: Ali is asked of Amina, and not of Elia, who has not answered."""
    outside.execute(
        "update core_agreement set categories = array_remove(categories, 'meals') where owner_id = %s", [SOUTH]
    )
    outside.execute("delete from programs_mealsanswer where registration_id = %s", [gamma.registration("elia")])
    ali = signed_in("ali@example.org")

    form = ali.get(f"/programs/{later}/register/").content.decode()
    assert f"{world.AMINA}-meals" in form
    assert f"{world.ELIA}-meals" not in form
    assert ali.get(place(gamma, "elia")).status_code == 404
    assert ali.get(place(gamma, "amina")).status_code == 200
    assert "Answer, if you like" not in ali.get(f"/programs/{gamma.OFFERING}/").content.decode()


def test_once_registration_has_closed_nobody_is_asked_what_nobody_would_count(gamma, world, outside):
    """Amina's family answered before, Elia's did not; staff still register, and an answer that stands may still be changed."""
    outside.execute("delete from programs_mealsanswer where registration_id = %s", [gamma.registration("elia")])
    ali, cora, whole = signed_in("ali@example.org"), signed_in("cora@example.org"), f"/programs/{gamma.OFFERING}/"
    assert "Answer, if you like" in ali.get(whole).content.decode()
    assert "-meals" in cora.post(f"{whole}register/", {"letters": "åsen", "find": "yes"}).content.decode()

    outside.execute("update programs_offering set closes_on = %s", [timezone.localdate() - datetime.timedelta(1)])

    page = ali.get(whole).content.decode()
    assert "Answer, if you like" not in page
    assert "Change the answer" in page
    assert ali.get(place(gamma, "elia")).status_code == 404
    ali.post(place(gamma, "amina"), {"meals": UNSAID})
    assert said(outside, gamma.OFFERING) == {world.AMINA: (UNSAID, world.ALI)}
    found = cora.post(f"{whole}register/", {"letters": "åsen", "find": "yes"}).content.decode()
    assert f"{world.BJORN}-takes_part" in found
    assert "-meals" not in found


@pytest.mark.parametrize(
    ("person", "status"),
    [("cora", 403), ("lena", 403), ("otto", 403), ("pam", 403), ("pete", 403), ("dana", 403), ("ann", 403)],
)
def test_nobody_else_opens_the_page_or_changes_the_answer(gamma, outside, person, status):
    before, client = said(outside, gamma.OFFERING), signed_in(f"{person}@example.org")

    assert client.get(place(gamma, "amina")).status_code == status
    assert client.post(place(gamma, "amina"), {"meals": NO}).status_code == status
    assert said(outside, gamma.OFFERING) == before


def test_another_familys_child_is_not_there_and_the_question_closes_with_the_program(gamma, outside):
    ali = signed_in("ali@example.org")
    assert ali.get(place(gamma, "chue")).status_code == 404
    assert ali.get(place(gamma, "amina")).status_code == 200

    outside.execute(
        "update programs_offering set starts_on = starts_on - 30, ends_on = ends_on - 30, closes_on = closes_on - 30,"
        " opens_on = opens_on - 30"
    )
    assert ali.get(place(gamma, "amina")).status_code == 404


def test_no_page_of_those_in_charge_and_no_paper_shows_an_answer(gamma):
    for person in ("pam", "pete", "dana", "cora"):
        client = signed_in(f"{person}@example.org")
        for part in ("", "registrations/", "attendance/", "paper/contacts/", "paper/roster/", "register/"):
            assert "your family said" not in client.get(f"/programs/{gamma.OFFERING}/{part}").content.decode()


# No part in who gets a seat


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    families=st.lists(st.lists(st.sampled_from([NORTH, SOUTH]), min_size=1, max_size=3), min_size=2, max_size=6),
    capacity=st.integers(1, 8),
    kept=st.integers(0, 3),
    data=st.data(),
)
def test_answers_dealt_out_anew_give_the_same_seats_and_the_same_list(
    offer,  # noqa: F811
    ask,  # noqa: F811
    outside,
    families,
    capacity,
    kept,
    data,
):
    count = sum(map(len, families))
    answers = data.draw(st.lists(st.sampled_from([YES, NO, UNSAID, SILENT]), min_size=count, max_size=count))
    outcomes = []
    for dealt in (answers, data.draw(st.permutations(answers)), [SILENT] * count):
        offering = offer(capacity, kept=[(SOUTH, min(kept, capacity))] if kept else [])
        children = [child for family in families for child in ask(offering, family, settle=False)]
        answer(outside, children, dealt)
        decide(offering)
        told = states(outside, children)
        first_out = next((child for child, state in zip(children, told, strict=True) if state == "seated"), None)
        if first_out:
            outside.execute(
                "update programs_seat set state = 'withdrawn', number = null, seated_at = null where registration_id = %s",
                [first_out],
            )
            decide(offering)
        outcomes.append((told, states(outside, children)))

    assert outcomes[0] == outcomes[1] == outcomes[2]


def answer(outside, registrations, answers):
    """Answers of these registrations as they stand in the table; none where SILENT."""
    for registration, one in zip(registrations, answers, strict=True):
        if one:
            outside.execute(
                "insert into programs_mealsanswer (id, owner_id, registration_id, answer, written_by_id, written_at)"
                " select gen_random_uuid(), owner_id, id, %s, %s, now() from programs_registration where id = %s",
                [one, ALI, registration],
            )


def test_a_registration_event_says_nothing_about_meals(later, world, outside):  # noqa: F811
    signed_in("ali@example.org").post(
        f"/programs/{later}/register/", filled(world.AMINA, **{f"{world.AMINA}-meals": YES})
    )

    details = outside.execute("select detail from core_event where kind like 'program.%'").fetchall()
    assert details
    assert "meals" not in json.dumps(details)
