"""What a district sent stays as it was sent while a legal hold covers it, also what was refused."""

import os

import pytest
from django.utils import timezone
from tests.walls.test_every_policy import outside

from commonground.apps.core.asking import ask_database
from commonground.apps.governance.models import LegalHold
from commonground.apps.governance.retention import actions as retention
from commonground.apps.intake import actions, folders, jobs
from commonground.store.walls import enter

pytestmark = pytest.mark.database
NO_ARCHIVE = b"no archive, and no table"


@pytest.fixture(autouse=True)
def own_batch_folder(settings, tmp_path):
    settings.BATCH_FOLDER = tmp_path / "batches"
    return settings.BATCH_FOLDER


@pytest.fixture
def refused(sent, tmp_path):
    """Send what cannot be read, for West; the batch."""

    def send():
        path = tmp_path / "letter.zip"
        path.write_bytes(NO_ARCHIVE)
        batch = sent(path=path)
        assert batch.status == "refused"
        return batch

    return send


def hold(world, by, **about):
    with enter(person=by, purpose="test"):
        return retention.place_hold(
            place_id=world.WEST,
            **{"data_class": "", "student_id": None, **about},
            reason="A letter of the court",
            by=by,
            now=timezone.now(),
        )


def untouched(batch):
    """As if nobody had touched its folder for an hour."""
    os.utime(folders.batch_folder(batch.pk), (0, 0))


def test_a_refused_file_is_destroyed_at_once_where_nothing_is_held(refused):
    assert not folders.has_files(refused().pk)


@pytest.mark.parametrize("data_class", ["", "files"])
def test_a_refused_file_of_a_held_district_stays_as_it_was_sent_and_alone(world, west, refused, data_class):
    hold(world, west, data_class=data_class)

    batch = refused()
    untouched(batch)
    jobs.sweep()

    assert folders.original(batch.pk).read_bytes() == NO_ARCHIVE
    assert [path.name for path in folders.batch_folder(batch.pk).iterdir()] == ["sent"]
    with enter(person=west, purpose="test"), pytest.raises(actions.NotNow):
        actions.discard_batch(batch_id=batch.pk, by=west)


def test_a_hold_on_another_class_keeps_no_refused_file(world, west, refused):
    hold(world, west, data_class="roster")

    assert not folders.has_files(refused().pk)


def test_a_held_refused_file_goes_once_the_hold_has_ended(world, west, refused):
    held = hold(world, west)
    batch = refused()
    with enter(person=west, purpose="test"):
        retention.end_hold(hold=LegalHold.objects.get(pk=held.pk), by=west, now=timezone.now())
    untouched(batch)

    jobs.sweep()

    assert not folders.has_files(batch.pk)


def test_an_archive_that_nobody_read_outlives_its_days_while_it_is_held(world, west, sent, databases):
    batch = sent()
    held = hold(world, west)
    with outside(databases) as run:
        run.execute(
            "update intake_batch set status = 'failed', sent_at = now() - interval '9 years' where id = %s", [batch.pk]
        )
    untouched(batch)

    jobs.sweep()
    with enter(person=retention.NOBODY, purpose="test", role="job"):
        assert ask_database("past_files", world.WEST) == []

    assert folders.original(batch.pk).is_file()
    with enter(person=west, purpose="test"):
        retention.end_hold(hold=LegalHold.objects.get(pk=held.pk), by=west, now=timezone.now())
    with enter(person=retention.NOBODY, purpose="test", role="job"):
        assert ask_database("past_files", world.WEST) == [batch.pk]


def test_the_page_of_a_refused_file_says_that_it_is_held(world, west, refused):
    from tests.signing_in import signed_in

    wanda = signed_in("wanda@example.org")
    before = refused()
    hold(world, west)
    kept = refused()

    gone_page, kept_page = (wanda.get(f"/data/{one.pk}/").content.decode() for one in (before, kept))

    assert "was destroyed" in gone_page
    assert "A legal hold" in kept_page
    assert "was destroyed" not in kept_page
