"""The invented people: plausible, in force today, the same for the same seed, and nobody whom everyone knows."""

import csv
import gzip
import unicodedata
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from commonground.demonstration import write_bundles
from commonground.demonstration.places import PLANS
from commonground.demonstration.school_year import school_year_of
from tests.demonstration.bundles import raw_files, read_rows
from tests.demonstration.conftest import SEED, TODAY
from tests.demonstration.test_counts import student_ids
from tests.shared import shared_data

# People everyone in the region or the country knows; written down here, independent of the names' own list.
FAMOUS = """
Ilhan Omar|Bob Dylan|Jesse Ventura|Amy Klobuchar|Tim Walz|Tina Smith|Keith Ellison|Peggy Flanagan|Walter Mondale|Al Franken
|Michelle Fischbach|Sinclair Lewis|Judy Garland|Charles Schulz|Jessica Lange|Winona Ryder|Josh Hartnett|Justin Jefferson
|Kirk Cousins|Adrian Peterson|Randy Moss|Anthony Edwards|Kevin Garnett|Joe Mauer|Byron Buxton|Sunisa Lee|Suni Lee|Louise Erdrich
|Dennis Banks|Winona LaDuke|Clyde Bellecourt|Mo Farah|Mohamed Farah|Hassan Mohamud|Mohamed Abdullahi|Barkhad Abdi|Iman Abdulmajid
|Halima Aden|Abdi Warsame|Mee Moua|Bee Vang|Brenda Song|Diego Rivera|César Chávez|Rosa Parks|Jennifer López|George López
|Selena Gómez|Óscar Romero|Luis Díaz|Raúl Jiménez|Diego Torres|Fernando Torres|Martin Luther|Michael Jordan|Malik Beasley
|Simone Biles|Serena Williams|Elijah Anderson|Dylan O'Brien|Conan O'Brien|Grace Kelly|Hunter Hayes|Dean Martin|Henry Ford
|Samuel Johnson|Jack Johnson|Lucy Liu|Emma Watson|Emma Stone|Oliver Stone|Owen Wilson|Liam Neeson|Noah Lyles|Jack Nelson
|Hope Solo|Morgan Freeman|Taylor Swift|Zoë Kravitz|Logan Paul|Austin Rivers|Aaliyah Haughton|Malia Obama|Darius Rucker
"""


@pytest.fixture(scope="module")
def tables(world):
    return {district: read_rows(bundle) for district, bundle in world.bundles.items()}


def test_equal_arguments_give_equal_bytes(world, tmp_path):
    again = write_bundles(tmp_path, seed=SEED, today=TODAY)

    for district, bundle in world.bundles.items():
        assert raw_files(again.bundles[district]) == raw_files(bundle)
    assert raw_files(again.follow_up.path) == raw_files(world.follow_up.path)


def test_another_seed_draws_other_people_with_the_same_cast(world, tmp_path):
    other = write_bundles(tmp_path, seed=SEED + 1, today=TODAY)

    assert raw_files(other.bundles["2534-01"])["users"] != raw_files(world.bundles["2534-01"])["users"]
    assert other.students == world.students
    assert {key: (person.name, person.email) for key, person in other.cast.items()} == {
        key: (person.name, person.email) for key, person in world.cast.items()
    }


def test_nobody_bears_the_name_of_someone_everyone_knows(tables):
    def folded(name: str) -> str:
        return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().strip()

    famous = {folded(name) for name in FAMOUS.replace("\n", "").split("|")}
    names = {folded(f"{row['givenName']} {row['familyName']}") for found in tables.values() for row in found["users"]}

    assert not names & famous


def test_names_are_formed_as_the_communities_form_them(tables):
    users = [row for found in tables.values() for row in found["users"]]

    assert any("'" in row["familyName"] for row in users)
    assert any("-" in row["familyName"] for row in users)
    assert any(not row["familyName"].isascii() for row in users)
    assert any(row["metadata.homeLanguage"] == "es" and " " in row["familyName"] for row in users)
    assert any(row["metadata.homeLanguage"] == "so" and row["middleName"] for row in users)
    assert any(row["metadata.homeLanguage"] == "ksw" and row["givenName"] == row["familyName"] for row in users)
    assert {row["metadata.homeLanguage"] for row in users} >= {"en", "es", "so", "ksw", "hmn", "ar"}


def test_language_does_not_follow_from_the_group(tables):
    spoken = defaultdict(set)
    for row in tables["0347-01"]["demographics"]:
        spoken[row["hispanicOrLatinoEthnicity"]].add(row["sourcedId"])
    language = {row["sourcedId"]: row["metadata.homeLanguage"] for row in tables["0347-01"]["users"]}

    assert {language[student] for student in spoken["true"]} >= {"en", "es"}


def test_upper_grades_sit_in_six_sections_of_18_to_28_and_lower_grades_in_one(tables):
    for district, found in tables.items():
        grades = student_ids(found)
        seats = {
            (row["userSourcedId"], row["classSourcedId"])
            for row in found["enrollments"]
            if row["role"] == "student" and row["userSourcedId"] in grades
        }
        kinds = {row["sourcedId"]: row["classType"].lower() for row in found["classes"]}
        sizes = Counter(section for _, section in seats)
        sections = Counter(student for student, _ in seats)

        assert {sections[student] for student, grade in grades.items() if "06" <= grade <= "12"} == {6}, district
        assert {sections[student] for student, grade in grades.items() if not "06" <= grade <= "12"} == {1}, district
        assert all(18 <= size <= 28 for section, size in sizes.items() if kinds[section] == "scheduled"), district
        assert all(size <= 28 for section, size in sizes.items()), district


def test_nobody_sits_in_two_sections_of_one_period_or_teaches_them(tables):
    for found in tables.values():
        period = {row["sourcedId"]: row["periods"] for row in found["classes"] if row["periods"]}
        busy = Counter(
            {
                (row["userSourcedId"], row["classSourcedId"], period[row["classSourcedId"]])
                for row in found["enrollments"]
                if row["classSourcedId"] in period and row["primary"] != "false"
            }
        )
        times = Counter((user, time) for user, _, time in busy)
        assert set(times.values()) == {1}


def test_schools_are_the_invented_ones(tables):
    numbers = {row["identifier"] for found in tables.values() for row in found["orgs"] if row["type"] == "school"}

    assert numbers == {f"{plan.id}-{school.number}" for plan in PLANS for school in plan.schools}


def test_no_real_school_of_these_districts_has_an_invented_number():
    source = shared_data("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-ethnicity.csv.gz")
    with gzip.open(source, "rt", encoding="utf-8", errors="replace") as opened:
        real = {
            f"{row['districtNumber']}-{row['districtType']}-{row['schoolNumber']}"
            for row in csv.DictReader(opened, delimiter="|")
        }

    assert not real & {f"{plan.id}-{school.number}" for plan in PLANS for school in plan.schools}


def test_families_have_children_in_two_districts(world, tables):
    for pair in world.families:
        mails = []
        for district, guardians in pair:
            users = {row["sourcedId"]: row for row in tables[district]["users"]}
            mails.append([(users[adult]["email"], users[adult]["givenName"]) for adult in guardians])
        assert mails[0] == mails[1]
        assert pair[0][0] != pair[1][0]


def test_the_cast_is_found_in_the_bundles_by_source_id(world, tables):
    assert {person.role for person in world.cast.values()} == {
        *("director", "coordinator", "analyst", "principal", "teacher", "liaison", "family", "operator")
    }
    for person in world.cast.values():
        assert person.email.endswith("@example.org")
        for district, source_id in person.source_ids.items():
            row = next(row for row in tables[district]["users"] if row["sourcedId"] == source_id)
            assert f"{row['givenName']} {row['familyName']}" == person.name
    somali = world.cast["family"]
    assert somali.language == "so"
    assert len(somali.source_ids) == 2


def test_the_liaison_sees_arrivals_in_her_schools(world, tables):
    begun = {
        row["userSourcedId"]: date.fromisoformat(row["beginDate"])
        for row in tables["0347-01"]["enrollments"]
        if row["userSourcedId"] in world.arrivals
    }

    assert set(begun) == set(world.arrivals)
    assert all(TODAY - timedelta(14) < day < TODAY for day in begun.values())


@pytest.mark.parametrize(
    "today", [date(2026, 7, 1), date(2026, 8, 31), date(2027, 1, 4), date(2027, 6, 29), date(2028, 2, 29)]
)
def test_every_day_of_the_year_is_inside_its_school_year(today):
    year = school_year_of(today)

    assert year.starts_on <= year.first_day <= today <= year.last_day <= year.ends_on


def test_school_begins_the_day_after_labor_day():
    # Labor Day 2026 is Monday, September 7; the first Friday of June 2027 is June 4.
    year = school_year_of(date(2026, 11, 24))

    assert (year.first_day, year.last_day, year.name) == (date(2026, 9, 8), date(2027, 6, 4), "2026-27")


def test_the_earlier_year_has_the_same_schools_and_other_counts(world):
    assert sum(count.total for count in world.counts) == 10_273
    assert [(count.school_id, count.grade) for count in world.earlier] == [
        (count.school_id, count.grade) for count in world.counts
    ]
    assert sum(count.total for count in world.earlier) != 10_273
    assert 9_700 < sum(count.total for count in world.earlier) < 10_800
