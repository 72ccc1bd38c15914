"""What is kept of a sent file or folder: all of it within limits, or nothing; never through a link, never from a pipe."""

import errno
import os
import socket
import traceback

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests import world as world_of
from tests.formats.bundles import small, write_folder, write_zip
from tests.signing_in import signed_in

from commonground.apps.intake import actions, folders, jobs, receiving, uploads
from commonground.apps.intake.forms import SendForm
from commonground.apps.intake.models import Batch
from commonground.formats import archives
from commonground.formats.archives import Limits
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def own_batch_folder(settings, tmp_path):
    """Folders of this test alone, to see what is left of them."""
    settings.BATCH_FOLDER = tmp_path / "batches"
    return settings.BATCH_FOLDER


@pytest.fixture
def receive(west, world):
    """Send a path or blocks for West: `receive(blocks)` answers with the batch."""

    def send(blocks):
        with enter(person=west, purpose="test"):
            return receiving.receive_file(
                owner_id=world.WEST, blocks=blocks, label="bundle", by=west, now=timezone.now()
            )

    return send


def left(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() or path.is_symlink()] if folder.exists() else []


def test_a_folder_is_copied_to_the_byte(receive, tmp_path):
    batch = receive(write_folder(small(), tmp_path / "in"))

    kept = folders.original(batch.pk)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == small()
    assert batch.size_bytes == sum(map(len, small().values()))
    assert {oct(path.stat().st_mode & 0o777) for path in kept.iterdir()} == {"0o600"}


@pytest.mark.parametrize("where", ["/etc/passwd", "users.csv", "/nowhere", "..", "/proc"])
def test_a_link_in_a_folder_is_refused_wherever_it_leads(receive, own_batch_folder, tmp_path, where):
    folder = write_folder(small(), tmp_path / "in")
    (folder / "extra.csv").symlink_to(where)

    batch = receive(folder)

    assert (batch.status, batch.refusal["code"], batch.refusal["file"]) == ("refused", "archive_link", "extra.csv")
    assert left(own_batch_folder) == []


# Only root makes devices.
@pytest.mark.parametrize("kind", ["pipe", "socket", *(["device"] if os.geteuid() == 0 else [])])
def test_what_is_no_file_is_refused_and_not_waited_for(receive, own_batch_folder, tmp_path, kind):
    folder = write_folder(small(), tmp_path / "in")
    with socket.socket(socket.AF_UNIX) as listener:
        if kind == "pipe":
            os.mkfifo(folder / "extra.csv")
        elif kind == "socket":
            listener.bind(str(folder / "extra.csv"))
        else:
            os.mknod(folder / "extra.csv", 0o020600, os.makedev(1, 5))  # the endless zeros of /dev/zero

        batch = receive(folder)

    assert (batch.status, batch.refusal["code"]) == ("refused", "archive_link")
    assert left(own_batch_folder) == []


def test_a_folder_that_becomes_a_link_while_it_is_copied_is_refused(receive, tmp_path, monkeypatch):
    folder = write_folder(small(), tmp_path / "in")
    real = os.open

    def swap(path, flags, *rest, **more):
        if str(path) == str(folder / "users.csv"):
            (folder / "users.csv").unlink()
            (folder / "users.csv").symlink_to("/etc/passwd")
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(archives.os, "open", swap)

    assert receive(folder).refusal["code"] == "archive_link"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(entries=7), "archive_entries"),  # a small bundle has eight files
        (Limits(file_size=200), "archive_size"),
        (Limits(total_size=600), "archive_size"),
    ],
)
def test_a_folder_is_held_to_the_limits_of_an_archive(receive, own_batch_folder, tmp_path, monkeypatch, limits, code):
    monkeypatch.setitem(archives.copy_folder.__kwdefaults__, "limits", limits)

    batch = receive(write_folder(small(), tmp_path / "in"))

    assert (batch.status, batch.refusal["code"]) == ("refused", code)
    assert left(own_batch_folder) == []


def test_empty_folders_count_as_entries(receive, tmp_path, monkeypatch):
    monkeypatch.setitem(archives.copy_folder.__kwdefaults__, "limits", Limits(entries=20))
    folder = write_folder(small(), tmp_path / "in")
    for number in range(15):
        (folder / f"empty{number}").mkdir()

    assert receive(folder).refusal["code"] == "archive_entries"


def test_a_refused_folder_stays_refused_when_it_is_checked(receive, west, tmp_path):
    (write_folder(small(), tmp_path / "in") / "extra.csv").symlink_to("/etc/passwd")
    batch = receive(tmp_path / "in")

    checked = actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now())

    assert (checked.status, checked.refusal["code"]) == ("refused", "archive_link")


def test_a_pipe_in_place_of_the_file_is_refused(receive, tmp_path):
    os.mkfifo(tmp_path / "bundle.zip")

    assert receive(tmp_path / "bundle.zip").refusal["code"] == "archive_unreadable"


def test_a_file_over_the_size_leaves_neither_batch_nor_file(receive, west, own_batch_folder, monkeypatch):
    monkeypatch.setattr(receiving, "LARGEST_FILE_BYTES", 10)

    with pytest.raises(receiving.FileTooLarge):
        receive(iter([b"12345678", b"9ab"]))

    assert left(own_batch_folder) == []
    with enter(person=west, purpose="test"):
        assert not Batch.objects.exists()


def blocks_until_the_disk_is_full():
    yield b"x" * 1000
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_while_a_file_arrives_leaves_neither_batch_nor_file(receive, west, own_batch_folder):
    with pytest.raises(receiving.NoRoom):
        receive(blocks_until_the_disk_is_full())

    assert left(own_batch_folder) == []
    with enter(person=west, purpose="test"):
        assert not Batch.objects.exists()


def test_a_full_disk_during_the_check_gives_the_room_back_and_the_file_can_be_checked_later(
    receive, west, own_batch_folder, tmp_path, monkeypatch, fingerprints
):
    batch, before = receive(write_zip(small(), tmp_path / "b.zip")), fingerprints()
    real = actions.read_and_compare

    def break_down(one, **more):
        real(one, **more)  # everything is staged by then
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(actions, "read_and_compare", break_down)
    with pytest.raises(actions.BrokeDown, match="OSError in"):
        actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now())

    assert left(own_batch_folder) == ["sent"]
    assert fingerprints() == before
    with enter(person=west, purpose="test"):
        assert Batch.objects.get(pk=batch.pk).status == Batch.Status.FAILED
    monkeypatch.setattr(actions, "read_and_compare", real)
    assert actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now()).status == Batch.Status.CHECKED


def test_nothing_is_kept_of_a_refused_file(receive, west, own_batch_folder):
    batch = receive(iter([b"no archive"]))

    batch = actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now())

    assert batch.status == Batch.Status.REFUSED
    assert left(own_batch_folder) == []


def test_files_of_an_upload_that_was_broken_off_are_swept_away(west, world, own_batch_folder):
    def receive_then_break() -> None:
        with enter(person=west, purpose="test"):
            receiving.receive_file(owner_id=world.WEST, blocks=[b"x"], label="b", by=west, now=timezone.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        receive_then_break()
    assert left(own_batch_folder) == ["sent"]

    jobs.sweep()
    assert left(own_batch_folder) == ["sent"]  # it may be an upload that is still coming in
    _age(own_batch_folder)
    jobs.sweep()

    assert left(own_batch_folder) == []


def test_files_that_a_batch_needs_are_not_swept_away(receive, own_batch_folder, tmp_path):
    receive(write_zip(small(), tmp_path / "b.zip"))
    _age(own_batch_folder)

    jobs.sweep()

    assert left(own_batch_folder) == ["sent"]


def _age(batch_folder) -> None:
    for folder in batch_folder.iterdir():
        os.utime(folder, (0, 0))


def test_an_error_of_ours_shows_its_place_and_no_value(receive, west, tmp_path, monkeypatch, caplog):
    batch = receive(write_zip(small(), tmp_path / "b.zip"))

    def break_down(*_, **__):
        raise ValueError("cannot convert 'Amina Ali' to a date")

    monkeypatch.setattr(actions, "read_and_compare", break_down)
    with pytest.raises(actions.BrokeDown) as broke:
        actions.check_batch(batch_id=batch.pk, by=west, now=timezone.now())

    shown = caplog.text + "".join(traceback.format_exception(broke.value))
    assert "ValueError in break_down" in shown
    assert str(batch.pk) in caplog.text
    assert "Amina" not in shown


@pytest.mark.parametrize("name", ["apply", "undo"])
def test_an_error_while_writing_shows_no_value_either(receive, west, tmp_path, monkeypatch, name):
    batch = receive(write_zip(small(), tmp_path / "b.zip"))

    def break_down(**_):
        raise ValueError("Key (source_id)=(Amina) already exists")

    monkeypatch.setattr(actions, f"{name}_batch", break_down)
    more = {"tie": 1} if name == "apply" else {}
    with pytest.raises(actions.BrokeDown) as broke:
        getattr(jobs, name)(batch_id=str(batch.pk), person_id=str(west), **more)

    assert "Amina" not in "".join(traceback.format_exception(broke.value))


# --- an upload while it arrives ---------------------------------------------------------------------------------------


@pytest.fixture
def page(west):
    """Send bytes on the page as Wanda: `page(content)` answers with the response."""
    browser = signed_in("wanda@example.org")

    def send(content: bytes):
        return browser.post(
            "/data/send/", {"district": str(world_of.WEST), "file": SimpleUploadedFile("bundle.zip", content)}
        )

    return send


@pytest.fixture
def spooled(monkeypatch):
    """How many bytes of each upload were written to the temporary folder, at most."""
    most: list[int] = []
    real = uploads.TemporaryFileUploadHandler.receive_data_chunk

    def count(self, raw_data, start):
        real(self, raw_data, start)
        self.file.flush()
        most.append(os.stat(self.file.temporary_file_path()).st_size)

    monkeypatch.setattr(uploads.TemporaryFileUploadHandler, "receive_data_chunk", count)
    return most


def test_an_upload_over_the_size_is_told_and_spooled_no_further(page, west, spooled, own_batch_folder, monkeypatch):
    monkeypatch.setattr(receiving, "LARGEST_FILE_BYTES", 200_000)
    monkeypatch.setattr(SendForm.base_fields["file"], "most", 200_000)

    answer = page(os.urandom(900_000))

    assert answer.status_code == 422
    assert "The file is larger than 2 GB" in answer.content.decode()
    assert max(spooled, default=0) <= 200_000
    assert left(own_batch_folder) == []
    with enter(person=west, purpose="test"):
        assert not Batch.objects.exists()


def test_an_upload_of_exactly_the_size_is_kept_to_the_byte(page, west, monkeypatch):
    content = os.urandom(200_000)
    monkeypatch.setattr(receiving, "LARGEST_FILE_BYTES", len(content))

    assert page(content).status_code == 302

    with enter(person=west, purpose="test"):
        batch = Batch.objects.get()
    assert folders.original(batch.pk).read_bytes() == content


def test_a_sender_that_goes_on_and_on_is_cut_off(page, spooled, monkeypatch):
    monkeypatch.setattr(receiving, "LARGEST_FILE_BYTES", 100_000)
    monkeypatch.setattr(uploads, "THROWN_AWAY_BYTES", 100_000)

    assert page(os.urandom(900_000)).status_code == 422
    assert max(spooled, default=0) <= 100_000
