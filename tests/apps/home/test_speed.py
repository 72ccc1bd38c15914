"""Pages stay quick because they ask few questions, each of which an index answers: at most twelve, however many students."""

import json
import re

import pytest
from django import forms
from django.db import connection
from django.test.html import parse_html
from django.test.utils import CaptureQueriesContext
from tests.signing_in import signed_in

from commonground.web.choices import QuickChoiceField, QuickSelect

pytestmark = pytest.mark.database
MOST_QUERIES = 12  # session, entry and disclosure lines counted
MANY = 5_000  # students of each of two districts
PEOPLE = {"coordinator": "cora@example.org", "director": "dana@example.org"}


@pytest.fixture
def many_students(world, arrange):
    """North and South with thousands of students each, every one at a school of North's, with the statistics of use."""
    for owner, school in ((world.NORTH, world.NORTH_SCHOOL), (world.SOUTH, world.SOUTH_SCHOOL)):
        arrange(
            "with added as (insert into roster_student (id, owner_id, source_id, file, family_name, given_name, name_key, grade, enabled)"
            "   select gen_random_uuid(), %s, 'many-' || n, '', 'Family' || n %% 500, 'Given' || n,"
            "          'family' || n %% 500 || ' given' || n, '05', true from generate_series(1, %s) n returning id)"
            " insert into roster_schoolenrollment (id, owner_id, source_id, file, student_id, school_id)"
            "   select gen_random_uuid(), %s, 'at-' || id, '', id, %s from added",
            [owner, MANY, owner, school],
        )
    arrange("vacuum analyze roster_student")
    arrange("vacuum analyze roster_schoolenrollment")
    arrange("analyze")


def addresses(world, client):
    """The pages that are opened most: list, next page, search, one student, isolation."""
    found = client.post("/students/", {"letters": "family4"})
    return {
        "list": "/students/",
        "search": found.headers["Location"],
        "student": f"/students/{world.AMINA}/",
        "isolation": "/districts/",
    }


def questions(client, address):
    """How many queries the page asks, when it is opened a second time: the first writes the session's time."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured if query["sql"] not in {"BEGIN", "COMMIT"}]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_asks_more_than_twelve_questions(role, world, after_first_file):
    signed_in(PEOPLE["director"]).get(f"/students/{world.AMINA}/")  # so that somebody has looked
    client = signed_in(PEOPLE[role])

    counts = {name: len(questions(client, address)) for name, address in addresses(world, client).items()}

    assert {name: count for name, count in counts.items() if count > MOST_QUERIES} == {}


@pytest.mark.parametrize("role", PEOPLE)
def test_thousands_of_students_are_no_more_questions_than_four(role, world, after_first_file, request):
    client = signed_in(PEOPLE[role])
    pages = addresses(world, client)
    few = {name: len(questions(client, address)) for name, address in pages.items()}

    request.getfixturevalue("many_students")
    many = {name: len(questions(client, address)) for name, address in pages.items()}

    assert many["list"] == few["list"]
    assert many["student"] == few["student"]
    assert many["isolation"] == few["isolation"]
    # With one more: the schools of those found.
    assert many["search"] in {few["search"], few["search"] + 1, few["search"] - 1}


def plans(client, address):
    """The plan of every statement of the page that touches students, as PostgreSQL explains it inside the walls."""
    found = []

    def explain(execute, sql, params, many, context):
        if "roster_student" in sql and sql.lstrip().lower().startswith(("select", "with")):
            execute(f"explain (format json, verbose) {sql}", params, many, context)
            (plan,) = context["cursor"].fetchone()
            found.append((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert client.get(address).status_code == 200
    return found


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.parametrize("page", ["list", "search", "student"])
@pytest.mark.parametrize("role", PEOPLE)
def test_students_are_found_by_an_index_and_nobody_sorts_or_counts_them_all(role, page, world, many_students):
    client = signed_in(PEOPLE[role])

    every = [node for plan in plans(client, addresses(world, client)[page]) for node in nodes(plan)]

    students = [node for node in every if node.get("Relation Name") == "roster_student"]
    assert students
    assert {node["Node Type"] for node in students} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
    if page != "student":
        assert "student_by_name" in {node.get("Index Name") for node in students}
    assert [node["Node Type"] for node in every if node["Node Type"] == "Aggregate"] == []
    # Sorted is at most the page's own lines of each district, never the districts.
    assert [node["Plan Rows"] for node in every if "Sort" in node["Node Type"] and node["Plan Rows"] > 1_000] == []


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_see_what_is_asked_once_per_query_and_not_once_per_row(role, world, many_students):
    client = signed_in(PEOPLE[role])

    every = [node for plan in plans(client, "/students/") for node in nodes(plan)]

    conditions = " ".join(
        str(node.get(name, "")) for node in every for name in ("Filter", "Index Cond", "Recheck Cond", "Join Filter")
    )
    assert "InitPlan" in conditions
    assert re.findall(r"cg\.(?:owners|students|schools|sections)\(", conditions) == []


@pytest.mark.parametrize("value", [None, "", "b", "none of them"])
def test_a_quick_list_of_choices_is_the_one_that_django_writes(value):
    choices = [("", "All"), ("a", "Ann & Bo's <school>"), ("b", "Bé"), (3, "Three")]
    attrs = {"id": "x", "class": "form-select", "aria-describedby": "help", "disabled": False}

    quick = QuickSelect(choices=choices).render("school", value, attrs)

    assert parse_html(quick) == parse_html(forms.Select(choices=choices).render("school", value, attrs))


def test_a_quick_choice_is_one_of_its_own_form():
    class Form(forms.Form):
        letter = QuickChoiceField(required=False, choices=[("a", "A")])

    wider = Form({"letter": "b"})
    wider.fields["letter"].choices = [("b", "B")]

    assert wider.is_valid()
    assert '<option value="b" selected>B</option>' in str(wider["letter"])
    assert not Form({"letter": "b"}).is_valid()
