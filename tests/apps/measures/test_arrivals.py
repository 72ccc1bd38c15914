"""Counts follow the rows: written when a file is applied, gone when it is taken back, and never of two minds."""

import gzip
import json
import math

import pytest
from django.db import connection
from django.utils import timezone
from tests.formats.bundles import small, with_row, with_text

from commonground.apps.intake import actions
from commonground.apps.intake.models import Batch
from commonground.apps.measures.models import (
    Border,
    CountedFile,
    EnrollmentCount,
    ProgramCount,
    RosterCount,
    SchoolMixing,
)
from commonground.engine.integration import random_floor_nested
from commonground.store.walls import enter

pytestmark = pytest.mark.database
GROUPS = ("american_indian", "asian", "black", "pacific_islander", "white", "two_or_more", "hispanic")


def counted(world, coding="federal"):
    with enter(person=world.CORA, purpose="test"):
        rows = RosterCount.objects.filter(coding=coding).values_list("grade", "race_group", "student_count")
        return sorted(rows)


def undo(batch, by):
    return actions.undo_batch(batch_id=batch.pk, by=by, now=timezone.now())


def test_a_roster_is_counted_when_it_is_applied_and_not_before(sent, world):
    sent()
    assert counted(world) == []

    sent(apply=True)
    # One child has demographics and is white; of the other none are on file.
    assert counted(world) == [("09", "unknown", 1), ("09", "white", 1)]
    with enter(person=world.CORA, purpose="test"):
        one = CountedFile.objects.get()
    assert (one.students, one.guardians, one.schools, one.sections) == (2, 1, 2, 2)
    assert (one.school_years, one.number, one.label) == ([2027], 2, "bundle.zip")
    assert {file["file"]: file["accepted"] for file in one.files}["demographics.csv"] == 1


@pytest.mark.parametrize(
    ("flags", "federal", "state"),
    [
        # american indian, asian, black, pacific, white, two or more, hispanic
        ("false,false,false,false,true,false,true", "hispanic", "hispanic"),
        ("true,false,false,false,true,false,true", "hispanic", "american_indian"),
        ("true,false,false,false,true,false,false", "two_or_more", "american_indian"),
        ("true,false,false,false,false,false,false", "american_indian", "american_indian"),
        ("false,true,false,false,false,false,false", "asian", "asian"),
        ("false,false,false,false,false,true,false", "two_or_more", "two_or_more"),
        ("false,false,false,false,false,false,false", "unknown", "unknown"),
    ],
)
def test_a_child_is_of_one_group_by_each_coding(sent, world, flags, federal, state):
    bundle = with_text(small(), "demographics.csv", "false,false,false,false,true,false,false", flags)
    sent(bundle, apply=True)

    assert ("09", federal) in [(grade, group) for grade, group, _ in counted(world)]
    assert ("09", state) in [(grade, group) for grade, group, _ in counted(world, "state")]


def test_taking_a_file_back_brings_every_count_back_exactly(sent, west, world, fingerprints):
    sent(apply=True)
    before = fingerprints()
    more = with_row(small(), "users.csv", "u6,,,true,s1,student,six,,Six,Example,,,,,,,10,")
    batch = sent(more, apply=True)
    assert fingerprints() != before
    assert ("10", "unknown", 1) in counted(world)

    undo(batch, west)

    assert fingerprints() == before


def test_totals_stand_without_counting_and_follow_the_newest_file(sent, west, world):
    from commonground.apps.measures.queries.totals import Totals, standing_totals

    first = sent(apply=True)
    more = sent(with_row(small(), "users.csv", "u6,,,true,s1,student,six,,Six,Example,,,,,,,10,"), apply=True)
    with enter(person=world.DANA, purpose="test"):
        assert standing_totals([world.WEST, world.SOUTH]) == {world.WEST: Totals(more.pk, 3, 1, 2, 2)}
    undo(more, west)
    with enter(person=world.DANA, purpose="test"):
        assert standing_totals([world.WEST]) == {world.WEST: Totals(first.pk, 2, 1, 2, 2)}


def test_taking_the_first_file_back_leaves_no_count(sent, west, world):
    undo(sent(apply=True), west)

    assert counted(world) == []
    with enter(person=world.CORA, purpose="test"):
        assert not CountedFile.objects.exists()


def test_a_file_that_changes_nothing_counts_nothing_again(sent, world):
    sent(apply=True)
    sent(apply=True)

    with enter(person=world.CORA, purpose="test"):
        assert [one.number for one in CountedFile.objects.all()] == [1]


def test_a_broken_count_stops_the_whole_application(sent, west, world, monkeypatch):
    batch = sent()
    monkeypatch.setattr("commonground.apps.measures.arrivals.STUDENTS", "select 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        actions.apply_batch(batch_id=batch.pk, by=west, now=timezone.now(), tie=True)

    with enter(person=west, purpose="test"), connection.cursor() as cursor:
        assert Batch.objects.get(pk=batch.pk).status == Batch.Status.CHECKED
        cursor.execute("select count(*) from roster_student where owner_id = %s", [world.WEST])
        assert cursor.fetchone() == (0,)


def test_nobody_writes_counts_from_a_page(sent, world):
    from django.db.utils import ProgrammingError

    sent(apply=True)
    with pytest.raises(ProgrammingError, match="permission denied"), enter(person=world.CORA, purpose="test"):
        RosterCount.objects.update(student_count=0)


def many_sections(seats):
    """A bundle of one school: seats[(section, group)] = children of that group whose only class is the section."""
    bundle = small()
    columns = {group: place for place, group in enumerate(GROUPS)}
    number = 0
    sections = sorted({section for section, _ in seats})
    bundle = with_row(bundle, "classes.csv", *(f"z{s},,,Z,09,c1,,scheduled,,s1,t1,,," for s in sections))
    for (section, group), count in seats.items():
        for _ in range(count):
            number += 1
            flags = ",".join("true" if columns[group] == place else "false" for place in range(len(GROUPS)))
            bundle = with_row(bundle, "users.csv", f"c{number},,,true,s1,student,c{number},,C,Example,,,,,,,09,")
            bundle = with_row(bundle, "enrollments.csv", f"f{number},,,z{section},s1,c{number},student,,,")
            bundle = with_row(bundle, "demographics.csv", f"c{number},,,2011-02-03,female,{flags},,,,")
    # The children of the small bundle itself are in no class here.
    return with_text(
        with_text(bundle, "enrollments.csv", "e1,,,k1,s1,u1,student,,,\n", ""),
        "enrollments.csv",
        "e3,,,k2,s1,u4,student,,,\n",
        "",
    )


def test_sections_are_measured_as_by_hand_and_as_by_the_engine(sent, world):
    # Section 1: 9 white, 3 black; section 2: 3 white, 9 black. Half and half in all, so with p = 3/4:
    # M = ln 2 + p ln p + (1 - p) ln (1 - p) = 0.6931 - 0.2158 - 0.3466 = 0.1308.
    sent(many_sections({(1, "white"): 9, (1, "black"): 3, (2, "white"): 3, (2, "black"): 9}), apply=True)

    with enter(person=world.CORA, purpose="test"):
        one = SchoolMixing.objects.get()
    assert (one.sections, one.students) == (2, 24)
    assert one.m == pytest.approx(math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    # What two thousand deals of the same children give.
    dealt = random_floor_nested([[9, 3], [3, 9]], levels={"school": ["A", "A"]}, unit="section", draws=2000, seed=1)
    assert one.m_by_chance / math.log(2) == pytest.approx(dealt.value[1].floor.floor, rel=0.1)


ENROLLMENT = """DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|AMI_Male|AMI_Female|WHT_Male|WHT_Female|BLK_Male|BLK_Female|TotalStudents|TotalMinority|SchoolClassification
12-13|9001|01|NORTH      |010|OAK    |01|1|0|10|9|2|3|25|6|10
12-13|9001|01|NORTH      |010|OAK    |02|0|0|10|10|||20||10
12-13|9002|01|SOUTH      |010|ELM    |01|0|0|20|20|0|0|40|0|10
"""
PROGRAMS = """DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|K12Enr|FreeK12|RedK12|LEPIdentifiedK12|SPEK12
12-13|9001|01|NORTH|010|OAK|01|25|10|4||3
12-13|9002|01|SOUTH|010|ELM|01|40|9|0|12|11
"""


@pytest.fixture
def table(tmp_path, sent):
    def send(text, *, apply=True, packed=False):
        path = tmp_path / "table.csv"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        return sent(path=path, apply=apply)

    return send


def rows_of(world, model, *columns):
    with enter(person=world.fixed("person-wanda"), purpose="test"):
        return sorted(model.objects.values_list(*columns), key=repr)


def test_a_public_table_goes_through_the_same_door(table, west, world):
    batch = table(ENROLLMENT, packed=True)

    assert (batch.format, batch.status) == ("mn-enrollment", "applied")
    assert batch.summary["effects"]["enrollment_count"] == {
        "new": 3,
        "changed": 0,
        "back": 0,
        "gone": 0,
        "unchanged": 0,
    }
    columns = ("school_year", "district_id", "grade", "american_indian", "white", "black", "protected", "total", "line")
    assert rows_of(world, EnrollmentCount, *columns) == [
        (2013, "9001-01", "01", 1, 19, 5, 6, 25, 2),
        # A blank is unknown, never zero.
        (2013, "9001-01", "02", 0, 20, None, None, 20, 3),
        (2013, "9002-01", "01", 0, 40, 0, 0, 40, 4),
    ]
    assert rows_of(world, ProgramCount, "grade") == []

    undo(batch, west)
    assert rows_of(world, EnrollmentCount, "grade") == rows_of(world, CountedFile, "kind") == []


def test_the_same_table_again_writes_nothing(table, world):
    table(ENROLLMENT)
    again = table(ENROLLMENT)

    assert again.summary["changes_nothing"]
    assert len(rows_of(world, EnrollmentCount, "grade")) == 3


def test_a_later_table_takes_the_place_of_the_districts_it_tells_and_of_no_other(table, west, world):
    from commonground.apps.measures.queries.counts import Files, counts_of

    def told():
        with enter(person=west, purpose="test"):
            files = tuple(CountedFile.objects.filter(kind="enrollment").order_by("-applied_at"))
            counts = counts_of((), others=["9001-01", "9002-01"], files=Files(tables={2013: files}), year=2013)
        return {key: sum(row.total for row in counts.of(key)) for key in counts.origins}

    table(ENROLLMENT)
    # The second line of North says nobody's group, so who is protected is unknown: 25 of its students are counted.
    assert told() == {"9001-01": 25, "9002-01": 40}
    only_north = ENROLLMENT.replace("|25|6|", "|26|7|").replace(
        "12-13|9002|01|SOUTH      |010|ELM    |01|0|0|20|20|0|0|40|0|10\n", ""
    )
    later = table(only_north)
    assert later.summary["effects"]["enrollment_count"] == {
        "new": 0,
        "changed": 1,
        "back": 0,
        "gone": 0,
        "unchanged": 1,
    }

    assert told() == {"9001-01": 26, "9002-01": 40}
    undo(later, west)
    assert told() == {"9001-01": 25, "9002-01": 40}


def test_a_roster_after_a_public_table_is_still_the_districts_first(table, sent, world):
    table(ENROLLMENT)
    batch = sent()

    with pytest.raises(actions.TieNeeded):
        actions.apply_batch(batch_id=batch.pk, by=world.fixed("person-wanda"), now=timezone.now())
    actions.apply_batch(batch_id=batch.pk, by=world.fixed("person-wanda"), now=timezone.now(), tie=True)
    with enter(person=world.fixed("person-wanda"), purpose="test"), connection.cursor() as cursor:
        # Nobody of a first roster has newly arrived.
        cursor.execute(
            "select count(*) from roster_schoolenrollment where owner_id = %s and arrived_on is not null", [world.WEST]
        )
        assert cursor.fetchone() == (0,)


def programs(person, *districts):
    with enter(person=person, purpose="test"), connection.cursor() as cursor:
        counted = CountedFile.objects.get(kind="programs")
        cursor.execute(
            "select district_id, school_id, measure, number, is_hidden from cg.program_counts(%s, 2013, %s, false)",
            [counted.batch_id, list(districts)],
        )
        return {
            (d, s, m): None if hidden else int(n) for d, s, m, n, hidden in cursor.fetchall() if n is not None or hidden
        }


def test_small_program_counts_are_hidden_from_everyone_outside_the_district(table, world):
    table(PROGRAMS)

    # 9 with meals is fewer than 10; 12 learners and 11 with special education are not.
    of_south = {"meals": None, "english": 12, "special": 11}
    assert {m: n for (d, s, m), n in programs(world.DANA, "9002-01").items() if s is None} == of_south
    assert programs(world.OTTO, "9002-01")["9002-01", None, "meals"] == 9
    assert programs(world.CORA, "9001-01")["9001-01", None, "special"] == 3
    with enter(person=world.DANA, purpose="test"):
        assert not ProgramCount.objects.exists()


def test_a_district_told_by_its_schools_and_as_a_whole_counts_once(table, world):
    # The state's tables hold a row of the whole district beside those of its schools; North is told as a whole alone.
    more = "12-13|9002|01|SOUTH|000|SOUTH|01|130|49|0|32|31\n12-13|9002|01|SOUTH|020|ASH|01|90|40|0|20|20\n"
    table(PROGRAMS.replace("|9001|01|NORTH|010|OAK|", "|9001|01|NORTH|000|NORTH|") + more)

    # 9 at Elm and 40 at Ash have meals; 12 and 20 are learners.
    told = programs(world.OTTO, "9002-01")
    assert (told["9002-01", None, "meals"], told["9002-01", None, "english"]) == (49, 32)
    assert programs(world.CORA, "9001-01")["9001-01", None, "meals"] == 14


def test_one_hidden_school_takes_the_next_smallest_with_it(table, world):
    more = "12-13|9002|01|SOUTH|020|ASH|01|90|30|0|20|20\n12-13|9002|01|SOUTH|030|YEW|01|90|15|0|20|20\n"
    table(PROGRAMS + more)

    meals = {s: n for (d, s, m), n in programs(world.DANA, "9002-01").items() if m == "meals"}
    assert meals == {None: 54, "9002-01-010": None, "9002-01-020": 30, "9002-01-030": None}


def square(name, x):
    ring = [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]
    return {"type": "Feature", "properties": {"NAME": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_borders_go_through_the_same_door_and_unmatched_names_are_listed(sent, west, world, tmp_path):
    path = tmp_path / "borders.geojson"
    names = ["Willmar", "New London-Spicer", "Atlantis"]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [square(n, x) for x, n in enumerate(names)]}))
    batch = sent(path=path, apply=True)

    assert batch.summary["unmatched_names"] == ["Atlantis"]
    assert rows_of(world, Border, "one", "other") == [("0345-01", "0347-01")]
    undo(batch, west)
    assert rows_of(world, Border, "one") == []
