"""Who looked: read by families and coordinators, by nobody else; and as a file."""

import csv
from io import StringIO

import pytest
from django.utils import timezone
from tests.apps.home.test_today import words
from tests.apps.programs import arranged
from tests.signing_in import signed_in

pytestmark = pytest.mark.database


def read(person, address="/who-looked/"):
    return signed_in(f"{person}@example.org").get(address)


def children_in(answer):
    return [row.child for row in answer.context["page"].rows]


@pytest.fixture
def looked(world):
    """Dana looked at the list of North and at Amina's page."""
    client = signed_in("dana@example.org")
    client.get("/students/")
    client.get(f"/students/{world.AMINA}/")


def test_a_family_reads_the_lines_about_its_own_children_only(looked):
    assert children_in(read("ali")) == ["Amina Ali", "Amina Ali"]


def test_a_coordinator_reads_the_lines_of_the_own_district_newest_first(looked):
    assert children_in(read("cora")) == ["Amina Ali", "Chue Vang", "Dee O’Brien", "Bjørn Åsen", "Amina Ali"]
    assert children_in(read("otto")) == []


def test_a_line_says_who_when_what_and_why(looked):
    page = words(read("ali"))

    assert "Dana Director Director of the collaborative, Valley Collaborative" in page
    assert "The student’s page Joint programs" in page


@pytest.mark.parametrize("person", ["dana", "ann", "priya", "theo", "lena", "omar"])
def test_everybody_else_is_denied(looked, person):
    assert read(person).status_code == 403
    assert read(person, "/who-looked/file/").status_code == 403


def test_a_long_log_is_read_in_pages(world, arrange):
    arrange(
        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, at)"
        " select %s, %s, %s, 'director', %s, 'x', 'home:student', now() from generate_series(1, 120)",
        [world.NORTH, world.AMINA, world.DANA, world.COLLABORATIVE],
    )
    client, address, numbers = signed_in("cora@example.org"), "/who-looked/", []
    while address:
        page = client.get(address).context["page"]
        numbers += [row.number for row in page.rows]
        address = f"/who-looked/?before={page.next_before}" if page.next_before else ""

    assert len(numbers) == 120
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5"])
def test_a_page_that_is_none_is_the_first(looked, before):
    assert len(children_in(read("cora", f"/who-looked/?before={before}"))) == 5


def test_the_file_holds_the_same_lines_and_is_itself_recorded(looked, arrange):
    answer = read("cora", "/who-looked/file/")

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][1] == "Child"
    assert [row[1] for row in rows[1:]] == ["Amina Ali", "Chue Vang", "Dee O’Brien", "Bjørn Åsen", "Amina Ali"]
    assert arrange("select detail from core_event where kind = 'export.made'") == [({"lines": 5},)]


def test_no_cell_of_the_file_runs_as_a_formula(looked, arrange, world):
    arrange("update core_person set name = '=cmd|x' where id = %s", [world.DANA])

    assert ",'=cmd|x," in read("cora", "/who-looked/file/").content.decode()


# Agreements


def test_agreements_say_in_plain_words_what_they_open_to_whom(world):
    page = words(read("dana", "/agreements/"))

    assert "1 agreement is in force today" in page
    assert "North with Valley Collaborative" in page
    assert "Name, date of birth, grade, school, classes, home language and group of its students" in page
    assert "these people can see what follows: Director of the collaborative, Data analyst." in page
    assert "Members that share nothing today South" in page


@pytest.mark.parametrize(
    ("ground", "names"), [("school_official", True), ("consent", True), ("studies", False), ("evaluation", False)]
)
def test_agreements_name_mentors_only_where_their_ground_lets_a_mentor_see(world, arrange, ground, names):
    arrange("update core_agreement set ground = %s", [ground])

    page = words(read("dana", "/agreements/"))

    assert ("Mentor: only of students whom the district gives to them." in page) is names


def test_a_coordinator_reads_the_own_districts_agreements_only(world):
    assert "North with Valley Collaborative" in words(read("cora", "/agreements/"))
    assert "North" not in words(read("otto", "/agreements/"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("until = cg.today(), destroy_by = cg.today()", "ended It opens nothing today."),
        ("since = cg.today() + 1", "not begun It opens nothing today."),
        ("signed_on = null", "not signed It opens nothing today."),
        ("until = cg.today() + 1, destroy_by = cg.today() + 1", "ends soon Today these people"),
    ],
)
def test_an_agreement_that_is_not_in_force_opens_nothing(world, arrange, change, says):
    arrange(f"update core_agreement set {change}")

    assert says in words(read("dana", "/agreements/"))


@pytest.mark.parametrize("person", ["priya", "theo", "lena", "ali", "omar"])
def test_agreements_are_denied_to_others(world, person):
    assert read(person, "/agreements/").status_code == 403


def lines_by(arrange, person):
    return arrange(
        "select student_id, role, purpose from core_disclosureline where person_id = %s order by number", [person]
    )


@pytest.mark.parametrize("role", ["board_member", "superintendent", "program_manager"])
def test_a_role_in_the_district_that_shows_no_such_record_hides_no_look(world, arrange, role):
    """A director who also sits on North's board sees Amina by North's agreement alone: that look is a disclosure."""
    arrange(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (gen_random_uuid(), %s, %s, %s, '2020-07-01')",
        [world.DANA, role, world.NORTH],
    )

    signed_in("dana@example.org").get(f"/students/{world.AMINA}/")

    assert lines_by(arrange, world.DANA) == [(world.AMINA, "director", "Joint programs")]


def test_a_role_in_the_district_that_shows_the_record_needs_no_line(world, arrange):
    arrange(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (gen_random_uuid(), %s, 'coordinator', %s, '2020-07-01')",
        [world.DANA, world.NORTH],
    )

    signed_in("dana@example.org").get(f"/students/{world.AMINA}/")

    assert lines_by(arrange, world.DANA) == []


def test_a_child_given_by_the_collaborative_is_told_where_the_person_also_teaches_in_the_district(world, arrange):
    """Theo teaches Amina in North; Dee, of another school there, is his as a mentor of the collaborative alone."""
    grant = world.fixed("theo-mentor")
    arrange("update core_agreement set ground = 'school_official'")
    arrange(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (%s, %s, 'mentor', %s, '2020-07-01')",
        [grant, world.THEO, world.COLLABORATIVE],
    )
    arrange(
        "insert into mentoring_caseload (id, owner_id, student_id, grant_id, since, given_by_id, given_at)"
        " values (gen_random_uuid(), %s, %s, %s, '2020-07-01', %s, now())",
        [world.NORTH, world.DEE, grant, world.CORA],
    )
    theo = signed_in("theo@example.org")

    for child in (world.AMINA, world.DEE):
        assert theo.get(f"/students/{child}/").status_code == 200

    assert lines_by(arrange, world.THEO) == [(world.DEE, "mentor", "Joint programs")]


def test_a_child_seen_by_its_registration_is_told_under_that_agreement(world, arrange):
    """South shares registrations and no roster: Elia's row is there for Dana because Elia is registered."""
    arranged.arrange(arrange, today=timezone.localdate())

    assert signed_in("dana@example.org").get(f"/students/{world.ELIA}/").status_code == 200

    assert lines_by(arrange, world.DANA) == [(world.ELIA, "director", "Summer programs")]
