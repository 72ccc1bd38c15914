"""The one way inside, proved as the site's own sign-in role on committed data."""

import uuid

import pytest
from django.db import ProgrammingError, connection, transaction

from commonground.apps.roster.models import Student
from commonground.store.walls import PUBLIC, AlreadyInside, enter, walled_models

pytestmark = pytest.mark.database


def test_without_entering_every_walled_table_refuses_even_a_missing_id(world):
    for table, model in walled_models().items():
        if vars(model)["wall"].category != PUBLIC:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(f"select 1 from {table} where owner_id = %s", [uuid.uuid4()])


def test_after_the_block_the_same_connection_is_outside_again(world):
    with enter(person=world.CORA, purpose="test"):
        assert Student.objects.count() == 4

    with pytest.raises(ProgrammingError, match="permission denied"):
        Student.objects.count()


def test_nobody_can_act_as_somebody_else_inside(world):
    with enter(person=world.CORA, purpose="test"), pytest.raises(AlreadyInside), enter(person=world.OTTO, purpose="x"):
        pass


def test_a_savepoint_rolled_back_inside_keeps_the_wall(world):
    with enter(person=world.CORA, purpose="test"):
        with pytest.raises(ZeroDivisionError), enter(person=world.CORA, purpose="test"):
            raise ZeroDivisionError

        assert Student.objects.count() == 4


def test_the_site_signs_in_as_a_role_that_cannot_pass_walls(world):
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")

        assert cursor.fetchone() == ("cg_login", False, False)


@pytest.mark.parametrize(
    ("person", "students"),
    [
        ("CORA", {"AMINA", "BJORN", "CHUE", "DEE"}),
        ("OTTO", {"ELIA"}),
        ("DANA", {"AMINA", "BJORN", "CHUE", "DEE"}),
        ("PRIYA", {"AMINA", "BJORN", "CHUE"}),
        ("THEO", {"AMINA", "BJORN"}),
        ("LENA", {"CHUE"}),
        ("ALI", {"AMINA", "ELIA"}),
        ("OMAR", set()),
        ("PAM", set()),
        ("PETE", set()),
        ("MILO", set()),
        ("CLEO", set()),
    ],
)
def test_each_person_sees_exactly_the_own_students(world, person, students):
    with enter(person=getattr(world, person), purpose="test"):
        seen = set(Student.objects.values_list("pk", flat=True))

    assert seen == {getattr(world, name) for name in students}
