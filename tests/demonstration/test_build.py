"""The demonstration through intake: every table holds exactly what was drawn, and no defect costs a student."""

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from commonground.apps.coaching.models import Coaching
from commonground.apps.core.models import Person
from commonground.apps.intake.tables import TABLES
from commonground.apps.roster.models import Student
from commonground.demonstration import write_bundles
from commonground.demonstration.build import SEED, build, is_built
from commonground.demonstration.caseload import CHILDREN
from commonground.demonstration.coaching import COACH, TEACHERS
from commonground.facts import west_central_enrollment
from commonground.store.walls import enter

pytestmark = [pytest.mark.database, pytest.mark.slow]


def test_seven_districts_stand_as_they_were_drawn(database, databases, tmp_path):
    build(now=timezone.now())
    drawn = write_bundles(tmp_path, seed=SEED, today=timezone.localdate())
    name = connection.settings_dict["NAME"]

    def count(table, state_id):
        return databases.execute(
            f"select count(*) from {table} t join core_organization o on o.id = t.owner_id"
            f" where o.state_id = '{state_id}'",
            database=name,
        )[0][0]

    assert is_built()
    found = {(d, t.name): count(t.db_table, d) for d in drawn.bundles for t in TABLES}
    assert found == {(d, t.name): drawn.expected[d].tables[t.name] for d in drawn.bundles for t in TABLES}

    held = databases.execute(
        "select o.state_id, count(*) from intake_heldrow h join core_organization o on o.id = h.owner_id group by 1",
        database=name,
    )
    expected = {d: sum(f.held for f in drawn.expected[d].files.values()) for d in drawn.bundles}
    assert dict(held) == {d: n for d, n in expected.items() if n}

    by_grade = databases.execute(
        "select o.state_id, s.grade, count(*) from roster_student s join core_organization o on o.id = s.owner_id group by 1, 2",
        database=name,
    )
    assert sorted(by_grade) == sorted(
        (r.district_id, r.grade, r.total) for r in west_central_enrollment() if r.is_member
    )
    assert sum(n for *_, n in by_grade) == 10_273

    told = databases.execute(
        "select school_year, school_id, grade, white, protected, total from measures_enrollmentcount", database=name
    )
    before = drawn.year.starts_on.year
    assert sorted(told) == sorted(
        (before, c.school_id, c.grade, c.groups["white"], c.total - c.groups["white"], c.total) for c in drawn.earlier
    )
    assert databases.execute(
        "select school_years, label from measures_countedfile where kind = 'enrollment'", database=name
    ) == [([before], f"invented-enrollment-{before - 1}-{before % 100}.csv")]

    mentor = Person.objects.get(email="mentor@example.org")
    with enter(person=mentor.pk, purpose="test"):
        beside = Student.objects.values_list("owner__state_id", flat=True)
        assert dict(Counter(beside)) == CHILDREN

    coach = Person.objects.get(email=COACH[0])
    with enter(person=coach.pk, purpose="test"):
        assert {line.teacher.email for line in Coaching.objects.select_related("teacher")} == set(TEACHERS)
