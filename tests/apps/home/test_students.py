"""Students: who sees whom, by name, page by page, with every look from outside written down."""

import uuid
from itertools import chain

import pytest
from django.db import connection
from tests.apps.home.test_today import statements, words
from tests.signing_in import signed_in, visitor

from commonground.apps.roster.models import Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def names_in(answer):
    return [row.student.given_name for row in answer.context["page"].rows]


def listed(person, query=""):
    return names_in(signed_in(f"{person}@example.org").get(f"/students/{query}"))


def looks(arrange):
    return arrange(
        "select owner_id, student_id, person_id, role, page, purpose from core_disclosureline order by number"
    )


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("cora", ["Amina", "Bjørn", "Dee", "Chue"]),
        ("otto", ["Elia"]),
        ("dana", ["Amina", "Bjørn", "Dee", "Chue"]),
        ("priya", ["Amina", "Bjørn", "Chue"]),
        ("theo", ["Amina", "Bjørn"]),
        ("lena", ["Chue"]),
    ],
)
def test_the_list_holds_exactly_the_own_students_family_name_first(world, person, seen):
    assert listed(person) == seen


def test_a_name_in_the_list_is_never_markup(world, arrange):
    arrange("update roster_student set family_name = '<b>Åsen</b>' where given_name = 'Bjørn'")

    page = signed_in("cora@example.org").get("/students/").content.decode()

    assert "&lt;b&gt;Åsen&lt;/b&gt;, Bjørn</a>" in page
    assert "<b>Åsen" not in page


@pytest.mark.parametrize("person", ["ali", "omar"])
def test_who_works_with_no_students_is_denied(world, person):
    answer = signed_in(f"{person}@example.org").get("/students/")

    assert answer.status_code == 403
    assert "This page belongs to another role" in words(answer)


def test_signed_out_the_list_leads_to_the_sign_in(world):
    answer = visitor().get("/students/")

    assert (answer.status_code, answer.url) == (302, "/account/sign-in/?next=/students/")


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("a", ["Amina", "Bjørn"]),
        ("AS", ["Bjørn"]),  # Åsen: accents and case do not matter
        ("obrien", ["Dee"]),
        ("O’Br", ["Dee"]),
        ("ali a", ["Amina"]),
        ("amina ali", ["Amina"]),  # the given name first
        ("amina", ["Amina"]),
        ("bj", ["Bjørn"]),
        ("al am", ["Amina"]),  # beginnings, in any order
        ("ali bj", []),
        ("%", []),
        ("_mina", []),
        ("mina", []),
        ("\\", []),
        ("xx:*|a", []),  # words, not a language to ask in
        ("ali !bj", []),
        ("", ["Amina", "Bjørn", "Dee", "Chue"]),
    ],
)
def test_a_search_finds_by_the_beginning_of_the_name(world, letters, found):
    client = signed_in("cora@example.org")

    answer = client.post("/students/", {"letters": letters}, follow=True)

    assert names_in(answer) == found


def test_a_second_family_name_and_a_given_name_find_as_well_as_the_first(world, arrange):
    arrange(
        "update roster_student set family_name = 'Solís Arriaga', given_name = 'Noé', name_key = 'solis arriaga noe' where id = %s",
        [world.BJORN],
    )
    client = signed_in("cora@example.org")

    for letters in ("solís", "arriaga", "noe", "Noé Solís", "noé arriaga"):
        assert names_in(client.post("/students/", {"letters": letters}, follow=True)) == ["Noé"], letters


def test_a_family_name_comes_before_a_given_name(world, arrange):
    arrange("update roster_student set given_name = 'Vanga', name_key = 'ali vanga' where id = %s", [world.AMINA])

    answer = signed_in("cora@example.org").post("/students/", {"letters": "vang"}, follow=True)

    assert names_in(answer) == ["Chue", "Vanga"]
    assert "2 students" in words(answer)


def test_the_function_that_looks_for_names_knows_only_whom_the_person_may_see(world):
    found = {}
    for person in (world.CORA, world.OTTO, world.PRIYA, world.THEO):
        with enter(person=person, purpose="test"), connection.cursor() as cursor:
            cursor.execute("select unnest(cg.students_called(array['a']))")
            found[person] = {row[0] for row in cursor.fetchall()}
            seen = Student.objects.values_list("pk", "name_key")
            assert found[person] == {pk for pk, key in seen if any(word.startswith("a") for word in key.split())}

    assert world.AMINA in found[world.CORA]
    assert not found[world.CORA] & found[world.OTTO]


def test_many_with_the_same_given_name_ask_for_more_letters(world, many, arrange):
    arrange(
        "update roster_student set name_key = 'other zed ' || given_name, family_name = 'Other' where family_name = 'Zed'"
    )

    answer = signed_in("cora@example.org").post("/students/", {"letters": "zed"}, follow=True)

    assert len(names_in(answer)) == 50
    assert "The first 50 students by name" in words(answer)
    assert "More students fit. Type more letters of the name." in words(answer)


def test_no_childs_name_stands_in_an_address(world):
    client = signed_in("cora@example.org")

    answer = client.post("/students/", {"letters": "ali"})

    assert answer.status_code == 302
    assert "ali" not in answer.url.lower()
    assert names_in(client.get(answer.url)) == ["Amina"]
    assert names_in(signed_in("cora@example.org").get(answer.url)) == ["Amina", "Bjørn", "Dee", "Chue"]


def test_a_search_keeps_the_filters(world):
    client = signed_in("cora@example.org")

    answer = client.post("/students/", {"letters": "a", "school": str(world.NORTH_OTHER_SCHOOL)}, follow=True)

    assert names_in(answer) == []
    assert "Nobody is found" in words(answer)


def test_filters_stand_in_the_address(world, arrange):
    arrange("update roster_student set grade = '08' where id = %s", [world.DEE])

    assert listed("cora", f"?school={world.NORTH_OTHER_SCHOOL}") == ["Dee"]
    assert listed("cora", "?grade=08") == ["Dee"]
    assert listed("cora", f"?school={world.NORTH_SCHOOL}&grade=08") == []
    assert listed("theo", f"?section={world.SECTION}") == ["Amina", "Bjørn"]


@pytest.mark.parametrize("wrong", ["?school=x", "?grade=99", "?after=x", "?search=x", "?section=x"])
def test_what_is_no_choice_is_left_out(world, wrong):
    assert listed("cora", wrong) == ["Amina", "Bjørn", "Dee", "Chue"]


def test_another_districts_school_narrows_nothing_and_shows_nothing(world):
    assert listed("cora", f"?school={world.SOUTH_SCHOOL}") == ["Amina", "Bjørn", "Dee", "Chue"]
    assert "South School" not in signed_in("cora@example.org").get("/students/").content.decode()


@pytest.fixture
def many(arrange, world):
    """North has 120 more students, called Zed 000 to 119; South has 60, called Zed 000 to 059."""
    for owner, count in ((world.NORTH, 120), (world.SOUTH, 60)):
        arrange(
            "insert into roster_student (id, owner_id, source_id, file, given_name, family_name, name_key, grade, enabled)"
            " select gen_random_uuid(), %s, 'z' || n, '', lpad(n::text, 3, '0'), 'Zed', 'zed ' || lpad(n::text, 3, '0'), '07', true"
            " from generate_series(0, %s) n",
            [owner, count - 1],
        )


def walk(client, address="/students/"):
    found, answer = [], client.get(address)
    while True:
        found.append(names_in(answer))
        if not answer.context["next_url"]:
            return found
        answer = client.get("/students/" + answer.context["next_url"])


def test_pages_hold_fifty_and_together_everybody_once(world, many):
    pages = walk(signed_in("cora@example.org"))

    assert [len(page) for page in pages] == [50, 50, 24]
    assert list(chain(*pages)) == ["Amina", "Bjørn", "Dee", "Chue", *(f"{n:03}" for n in range(120))]


def test_districts_are_merged_by_name(world, many, arrange):
    arrange(
        "insert into core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until, destroy_by,"
        " signed_on, signed_by) select gen_random_uuid(), %s, collaborative_id, categories, ground, purpose, since, until,"
        " destroy_by, signed_on, signed_by from core_agreement",
        [world.SOUTH],
    )

    pages = walk(signed_in("dana@example.org"))

    together = list(chain(*pages))
    assert together[:6] == ["Amina", "Elia", "Bjørn", "Dee", "Chue", "000"]
    assert len(together) == 5 + 180
    assert together[5:] == sorted(together[5:])


def test_the_list_takes_no_more_statements_for_more_students(world, many):
    client = signed_in("dana@example.org")

    assert len(statements(client, "/students/")) <= 12


def test_a_student_who_left_is_not_listed(world, arrange):
    arrange("update roster_student set ended_on = cg.today() where id = %s", [world.BJORN])

    assert listed("cora") == ["Amina", "Dee", "Chue"]


def test_htmx_gets_the_rows_alone(world):
    answer = signed_in("cora@example.org").get("/students/", headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert "Ali, Amina" in answer.content.decode()


def test_where_the_session_has_ended_htmx_opens_the_whole_sign_in_page(world):
    answer = visitor().get("/students/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/account/sign-in/?next=/students/"


# The student's page


@pytest.mark.parametrize(
    ("person", "may"),
    [
        *((one, True) for one in ("cora", "dana", "ann", "priya", "theo", "ali")),
        *((one, False) for one in ("otto", "lena")),
    ],
)
def test_a_students_page_exists_for_those_who_may_see_the_student(world, person, may):
    answer = signed_in(f"{person}@example.org").get(f"/students/{world.AMINA}/")

    assert answer.status_code == (200 if may else 404)
    assert ("Amina" in answer.content.decode()) is may


def test_an_operator_is_denied_for_every_id_alike(world):
    client = signed_in("omar@example.org")

    assert client.get(f"/students/{world.AMINA}/").status_code == 403
    assert client.get(f"/students/{uuid.uuid4()}/").status_code == 403


def test_a_coordinator_follows_a_student_to_file_and_line(after_first_file, world):
    page = words(signed_in("cora@example.org").get(f"/students/{world.AMINA}/"))

    assert (
        "users.csv, line 12 Batch 1 of North: north.zip Sent by Cora Coordinator, November 18, 2026, 9:12 a.m." in page
    )
    assert "Grade, Home language, North School users.csv, line 12 batch 1" in page
    assert "Born demographics.csv, line 7 batch 1" in page
    assert "Mathematics 7 Theo Teacher" in page
    assert "enrollments.csv, line 40" in page
    assert "Asha Ali" in page


def test_a_family_sees_the_file_but_no_batch_and_not_the_other_guardian(after_first_file, world):
    page = words(signed_in("ali@example.org").get(f"/students/{world.AMINA}/"))

    assert "North’s own file users.csv" in page
    assert "Batch 1" not in page
    assert "Asha Ali" in page


def test_a_director_sees_no_guardian_where_the_agreement_opens_none(world):
    assert "No guardian is shown to you." in words(signed_in("dana@example.org").get(f"/students/{world.AMINA}/"))


def test_the_wall_names_who_can_see_by_which_agreement(world):
    page = words(signed_in("cora@example.org").get(f"/students/{world.AMINA}/"))

    assert "The coordinator of North" in page
    assert "The principal of North School" in page
    assert "Director of the collaborative of Valley Collaborative, by an agreement until July 1, 2099" in page
    assert "Other districts and their schools" in page


def test_without_an_agreement_the_wall_keeps_the_collaborative_out(world):
    page = words(signed_in("otto@example.org").get(f"/students/{world.ELIA}/"))

    assert "Valley Collaborative" not in page


# The disclosure log


def test_each_named_child_of_another_district_is_a_line(world, arrange):
    signed_in("dana@example.org").get("/students/")

    assert looks(arrange) == [
        (world.NORTH, student, world.DANA, "director", "home:students", "Joint programs")
        for student in (world.AMINA, world.BJORN, world.DEE, world.CHUE)
    ]


def test_a_look_at_one_student_is_a_line_with_its_agreement(world, arrange):
    signed_in("ann@example.org").get(f"/students/{world.AMINA}/")

    assert looks(arrange) == [(world.NORTH, world.AMINA, world.ANN, "analyst", "home:student", "Joint programs")]
    assert arrange("select count(*) from core_disclosureline d join core_agreement a on a.id = d.agreement_id") == [
        (1,)
    ]


@pytest.mark.parametrize("person", ["cora", "priya", "theo", "lena", "ali"])
def test_inside_the_own_district_and_family_nothing_is_written(world, arrange, person):
    client = signed_in(f"{person}@example.org")
    client.get("/students/")
    for student in (world.AMINA, world.CHUE, world.ELIA):
        client.get(f"/students/{student}/")

    assert looks(arrange) == []


def test_a_look_that_finds_nobody_writes_nothing_in_the_log_and_a_line_in_the_ledger(world, arrange):
    signed_in("dana@example.org").get(f"/students/{world.ELIA}/")

    assert looks(arrange) == []
    refused = "select person_id, about from core_event where kind = 'look.refused'"
    assert arrange(refused) == [(world.DANA, "home:student")]


def test_a_page_that_breaks_leaves_no_line(world, arrange, monkeypatch):
    from commonground.apps.home import views

    monkeypatch.setattr(views, "student_page", lambda *_a, **_k: 1 / 0)
    client = signed_in("dana@example.org")
    client.raise_request_exception = False

    assert client.get(f"/students/{world.AMINA}/").status_code == 500
    assert looks(arrange) == []
    assert connection.in_atomic_block is False
