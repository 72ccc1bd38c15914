"""Who meets whom, and the steps of H: recomputed here from the raw counts by sums over the definitions."""

import re
from collections import Counter, defaultdict
from math import log

import pytest
from tests.apps.measures.test_districts import words
from tests.signing_in import signed_in
from tests.west_central import GROUPS, raw_rows, school_of

pytestmark = pytest.mark.database


def page_of(person, query=""):
    answer = signed_in(f"{person}@example.org").get(f"/districts/mixing/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def cells(page, key):
    row = page.split(f'id="{key}"', 1)[1].split("</tr>", 1)[0]
    return [words("<" + cell) for cell in re.split(r"<(?=t[hd])", row)[1:]]


def entropy(groups):
    total = groups.total()
    return sum(n / total * log(total / n) for n in groups.values() if n)


@pytest.fixture
def places(west_central):
    """Students by group of every district and every school, added up here."""
    districts, schools = defaultdict(Counter), defaultdict(Counter)
    for row in raw_rows():
        if row["part"] == "member":
            for group in GROUPS:
                districts[row["district_id"]][group] += int(row[group])
                schools[row["district_id"], school_of(row, group)][group] += int(row[group])
    return districts, schools


def test_the_steps_are_those_of_the_definition(places):
    districts, schools = places
    everyone = sum(districts.values(), Counter())
    total, whole = everyone.total(), entropy(everyone)
    inside_districts = sum(one.total() * entropy(one) for one in districts.values()) / total
    inside_schools = sum(one.total() * entropy(one) for one in schools.values()) / total
    page = page_of("dana")

    assert cells(page, "step-district")[1:3] == ["7", f"{(whole - inside_districts) / whole:.4f}"]
    assert cells(page, "step-school")[1:3] == [
        str(sum(1 for one in schools.values() if one.total())),
        f"{(inside_districts - inside_schools) / whole:.4f}",
    ]
    said = words(page)
    assert f"average {inside_districts:.4f}. All together have {whole:.4f}." in said
    for district, groups in districts.items():
        assert f"{groups.total():,} {100 * groups.total() / total:.1f}% {entropy(groups):.4f}" in said, district


def test_chance_stands_beside_each_step_and_is_far_below_a_real_border(places):
    page = page_of("ann")
    h, chance = (float(cells(page, "step-district")[place]) for place in (2, 4))

    assert 0 < chance < h / 20
    assert "Most separation lies between districts, not inside them" in words(page)


def test_the_matrix_is_that_of_the_definition_and_each_line_adds_up(places):
    _districts, schools = places
    everyone = sum(schools.values(), Counter())
    page = page_of("dana")
    for group in GROUPS:
        met = {
            other: sum(one[group] * one[other] / one.total() for one in schools.values() if one.total())
            / everyone[group]
            for other in GROUPS
        }
        told = cells(page, f"met-{group}")
        assert told[1] == f"{everyone[group]:,}"
        for place, other in enumerate(GROUPS):
            assert float(told[2 + place].rstrip("%")) == pytest.approx(100 * met[other], abs=0.05001)
        even = everyone[group] / everyone.total()
        assert float(told[9]) == pytest.approx((met[group] - even) / (1 - even), abs=0.00051)
        assert sum(met.values()) == pytest.approx(1)


@pytest.mark.parametrize(("left", "has_line"), [(9, False), (10, True)])
def test_groups_of_fewer_than_ten_have_no_line(west_central, arrange, left, has_line):
    from tests.west_central import count

    arrange(
        "update roster_student set ended_on = now() where id in (select s.id from roster_student s"
        " join roster_demographics d on d.student_id = s.id where d.pacific_islander order by s.id offset %s)",
        [left],
    )
    count(arrange)
    page = page_of("dana")

    assert ('id="met-pacific_islander"' in page) is has_line
    assert ("Fewer than 10 students, so no line: Pacific Islander." in words(page)) is not has_line


def test_without_counts_nothing_is_compared(world):
    assert "Nothing can be compared yet" in words(page_of("dana"))


def test_early_childhood_by_race_does_not_follow_from_two_choices_of_grades(places):
    whole, without = (page_of("dana", query) for query in ("", "?base=K-12"))
    for group in GROUPS:
        assert (f'id="met-{group}"' in whole) == (f'id="met-{group}"' in without)
        if f'id="met-{group}"' in whole:
            assert cells(without, f"met-{group}") == cells(whole, f"met-{group}")
    assert 'name="base"' not in without
    assert "Early childhood is always counted here" in words(without)


def test_of_public_tables_early_childhood_can_be_left_out(places):
    page = page_of("dana", "?base=K-12&year=2018")
    older = [row for row in raw_rows() if row["part"] == "member" and row["grade"] not in ("EC", "PK")]

    assert cells(page, "met-white")[1] == f"{sum(int(row['white']) for row in older):,}"
    assert 'name="base"' in page
