"""Open an archive or a folder that a stranger sent, without letting it do harm.

An archive's central directory is judged before a byte is unpacked. Unpacking is counted, because a directory can lie.
Source of the dangers: PKWARE APPNOTE 6.3 (flags, links), Fifield 2019 "A better zip bomb" (overlapping entries).
"""

import errno
import hashlib
import os
import posixpath
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commonground.formats.reading import Refused

CHUNK_BYTES = 1 << 20
ARCHIVE_ENDINGS = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst", ".lz4", ".jar", ".cab")
ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ\x00")
CLUTTER_FOLDERS = ("__MACOSX",)
CLUTTER_NAMES = (".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive or folder may hold. Sizes in bytes, unpacked; the ratio counts from `ratio_from` bytes on."""

    entries: int = 1000
    file_size: int = 2 << 30
    total_size: int = 4 << 30
    ratio: int = 100
    ratio_from: int = 64 << 10


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle: its name as found (inside the bundle, with `/`) and where its bytes are."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about a file that is accepted: a code of `problems.PROBLEMS`, the file's name, a column or ""."""

    code: str
    file: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that may be read. `notes` tells what was unusual about how they were packed."""

    files: tuple[BundleFile, ...]
    notes: tuple[Note, ...]


def open_bundle(source: Path, *, into: Path, ending: str = ".csv", limits: Limits = LIMITS) -> Bundle:
    """The files of a zip archive or folder whose names end in `ending`; an archive's are unpacked into `into`.

    A bundle may lie in one folder inside the archive. Files with another ending are not unpacked, only named.
    Raises Refused for whatever is unsafe, unreadable or too large.
    """
    if source.is_symlink():
        raise Refused("archive_link")
    if source.is_dir():
        return _open_folder(source, ending=ending, limits=limits)
    with _directory(source) as archive:
        entries = _safe_entries(archive, size=source.stat().st_size, limits=limits)
        wanted, notes = _choose([entry.filename for entry in entries], ending=ending)
        files = []
        left = limits.total_size
        for position, name in enumerate(wanted):
            path = into / f"{position:04d}{ending}"  # never a stranger's name on our disk
            into.mkdir(parents=True, exist_ok=True)
            left -= _unpack(archive, name, path, most=min(left, limits.file_size))
            files.append(BundleFile(name, path))
    return Bundle(tuple(files), notes)


def copy_folder(source: Path, *, to: Path, limits: Limits = LIMITS) -> int:
    """Copy a folder that a stranger filled, without following a link or waiting for a pipe. Returns its size in bytes.

    to: a path that is free. Folders count as entries, too. Raises Refused for links, pipes, sockets and devices, and for
    more or larger files than the limits allow; what was copied until then is left there.
    """
    size = entries = 0
    for parent, folders, files in os.walk(source, onerror=_raise):
        inside = Path(parent).relative_to(source)
        (to / inside).mkdir(mode=0o700)
        entries += len(folders) + len(files)
        if entries > limits.entries:
            raise Refused("archive_entries")
        for name in folders:
            if Path(parent, name).is_symlink():
                raise Refused("archive_link", file=(inside / name).as_posix())
        for name in files:
            left = min(limits.file_size, limits.total_size - size)
            size += _copy_file(Path(parent, name), to / inside / name, name=(inside / name).as_posix(), most=left)
    return size


def _raise(error: OSError) -> None:
    raise error


def _copy_file(source: Path, target: Path, *, name: str, most: int) -> int:
    if not stat.S_ISREG(source.lstat().st_mode):
        raise Refused("archive_link", file=name)
    # The file may be replaced between the look and the opening: then it opens as a link, or as a pipe, and is refused.
    try:
        opened = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused("archive_link", file=name) from error
        raise
    size = 0
    with os.fdopen(opened, "rb") as file, open(target, "xb", opener=_private) as copy:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise Refused("archive_link", file=name)
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise Refused("archive_size", file=name)
            copy.write(chunk)
    return size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def first_bytes(source: Path, *, ending: str = ".csv", size: int = 4096, limits: Limits = LIMITS) -> dict[str, bytes]:
    """The start of every file of a bundle by its name, to recognize a layout by. Raises Refused as `open_bundle` does."""
    if source.is_dir():
        bundle = _open_folder(source, ending=ending, limits=limits)
        starts = {}
        for file in bundle.files:
            with file.path.open("rb") as opened:
                starts[file.name] = opened.read(size)
        return starts
    with _directory(source) as archive:
        entries = _safe_entries(archive, size=source.stat().st_size, limits=limits)
        wanted, _ = _choose([entry.filename for entry in entries], ending=ending)
        starts = {}
        for name in wanted:
            try:
                with archive.open(name) as opened:
                    starts[name] = opened.read(size)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
                raise Refused("archive_unreadable", file=name) from error
        return starts


def digests(source: Path, *, ending: str = ".csv", limits: Limits = LIMITS) -> dict[str, str]:
    """SHA-256 of every file of a bundle by its name, without unpacking it. Raises Refused as `open_bundle` does."""
    if source.is_dir():
        return {file.name: file_digest(file.path) for file in _open_folder(source, ending=ending, limits=limits).files}
    found = {}
    with _directory(source) as archive:
        entries = _safe_entries(archive, size=source.stat().st_size, limits=limits)
        for name in _choose([entry.filename for entry in entries], ending=ending)[0]:
            hasher = hashlib.sha256()
            for chunk in _chunks(archive, name, most=limits.file_size):
                hasher.update(chunk)
            found[name] = hasher.hexdigest()
    return found


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _directory(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, UnicodeError) as error:
        raise Refused("archive_unreadable") from error


def _safe_entries(archive: zipfile.ZipFile, *, size: int, limits: Limits) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise Refused("archive_entries")
    for entry in entries:
        _refuse_unsafe_name(entry.orig_filename)
        _refuse_unsafe_name(entry.filename)
        mode = entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused("archive_link", file=entry.filename)
        if entry.flag_bits & 0x1:
            raise Refused("archive_encrypted", file=entry.filename)
        if entry.filename.lower().endswith(ARCHIVE_ENDINGS):
            raise Refused("archive_nested", file=entry.filename)
        if entry.file_size > limits.file_size:
            raise Refused("archive_size", file=entry.filename)
        if entry.file_size > limits.ratio_from and entry.file_size > limits.ratio * max(entry.compress_size, 1):
            raise Refused("archive_ratio", file=entry.filename)
    if sum(entry.file_size for entry in entries) > limits.total_size:
        raise Refused("archive_size")
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused("archive_unreadable")  # entries overlap: the same bytes are counted twice
    repeated = [name for name, times in Counter(entry.filename.lower() for entry in entries).items() if times > 1]
    if repeated:
        raise Refused("archive_name_repeated", file=repeated[0])
    return [entry for entry in entries if not entry.is_dir()]


def _refuse_unsafe_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    is_absolute = name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":")
    if is_absolute or "\0" in name or any(part in (".", "..") for part in parts):
        raise Refused("archive_name_unsafe")


def _choose(names: list[str], *, ending: str) -> tuple[list[str], tuple[Note, ...]]:
    """The names to read, sorted, and notes about the others. One folder level is accepted with a note."""
    named = [name for name in names if not _is_clutter(name)]
    wanted = sorted(name for name in named if name.lower().endswith(ending))
    notes = [Note("file_ignored", name) for name in sorted(named) if not name.lower().endswith(ending)]
    folders = {posixpath.dirname(name.replace("\\", "/")) for name in wanted}
    if len(folders) > 1 or any("/" in folder for folder in folders):
        raise Refused("archive_folders")
    folder = next(iter(folders), "")
    if folder:
        notes.append(Note("folder_nested", folder))
    return wanted, tuple(notes)


def _is_clutter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] in CLUTTER_FOLDERS or parts[-1] in CLUTTER_NAMES or parts[-1].startswith("._")


def _unpack(archive: zipfile.ZipFile, name: str, path: Path, *, most: int) -> int:
    """Write one entry and return its size in bytes."""
    written = 0
    with path.open("wb") as unpacked:
        for chunk in _chunks(archive, name, most=most):
            written += unpacked.write(chunk)
    return written


def _chunks(archive: zipfile.ZipFile, name: str, *, most: int) -> Iterator[bytes]:
    """An entry's bytes; stops where it holds more than it declared or than `most`."""
    most = min(most, archive.getinfo(name).file_size)
    size = 0
    try:
        with archive.open(name) as packed:
            while chunk := packed.read(CHUNK_BYTES):
                if not size and chunk.startswith(ARCHIVE_STARTS):
                    raise Refused("archive_nested", file=name)
                size += len(chunk)
                if size > most:
                    raise Refused("archive_size", file=name)
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused("archive_unreadable", file=name) from error


def _open_folder(source: Path, *, ending: str, limits: Limits) -> Bundle:
    paths: dict[str, Path] = {}
    for path in source.rglob("*"):
        name = path.relative_to(source).as_posix()
        if path.is_symlink():
            raise Refused("archive_link", file=name)
        if path.is_dir():
            continue
        if not path.is_file():
            raise Refused("archive_link", file=name)
        if name.lower().endswith(ARCHIVE_ENDINGS):
            raise Refused("archive_nested", file=name)
        paths[name] = path
        if len(paths) > limits.entries:
            raise Refused("archive_entries")
    sizes = {name: path.stat().st_size for name, path in paths.items()}
    for name, size in sizes.items():
        if size > limits.file_size:
            raise Refused("archive_size", file=name)
    if sum(sizes.values()) > limits.total_size:
        raise Refused("archive_size")
    wanted, notes = _choose(sorted(paths), ending=ending)
    repeated = [name for name, times in Counter(name.lower() for name in wanted).items() if times > 1]
    if repeated:
        raise Refused("archive_name_repeated", file=repeated[0])
    for name in wanted:
        with paths[name].open("rb") as opened:
            if opened.read(8).startswith(ARCHIVE_STARTS):
                raise Refused("archive_nested", file=name)
    return Bundle(tuple(BundleFile(name, paths[name]) for name in wanted), notes)
