"""A file of another district is refused: by its root, and by its students under any root."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.formats.bundles import small, with_row, with_text

pytestmark = pytest.mark.database


def test_a_bundle_with_another_root_is_refused(sent):
    sent(apply=True)
    other = with_text(small(), "orgs.csv", "d1,", "dx,")
    other = {name: content.replace(b",d1", b",dx") for name, content in other.items()}

    batch = sent(other)

    assert (batch.status, batch.refusal["code"]) == ("refused", "root_differs")


def test_a_root_tied_to_another_district_is_refused(sent, world):
    sent(apply=True)

    batch = sent(small(), owner=world.SOUTH, by=world.OTTO)

    assert (batch.status, batch.refusal["code"]) == ("refused", "root_differs")


def test_a_file_of_the_districts_own_students_asks_nobody_elses_roster(sent):
    asked = []
    for bundle in (small(), with_row(small(), "enrollments.csv", "e9,,,k1,s1,u2,student,,,")):
        with CaptureQueriesContext(connection) as queries:
            assert sent(bundle, apply=True).status == "applied"
        asked.append(sum("are_mostly_elsewhere" in query["sql"] for query in queries))

    assert asked == [1, 0]


def test_students_of_another_member_are_refused_under_any_root(sent, world):
    sent(apply=True)
    stolen = with_text(small(), "orgs.csv", "d1,", "dx,")
    stolen = {name: content.replace(b",d1", b",dx") for name, content in stolen.items()}

    batch = sent(stolen, owner=world.SOUTH, by=world.OTTO)

    assert (batch.status, batch.refusal["code"]) == ("refused", "students_of_another_district")
