from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.law.states.mn.enrollment import Count, DistrictEnrollment, SchoolEnrollment, both_ways
from commonground.engine.law.states.mn.isolation import district_finding, isolation_picture, school_finding
from commonground.engine.law.states.mn.isolation_findings import Flip
from commonground.engine.law.states.mn.isolation_rules import UnknownRule, isolation_rule
from commonground.engine.values import InputError

DAY = date(2018, 10, 1)
RULE = isolation_rule(on=DAY)
RULE_2013 = isolation_rule("mn-3535-2013", on=DAY)


def district(number, *counts, name=None, grade="KG"):
    return DistrictEnrollment(f"{number}-01", name or f"District {number}", {grade: Count(*counts)})


def isolated_beside(own, *others, rule=RULE):
    beside = [district(f"000{place}", *counts) for place, counts in enumerate(others, start=2)]
    return district_finding(district("0001", *own), neighbors=beside, rule=rule)


def school(*counts, grades=("KG",), place="0001-01", number="010", classification=None):
    table = dict.fromkeys(grades, Count(*counts))
    return SchoolEnrollment(f"{place}-{number}", f"School {number}", place, table, classification)


# Real counts of the department for 2017-18 (reference: Minn. R. 3535, edge cases 4 to 9).
@pytest.mark.parametrize(
    ("own", "other", "points", "isolated", "near"),
    [
        ((1348, 4976), (63, 892), "20.03", True, True),  # Owatonna with early childhood, beside NRHEG
        ((1318, 4853), (63, 875), "19.96", False, True),  # Owatonna from kindergarten on
        ((6189, 18924), (558, 4416), "20.07", True, True),  # South Washington County beside Hastings
        ((2076, 8844), (63, 1388), "18.93", False, True),  # Duluth beside Lake Superior
        ((743, 2625, 328), (90, 1267, 5), "21.20", True, True),  # Cloquet beside Esko
        ((2565, 4382), (116, 1518), "50.89", True, False),  # Willmar beside New London-Spicer
    ],
)
def test_districts_of_2017_18(own, other, points, isolated, near):
    finding = isolated_beside(own, other)

    assert f"{float(100 * finding.gap):.2f}" == points
    assert (finding.isolated, finding.is_near) == (isolated, near)
    assert any(f"The difference is {points} percentage points." in step for step in finding.explanation.steps)


def test_a_gap_of_exactly_twenty_points_is_not_more_than_twenty():
    # 0.9 - 0.7 > 0.2 is True in floating point.
    finding = isolated_beside((90, 100), (70, 100))

    assert finding.isolated is False
    assert any("By the department's wording (at least 20 points" in step for step in finding.explanation.steps)


def test_one_student_above_twenty_points_is_isolated_and_shown_so():
    # 90,001 / 100,000 less 70,000 / 100,000 is 20.001 points: two decimals would read 20.00.
    finding = isolated_beside((90_001, 100_000), (70_000, 100_000))

    assert finding.isolated is True
    assert "The difference is 20.001 percentage points." in finding.explanation.steps


def test_any_adjoining_district_is_enough():
    # 42 percent beside 40 and 21: the lowest decides, 21 points.
    finding = isolated_beside((42, 100), (40, 100), (21, 100))

    assert finding.isolated is True
    assert finding.neighbor.id == "0003-01"
    assert finding.crossed_borders == ("0003-01",)


def test_the_working_reads_from_the_counts_to_the_answer():
    willmar = district("0347", 2565, 4382, name="Willmar")
    spicer = district("0345", 116, 1518, name="New London-Spicer")

    steps = district_finding(willmar, neighbors=[spicer], rule=RULE).explanation.steps

    # 100 × (2,565 × 1,518 − 116 × 4,382) = 100 × (3,893,670 − 508,312); 20 × 4,382 × 1,518.
    assert steps == (
        "Willmar: 2,565 of 4,382 students are protected, 58.53 percent.",
        "Of its adjoining districts New London-Spicer has the lowest share: 116 of 1,518 students are protected, "
        "7.64 percent.",
        "The difference is 50.89 percentage points.",
        "Without rounding: 100 × (2,565 × 1,518 − 116 × 4,382) = 338,535,800; 20 × 4,382 × 1,518 = 133,037,520.",
        "The rule asks for more than 20 points above the share of any adjoining district: 50.89 is more than 20.",
        "So the district is predicted racially isolated.",
        "This is a prediction. The state decides.",
    )


def test_american_indian_students_alone_make_an_exemption_candidate_but_no_exemption():
    # Without American Indian students Cloquet has 415 of 2,625, 15.81 percent; Esko 85 of 1,267, 6.71 percent.
    finding = isolated_beside((743, 2625, 328), (90, 1267, 5))

    assert finding.isolated is True
    assert finding.is_exemption_candidate
    assert finding.gap_without_american_indian == Fraction(415, 2625) - Fraction(85, 1267)
    assert any("A person records that judgment" in step for step in finding.explanation.steps)


def test_an_isolated_district_without_american_indian_students_is_no_candidate():
    assert not isolated_beside((60, 100), (10, 100)).is_exemption_candidate
    assert not isolated_beside((20, 100), (10, 100)).is_exemption_candidate


@pytest.mark.parametrize(
    ("own", "others", "says"),
    [
        ((0, 0), [(1, 2)], "no students are counted in this district"),
        ((1, 2), [(0, 0)], "no adjoining district has counts"),
        ((1, 2), [], "no adjoining district has counts"),
    ],
)
def test_a_district_without_counts_on_one_side_stays_open(own, others, says):
    finding = isolated_beside(own, *others)

    assert (finding.isolated, finding.neighbor, finding.gap) == (None, None, None)
    assert finding.note == says
    assert finding.explanation.steps == (f"Nothing can be said: {says}.",)
    assert finding.flips() == Flip(5, here=False, there=False)
    assert finding.gap_without_american_indian is None
    assert finding.crossed_borders == ()
    assert not (finding.is_near)
    assert not (finding.is_exemption_candidate)


def test_a_neighbor_without_counts_is_named_and_the_others_are_compared():
    finding = isolated_beside((50, 100), (0, 0), (10, 100))

    assert finding.isolated is True
    assert finding.note == "no counts for the adjoining 0002-01"
    assert "Not compared, because there are no counts: 0002-01." in finding.explanation.steps


def test_a_district_with_all_neighbors_counted_needs_no_note():
    assert isolated_beside((50, 100), (10, 100)).note is None


def test_five_students_flip_the_district_from_either_side():
    # 400 - 200 of 1,000 are 20.0 points: five more here make 20.5. 401 are 20.1: five more next door make 19.6.
    assert isolated_beside((400, 1000), (200, 1000)).flips() == Flip(5, here=True, there=False)
    assert isolated_beside((401, 1000), (200, 1000)).flips() == Flip(5, here=False, there=True)
    assert any("in District 0002" in s for s in isolated_beside((401, 1000), (200, 1000)).explanation.steps)
    assert any("students here, in place" in s for s in isolated_beside((400, 1000), (200, 1000)).explanation.steps)


def test_a_second_low_neighbor_keeps_the_district_isolated():
    assert isolated_beside((401, 1000), (200, 1000), (200, 1000)).flips().there is False


def test_school_at_twenty_points_and_one_student_above():
    # 450/600 is 75.0 and 1,650/3,000 is 55.0 percent; one more in place of another: 451/600, 1,651/3,000.
    at = school_finding(school(450, 600), district_grades={"KG": Count(1650, 3000)}, rule=RULE)
    above = school_finding(school(451, 600), district_grades={"KG": Count(1651, 3000)}, rule=RULE)

    assert (at.identifiable, at.gap) == (False, Fraction(1, 5))
    assert above.identifiable is True
    assert at.flips() == Flip(5, here=True, there=False)
    assert above.flips() == Flip(5, here=False, there=True)
    assert any("in the district's other schools" in step for step in above.explanation.steps)


def test_a_school_is_compared_with_its_district_in_its_own_grades():
    # 130/250 = 52 against 600/2,000 = 30 percent; all grades together would be 37.5.
    grades = {"05": Count(600, 2000), "12": Count(900, 2000)}

    finding = school_finding(school(130, 250, grades=("05",)), district_grades=grades, rule=RULE)

    assert (finding.identifiable, finding.gap) == (True, Fraction(22, 100))


def test_the_only_school_of_its_grades_is_never_identifiable():
    finding = school_finding(school(99, 100), district_grades={"KG": Count(99, 100)}, rule=RULE)

    assert (finding.identifiable, finding.gap) == (False, 0)


def test_a_grade_missing_from_the_district_is_an_error_in_the_data_not_zero_percent():
    finding = school_finding(school(9, 10, grades=("01", "02")), district_grades={"01": Count(9, 10)}, rule=RULE)

    assert finding.identifiable is None
    assert finding.problem == "the district's table lacks grade 02, which the school enrolls"
    assert finding.explanation.steps[0].startswith("Nothing can be said")
    assert finding.flips() == Flip(5, here=False, there=False)
    assert not (finding.is_near)
    assert not (finding.is_exemption_candidate)


def test_a_school_without_students_stays_open():
    finding = school_finding(school(0, 0), district_grades={"KG": Count(1, 2)}, rule=RULE)

    assert finding.problem == "the school has no students in the grades counted"


def test_a_school_larger_than_its_district_is_refused():
    with pytest.raises(InputError, match="more students than its district"):
        school_finding(school(9, 10), district_grades={"KG": Count(8, 20)}, rule=RULE)


def test_the_rule_of_2013_takes_american_indian_students_out_when_they_outnumber_the_others():
    # 60 protected, 40 of them American Indian: 20 others remain. The district keeps all of its 100.
    finding = school_finding(school(60, 100, 40), district_grades={"KG": Count(100, 400, 40)}, rule=RULE_2013)

    assert (finding.count.protected, finding.counted.protected) == (60, 20)
    assert (finding.identifiable, finding.gap) == (False, Fraction(20, 100) - Fraction(100, 400))
    assert any("outnumber its 20 other protected students" in step for step in finding.explanation.steps)


def test_an_equal_number_does_not_outnumber():
    finding = school_finding(school(60, 100, 30), district_grades={"KG": Count(100, 400, 30)}, rule=RULE_2013)

    assert finding.counted.protected == 60
    assert finding.identifiable is True
    assert finding.is_exemption_candidate
    assert finding.gap_without_american_indian == Fraction(30, 100) - Fraction(100, 400)


def test_the_rule_itself_never_exempts():
    finding = school_finding(school(60, 100, 40), district_grades={"KG": Count(100, 400, 40)}, rule=RULE)

    assert finding.identifiable is True
    assert finding.is_exemption_candidate
    assert any("American Indian exemption may apply" in step for step in finding.explanation.steps)


def test_kindergarten_base_leaves_early_childhood_out_of_everything():
    rule = isolation_rule(on=DAY, base="K-12")
    both = {"EC": Count(9, 10), "PK": Count(9, 10), "KG": Count(1, 10), "Z": Count(1, 10)}

    finding = school_finding(SchoolEnrollment("0001-01-010", "Oak", "0001-01", both), district_grades=both, rule=rule)

    assert finding.grades == ("KG", "Z")
    assert finding.count == Count(2, 20)


def test_the_picture_adds_schools_names_statuses_and_neighbors():
    schools = [
        school(90, 100, place="0001-01", number="010"),
        school(10, 100, place="0001-01", number="020"),
        school(5, 100, place="0002-01", number="010"),
        school(0, 0, place="0002-01", number="020"),
        school(100, 100, place="4000-07", number="010"),
    ]

    picture = isolation_picture(
        schools, rule=RULE, borders=both_ways([("0001-01", "0002-01")]), names={"0001-01": "One"}
    )

    one, two = picture.districts
    assert [finding.id for finding in picture.schools] == ["0001-01-010", "0001-01-020", "0002-01-010"]
    assert (one.name, one.count, one.isolated) == ("One", Count(100, 200), True)
    assert one.identifiable_schools == ("0001-01-010",)
    assert one.statuses() == ("RI", "RIS")
    assert two.statuses(is_voluntary=True) == ("A", "V")
    assert two.name == "0002-01"


def test_a_district_given_with_its_own_counts_is_not_the_sum_of_its_schools():
    whole = DistrictEnrollment("0001-01", "One", {"KG": Count(50, 400)})

    picture = isolation_picture([school(40, 100)], rule=RULE, borders={}, districts=[whole])

    assert picture.districts[0].count == Count(50, 400)
    assert picture.schools[0].district == Count(50, 400)


def test_only_the_classifications_asked_for_count():
    schools = [
        school(9, 10, classification="10"),
        school(1, 90, number="020", classification="41"),
        school(1, 90, number="030"),
    ]

    default = isolation_picture(schools, rule=RULE_2013, borders={})
    chosen = isolation_picture(schools, rule=isolation_rule(on=DAY, classifications=["41"]), borders={})

    assert [finding.id[-3:] for finding in default.schools] == ["010"]
    assert default.districts[0].count == Count(9, 10)
    assert [finding.id[-3:] for finding in chosen.schools] == ["020"]


@pytest.mark.parametrize("place", ["0001", "-01", "0001-", "0001-01-010"])
def test_a_malformed_district_id_is_refused(place):
    with pytest.raises(InputError, match="an id is number and type"):
        RULE.counts_district(place)


def test_what_is_given_twice_is_refused():
    with pytest.raises(InputError, match="0001-01-010 is given twice"):
        isolation_picture([school(1, 2), school(1, 2)], rule=RULE, borders={})


@pytest.mark.parametrize("counts", [(3, 2), (1, 2, 2), (-1, 2, -1), (1, -2)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(InputError, match="each must be zero or more"):
        Count(*counts)


def test_unknown_rules_and_bases_are_refused():
    with pytest.raises(UnknownRule, match="known are mn-3535, mn-3535-2013"):
        isolation_rule("mn-3536", on=DAY)
    with pytest.raises(InputError, match="count PK-12 or K-12"):
        isolation_rule(on=DAY, base="EC-12")


def test_a_district_cannot_adjoin_itself():
    with pytest.raises(InputError, match="cannot adjoin itself"):
        both_ways([("0001-01", "0001-01")])


counts = st.integers(1, 3000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(counts, st.lists(counts, min_size=1, max_size=4))
def test_whole_numbers_decide_as_the_statute_reads(own, others):
    (p1, t1) = own

    finding = isolated_beside(own, *others)

    assert finding.isolated is any(5 * (p1 * t2 - p2 * t1) > t1 * t2 for p2, t2 in others)


@given(counts, st.lists(counts, min_size=1, max_size=4))
def test_an_empty_neighbor_changes_nothing(own, others):
    assert isolated_beside(own, *others, (0, 0)).gap == isolated_beside(own, *others).gap


@given(counts, counts, st.integers(0, 10))
def test_more_protected_students_here_never_end_an_isolation(own, other, students):
    finding = isolated_beside(own, other)

    assert not (finding.isolated and finding.flips(students).here)


@given(counts, counts)
def test_the_warning_band_holds_what_lies_between_its_ends(own, other):
    finding = isolated_beside(own, other)

    assert finding.is_near is (Fraction("18.5") <= 100 * finding.gap <= Fraction("21.5"))
