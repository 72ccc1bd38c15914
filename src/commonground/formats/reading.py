"""What every reader hands to intake: the Reading, and the Refused that ends it.

A reader is called as `read(source, into=folder, known=None, decisions=(), memory_limit="200MB", threads=1)` and leaves in
`folder`:

- one `<table>.parquet` per roster table, also where it has no rows (the columns are in `oneroster/tables.py`);
- `org.parquet` (source_id, name, type, parent_source_id): every organization of the bundle, also those that are no school;
- `problems.parquet` (code, severity, outcome, file, line, column, kind): one row per problem and row of the file;
- `held.parquet` (table, file, line, source_id, code, root_file, root_line, releasable): exactly one row per held row;
- `waiting.parquet` (table, source_id): every roster row that the held rows would have given. A row that waits is
  not a leaver;
- `left_out.parquet` (table, file, line, source_id, code): exactly one row per row left out. With code `to_be_deleted` the
  district says that the record has ended.

Lines are counted from 1 in the file as it was sent; line 0 means the file as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a held row.

    code: the problem's code. file: its name inside the bundle. line: where the row starts, or None for every row of the
    file that is held for this code. choice: one of the code's choices in `problems.PROBLEMS`.
    """

    code: str
    file: str
    line: int | None
    choice: str


@dataclass(frozen=True, slots=True)
class FileCount:
    """One file of the bundle, to the row: read = accepted + held + left_out.

    file: its name as found. kind: the name the format gives it (`users`). mode: `bulk` replaces what the district sent
    before, `delta` only adds to it. A file of a kind that is not kept has all its rows left out.
    """

    file: str
    kind: str
    mode: str
    read: int
    accepted: int
    held: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Root:
    """Whose bundle this is: its district organization, else the set of its top organizations.

    source_ids and names: same order, sorted by source id. is_district: False where the bundle names no district.
    Both are empty where the bundle brings no organization (a delta).
    """

    source_ids: tuple[str, ...]
    names: tuple[str, ...]
    is_district: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A bundle that could be read, and where its rows are.

    folder: holds the Parquet files named above. tables: rows per roster table. problems: rows per problem code.
    school_years: the years found, as text, by the calendar year in which each ends. digest: SHA-256 of the content of
    all files, the same however the archive was packed. seconds: per step.
    """

    format: str
    version: str
    folder: Path
    root: Root
    files: tuple[FileCount, ...]
    tables: Mapping[str, int]
    problems: Mapping[str, int]
    school_years: tuple[str, ...]
    digest: str
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return sum(count.read for count in self.files)

    @property
    def accepted(self) -> int:
        return sum(count.accepted for count in self.files)

    @property
    def held(self) -> int:
        return sum(count.held for count in self.files)

    @property
    def left_out(self) -> int:
        return sum(count.left_out for count in self.files)

    @property
    def is_delta(self) -> bool:
        """Whether any file only adds to what was sent before."""
        return any(count.mode == "delta" for count in self.files)

    def table(self, name: str) -> Path:
        """The Parquet file of a roster table, or of `problems`, `held`, `waiting`, `left_out`, `org`."""
        return self.folder / f"{name}.parquet"


class Refused(Exception):
    """The whole bundle is refused; nothing of it may be loaded.

    code: of `problems.PROBLEMS`, with the outcome `REFUSED`. file: name inside the bundle, or "" for the bundle itself.
    line: counted from 1, or 0. column: its name, or "". The message is for developers; people read the code's sentence.
    """

    def __init__(self, code: str, *, file: str = "", line: int = 0, column: str = "") -> None:
        self.code, self.file, self.line, self.column = code, file, line, column
        where = f" in {file}" if file else ""
        where += f", line {line}" if line else ""
        where += f", column {column}" if column else ""
        super().__init__(code + where)


class Reader(Protocol):
    """Reads one source into Parquet files. Raises Refused."""

    def __call__(
        self,
        source: Path,
        *,
        into: Path,
        known: Path | None = None,
        decisions: Sequence[Decision] = (),
        memory_limit: str = "200MB",
        threads: int = 1,
    ) -> Reading: ...


@dataclass(frozen=True, slots=True)
class FileShape:
    """One kind of file of a layout, as the reference page tells it.

    name: what people call the file. columns: heading and what it must hold ("" where nothing is asked).
    """

    name: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """One layout that somebody else designed.

    key: stored with every batch. title: English source text for people. recognize: by content only, never by name;
    raises Refused for a source that this format knows and must not take. read: see `Reader`. digest: what `Reading.digest`
    would be, without reading, to recognize a source that was sent before. files: what it reads, for people.
    """

    key: str
    title: str
    recognize: Callable[[Path], bool]
    read: Reader
    digest: Callable[[Path], str]
    files: tuple[FileShape, ...]
