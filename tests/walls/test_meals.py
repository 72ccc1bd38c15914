"""What a family said about school meals exists for the family alone, and no function names it but those that count it."""

import datetime

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from tests.apps.programs.conftest import gamma, outside  # noqa: F401 - fixtures
from tests.walls.test_programs import named, seen
from tests.world import PEOPLE

from commonground.apps.programs.models import (
    GroupCount,
    MealsAnswer,
)
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.mark.parametrize("categories", [["registration"], ["registration", "meals", "roster", "health"]])
def test_what_a_family_said_about_meals_exists_for_the_family_alone(world, gamma, outside, categories):  # noqa: F811
    """Whatever an agreement names: none opens a row."""
    outside.execute("update core_agreement set categories = %s", [categories])

    for person in PEOPLE:
        names = ["amina", "elia"] if person == "ali" else []
        assert seen(MealsAnswer, getattr(world, person.upper()), column="registration_id") == named(gamma, *names), (
            person
        )
        assert seen(GroupCount, getattr(world, person.upper())) == set(), person


def test_staff_write_what_a_family_says_about_meals_and_cannot_read_it(world, gamma, outside):  # noqa: F811
    said = {"owner_id": world.NORTH, "registration_id": gamma.registration("chue"), "written_by_id": world.LENA}
    with enter(person=world.LENA, purpose="test"):
        MealsAnswer.objects.bulk_create([MealsAnswer(answer="meals_no", written_at=timezone.now(), **said)])

        assert not MealsAnswer.objects.exists()
        assert MealsAnswer.objects.filter(answer="meals_no").update(answer="meals_no", written_by=world.LENA) == 0
    kept = outside.execute("select answer from programs_mealsanswer where written_by_id = %s", [world.LENA]).fetchall()
    assert kept == [("meals_no",)]


@pytest.mark.parametrize(
    ("person", "child"), [("CORA", "amina"), ("OTTO", "elia"), ("PAM", "amina"), ("PETE", "amina"), ("DANA", "amina")]
)
def test_nobody_else_writes_what_a_family_says_about_meals(world, gamma, outside, person, child):  # noqa: F811
    outside.execute("delete from programs_mealsanswer")
    owner = world.SOUTH if child == "elia" else world.NORTH
    said = {"owner_id": owner, "registration_id": gamma.registration(child), "written_by_id": getattr(world, person)}
    with (
        enter(person=getattr(world, person), purpose="test"),
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        MealsAnswer.objects.bulk_create([MealsAnswer(answer="meals_no", written_at=timezone.now(), **said)])


def test_a_family_changes_no_answer_once_the_program_is_over(world, gamma, outside):  # noqa: F811
    """Whatever a page lets through: on the last day the row can be written, on the next it can only be read."""
    fresh = {"owner_id": world.SOUTH, "registration_id": gamma.registration("elia"), "written_by_id": world.ALI}
    outside.execute("delete from programs_mealsanswer where registration_id = %s", [gamma.registration("elia")])
    for days, changed in ((0, 1), (1, 0)):
        outside.execute(
            "update programs_offering set starts_on = %(on)s, ends_on = %(on)s, closes_on = least(closes_on, %(on)s)",
            {"on": timezone.localdate() - datetime.timedelta(days)},
        )
        with enter(person=world.ALI, purpose="test"):
            assert MealsAnswer.objects.get().registration_id == gamma.registration("amina")
            assert MealsAnswer.objects.update(answer="meals_no", written_by=world.ALI) == changed
    with enter(person=world.ALI, purpose="test"), pytest.raises(ProgrammingError, match="row-level security"):
        MealsAnswer.objects.bulk_create([MealsAnswer(answer="meals_no", written_at=timezone.now(), **fresh)])


@pytest.mark.parametrize("person", ["DANA", "ANN", "PAM", "CORA", "ALI", "OMAR"])
def test_no_page_asks_for_the_counts_that_hide_nothing(world, gamma, person):  # noqa: F811
    with enter(person=getattr(world, person), purpose="test"), connection.cursor() as cursor:
        for statement in (
            "select * from cg.groups_to_count(%s, 'meals')",
            "select * from cg.groups_to_count(%s, 'race')",
            "select * from cg.groups_shown(array[%s]::uuid[], 'race')",
            "select cg.keep_groups(%s, 'meals', now(), array[null]::uuid[], array['all'], array[5])",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(statement, [gamma.OFFERING])


def test_the_ledger_keeps_that_an_answer_about_meals_changed_and_never_what_it_was(world, gamma, outside):  # noqa: F811
    with enter(person=world.ALI, purpose="test"):
        MealsAnswer.objects.update(answer="meals_unsaid", written_by=world.ALI)

    lines = outside.execute(
        "select operation, old from core_change where table_name = 'programs_mealsanswer'"
    ).fetchall()
    assert ("U", None) in lines
    assert {old for _operation, old in lines} == {None}


# They count by meals, destroy, or leave it out of numbers and exports; every other function of the database leaves it alone.
NAMES_MEALS = {"groups_to_count", "retained", "told"}


def test_no_function_but_those_that_count_names_what_families_said_about_meals(outside):  # noqa: F811
    sources = dict(
        outside.execute("select proname, prosrc from pg_proc where pronamespace = 'cg'::regnamespace").fetchall()
    )

    assert {name for name, source in sources.items() if "programs_meals" in source} == NAMES_MEALS
