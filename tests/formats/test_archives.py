"""What a stranger's archive may not do. Each refusal happens before anything is unpacked, or while it is counted."""

import hashlib
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from commonground.formats import Refused
from commonground.formats.archives import Limits, digests, first_bytes, open_bundle
from tests.formats.bundles import write_zip


def refusal(source: Path, into: Path, **limits: int) -> str:
    with pytest.raises(Refused) as refused:
        open_bundle(source, into=into, limits=Limits(**limits))
    assert not into.exists() or not [
        path for path in into.rglob("*") if path.is_file() and path.stat().st_size > 1 << 20
    ]
    return refused.value.code


def archive_of(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return path


def test_files_are_found_at_the_top_or_in_one_folder(tmp_path):
    top = open_bundle(write_zip({"a.csv": b"x", "readme.txt": b"y"}, tmp_path / "top.zip"), into=tmp_path / "1")
    inside = open_bundle(write_zip({"export/A.CSV": b"x"}, tmp_path / "inside.zip"), into=tmp_path / "2")

    assert [(file.name, file.path.read_bytes()) for file in top.files] == [("a.csv", b"x")]
    assert [(note.code, note.file) for note in top.notes] == [("file_ignored", "readme.txt")]
    assert [file.name for file in inside.files] == ["export/A.CSV"]
    assert [(note.code, note.file) for note in inside.notes] == [("folder_nested", "export")]


def test_clutter_of_operating_systems_is_passed_over(tmp_path):
    source = write_zip({"a.csv": b"x", "__MACOSX/._a.csv": b"y", ".DS_Store": b"z"}, tmp_path / "a.zip")

    bundle = open_bundle(source, into=tmp_path / "out")

    assert [file.name for file in bundle.files] == ["a.csv"]
    assert bundle.notes == ()


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "./a.csv", "C:\\a.csv", "..\\a.csv", "\\\\host\\a.csv"]
)
def test_a_name_that_points_outside_is_refused(tmp_path, name):
    source = archive_of(tmp_path / "a.zip", (zipfile.ZipInfo(name), b"x"))

    assert refusal(source, tmp_path / "out") == "archive_name_unsafe"
    assert not (tmp_path / "out").exists()


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert refusal(archive_of(tmp_path / "a.zip", (link, b"/etc/passwd")), tmp_path / "out") == "archive_link"


def test_a_link_in_a_folder_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "users.csv").symlink_to("/etc/hostname")

    assert refusal(folder, tmp_path / "out") == "archive_link"


@pytest.mark.parametrize("name", ["inner.zip", "inner.csv.gz", "inner.7z", "inner.csv"])
def test_an_archive_inside_is_refused_by_name_or_content(tmp_path, name):
    inner = write_zip({"a.csv": b"x"}, tmp_path / "inner").read_bytes()
    source = write_zip({name: inner}, tmp_path / "outer.zip")

    assert refusal(source, tmp_path / "out") == "archive_nested"


def test_an_encrypted_entry_is_refused(tmp_path):
    source = write_zip({"a.csv": b"x"}, tmp_path / "a.zip")
    content = bytearray(source.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1  # general purpose flag, bit 0, in the central directory
    source.write_bytes(content)

    assert refusal(source, tmp_path / "out") == "archive_encrypted"


def test_a_zip_bomb_is_refused_unread(tmp_path):
    # Ten million zeros pack to about ten thousand bytes: a ratio near 1,000, ten times the limit.
    source = write_zip({"users.csv": bytes(10_000_000)}, tmp_path / "bomb.zip")
    assert source.stat().st_size < 100_000

    assert refusal(source, tmp_path / "out") == "archive_ratio"
    assert not (tmp_path / "out").exists()


def test_an_entry_larger_than_it_declares_is_stopped(tmp_path):
    source = write_zip({"a.csv": b"x" * 5000}, tmp_path / "a.zip")
    content = bytearray(source.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", 10)  # uncompressed size in the central directory
    source.write_bytes(content)

    assert refusal(source, tmp_path / "out") in ("archive_size", "archive_unreadable")


def test_overlapping_entries_are_refused(tmp_path):
    # Two directory entries for the same bytes, as in Fifield's bomb: together they are larger than the archive.
    source = write_zip({"a.csv": os.urandom(4000), "b.csv": b"x"}, tmp_path / "a.zip")
    content = bytearray(source.read_bytes())
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    content[second + 20 : second + 28] = content[first + 20 : first + 28]
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    source.write_bytes(content)

    assert refusal(source, tmp_path / "out") == "archive_unreadable"


def test_too_many_entries_are_refused(tmp_path):
    source = write_zip({f"{number}.csv": b"x" for number in range(1001)}, tmp_path / "a.zip")

    assert refusal(source, tmp_path / "out") == "archive_entries"


def test_a_thousand_entries_are_enough_for_anyone_and_accepted(tmp_path):
    source = write_zip({f"{number}.csv": b"x" for number in range(1000)}, tmp_path / "a.zip")

    assert len(open_bundle(source, into=tmp_path / "out").files) == 1000


def test_files_over_the_size_are_refused_alone_and_together(tmp_path):
    source = write_zip({"a.csv": os.urandom(600), "b.csv": os.urandom(600)}, tmp_path / "a.zip")

    assert refusal(source, tmp_path / "out", file_size=500) == "archive_size"
    assert refusal(source, tmp_path / "out", total_size=1000) == "archive_size"


def test_two_names_that_differ_in_capitals_are_refused(tmp_path):
    assert (
        refusal(write_zip({"a.csv": b"x", "A.csv": b"y"}, tmp_path / "a.zip"), tmp_path / "out")
        == "archive_name_repeated"
    )


@pytest.mark.parametrize("names", [("a/x.csv", "b/y.csv"), ("x.csv", "b/y.csv"), ("a/b/x.csv",)])
def test_several_or_deep_folders_are_refused(tmp_path, names):
    assert refusal(write_zip(dict.fromkeys(names, b"x"), tmp_path / "a.zip"), tmp_path / "out") == "archive_folders"


@pytest.mark.parametrize("cut", [4, 30, 200, -1])
def test_a_truncated_archive_is_refused(tmp_path, cut):
    source = write_zip({"a.csv": os.urandom(500)}, tmp_path / "a.zip")
    source.write_bytes(source.read_bytes()[:cut])

    assert refusal(source, tmp_path / "out") == "archive_unreadable"


def test_a_damaged_entry_is_refused_when_it_is_read(tmp_path):
    source = write_zip({"a.csv": os.urandom(500)}, tmp_path / "a.zip")
    content = bytearray(source.read_bytes())
    content[100] ^= 0xFF
    source.write_bytes(content)

    assert refusal(source, tmp_path / "out") == "archive_unreadable"


def test_first_bytes_are_read_without_unpacking(tmp_path):
    source = write_zip({"a.csv": b"x" * 9000, "b.txt": b"y"}, tmp_path / "a.zip")

    assert first_bytes(source, size=10) == {"a.csv": b"x" * 10}


# --- folders --------------------------------------------------------------------------------------------------------------
def folder_of(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name.replace("_", ".")).write_bytes(content)
    return path


def test_a_folder_is_read_where_it_lies(tmp_path):
    folder = folder_of(tmp_path / "in", a_csv=b"x", SOURCE_md=b"y")
    (folder / "empty").mkdir()

    bundle = open_bundle(folder, into=tmp_path / "out")

    assert [(file.name, file.path) for file in bundle.files] == [("a.csv", folder / "a.csv")]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("files", "limits", "code"),
    [
        ({"inner_zip": b"x"}, {}, "archive_nested"),
        ({"a_csv": b"\x1f\x8b\x08\x00"}, {}, "archive_nested"),
        ({"a_csv": b"x", "b_csv": b"y"}, {"entries": 1}, "archive_entries"),
        ({"a_csv": b"xx"}, {"file_size": 1}, "archive_size"),
        ({"a_csv": b"x", "b_csv": b"y"}, {"total_size": 1}, "archive_size"),
    ],
)
def test_a_folder_is_held_to_the_same_limits(tmp_path, files, limits, code):
    assert refusal(folder_of(tmp_path / "in", **files), tmp_path / "out", **limits) == code


def test_two_names_in_a_folder_that_differ_in_capitals_are_refused(tmp_path):
    folder = folder_of(tmp_path / "in", a_csv=b"x", A_csv=b"y")
    if len(list(folder.iterdir())) == 1:
        pytest.skip("this disk does not tell capitals apart")

    assert refusal(folder, tmp_path / "out") == "archive_name_repeated"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_a_folder_is_refused_and_not_waited_for(tmp_path):
    folder = folder_of(tmp_path / "in")
    os.mkfifo(folder / "users.csv")

    assert refusal(folder, tmp_path / "out") == "archive_link"


def test_a_link_to_an_archive_is_refused(tmp_path):
    link = tmp_path / "link.zip"
    link.symlink_to(write_zip({"a.csv": b"x"}, tmp_path / "a.zip"))

    assert refusal(link, tmp_path / "out") == "archive_link"


def test_digests_are_those_of_the_unpacked_bytes(tmp_path):
    packed = write_zip({"a.csv": b"x" * 5000, "b.txt": b"y"}, tmp_path / "a.zip")
    folder = folder_of(tmp_path / "in", a_csv=b"x" * 5000)

    assert digests(packed) == digests(folder) == {"a.csv": hashlib.sha256(b"x" * 5000).hexdigest()}
