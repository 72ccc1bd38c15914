"""Invented students stand exactly where the state counted students in 2017-18."""

from collections import Counter

from commonground.facts import west_central_enrollment
from tests.demonstration.bundles import read_rows

FLAGS = {
    "americanIndianOrAlaskaNative": "american_indian",
    "asian": "asian",
    "blackOrAfricanAmerican": "black",
    "nativeHawaiianOrOtherPacificIslander": "pacific_islander",
    "white": "white",
}


def roll_up(row: dict[str, str]) -> str:
    """The federal roll-up: Hispanic of any race, then two or more, then the one race."""
    races = [group for column, group in FLAGS.items() if row[column] == "true"]
    if row["hispanicOrLatinoEthnicity"] == "true":
        return "hispanic"
    if row["demographicRaceTwoOrMoreRaces"] == "true" or len(races) > 1:
        return "two_or_more"
    return races[0]


def student_ids(tables) -> dict[str, str]:
    """Grade of every student by source id, from either version."""
    if "roles" in tables:
        students = {row["userSourcedId"] for row in tables["roles"] if row["role"] == "student"}
        return {row["sourcedId"]: row["grades"] for row in tables["users"] if row["sourcedId"] in students}
    return {row["sourcedId"]: row["grades"] for row in tables["users"] if row["role"] == "student"}


def test_students_match_the_counts_by_district_grade_group_and_sex(world):
    by_group, by_sex = Counter(), Counter()
    for district, bundle in world.bundles.items():
        tables = read_rows(bundle)
        grades = student_ids(tables)
        demographics = {row["sourcedId"]: row for row in tables["demographics"]}
        for student, grade in grades.items():
            by_group[district, grade, roll_up(demographics[student])] += 1
            by_sex[district, grade, demographics[student]["sex"]] += 1

    expected_groups, expected_sexes = Counter(), Counter()
    for row in west_central_enrollment():
        if row.is_member:
            for group, count in row.groups.items():
                expected_groups[row.district_id, row.grade, group] += count
            expected_sexes[row.district_id, row.grade, "male"] += row.male
            expected_sexes[row.district_id, row.grade, "female"] += row.female

    assert +by_group == +expected_groups
    assert +by_sex == +expected_sexes
    assert sum(by_group.values()) == 10_273
    assert sum(count for (_, grade, _), count in by_group.items() if grade in ("EC", "PK")) == 253
