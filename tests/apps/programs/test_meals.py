"""What families say about school meals: asked where the kind asks, changed by the family, no part in seats, counted once."""

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

from commonground.apps.programs import jobs
from commonground.apps.programs.counts import meals_table, suppressed
from commonground.apps.programs.kinds import kinds
from commonground.apps.programs.models import Offering
from commonground.store.walls import enter

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
    signed_in("ali@example.org").post(place(gamma, "amina"), {})

    assert said(outside, gamma.OFFERING)[world.AMINA] == (YES, world.ALI)


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


# Counted


@pytest.fixture
def close(offer, ask, outside):  # noqa: F811
    """`close({NORTH: {YES: 12}})`: an offering in which so many of each district have a seat and said so. Its id.

    Registration closed yesterday, and the night's job has run; with `job=False` not yet.
    """

    def make(districts, *, job=True):
        count = sum(sum(answers.values()) for answers in districts.values())
        offering = offer(count)
        for owner, answers in districts.items():
            for one, number in answers.items():
                children = [ask(offering, [owner], settle=False)[0] for _ in range(number)]
                answer(outside, children, [one] * number)
        decide(offering)
        outside.execute(
            "update programs_offering set closes_on = %s where id = %s",
            [timezone.localdate() - datetime.timedelta(1), offering],
        )
        if job:
            jobs.count_by_meals()
        return offering

    return make


def table_for(world, offering, person="DANA"):
    with enter(person=getattr(world, person), purpose="test"):
        return meals_table(Offering.objects.get(pk=offering))


def test_large_numbers_are_told_and_who_did_not_answer_is_a_number_of_its_own(world, close):
    """North: 14 yes, 12 no, 10 rather not, 11 silent make 47; South: 10, 13, 11, 10 make 44. None is below 10."""
    offering = close(
        {NORTH: {YES: 14, NO: 12, UNSAID: 10, SILENT: 11}, SOUTH: {YES: 10, NO: 13, UNSAID: 11, SILENT: 10}}
    )

    table = table_for(world, offering)

    assert [str(one) for one in table.groups] == [
        "Free or reduced-price",
        "Neither",
        "Prefer not to say",
        "Did not answer",
    ]
    assert [(row.name, row.total, row.numbers) for row in table.rows] == [
        ("North", 47, (14, 12, 10, 11)),
        ("South", 44, (10, 13, 11, 10)),
    ]
    assert (table.all_districts.total, table.all_districts.numbers) == (91, (24, 25, 21, 21))
    assert table.hidden_count == 0
    assert table.counted_on == timezone.localdate()


def test_hiding_the_small_number_alone_would_tell_it(world, close, outside):
    """North: 12 yes, 13 no, 10, 10; South: 3 yes, 20 no, 10, 10. Only South's 3 is below 10. All districts' 15 less North's
    12 is 3, and so is South's 43 less 20, 10 and 10: in its row and in its column another number must go, and in the row
    and column of that one too.
    """
    offering = close(
        {NORTH: {YES: 12, NO: 13, UNSAID: 10, SILENT: 10}, SOUTH: {YES: 3, NO: 20, UNSAID: 10, SILENT: 10}}
    )

    table = table_for(world, offering)

    lines = [row.numbers for row in (*table.rows, table.all_districts)]
    assert lines[1][0] is None
    assert [row.total for row in (*table.rows, table.all_districts)] == [45, 43, 88]
    for line in (*lines, *zip(*lines, strict=True)):
        assert line.count(None) != 1, lines
    kept = outside.execute(
        "select student_count from programs_mealscount where answer <> 'all' and student_count < 10"
    ).fetchall()
    assert kept == []  # what is hidden stands nowhere, so that no mistake of ours can show it


def test_the_small_number_stays_hidden_whatever_else_is_known():
    """Of the same table: what everything shown leaves open for the hidden 3 is at least ten wide."""
    found = suppressed(
        [[12, 13, 10, 10], [3, 20, 10, 10]], districts=[NORTH, SOUTH], by="meals", groups=[YES, NO, UNSAID, "silent"]
    )

    (small,) = [one for one in found.shown.audit().ranges if one.needed]
    assert small.high is None or small.high - small.low >= 10
    assert small.low <= 3


def test_no_later_page_tells_what_a_child_said_who_left_came_or_changed_it(world, close, ask, outside):  # noqa: F811
    offering = close({NORTH: {YES: 20, NO: 20, SILENT: 11}, SOUTH: {YES: 12, NO: 15, UNSAID: 10}})
    before = table_for(world, offering)
    kept = outside.execute("select * from programs_mealscount order by id").fetchall()

    (latecomer,) = ask(offering, [SOUTH])
    answer(outside, [latecomer], [YES])
    outside.execute(
        "update programs_seat set state = 'withdrawn', number = null, seated_at = null where registration_id ="
        " (select registration_id from programs_mealsanswer where answer = 'meals_no' limit 1)"
    )
    outside.execute(
        "update programs_mealsanswer set answer = 'meals_unsaid' where id ="
        " (select id from programs_mealsanswer where answer = 'meals_yes' limit 1)"
    )
    jobs.count_by_meals()

    assert table_for(world, offering) == before
    assert outside.execute("select * from programs_mealscount order by id").fetchall() == kept


def test_before_registration_has_closed_nothing_is_counted_and_the_page_says_when(world, gamma, outside):
    jobs.count_by_meals()

    page = signed_in("dana@example.org").get(f"/programs/{gamma.OFFERING}/counts/").content.decode()

    assert outside.execute("select count(*) from programs_mealscount").fetchone() == (0,)
    assert "not calculated" in page
    assert "in the night after registration closes" in page


@pytest.mark.parametrize(("days_over", "counted"), [(30, True), (31, False)])
def test_nothing_is_counted_once_the_answers_are_destroyed(world, close, outside, days_over, counted):
    """They are kept for 30 days after the last day; counted later, all would be among those who did not answer."""
    offering = close({NORTH: {YES: 20, NO: 20}}, job=False)
    outside.execute(
        "update programs_offering set opens_on = '2020-01-01', starts_on = %(last)s, ends_on = %(last)s, closes_on = %(last)s",
        {"last": timezone.localdate() - datetime.timedelta(days_over)},
    )
    jobs.count_by_meals()

    assert (table_for(world, offering) is not None) is counted


def test_children_of_a_district_that_shares_nothing_are_not_counted(world, close, outside):
    offering = close({NORTH: {YES: 20, NO: 20}, SOUTH: {YES: 15, NO: 15}}, job=False)
    outside.execute("update core_agreement set until = %s where owner_id = %s", [timezone.localdate(), SOUTH])
    jobs.count_by_meals()

    table = table_for(world, offering)

    assert [(row.name, row.total) for row in table.rows] == [("North", 40)]
    assert table.all_districts.total == 40


@pytest.mark.parametrize("person", ["DANA", "ANN", "PAM"])
def test_those_who_count_the_program_read_it(world, close, person):
    """North alone: 20 and 20, and nobody else, so that both zeros are hidden and with them both twenties."""
    offering = close({NORTH: {YES: 20, NO: 20}})

    assert table_for(world, offering, person).all_districts.total == 40


@pytest.mark.parametrize("person", ["CORA", "OTTO", "ALI", "LENA", "PETE", "PRIYA", "THEO", "OMAR"])
def test_nobody_else_does(world, close, person):
    offering = close({NORTH: {YES: 20, NO: 20}})

    assert table_for(world, offering, person) is None


def test_the_directors_page_shows_the_table_and_hides_every_small_number(world, close):
    offering = close({NORTH: {YES: 12, NO: 13, SILENT: 10}, SOUTH: {YES: 3, NO: 20, UNSAID: 10}})

    page = signed_in("dana@example.org").get(f"/programs/{offering}/counts/").content.decode()

    meals = page[page.index('id="meals"') :]
    assert "as families said" in page
    assert 'href="/districts/composition/?what=meals"' in page
    assert 'class="sup">hidden<' in meals
    assert '<td class="n">3</td>' not in meals


def test_the_agreement_says_that_it_lets_the_answers_be_counted(world, gamma):
    from commonground.apps.core.models import Agreement
    from commonground.apps.governance.queries.agreements import sentences, shareable

    with enter(person=world.CORA, purpose="test"):
        words = sentences(Agreement.objects.filter(owner_id=NORTH, categories__contains=["registration"]).first())

    (counted,) = [one for one in words if "meals" in one]
    assert "naming nobody" in counted
    assert "meals" not in dict(shareable())


def test_a_registration_event_says_nothing_about_meals(later, world, outside):  # noqa: F811
    signed_in("ali@example.org").post(
        f"/programs/{later}/register/", filled(world.AMINA, **{f"{world.AMINA}-meals": YES})
    )

    details = outside.execute("select detail from core_event where kind like 'program.%'").fetchall()
    assert details
    assert "meals" not in json.dumps(details)
