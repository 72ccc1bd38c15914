"""The roster tables that a bundle fills: model, references, and which file of the bundle speaks for them.

The order is that of dependence: a table comes after all that it refers to.
"""

from dataclasses import dataclass, field

from django.db.models import Model

from commonground.apps.core.models import Organization
from commonground.apps.roster import models as roster

# Columns every row has besides its values.
BOOKKEEPING = ("id", "owner_id", "source_id", "batch_id", "file", "line", "digest", "extra", "ended_on")
# DuckDB's type for each of the database's.
DUCKDB_TYPES = {"uuid": "UUID", "boolean": "BOOLEAN", "date": "DATE", "integer": "INTEGER", "jsonb": "VARCHAR"}


@dataclass(frozen=True)
class Table:
    """One roster table.

    name: of the Parquet file that `formats` writes. references: column of the model → the table it points into; the
    Parquet file names it `<thing>_source_id`. spoken_for_by: kinds of files whose silence about a row means that it is
    gone; the first that the bundle brings decides. constants, computed: columns with a DuckDB expression.
    inserted_only: columns that an update leaves alone.
    """

    name: str
    model: type[Model]
    spoken_for_by: tuple[str, ...]
    references: dict[str, str] = field(default_factory=dict)
    computed: dict[str, str] = field(default_factory=dict)
    inserted_only: tuple[str, ...] = ()

    @property
    def db_table(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the database's table, in its order."""
        return tuple(str(f.column) for f in self.model._meta.concrete_fields)

    @property
    def written(self) -> tuple[str, ...]:
        """The columns of the files that are ready to be applied: all but those that one value fills for the whole batch."""
        return tuple(c for c in self.columns if c not in {"owner_id", "batch_id", "ended_on"})

    @property
    def values(self) -> tuple[str, ...]:
        """The columns that come from the file as they are."""
        other = {*BOOKKEEPING, *self.references, *self.computed, *self.inserted_only}
        return tuple(column for column in self.columns if column not in other)

    @property
    def updated(self) -> tuple[str, ...]:
        """The columns of the files that an update writes."""
        return tuple(c for c in self.written if c not in {"id", "source_id", *self.inserted_only})

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns whose values are quoted in the files, so that no text is mistaken for a missing value."""
        return tuple(c for c in self.written if self.duckdb_type(c) == "VARCHAR")

    def duckdb_type(self, column: str) -> str:
        """DuckDB's type of a column."""
        from django.db import connection

        (model_field,) = (f for f in self.model._meta.concrete_fields if f.column == column)
        kind = (model_field.db_type(connection) or "").split("(")[0].split(" ")[0]
        return DUCKDB_TYPES.get(kind, "VARCHAR")


SCHOOL = {"school_id": "school"}
STUDENT = {"student_id": "student"}
USERS = ("users",)
NAME_KEY = {"name_key": "name_key(concat_ws(' ', row.family_name, row.given_name, row.middle_name))"}

TABLES = (
    Table(
        "school",
        Organization,
        ("orgs",),
        computed={"kind": "'school'", "invented": "FALSE"},
        inserted_only=("invented",),
    ),
    Table("term", roster.Term, ("academicSessions",)),
    Table("course", roster.Course, ("courses",), SCHOOL),
    Table("section", roster.Section, ("classes",), {"course_id": "course", **SCHOOL}),
    Table("student", roster.Student, USERS, computed=NAME_KEY),
    Table("demographics", roster.Demographics, ("demographics",), STUDENT),
    Table("staff", roster.StaffMember, USERS),
    Table("staff_role", roster.StaffRole, ("roles", "users"), {"staff_id": "staff", **SCHOOL}),
    Table("guardian", roster.Guardian, USERS),
    Table("guardianship", roster.Guardianship, USERS, {"guardian_id": "guardian", **STUDENT}),
    Table(
        "school_enrollment",
        roster.SchoolEnrollment,
        ("roles", "users"),
        {**STUDENT, **SCHOOL},
        inserted_only=("arrived_on",),
    ),
    Table(
        "enrollment",
        roster.Enrollment,
        ("enrollments",),
        {**STUDENT, "section_id": "section", **SCHOOL},
    ),
    Table("teaching", roster.Teaching, ("enrollments",), {"staff_id": "staff", "section_id": "section", **SCHOOL}),
)
BY_NAME = {table.name: table for table in TABLES}
