"""The same file sent again is recognized, not read; wherever anything could come out otherwise it is read."""

import json

import pytest
from django.utils import timezone
from tests.formats.bundles import small, with_row, with_text, write_zip

from commonground.apps.intake import actions, checking, repeats
from commonground.apps.intake.models import Batch, Problem
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def read(monkeypatch):
    """The batches whose files were read."""
    found = []

    def watched(batch, **rest):
        found.append(batch.number)
        return checking.read_and_compare(batch, **rest)

    monkeypatch.setattr(actions, "read_and_compare", watched)
    return found


@pytest.fixture
def path(tmp_path):
    return write_zip(with_row(small(), "users.csv", "u9,,,true,s1,student,n,,New,Child,,,,,,,9,"), tmp_path / "one.zip")


def test_the_same_file_again_is_not_read_and_writes_nothing(sent, read, path, fingerprints):
    first = sent(path=path, apply=True)
    before = fingerprints()

    again = sent(path=path, apply=True)

    assert read == [first.number]
    assert again.status == Batch.Status.APPLIED
    assert fingerprints() == before
    assert sum(sum(rows.values()) for rows in again.summary["written"].values()) == 0


def test_its_preview_is_the_one_that_reading_would_show(sent, path, west, monkeypatch):
    sent(path=path, apply=True)
    recognized = sent(path=path)
    monkeypatch.setattr(actions, "repeated", lambda batch: None)
    was_read = sent(path=path)

    different = {k for k in was_read.summary if was_read.summary[k] != recognized.summary[k]} - {"seconds"}
    assert different == set()
    assert recognized.digest == was_read.digest
    with enter(person=west, purpose="test"):
        lines = [
            list(
                Problem.objects.filter(batch=batch).values_list("code", "file", "line").order_by("file", "line", "code")
            )
            for batch in (recognized, was_read)
        ]
    assert lines[0] == lines[1] != []


def test_each_application_is_one_line_of_the_ledger_with_counts_and_digest(sent, path, databases):
    from django.db import connections

    batches = [sent(path=path, apply=True) for _ in range(2)]

    lines = databases.execute(
        "select about, detail::text from core_event where kind = 'batch.applied' order by number",
        database=connections["default"].settings_dict["NAME"],
    )
    said = [(about, json.loads(detail)) for about, detail in lines]
    written = sum(rows["inserted"] for rows in batches[0].summary["written"].values())
    assert written > 0
    assert said == [
        (str(batches[0].pk), {"inserted": written, "updated": 0, "ended": 0, "digest": batches[0].digest}),
        (str(batches[1].pk), {"inserted": 0, "updated": 0, "ended": 0, "digest": batches[0].digest}),
    ]


def test_another_file_is_read(sent, read, path, tmp_path):
    sent(path=path, apply=True)

    other = sent(with_text(small(), "users.csv", "Four,Example", "Five,Example"))

    assert other.number in read


def test_the_same_file_after_another_one_is_read(sent, read, path):
    sent(path=path, apply=True)
    sent(with_row(small(), "users.csv", "u8,,,true,s1,student,m,,Other,Child,,,,,,,09,"), apply=True)

    again = sent(path=path)

    assert again.number in read


def test_the_same_file_after_it_was_undone_is_read(sent, read, path, west):
    first = sent(path=path, apply=True)
    actions.undo_batch(batch_id=first.pk, by=west, now=timezone.now())

    again = sent(path=path)

    assert again.number in read


def test_a_file_with_held_rows_is_read_again(sent, read):
    bundle = with_row(small(), "enrollments.csv", "e9,,,k1,s1,nobody,student,,,")
    sent(bundle, apply=True)

    again = sent(bundle)

    assert again.summary["held"] == 1
    assert again.number in read


def test_a_file_is_read_again_when_the_code_that_reads_has_changed(sent, read, path, monkeypatch):
    sent(path=path, apply=True)
    monkeypatch.setattr(repeats, "reader", lambda: "another version")

    again = sent(path=path)

    assert again.number in read


def test_another_districts_same_file_is_no_repetition(sent, read, path, world):
    sent(path=path, apply=True)

    other = sent(path=path, owner=world.NORTH, by=world.CORA)

    # Tied to West: refused, after it was looked at for itself.
    assert other.status == Batch.Status.REFUSED
    assert other.refusal["code"] == "root_differs"
