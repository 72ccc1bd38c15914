"""The rule on the state's own counts: West Central 2017-18, and every school of 2012-13 beside an SQL twin."""

import csv
from collections import defaultdict
from datetime import date

import duckdb
import pytest
from tests.shared import shared_data

from commonground.engine.law.states.mn.enrollment import Count, DistrictEnrollment, SchoolEnrollment, both_ways
from commonground.engine.law.states.mn.isolation import isolation_picture
from commonground.engine.law.states.mn.isolation_rules import isolation_rule

WILLMAR, ACGC, KMS, BOLD = "0347-01", "2396-01", "0775-01", "2534-01"
MACCRAY, MONTEVIDEO, SPICER, PRINSBURG = "2180-01", "0129-01", "0345-01", "0815-01"


def west_central():
    """The seven members and their neighbors with counts by grade, from the state's public table."""
    grades = defaultdict(dict)
    names = {}
    with shared_data("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv").open() as file:
        for row in csv.DictReader(file):
            names[row["district_id"]] = row["district"]
            grades[row["district_id"]][row["grade"]] = Count(
                int(row["protected"]), int(row["total"]), int(row["american_indian"])
            )
    return {place: DistrictEnrollment(place, names[place], table) for place, table in grades.items()}


def picture(borders, **options):
    districts = west_central()
    by_name = {district.name.casefold(): place for place, district in districts.items()}
    found = isolation_picture(
        rule=isolation_rule(on=date(2018, 1, 1), **options),
        borders=both_ways(borders),
        districts=districts.values(),
    )
    return {finding.id: finding for finding in found.districts}, by_name


def members_around_willmar():
    return [(WILLMAR, other) for other in (ACGC, SPICER, KMS, MACCRAY, BOLD)]


def test_willmar_is_isolated_by_the_states_own_counts():
    found, _ = picture(members_around_willmar())

    willmar = found[WILLMAR]
    assert (willmar.count.protected, willmar.count.total) == (2565, 4382)
    assert (willmar.neighbor.id, willmar.neighbor.count.protected, willmar.neighbor.count.total) == (SPICER, 116, 1518)
    assert f"{float(100 * willmar.gap):.2f}" == "50.89"
    assert willmar.isolated is True


def test_five_members_adjoin_willmar_and_montevideo_does_not():
    found, _ = picture([*members_around_willmar(), (MACCRAY, MONTEVIDEO)])

    assert {place for place, finding in found.items() if finding.isolated_neighbors == (WILLMAR,)} == {
        ACGC,
        KMS,
        BOLD,
        MACCRAY,
        SPICER,
    }
    assert found[MONTEVIDEO].statuses() == ()


def test_yellow_medicine_east_is_isolated_only_through_american_indian_students():
    # Reference, section 2.5: 30.1 percent falls to 15.9 without them.
    districts = west_central()
    east = next(place for place, district in districts.items() if "yellow" in district.name.casefold())

    found, _ = picture([(east, MONTEVIDEO), (east, MACCRAY)])

    count = found[east].count
    assert f"{float(100 * count.share):.1f}" == "30.1"
    assert f"{float(100 * count.without_american_indian.share):.1f}" == "15.9"


def test_a_neighbor_without_a_row_is_said_on_the_page():
    found, _ = picture([(MACCRAY, WILLMAR), (MACCRAY, PRINSBURG)])

    assert found[MACCRAY].note == f"no counts for the adjoining {PRINSBURG}"


@pytest.fixture(scope="module")
def state_file():
    path = shared_data("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-ethnicity.csv.gz")
    table = duckdb.connect()
    table.execute(
        "create table rows as select trim(districtNumber) || '-' || trim(districtType) as district, "
        "district || '-' || trim(schoolNumber) as school, trim(SchoolName) as name, trim(Grade) as grade, "
        "TotalMinority::int as protected, TotalStudents::int as total, "
        "AMI_Male::int + AMI_Female::int as native, trim(SchoolClassification) as class "
        "from read_csv(?, delim='|', all_varchar=true) where trim(Grade) <> 'All Grades'",
        [str(path)],
    )
    return table


def test_the_whole_state_of_2012_13_agrees_with_sql(state_file):
    rule = isolation_rule("mn-3535-2013", on=date(2013, 7, 1))
    rows = state_file.sql("select school, name, district, class, grade, protected, total, native from rows").fetchall()
    grades, about = defaultdict(dict), {}
    for school, name, district, kind, grade, protected, total, native in rows:
        about[school] = (name, district, kind)
        grades[school][grade] = Count(protected, total, native)
    schools = [SchoolEnrollment(s, name, d, grades[s], kind) for s, (name, d, kind) in about.items()]

    found = {f.id for f in isolation_picture(schools, rule=rule, borders={}).schools if f.identifiable}

    twin = state_file.sql(
        """
        with counted as (select * from rows where total > 0 and class in ('10', '20', '31', '32', '33')
                         and (district like '%-01' or district like '%-03')),
        whole as (select district, grade, sum(protected) as dp, sum(total) as dt from counted group by all),
        beside as (select school, sum(protected) as p, sum(native) as n, sum(total) as t, sum(dp) as dp, sum(dt) as dt
                   from counted join whole using (district, grade) group by school)
        select school from beside where 5 * ((case when n > p - n then p - n else p end) * dt - dp * t) > t * dt
        """
    ).fetchall()
    assert found == {school for (school,) in twin}
    assert found
