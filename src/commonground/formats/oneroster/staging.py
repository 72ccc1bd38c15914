"""A bundle's files as DuckDB tables.

Every file that is read becomes a table named by its kind (`users`), with the columns line, flaw, those of the standard and
`unknown_0`, ... for the rest.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from dataclasses import dataclass, field
from pathlib import Path

from commonground.formats.books import Books
from commonground.formats.delimited import Delimited, load, quoted
from commonground.formats.oneroster.layout import GUARDIAN_ROLES, STAFF_ROLES, Layout
from commonground.formats.oneroster.values import create_macros, texts
from commonground.formats.reading import Refused

_STAFF = texts(tuple(role.lower() for role in STAFF_ROLES))
_GUARDIANS = texts(tuple(role.lower() for role in GUARDIAN_ROLES))


@dataclass(kw_only=True)
class Staging(Books):
    """One bundle being read. layouts: of the bundle's version. known: see `formats.read`.

    unknown_columns: by kind, name in the table to heading. order: by kind, names in the table from left to right.
    """

    layouts: dict[str, Layout]
    known: Path | None = None
    unknown_columns: dict[str, dict[str, str]] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        create_macros(self.connection)

    def role_of(self, kind: str) -> str:
        layout = self.layouts.get(kind)
        return "lower(role)" if layout and "role" in layout.columns else "NULL::VARCHAR"

    def id_of(self, kind: str) -> str:
        if kind != "roles" or kind not in self.layouts:
            return super().id_of(kind)
        # A student's role says that the student belongs to a school, and is known by the two.
        return (
            """CASE WHEN lower(role) = 'student' THEN "userSourcedId" || ':' || "orgSourcedId" ELSE "sourcedId" END"""
        )

    def table_of(self, alias: str) -> str:
        return f"""CASE {alias}.kind
            WHEN 'orgs' THEN 'school' WHEN 'academicSessions' THEN 'term' WHEN 'courses' THEN 'course'
            WHEN 'classes' THEN 'section' WHEN 'demographics' THEN 'demographics'
            WHEN 'roles' THEN CASE WHEN {alias}.role = 'student' THEN 'school_enrollment' ELSE 'staff_role' END
            WHEN 'enrollments' THEN CASE WHEN {alias}.role = 'student' THEN 'enrollment' ELSE 'teaching' END
            WHEN 'users' THEN CASE WHEN {alias}.role = 'student' THEN 'student'
                                   WHEN {alias}.role IN {_GUARDIANS} THEN 'guardian'
                                   WHEN {alias}.role IN {_STAFF} THEN 'staff' ELSE 'person' END
            ELSE {alias}.kind END"""

    def earlier_ids(self, kind: str) -> str | None:
        # In a file that only adds, what was accepted earlier is still there unless this bundle ends it.
        return None if self.modes.get(kind) == "bulk" else f"SELECT source_id FROM known_{kind}"

    def roles(self) -> str:
        roles = [
            f"SELECT {quoted(kind)} AS kind, line, lower(role) AS role FROM {kind}"
            for kind, layout in self.layouts.items()
            if "role" in layout.columns
        ]
        if "roles" in self.layouts:
            roles.append(
                "SELECT 'users', u.line, min(r.role) FROM users u "
                'JOIN person_role r ON r.id = u."sourcedId" GROUP BY u.line'
            )
        return " UNION ALL ".join(roles)

    def load(self, layout: Layout, table: Delimited) -> None:
        """Load a file, find its columns, and note what is unusual about its heading. Raises Refused for a heading."""
        heads = self._heads(layout, table)
        columns = {name: f"f{heads[name]}" if name in heads else "NULL::VARCHAR" for name in _read_columns(layout)}
        passwords = [position for position, cell in enumerate(table.header) if "password" in cell.lower()]
        columns["has_password"] = " OR ".join(f"f{position} IS NOT NULL" for position in passwords) or "FALSE"
        # The fields of a row that cannot be taken apart are not judged one by one.
        columns["sound"] = "flaw NOT IN ('width', 'quotes')"
        taken = {*heads.values(), *passwords}
        unknown = {
            f"unknown_{position}": cell or f"column {position + 1}"
            for position, cell in enumerate(table.header)
            if position not in taken
        }
        columns |= {name: f"f{name.removeprefix('unknown_')}" for name in unknown}
        self.unknown_columns[layout.kind] = unknown
        places = heads | {name: int(name.removeprefix("unknown_")) for name in unknown}
        self.order[layout.kind] = sorted(places, key=places.__getitem__)
        self.encodings[layout.kind] = table.encoding
        load(self.connection, table, name=layout.kind, columns=columns)
        self.add_file(layout.kind, table.name, table.rows)
        self._note_heading(layout, table, heads=heads, unknown=unknown)

    def load_nothing(self, layout: Layout) -> None:
        """An empty table for a file that the bundle does not bring."""
        columns = "".join(f', NULL::VARCHAR AS "{name}"' for name in _read_columns(layout))
        self.run(
            f"CREATE TABLE {layout.kind} AS SELECT NULL::BIGINT AS line, '' AS flaw{columns}, "
            "FALSE AS has_password, TRUE AS sound LIMIT 0"
        )
        self.unknown_columns[layout.kind] = {}

    def _heads(self, layout: Layout, table: Delimited) -> dict[str, int]:
        canonical = {name.lower(): name for name in (*layout.columns, *layout.extensions)}
        heads: dict[str, int] = {}
        for position, cell in enumerate(table.header):
            name = canonical.get(cell.lower())
            if name is None or name == "password":
                continue
            if name in heads:
                raise Refused("column_repeated", file=table.name, line=1, column=name)
            heads[name] = position
        missing = [name for name in layout.required if name not in heads]
        if missing:
            raise Refused("column_missing", file=table.name, line=1, column=missing[0])
        return heads

    def _note_heading(
        self, layout: Layout, table: Delimited, *, heads: dict[str, int], unknown: dict[str, str]
    ) -> None:
        for cell in unknown.values():
            if not cell.lower().startswith("metadata."):
                self.note_file(layout.kind, "column_unknown", column=cell, line=1)
        for name, position in heads.items():
            if table.header[position] != name:
                self.note_file(layout.kind, "column_case", column=name, line=1)
        for name in layout.columns:
            if name not in heads and name != "password":
                self.note_file(layout.kind, "column_optional_missing", column=name, line=1)
        found = [heads[name] for name in layout.columns if name in heads]
        if found != sorted(found):
            self.note_file(layout.kind, "column_order", line=1)
        if self.one(f"SELECT bool_or(has_password) FROM {layout.kind}"):
            self.note_file(layout.kind, "password_column", line=1)
        if table.encoding in ("utf-16", "windows-1252"):
            self.note_file(layout.kind, "encoding_other", line=0)
        if not table.rows:
            self.note_file(layout.kind, "file_without_rows", line=0)


def _read_columns(layout: Layout) -> tuple[str, ...]:
    return tuple(name for name in (*layout.columns, *layout.extensions) if name != "password")
