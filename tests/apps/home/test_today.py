"""*Today*, for every role, from the database."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.signing_in import signed_in, visitor

pytestmark = pytest.mark.database
OPEN_BATCH = (
    "insert into intake_batch (id, owner_id, number, format, version, status, label, size_bytes, digest, step, summary,"
    " sent_by_id, sent_at) values (gen_random_uuid(), %s, %s, '', '', %s, 'again.zip', 9, '', '', '{}', %s, now())"
)
TAGS = re.compile(r"<[^>]+>|\s+")


def words(answer):
    """The text of a page's main part, blanks made single."""
    main = answer.content.decode().split("<main", 1)[1].split(">", 1)[1].split("</main>")[0]
    return " ".join(TAGS.sub(" ", main).split()).replace(" ,", ",")


def today_of(person):
    return words(signed_in(f"{person}@example.org").get("/"))


def test_signed_out_it_is_the_front_page_with_the_way_in(world):
    page = visitor().get("/")

    assert page.status_code == 200
    assert 'href="/account/sign-in/"' in page.content.decode()


def test_a_director_sees_which_districts_share_and_which_do_not(after_first_file):
    page = today_of("dana")

    assert "1 district does not share its roster No agreement in force opens the roster of: South." in page
    assert "Member districts 2" in page
    assert "Students 4 1 of 2 districts" in page
    assert "North member until July 1, 2099 4 batch 1, November 18, 2026" in page
    assert "South member not shared not known not known" in page
    assert "West" not in page


def test_an_agreement_that_ends_soon_comes_first_unless_another_follows(after_first_file, arrange):
    arrange("update core_agreement set until = cg.today() + 59, destroy_by = cg.today() + 90")
    assert "The agreement with North ends on" in today_of("dana")

    columns = "owner_id, collaborative_id, categories, ground, purpose, signed_on, signed_by"
    arrange(
        f"insert into core_agreement (id, {columns}, since, until, destroy_by)"
        f" select gen_random_uuid(), {columns}, until, until + 365, until + 400 from core_agreement"
    )
    assert "The agreement with North ends on" not in today_of("dana")


def test_an_agreement_for_a_program_alone_shares_no_roster(after_first_file, arrange, world):
    columns = "collaborative_id, ground, purpose, signed_on, signed_by, since"
    arrange(
        f"insert into core_agreement (id, owner_id, categories, {columns}, until, destroy_by)"
        f" select gen_random_uuid(), o.id, '{{registration}}', {columns}, until + 90, destroy_by + 90"
        "   from core_agreement, core_organization o where o.id = any(%s)",
        [[world.NORTH, world.SOUTH]],
    )
    page = today_of("dana")

    assert "No agreement in force opens the roster of: South." in page
    assert "North member until July 1, 2099" in page
    assert "South member not shared" in page
    assert "has sent no file" not in page


def test_an_analyst_sees_what_the_director_sees(after_first_file):
    assert today_of("ann") == today_of("dana")


def test_a_coordinator_sees_the_own_files_rows_that_wait_and_looks_from_outside(after_first_file, arrange, world):
    arrange(
        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, at)"
        " values (%s, %s, %s, 'director', %s, 'x', 'home:student', now())",
        [world.NORTH, world.AMINA, world.DANA, world.COLLABORATIVE],
    )

    page = today_of("cora")

    assert "2 rows of North wait" in page
    assert "Students 4" in page
    assert "North, batch 1: north.zip, applied November 18, 2026" in page
    assert "Looks from outside this week 1" in page
    assert "Valley Collaborative Joint programs, until July 1, 2099" in page


def test_a_coordinator_without_a_file_is_asked_for_the_first_one(world):
    page = today_of("otto")

    assert "Send the first file of your district" in page
    assert "Students Not calculated No full file has been applied yet." in page
    assert "Nothing. No agreement of your district is in force." in page


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("checked", "Batch 2 of North is ready to look at"),
        ("refused", "Batch 2 of North was refused"),
        ("failed", "Batch 2 of North stopped by an error of ours"),
        ("checking", "Batch 2 of North is being worked on"),
    ],
)
def test_an_open_batch_asks_for_what_it_needs(after_first_file, arrange, world, status, says):
    arrange(OPEN_BATCH, [world.NORTH, 2, status, world.CORA])

    assert says in today_of("cora")
    assert says in today_of("dana")
    assert "again.zip" not in today_of("otto")


def test_a_refused_batch_is_over_when_a_later_one_was_applied(after_first_file, arrange, world):
    arrange("update intake_batch set number = 3")
    arrange(OPEN_BATCH, [world.NORTH, 2, "refused", world.CORA])

    assert "was refused" not in today_of("cora")


def test_only_the_newest_refusal_of_a_district_asks_for_something(after_first_file, arrange, world):
    for number, status in ((2, "refused"), (3, "refused"), (4, "failed"), (5, "checked"), (6, "refused")):
        arrange(OPEN_BATCH, [world.NORTH, number, status, world.CORA])

    page = today_of("dana")

    assert "Batch 6 of North was refused" in page
    assert "Batch 5 of North is ready to look at" in page
    assert not any(f"Batch {number} of North" in page for number in (2, 3, 4))


def test_a_file_of_changes_does_not_hide_how_many_students_there_are(after_first_file, arrange, world):
    arrange("update intake_batch set summary = summary || '{\"is_delta\": true}'")
    assert "Students Not calculated" in today_of("cora")

    arrange(
        "insert into measures_countedfile (id, owner_id, batch_id, kind, number, label, school_years, counted_on, applied_at,"
        " files, students) values (gen_random_uuid(), %s, %s, 'roster', 1, 'north.zip', '[]', cg.today(), now(), '[]', 1234)",
        [world.NORTH, after_first_file],
    )

    assert "Students 1,234" in today_of("cora")
    assert "North member until July 1, 2099 1,234 batch 1" in today_of("dana")


def test_a_director_of_nobody_is_asked_to_bring_districts_in(world, arrange):
    arrange("delete from core_membership")

    director, analyst = (signed_in(f"{person}@example.org").get("/") for person in ("dana", "ann"))

    assert "Your collaborative is not set up yet" in words(director)
    assert 'href="/collaborative/"' in director.content.decode().split("<main")[1]
    assert "Your collaborative is not set up yet" not in words(analyst)


def test_where_no_agreement_is_in_force_the_page_says_so(world):
    assert words(signed_in("otto@example.org").get("/agreements/")).startswith("No agreement is in force today")


def test_one_thing_is_the_heading_itself(after_first_file):
    answer = signed_in("dana@example.org").get("/")

    assert '<h1 tabindex="-1">1 district does not share its roster</h1>' in answer.content.decode()


def test_what_needs_somebody_stands_before_the_figures(after_first_file):
    for person in ("dana", "cora"):
        page = today_of(person)

        assert page.index("Needs you now") < page.index("Where from"), person


def test_rows_that_wait_lead_to_where_they_are_decided(after_first_file):
    page = signed_in("cora@example.org").get("/").content.decode()

    assert f'href="/data/{after_first_file}/#held"' in page


def test_classes_are_ordered_as_people_count(world, arrange):
    titles = ["Art (10)", "Art (2)", "Art (1)"]
    for title in titles:
        arrange(
            "with s as (insert into roster_section (id, owner_id, source_id, file, title, kind, school_id) values"
            " (gen_random_uuid(), %s, %s, '', %s, '', %s) returning id)"
            " insert into roster_teaching (id, owner_id, source_id, file, section_id, staff_id, school_id)"
            " select gen_random_uuid(), %s, %s, '', s.id, %s, %s from s",
            [world.NORTH, title, title, world.NORTH_SCHOOL, world.NORTH, title, world.TEACHER, world.NORTH_SCHOOL],
        )

    page = today_of("theo")

    assert page.index("Art (1)") < page.index("Art (2)") < page.index("Art (10)") < page.index("Mathematics 7")


def test_a_principal_sees_the_own_school_by_grade(world):
    page = today_of("priya")

    assert "3 students are at your school" in page
    assert "Grade 7 3" in page
    assert "Vang, Chue grade 7 Somali" in page


def test_a_liaison_sees_arrivals_and_languages_and_no_small_number(world, arrange):
    page = today_of("lena")

    assert "1 student is new at your schools" in page
    assert "Vang, Chue" in page
    assert "Ali, Amina" not in page
    assert "North School: students by home language Language Students Each of these: Somali Fewer than 10" in page


def test_ten_students_of_a_language_are_shown_and_nine_are_not(world, arrange):
    for number, language in enumerate(["es"] * 10 + ["ksw"] * 9):
        arrange(
            "with s as (insert into roster_student (id, owner_id, source_id, file, given_name, family_name, name_key, grade,"
            " enabled, home_language) values (gen_random_uuid(), %s, %s, '', 'A', 'B', 'b a', '07', true, %s) returning id)"
            " insert into roster_schoolenrollment (id, owner_id, source_id, file, student_id, school_id)"
            " select gen_random_uuid(), %s, %s, '', s.id, %s from s",
            [world.NORTH, f"n{number}", language, world.NORTH, f"n{number}", world.NORTH_SCHOOL],
        )

    page = today_of("lena")

    assert (
        "North School: students by home language Language Students Spanish 10 Each of these: S’gaw Karen, Somali Fewer than 10"
        in page
    )


def test_a_teacher_sees_the_own_classes(world):
    page = today_of("theo")

    assert "You teach 1 class" in page
    assert "Mathematics 7 North School, 2 students" in page


def test_a_family_sees_exactly_its_children_in_every_district_with_their_teachers(world):
    page = today_of("ali")

    assert "Hello, Ali Family" in page
    assert "Amina Ali, grade 7 North School Home language: Somali Mathematics 7: Theo Teacher" in page
    assert "Elia Ali, grade 7 South School Home language: Somali" in page
    assert "Chue" not in page
    assert "Nobody has." in page


def test_a_family_reads_who_looked(world):
    signed_in("dana@example.org").get(f"/students/{world.AMINA}/")

    page = today_of("ali")

    assert "Dana Director, Director of the collaborative Valley Collaborative Amina Ali" in page


def test_an_operator_sees_the_system_and_no_child(world):
    visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": "000000"})

    page = today_of("omar")

    assert "The system is well" in page
    assert "Failed sign-ins 1" in page
    assert "Amina" not in page


def test_a_broken_ledger_is_the_first_thing_an_operator_sees(world, arrange):
    arrange("insert into core_event (kind, about, detail, at) values ('ledger.broken', '', '{}', now())")

    assert "A ledger does not match its chain" in today_of("omar")


def test_somebody_whose_role_has_ended_is_told_so(world, arrange):
    client = signed_in("otto@example.org")

    arrange("update core_rolegrant set until = cg.today() where person_id = %s", [world.OTTO])

    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [("/account/closed/", 302)]
    assert "Either its last role has ended" in words(answer)


PEOPLE = ["dana", "ann", "cora", "priya", "theo", "lena", "ali", "omar"]


def statements(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [q["sql"] for q in captured if q["sql"] not in {"BEGIN", "COMMIT"}]


@pytest.mark.parametrize("person", PEOPLE)
def test_today_takes_at_most_twelve_statements_and_no_more_for_more_rows(after_first_file, arrange, world, person):
    client = signed_in(f"{person}@example.org")
    _one_more_child_of_the_alis(arrange, world, 0)
    client.get("/")
    few = statements(client, "/")

    for number in range(1, 30):
        _one_more_child_of_the_alis(arrange, world, number)
    many = statements(client, "/")

    assert len(many) == len(few) <= 12, "\n".join(few)


def _one_more_child_of_the_alis(arrange, world, number):
    name = f"more-{number}"
    student = world.fixed(name)
    arrange(
        "insert into roster_student (id, owner_id, source_id, file, given_name, family_name, name_key, grade, enabled,"
        " home_language) values (%s, %s, %s, '', %s, 'Ali', %s, '07', true, 'so')",
        [student, world.NORTH, name, name, f"ali {name}"],
    )
    arrange(
        "insert into roster_schoolenrollment (id, owner_id, source_id, file, student_id, school_id, grade, arrived_on)"
        " values (gen_random_uuid(), %s, %s, '', %s, %s, '07', cg.today())",
        [world.NORTH, name, student, world.NORTH_SCHOOL],
    )
    arrange(
        "insert into roster_enrollment (id, owner_id, source_id, file, student_id, section_id, school_id)"
        " values (gen_random_uuid(), %s, %s, '', %s, %s, %s)",
        [world.NORTH, name, student, world.SECTION, world.NORTH_SCHOOL],
    )
    arrange(
        "insert into roster_guardianship (id, owner_id, source_id, file, guardian_id, student_id)"
        " values (gen_random_uuid(), %s, %s, '', %s, %s)",
        [world.NORTH, name, world.GUARDIAN_NORTH, student],
    )
    arrange(
        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, at)"
        " values (%s, %s, %s, 'director', %s, 'x', 'home:student', now())",
        [world.NORTH, student, world.DANA, world.COLLABORATIVE],
    )
