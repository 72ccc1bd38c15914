"""A bundle's way: sent, checked, tied, applied, sent again, undone. On committed data, as the site's own role."""

import datetime

import pytest
from django.utils import timezone
from tests.apps.mentoring.conftest import becomes, give, outside, write  # noqa: F401 - a fixture
from tests.formats.bundles import as_delta, small, with_row, with_text, without
from tests.shared import shared_data

from commonground.apps.core.models import Change
from commonground.apps.intake import actions, folders
from commonground.apps.intake.models import Batch, HeldRow, Tie
from commonground.apps.roster.models import Enrollment, Guardian, Link, SchoolEnrollment, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)


def undo(batch, by):
    return actions.undo_batch(batch_id=batch.pk, by=by, now=NOW)


def test_a_checked_bundle_has_changed_nothing_yet(sent, fingerprints):
    before = fingerprints()

    batch = sent()

    assert batch.status == Batch.Status.CHECKED
    assert batch.summary["effects"]["student"] == {"new": 2, "changed": 0, "back": 0, "gone": 0, "unchanged": 0}
    assert fingerprints() == before


def test_the_first_bundle_waits_for_a_person_to_tie_it(sent, west):
    batch = sent()

    with pytest.raises(actions.TieNeeded):
        actions.apply_batch(batch_id=batch.pk, by=west, now=NOW)

    with enter(person=west, purpose="test"):
        assert not Student.objects.exists()


def test_applied_rows_know_batch_file_and_line(sent, west):
    batch = sent(apply=True)

    with enter(person=west, purpose="test"):
        student = Student.objects.get(source_id="u4")
    # users.csv: the heading is line 1, u1 to u4 follow.
    assert (student.batch_id, student.file, student.line) == (batch.pk, "users.csv", 5)


def test_the_same_bundle_again_writes_no_row(sent, fingerprints):
    sent(apply=True)
    before = fingerprints()

    again = sent(apply=True)

    assert not [(t, e) for t, e in again.summary["effects"].items() if any(v for k, v in e.items() if k != "unchanged")]
    assert fingerprints() == before


def test_undoing_three_batches_in_reverse_restores_every_table_exactly(sent, west, fingerprints):
    states, batches = [fingerprints()], []
    changed = with_text(small(), "users.csv", "Four,Example", "Fore,Example")
    left = with_text(changed, "users.csv", "u5,,,true,s1,teacher,five,,Five,Example,,,,,,,,\n", "")
    left = with_text(left, "enrollments.csv", "e2,,,k1,s1,u5,teacher,true,,\n", "")
    arrived = with_row(left, "users.csv", "u9,,,true,s1,student,nine,,Nine,Example,,,,,,,09,")
    for bundle in (small(), changed, arrived):
        batches.append(sent(bundle, apply=True))
        states.append(fingerprints())

    for batch, state in zip(reversed(batches), reversed(states[:-1]), strict=True):
        undo(batch, west)
        assert fingerprints() == state


def test_only_the_latest_batch_of_a_source_can_be_undone(sent, west):
    first = sent(apply=True)
    sent(with_text(small(), "users.csv", "Four,Example", "Fore,Example"), apply=True)

    with pytest.raises(actions.NotNow):
        undo(first, west)


def test_undo_of_the_first_bundle_unties_the_district(sent, west):
    batch = sent(apply=True)

    undo(batch, west)

    with enter(person=west, purpose="test"):
        assert not Tie.objects.exists()


def test_what_other_work_points_to_is_ended_and_named_not_deleted(sent, west, world):
    batch = sent(apply=True)
    with enter(person=west, purpose="test"):
        guardian = Guardian.objects.get(source_id="u3")
        Link.objects.create(owner_id=world.WEST, person_id=world.ALI, guardian=guardian, since=world.LONG_AGO)

    undone = undo(batch, west)

    assert undone.undo_report["still_needed"] == [{"table": "guardian", "needed_by": "roster_link", "count": 1}]
    with enter(person=west, purpose="test"):
        assert Guardian.objects.get().ended_on == datetime.date(2026, 11, 24)
        assert not Student.objects.exists()


def test_a_child_about_whom_notes_stand_is_ended_and_no_note_is_counted(sent, west, world, outside):  # noqa: F811
    batch = sent(apply=True)
    becomes(outside, world.PETE, "mentor", world.WEST)
    with enter(person=west, purpose="test"):
        child = Student.objects.get(source_id="u1").pk
    give(child, world.PETE, role="mentor", by=west)
    write(child, world.PETE)

    undone = undo(batch, west)

    assert undone.undo_report["still_needed"] == [
        {"table": "student", "needed_by": "mentoring_caseload", "count": 1},
    ]
    with enter(person=west, purpose="test"):
        assert Student.objects.get().ended_on == datetime.date(2026, 11, 24)


def _with_students(count: int):
    rows = [f"x{n},,,true,s1,student,x{n},,Given{n},Family{n},,,,,,,09," for n in range(count)]
    return with_row(small(), "users.csv", *rows)


@pytest.mark.parametrize(("stays", "waits"), [(10, False), (9, True)])
def test_leavers_wait_above_one_in_ten_exactly(sent, west, stays, waits):
    # The school has 2 + 18 = 20 students: 2 leavers are one in ten, 3 are more.
    sent(_with_students(18), apply=True)

    batch = sent(_with_students(18 - (20 - 8 - stays)), apply=True)

    (leavers,) = batch.summary["leavers"]
    assert leavers["waits"] is waits
    with enter(person=west, purpose="test"):
        ended = SchoolEnrollment.objects.exclude(ended_on=None).count()
    assert ended == (0 if waits else leavers["count"])


def test_confirmed_leavers_are_ended(sent, west):
    sent(_with_students(18), apply=True)
    batch = sent(_with_students(10))
    with enter(person=west, purpose="test"):
        batch = actions.decide(
            batch_id=batch.pk, code="leavers_many", file="s1", line=None, choice="take", by=west, now=NOW
        )

    batch = actions.check_batch(batch_id=batch.pk, by=west, now=NOW)
    actions.apply_batch(batch_id=batch.pk, by=west, now=NOW)

    with enter(person=west, purpose="test"):
        assert Student.objects.exclude(ended_on=None).count() == 8
        assert Student.objects.current().count() == 12


def test_a_student_who_comes_back_is_the_same_person(sent, west):
    sent(_with_students(18), apply=True)
    with enter(person=west, purpose="test"):
        before = Student.objects.get(source_id="x17").pk
    sent(_with_students(17), apply=True)

    batch = sent(_with_students(18), apply=True)

    assert batch.summary["effects"]["student"]["back"] == 1
    with enter(person=west, purpose="test"):
        assert Student.objects.current().get(source_id="x17").pk == before


def _next_year(bundle):
    """The bundle a year later: the sessions' year, and grade 09 for 08 and so on is left to the caller."""
    return with_text(
        with_text(bundle, "academicSessions.csv", "2026-08-31,2027-06-04,,2027", "2027-08-30,2028-06-02,,2028"),
        "academicSessions.csv",
        "2026-08-31,2027-01-15,y1,2027",
        "2027-08-30,2028-01-14,y1,2028",
    )


def test_a_new_school_year_is_recognized_and_compared_with_promotion(sent):
    sent(apply=True)
    later = with_text(_next_year(small()), "users.csv", "u3,09,", "u3,10,")

    batch = sent(later)

    # u1 went from grade 09 to 10, u4 is still in 09; nobody was in grade 12.
    assert batch.summary["promotion"] == {
        "from_year": "2027",
        "to_year": "2028",
        "one_higher_count": 1,
        "same_count": 1,
        "other_count": 0,
        "finished_count": 0,
    }


def test_children_move_up_from_early_childhood_as_from_any_other_grade(sent):
    # EC to PK, EC to KG, PK to KG (past transitional kindergarten), IT to EC, 12 to 13: all one higher. PK stays PK: the
    # same. KG to 02 skipped a grade, 02 fell back to 01, 03 became ungraded: elsewhere. The bundle's own two in 09 stay.
    moves = ("EC PK", "EC KG", "PK KG", "IT EC", "12 13", "PK PK", "KG 02", "02 01", "03 UG")

    def with_grades(bundle, place):
        rows = (
            f"m{n},,,true,s2,student,m{n},,Given{n},Family{n},,,,,,,{grades.split()[place]},"
            for n, grades in enumerate(moves)
        )
        return with_row(bundle, "users.csv", *rows)

    sent(with_grades(small(), 0), apply=True)

    later = sent(with_grades(_next_year(small()), 1))

    counts = later.summary["promotion"]
    assert (counts["one_higher_count"], counts["same_count"], counts["other_count"]) == (5, 1 + 2, 3)


def test_the_highest_grade_may_leave_in_a_new_year_and_only_then(sent):
    # Grade 10 is the school's highest: 18 students in 09, 2 + 2 in 10.
    older = with_row(
        _with_students(18),
        "users.csv",
        *(f"z{n},,,true,s1,student,z{n},,Old{n},Family{n},,,,,,,10," for n in range(4)),
    )
    sent(older, apply=True)

    same_year, next_year = sent(_with_students(18)), sent(_next_year(_with_students(18)))

    # 4 of 24 students are more than one in ten.
    assert [leavers["waits"] for leavers in same_year.summary["leavers"]] == [True]
    assert [leavers for leavers in next_year.summary["leavers"] if leavers["waits"]] == []


def test_kindergarten_is_not_the_highest_grade_of_an_elementary_school(sent):
    # Two in grade 09 stand for the rest; 4 fifth graders leave a school that also has a kindergarten child.
    rows = [f"f{n},,,true,s2,student,f{n},,Five{n},F{n},,,,,,,05," for n in range(4)]
    child = "g1,,,true,s2,student,g1,,Kind,G,,,,,,,KG,"
    sent(with_row(small(), "users.csv", child, *rows), apply=True)

    later = sent(_next_year(with_row(small(), "users.csv", child)))

    assert [leavers for leavers in later.summary["leavers"] if leavers["waits"]] == []


def test_held_rows_stay_out_and_are_listed(sent, west):
    batch = sent(with_row(small(), "enrollments.csv", "e9,,,k1,s1,nobody,student,,,"), apply=True)

    with enter(person=west, purpose="test"):
        (held,) = HeldRow.objects.filter(batch=batch)
        assert not Enrollment.objects.filter(source_id="e9").exists()
    assert (held.code, held.file, held.line) == ("user_unknown", "enrollments.csv", 5)


def test_a_decision_after_applying_is_carried_by_a_new_batch(sent, west):
    bad_day = with_row(small(), "enrollments.csv", "e9,,,k2,s1,u1,student,,2026-02-30,")
    batch = sent(bad_day, apply=True)
    with enter(person=west, purpose="test"):
        (held,) = HeldRow.objects.filter(batch=batch)
        after = actions.decide(
            batch_id=batch.pk, code=held.code, file=held.file, line=held.line, choice="leave_empty", by=west, now=NOW
        )

    after = actions.check_batch(batch_id=after.pk, by=west, now=NOW)
    actions.apply_batch(batch_id=after.pk, by=west, now=NOW)

    assert after.follows_id == batch.pk
    with enter(person=west, purpose="test"):
        assert Enrollment.objects.get(source_id="e9").begins_on is None


def test_an_old_preview_is_not_applied(sent, west):
    sent(apply=True)
    old = sent(with_text(small(), "users.csv", "Four,Example", "Fore,Example"))
    sent(with_text(small(), "users.csv", "Four,Example", "Vier,Example"), apply=True)

    with pytest.raises(actions.PreviewIsOld):
        actions.apply_batch(batch_id=old.pk, by=west, now=NOW)


def test_a_delta_ends_what_it_names_and_what_hangs_on_it(sent, west):
    sent(_with_students(18), apply=True)
    delta = without(
        as_delta(small()), "demographics.csv", "courses.csv", "classes.csv", "orgs.csv", "academicSessions.csv"
    )
    delta["manifest.csv"] = b"".join(
        line.replace(b"delta", b"absent")
        if any(k in line for k in (b"demo", b"courses", b"classes", b"orgs", b"academic"))
        else line
        for line in delta["manifest.csv"].splitlines(keepends=True)
    )
    day = "2026-11-20T00:00:00.000Z"
    delta["users.csv"] = delta["users.csv"].splitlines(keepends=True)[0] + (
        f"u4,tobedeleted,{day},true,s1,student,four,,Four,Example,,,,,,,09,\n".encode()
    )
    delta["enrollments.csv"] = delta["enrollments.csv"].splitlines(keepends=True)[0]

    batch = sent(delta)
    assert batch.status == Batch.Status.CHECKED, batch.refusal
    actions.apply_batch(batch_id=batch.pk, by=west, now=NOW)

    with enter(person=west, purpose="test"):
        assert list(Student.objects.exclude(ended_on=None).values_list("source_id", flat=True)) == ["u4"]
        assert Student.objects.current().count() == 19
        # u4 sat in one class (e3) and at one school; the two seats of the others stay.
        assert list(Enrollment.objects.exclude(ended_on=None).values_list("source_id", flat=True)) == ["e3"]
        assert SchoolEnrollment.objects.exclude(ended_on=None).get().source_id == "u4:s1"


def test_a_first_file_that_is_a_delta_is_taken_with_a_note(sent):
    batch = sent(as_delta(small()))

    assert "first_is_delta" in {problem["code"] for problem in batch.summary["problems"]}


def test_the_other_districts_coordinator_cannot_touch_a_batch(sent, world):
    batch = sent()

    for act in (
        lambda: actions.apply_batch(batch_id=batch.pk, by=world.OTTO, now=NOW, tie=True),
        lambda: actions.undo_batch(batch_id=batch.pk, by=world.OTTO, now=NOW),
    ):
        with pytest.raises(Batch.DoesNotExist):
            act()


def test_a_batch_set_aside_leaves_no_file(sent, west):
    batch = sent()

    with enter(person=west, purpose="test"):
        actions.discard_batch(batch_id=batch.pk, by=west)

    assert not folders.original(batch.pk).exists()


def test_updates_keep_the_row_as_it_was(sent, west):
    sent(apply=True)

    batch = sent(with_text(small(), "users.csv", "Four,Example", "Fore,Example"), apply=True)

    with enter(person=west, purpose="test"):
        (change,) = Change.objects.filter(batch_id=batch.pk, table_name="roster_student")
    assert (change.operation, change.old["given_name"]) == ("U", "Four")


def test_checking_and_applying_twice_is_the_same_as_once(sent, west, fingerprints):
    batch = sent(apply=True)
    before = fingerprints()

    actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now())
    actions.apply_batch(batch_id=batch.pk, by=west, now=timezone.now())

    assert fingerprints() == before


@pytest.mark.parametrize(
    "name",
    [
        "catalyst-v11-full",
        "catalyst-v11-minimal",
        "catalyst-v12-minimal",
        "gospelnerd-v11-district-medium",
        "snapwiz-v11",
    ],
)
def test_real_bundles_go_in_and_out_again(sent, west, fingerprints, name):
    before = fingerprints()

    batch = sent(path=shared_data("oneroster", name), apply=True)

    assert batch.summary["read"] == batch.summary["accepted"] + batch.summary["held"] + batch.summary["left_out"]
    written = batch.summary["written"]
    effects = batch.summary["effects"]
    assert {t: w["inserted"] for t, w in written.items()} == {t: e["new"] for t, e in effects.items()}
    undo(batch, west)
    assert fingerprints() == before
