"""The public facts that ship with Commonground agree with themselves, and with the files they came from."""

import csv

from commonground.demonstration.places import PLANS
from commonground.facts import districts, neighbors, outlines, west_central_enrollment
from tests.shared import shared_data


def test_groups_add_to_both_sexes_in_every_grade():
    for row in west_central_enrollment():
        assert row.total == row.male + row.female


def test_willmar_has_six_neighbors_and_montevideo_is_none_of_them():
    # Read from the 2016 borders by hand: New London-Spicer, KMS, MACCRAY, ACGC, BOLD, Renville County West.
    beside = {one if other == "0347-01" else other for one, other in neighbors() if "0347-01" in (one, other)}

    assert beside == {"0345-01", "0775-01", "2180-01", "2396-01", "2534-01", "2890-01"}


def test_every_district_of_a_pair_and_of_the_counts_is_listed_and_drawn():
    named = {district for pair in neighbors() for district in pair} | {
        row.district_id for row in west_central_enrollment()
    }

    assert named <= districts().keys()
    assert named <= outlines().rings.keys()
    assert {plan.id for plan in PLANS} <= named


def test_outlines_stay_inside_their_frame():
    drawn = outlines()
    for rings in drawn.rings.values():
        for ring in rings:
            assert len(ring) >= 3
            assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in ring)


def test_minneapolis_and_aitkin_share_a_number_but_no_id():
    assert districts()["0001-01"].name == "Aitkin"
    assert districts()["0001-03"].name == "Minneapolis"


def test_counts_are_those_of_the_state_table():
    source = shared_data("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv")
    with source.open(encoding="utf-8", newline="") as opened:
        stated = {(row["district_id"], row["grade"]): row for row in csv.DictReader(opened)}

    assert len(stated) == len(west_central_enrollment())
    for row in west_central_enrollment():
        original = stated[row.district_id, row.grade]
        assert (row.total, row.protected) == (int(original["total"]), int(original["protected"]))
        assert all(row.groups[group] == int(original[group]) for group in row.groups)
