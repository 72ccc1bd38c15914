"""Several people and workers at the same batch, killed work, and a clock that jumps: one outcome, and never half of it."""

import datetime
import shutil
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone
from tests.formats.bundles import small, with_text, write_zip
from tests.working import finish_work, in_a_thread

from commonground.apps.intake import actions, folders, jobs, receiving
from commonground.apps.intake.applying import hold_owner
from commonground.apps.intake.models import Batch, Tie
from commonground.apps.roster.models import Student
from commonground.store.jobs import defer
from commonground.store.walls import enter

pytestmark = pytest.mark.database
NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)
Status = Batch.Status


def at_once(*tasks) -> list:
    """Run tasks in threads that begin together; each one's answer, or the exception it raised."""
    ready, answers = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place, task) -> None:
        try:
            connection.ensure_connection()
            ready.wait(30)
            answers[place] = task()
        except Exception as error:  # noqa: BLE001 - the answer under test
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "two wait for each other"
    return answers


def apply(batch, by):
    return actions.apply_batch(batch_id=batch.pk, by=by, now=NOW, tie=True)


def undo(batch, by):
    return actions.undo_batch(batch_id=batch.pk, by=by, now=NOW)


def begin(batch, by, status):
    expected = {Status.APPLYING: Status.CHECKED, Status.UNDOING: Status.APPLIED}[status]
    with enter(person=by, purpose="test"):
        return actions.begin(batch_id=batch.pk, status=status, expected=expected)


def status_of(batch, by) -> Status:
    with enter(person=by, purpose="test"):
        return Status(Batch.objects.get(pk=batch.pk).status)


def changed(name: str):
    return with_text(small(), "users.csv", "Four,Example", f"{name},Example")


def students(by) -> int:
    with enter(person=by, purpose="test"):
        return Student.objects.filter(ended_on=None).count()


def test_two_who_apply_one_batch_at_once_write_it_once(sent, west):
    batch = sent()

    answers = at_once(lambda: apply(batch, west), lambda: apply(batch, west))

    assert [answer.status for answer in answers] == [Status.APPLIED, Status.APPLIED]
    assert students(west) == 2


def test_two_clicks_on_apply_start_one_job(sent, west):
    batch = sent()

    answers = at_once(*[lambda: begin(batch, west, Status.APPLYING)] * 2)

    assert sorted(type(answer).__name__ for answer in answers) == ["Batch", "NotNow"]


def test_of_two_batches_applied_at_once_one_must_be_looked_at_again(sent, west):
    sent(apply=True)
    batches = [sent(changed("Fore")), sent(changed("Vier"))]

    answers = at_once(*[lambda batch=batch: apply(batch, west) for batch in batches])

    assert sorted(type(answer).__name__ for answer in answers) == ["Batch", "PreviewIsOld"]
    applied = next(answer for answer in answers if isinstance(answer, Batch))
    with enter(person=west, purpose="test"):
        assert Student.objects.get(source_id="u4").batch_id == applied.pk


def test_apply_and_undo_at_once_end_in_one_of_two_orders(sent, west, fingerprints):
    empty = fingerprints()
    first = sent(apply=True)
    second = sent(changed("Fore"))

    applied, undone = at_once(lambda: apply(second, west), lambda: undo(first, west))

    if isinstance(applied, actions.PreviewIsOld):
        assert undone.status == Status.UNDONE
        assert fingerprints() == empty
    else:
        assert isinstance(undone, actions.NotNow)
        assert applied.status == Status.APPLIED
        assert students(west) == 2


def test_an_apply_job_that_runs_again_leaves_a_batch_that_is_being_undone_alone(sent, west):
    # The worker was killed after it had applied the batch and before it said so; meanwhile a person asked for the undo.
    batch = sent(apply=True)
    begin(batch, west, Status.UNDOING)

    jobs.apply(batch_id=str(batch.pk), person_id=str(west), tie=1)

    assert status_of(batch, west) == Status.UNDOING
    jobs.undo(batch_id=str(batch.pk), person_id=str(west))
    assert status_of(batch, west) == Status.UNDONE
    assert students(west) == 0


def test_an_undo_job_that_runs_again_leaves_a_batch_that_is_being_applied_alone(sent, west):
    batch = sent()
    begin(batch, west, Status.APPLYING)

    jobs.undo(batch_id=str(batch.pk), person_id=str(west))

    assert status_of(batch, west) == Status.APPLYING


def test_what_was_applied_while_a_batch_was_compared_makes_its_preview_old(sent, west, monkeypatch):
    sent(apply=True)
    other = sent(changed("Fore"))
    real = actions.read_and_compare

    def meanwhile(batch, **more):
        answer = real(batch, **more)
        in_a_thread(lambda: apply(other, west))
        return answer

    monkeypatch.setattr(actions, "read_and_compare", meanwhile)
    batch = sent(changed("Vier"))

    with pytest.raises(actions.PreviewIsOld):
        apply(batch, west)


def test_a_batch_checked_twice_at_once_is_ready_to_apply(sent, west, fingerprints):
    batch = sent()

    def check():
        return actions.check_batch(batch_id=batch.pk, by=west, now=NOW)

    answers = at_once(check, check)

    assert [answer.status for answer in answers] == [Status.CHECKED, Status.CHECKED]
    assert apply(batch, west).status == Status.APPLIED
    assert students(west) == 2


def test_while_a_batch_is_checked_nobody_can_set_it_aside_or_decide(sent, west, monkeypatch):
    batch, real, refused = sent(), actions.read_and_compare, []

    def meanwhile(one, **more):
        def others() -> None:
            for act in (
                lambda: actions.discard_batch(batch_id=batch.pk, by=west),
                lambda: actions.decide(
                    batch_id=batch.pk,
                    code="leavers_many",
                    file="s1",
                    line=None,
                    choice="take",
                    by=west,
                    now=NOW,
                ),
            ):
                with enter(person=west, purpose="test"), pytest.raises(actions.NotNow) as not_now:
                    act()
                refused.append(str(not_now.value))

        in_a_thread(others)
        return real(one, **more)

    monkeypatch.setattr(actions, "read_and_compare", meanwhile)
    checked = actions.check_batch(batch_id=batch.pk, by=west, now=NOW)

    assert len(refused) == 2
    assert checked.status == Status.CHECKED
    assert folders.original(batch.pk).exists()


def test_two_tabs_that_send_at_once_get_a_number_each(west, world, tmp_path):
    path = write_zip(small(), tmp_path / "b.zip")

    def send():
        with enter(person=west, purpose="test"):
            return receiving.receive_file(owner_id=world.WEST, blocks=path, label="b", by=west, now=NOW)

    answers = at_once(send, send, send)

    assert sorted(batch.number for batch in answers) == [1, 2, 3]


def test_a_file_can_be_sent_while_another_is_being_applied(west, world, tmp_path):
    path = write_zip(small(), tmp_path / "b.zip")

    def send() -> None:
        with enter(person=west, purpose="test"):
            receiving.receive_file(owner_id=world.WEST, blocks=path, label="b", by=west, now=NOW)

    with enter(person=west, purpose="test", role="loader"):
        hold_owner(world.WEST)
        in_a_thread(send)  # fails when it waits


def test_one_root_is_tied_to_one_district_though_two_say_so_at_once(sent, west, world):
    mine, theirs = sent(), sent(small(), owner=world.SOUTH, by=world.OTTO)

    answers = at_once(lambda: apply(mine, west), lambda: apply(theirs, world.OTTO))

    assert sorted(type(answer).__name__ for answer in answers) == ["Batch", "PreviewIsOld"]
    ties = 0
    for person in (west, world.OTTO):
        with enter(person=person, purpose="test"):
            ties += Tie.objects.count()
    assert ties == 1


def test_the_district_that_was_slower_is_refused_when_its_file_is_checked_again(sent, west, world):
    theirs = sent(small(), owner=world.SOUTH, by=world.OTTO)
    sent(apply=True)
    begin(theirs, world.OTTO, Status.APPLYING)

    jobs.apply(batch_id=str(theirs.pk), person_id=str(world.OTTO), tie=1)

    with enter(person=world.OTTO, purpose="test"):
        assert Batch.objects.get(pk=theirs.pk).refusal["code"] == "root_differs"


def test_prepared_files_that_are_gone_are_prepared_again_and_never_applied_as_nothing(sent, west, fingerprints):
    batch, before = sent(), fingerprints()
    shutil.rmtree(folders.batch_folder(batch.pk) / "ready")
    begin(batch, west, Status.APPLYING)

    jobs.apply(batch_id=str(batch.pk), person_id=str(west), tie=1)

    assert status_of(batch, west) == Status.CHECKED
    assert fingerprints() == before
    assert apply(batch, west).status == Status.APPLIED
    assert students(west) == 2


def test_a_clock_that_goes_back_changes_neither_order_nor_rows(sent, west, fingerprints):
    before = fingerprints()
    first = sent(apply=True)
    between = fingerprints()
    second = sent(changed("Fore"))
    actions.apply_batch(batch_id=second.pk, by=west, now=NOW - datetime.timedelta(days=400))

    with pytest.raises(actions.NotNow):
        undo(first, west)
    actions.undo_batch(batch_id=second.pk, by=west, now=NOW - datetime.timedelta(days=800))
    assert fingerprints() == between
    undo(first, west)
    assert fingerprints() == before


def test_large_steps_are_planned_for_many_rows_though_statistics_call_the_tables_empty(sent, west, monkeypatch):
    # Statistics of an emptied table made the planner go through it once per row: 100,000 rows took minutes to take back.
    planned = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("explain select from roster_student s join roster_schoolenrollment e on e.student_id = s.id")
            planned.append("Nested Loop" in " ".join(line for (line,) in cursor.fetchall()))

    for name in ("write_batch", "unwrite_batch"):
        real = getattr(actions, name)
        monkeypatch.setattr(actions, name, lambda real=real, **more: (look(), real(**more))[1])

    batch = sent(apply=True)
    undo(batch, west)

    assert planned == [False, False]


# --- work that was killed with nobody to go on ----------------------------------------------------------------------------
def killed(batch, databases, status: Status) -> None:
    """The batch as a killed worker or command leaves it, an hour later."""
    databases.execute(
        f"update intake_batch set status = '{status}', sent_at = now() - interval '1 hour' where id = '{batch.pk}'",
        database=connection.settings_dict["NAME"],
    )


@pytest.mark.parametrize(
    ("working", "then"),
    [
        (Status.RECEIVED, Status.FAILED),
        (Status.CHECKING, Status.FAILED),
        (Status.APPLYING, Status.CHECKED),
        (Status.UNDOING, Status.APPLIED),
    ],
)
def test_a_batch_that_nobody_works_on_is_freed(sent, west, databases, working, then):
    batch = sent(apply=working == Status.UNDOING)
    killed(batch, databases, working)

    jobs.sweep()

    assert status_of(batch, west) == then


def test_a_batch_whose_job_waits_is_left_to_it(sent, west, databases):
    batch = sent()
    killed(batch, databases, Status.APPLYING)
    with enter(person=west, purpose="test"):
        defer("intake.apply", batch_id=batch.pk, person_id=west, tie=1)

    jobs.sweep()

    assert status_of(batch, west) == Status.APPLYING
    finish_work()
    assert status_of(batch, west) == Status.APPLIED


def test_a_batch_that_somebody_holds_is_left_to_him(sent, west, databases):
    batch = sent()
    killed(batch, databases, Status.CHECKING)

    with enter(person=west, purpose="test"):
        Batch.objects.select_for_update().get(pk=batch.pk)
        in_a_thread(jobs.sweep)

    assert status_of(batch, west) == Status.CHECKING


def test_a_check_by_command_that_was_killed_can_be_sent_again(sent, west, databases):
    killed(sent(), databases, Status.CHECKING)
    jobs.sweep()

    again = sent(apply=True)

    assert again.status == Status.APPLIED
    assert timezone.now() > again.sent_at


def test_a_district_that_is_being_written_keeps_no_other_waiting(sent, world, west, monkeypatch):
    other = with_text(small(), "orgs.csv", "d1,", "dx,")
    other = {name: content.replace(b",d1", b",dx") for name, content in other.items()}
    mine, theirs = sent(), sent(other, owner=world.SOUTH, by=world.OTTO)
    mine_is_written, other_is_in, write = threading.Event(), threading.Event(), actions.write_batch

    def wait_for_the_other(*, batch_id, **where):
        written = write(batch_id=batch_id, **where)
        if batch_id == mine.pk:
            mine_is_written.set()
            assert other_is_in.wait(20), "the other district waits for this one"
        return written

    def their_turn():
        assert mine_is_written.wait(60)
        applied = apply(theirs, world.OTTO)
        other_is_in.set()
        return applied

    monkeypatch.setattr(actions, "write_batch", wait_for_the_other)

    answers = at_once(lambda: apply(mine, west), their_turn)

    assert [answer.status for answer in answers] == [Status.APPLIED, Status.APPLIED]
