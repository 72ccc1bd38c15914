"""Attendance: the latest tap counts in whatever order they arrive, sent twice is once, and no day is marked before it comes."""

import datetime

import pytest
from django.utils import timezone
from tests.signing_in import signed_in

pytestmark = pytest.mark.database


def tap(gamma, name="amina", *, mark="absent", day=2, minutes_ago=0):
    at = timezone.now() - datetime.timedelta(minutes=minutes_ago)
    return {
        "registration": str(gamma.registration(name)),
        "day": str(gamma.day(day)),
        "mark": mark,
        "at": at.isoformat(),
    }


def send(gamma, sent, person="pete"):
    return signed_in(f"{person}@example.org").post(f"/programs/{gamma.OFFERING}/attendance/mark/", sent)


def marks(outside, gamma, day=2):
    rows = outside.execute("select registration_id, mark from programs_attendance where day_id = %s", [gamma.day(day)])
    return dict(rows.fetchall())


def test_a_tap_is_kept_once_however_often_it_is_sent(gamma, outside):
    sent = tap(gamma)
    for _ in range(2):
        assert send(gamma, sent).json() == {"saved": True}

    assert marks(outside, gamma) == {gamma.registration("amina"): "absent"}


def test_the_latest_tap_counts_though_it_arrives_first(gamma, outside):
    send(gamma, tap(gamma, mark="present", minutes_ago=1))
    send(gamma, tap(gamma, mark="absent", minutes_ago=30))

    assert marks(outside, gamma) == {gamma.registration("amina"): "present"}


def test_a_clock_that_is_ahead_does_not_win_for_ever(gamma, outside):
    send(gamma, tap(gamma, mark="absent", minutes_ago=-600))
    send(gamma, tap(gamma, mark="present"))

    assert marks(outside, gamma) == {gamma.registration("amina"): "present"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"mark": "sleeping"}, 422),
        ({"registration": "nobody"}, 422),
        ({"at": "yesterday"}, 422),
        ({"at": "2026-11-24T10:00:00"}, 422),
    ],
)
def test_what_cannot_be_read_is_refused(gamma, outside, changes, status):
    assert send(gamma, tap(gamma) | changes).status_code == status
    assert marks(outside, gamma) == {}


def test_a_day_that_has_not_come_cannot_be_marked(gamma, outside):
    assert send(gamma, tap(gamma, day=3)).status_code == 409
    assert marks(outside, gamma, day=3) == {}


@pytest.mark.parametrize(("person", "name"), [("pete", "chue"), ("pete", "dee"), ("pam", "dee"), ("pam", "chue")])
def test_a_child_without_a_seat_is_on_nobodys_list(gamma, outside, person, name):
    """Pam sees who waits and may not write down that a child who never came was there: the day's list shows seats alone."""
    status = send(gamma, tap(gamma, name), person).status_code

    assert status == 404
    assert gamma.registration(name) not in marks(outside, gamma)


def test_without_a_script_the_whole_list_is_saved_with_one_button(gamma, outside):
    client = signed_in("pete@example.org")
    answer = client.post(
        f"/programs/{gamma.OFFERING}/attendance/",
        {f"mark-{gamma.registration('amina')}": "late", f"mark-{gamma.registration('elia')}": "present"},
    )

    assert answer.status_code == 302
    assert marks(outside, gamma) == {gamma.registration("amina"): "late", gamma.registration("elia"): "present"}


def test_the_day_after_the_program_the_teacher_reads_that_it_is_over(gamma, outside):
    today = timezone.localdate()
    outside.execute(
        "update programs_offering set starts_on = %s, ends_on = %s, closes_on = %s where id = %s",
        [today - datetime.timedelta(5), today - datetime.timedelta(1), today - datetime.timedelta(5), gamma.OFFERING],
    )
    client = signed_in("pete@example.org")

    page = client.get(f"/programs/{gamma.OFFERING}/attendance/").content.decode()
    assert "The program is over" in page
    assert "Amina" not in page
    assert send(gamma, tap(gamma)).status_code == 404
