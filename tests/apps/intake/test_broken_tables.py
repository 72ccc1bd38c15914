"""Made-up tables and spoiled real bundles through receiving, reading, checking and comparing, against a filled roster.

Whatever comes: an outcome with its code, nothing changed in the roster, nothing left of what was refused; and what can be
taken is written exactly as the preview says, and taken back exactly.
"""

import contextlib
import csv
import io
import random
import shutil
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import drills
from tests.formats.bundles import Bundle, small, write_folder
from tests.formats.spoiling import real_bundles, spoil

from commonground.apps.intake import actions, folders
from commonground.apps.intake.models import Batch
from commonground.apps.intake.tables import TABLES
from commonground.formats.oneroster.layout import layouts
from commonground.formats.problems import PROBLEMS, Outcome
from commonground.store.walls import enter

pytestmark = [pytest.mark.database, pytest.mark.slow]
SPOILED = drills.of(whole=2_000, sample=40)
EVERY = 20  # of those that can be taken, every so many is applied and taken back


def assert_has_an_outcome(batch: Batch) -> None:
    """Refused with a code for it and nothing kept, or checked with every row counted once and every code known."""
    folder = folders.original(batch.pk).parent
    if batch.status == Batch.Status.REFUSED:
        assert PROBLEMS[batch.refusal["code"]].outcome is Outcome.REFUSED
        assert list(folder.iterdir()) == []
        return
    assert batch.status == Batch.Status.CHECKED
    summary = batch.summary
    assert summary["read"] == summary["accepted"] + summary["held"] + summary["left_out"]
    for count in summary["files"]:
        assert count["read"] == count["accepted"] + count["held"] + count["left_out"]
    assert {problem["code"] for problem in summary["problems"]} <= set(PROBLEMS)
    assert all(count >= 0 for effect in summary["effects"].values() for count in effect.values())


def assert_goes_in_and_out(batch: Batch, by, fingerprints) -> None:
    """Applying writes what the preview says; taking it back restores every table to the byte."""
    before = fingerprints()
    applied = actions.apply_batch(batch_id=batch.pk, by=by, now=batch.sent_at, tie=True)
    for table in TABLES:
        written, effect = applied.summary["written"][table.name], applied.summary["effects"][table.name]
        assert written["inserted"] == effect["new"]
        assert written["updated"] == effect["changed"] + effect["back"]
        assert written["ended"] == effect["gone"]
    actions.undo_batch(batch_id=batch.pk, by=by, now=batch.sent_at)
    assert fingerprints() == before


def let_go(batch: Batch, by) -> None:
    """Set the batch aside, so that two thousand of them do not fill the disk."""
    if batch.status == Batch.Status.CHECKED:
        with enter(person=by, purpose="test"), contextlib.suppress(actions.NotNow):
            actions.discard_batch(batch_id=batch.pk, by=by)


# --- spoiled bundles ------------------------------------------------------------------------------------------------------
def test_spoiled_real_bundles_change_nothing(sent, west, fingerprints, tmp_path, request):
    """Each is compared with the roster that the sound bundle gave, and some of those that can be taken go in and out."""
    outcomes, taken = Counter(), 0
    empty = fingerprints()

    for place, sound in enumerate(bundles := real_bundles()):
        first = sent(sound, apply=True)
        before = fingerprints()
        for seed in range(place, SPOILED, len(bundles)):
            batch = sent(path=write_folder(spoil(sound, random.Random(seed)), tmp_path / "one"))
            shutil.rmtree(tmp_path / "one")
            assert_has_an_outcome(batch)
            outcomes[batch.refusal["code"] if batch.refusal else "checked"] += 1
            if batch.status == Batch.Status.CHECKED and outcomes["checked"] % EVERY == 0:
                assert_goes_in_and_out(batch, west, fingerprints)
                taken += 1
            let_go(batch, west)
        assert fingerprints() == before
        actions.undo_batch(batch_id=first.pk, by=west, now=first.sent_at)
        assert fingerprints() == empty

    assert outcomes.total() == SPOILED
    plugins = request.config.pluginmanager
    with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
        told = ", ".join(f"{code} {count}" for code, count in outcomes.most_common())
        plugins.get_plugin("terminalreporter").write_line(
            f"\n{SPOILED:,} spoiled bundles: {told}; {taken} of the checked ones went in and out again"
        )


# --- made-up tables -------------------------------------------------------------------------------------------------------
# Quotes, line breaks, commas, zero bytes, right-to-left marks, a byte order mark, half a pair, blanks that are none.
NASTY = [
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    ",",
    "\0",
    "\u202e",
    "\u200f",
    "\ufeff",
    "\u00a0",
    "\u2028",
    "=1+1",
    "'",
    "\\",
    "\t",
]
text = st.one_of(
    st.text(max_size=12).filter(lambda t: t.isprintable()),
    st.sampled_from(NASTY),
    st.lists(st.sampled_from([*NASTY, "Ali", "1", " "]), max_size=4).map("".join),
    st.integers(min_value=-(10**40), max_value=10**40).map(str),
    st.sampled_from(
        ["9" * 400, "1e309", "NaN", "-0", "2026-02-30", "1/05/2026", "2026-09-01", "TRUE", "NULL", "\\N", ""]
    ),
)
KINDS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics")


@st.composite
def made_up(draw) -> Bundle:
    """The small bundle with one to three of its tables replaced: columns in any order, some missing, some unknown, any text."""
    bundle = small()
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)):
        columns = list(layouts("1.1")[kind].columns)
        missing = draw(st.sets(st.sampled_from(columns), max_size=2))
        headings = draw(st.permutations([c for c in columns if c not in missing]))
        headings += draw(st.lists(text, max_size=2))
        rows = draw(st.lists(st.lists(text, min_size=len(headings), max_size=len(headings)), min_size=1, max_size=4))
        known = list(csv.DictReader(io.StringIO(bundle[f"{kind}.csv"].decode())))
        for row in rows:  # a made-up row rarely means anything: half of its cells come from a real one
            real = draw(st.sampled_from(known))
            for place, heading in enumerate(headings):
                if heading in real and draw(st.booleans()):
                    row[place] = real[heading]
        out = io.StringIO(newline="")
        writer = csv.writer(
            out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])), quoting=draw(st.sampled_from([0, 1]))
        )
        writer.writerow(headings)
        writer.writerows(rows)
        bundle[f"{kind}.csv"] = out.getvalue().encode(
            draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])), "replace"
        )
    return bundle


@settings(max_examples=drills.of(whole=100, sample=10), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundle=made_up())
def test_made_up_tables_have_an_outcome_and_change_nothing(sent, west, fingerprints, tmp_path_factory, bundle):
    before = fingerprints()

    batch = sent(path=write_folder(bundle, tmp_path_factory.mktemp("made")))

    assert_has_an_outcome(batch)
    assert fingerprints() == before
    if batch.status == Batch.Status.CHECKED:
        assert_goes_in_and_out(batch, west, fingerprints)


def test_spoiled_small_bundles_change_nothing(sent, west, fingerprints, tmp_path):
    sent(small(), apply=True)
    before = fingerprints()

    for seed in range(12):
        batch = sent(path=write_folder(spoil(small(), random.Random(seed)), tmp_path / f"{seed}"))
        assert_has_an_outcome(batch)

    assert fingerprints() == before
