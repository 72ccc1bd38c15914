"""The walls: which rows exist for whom, held by PostgreSQL's row security.

A model says in one line what it holds: `wall = Wall("roster", student="student_id")`. `raise_walls` turns those lines
into grants, policies, keys within one owner and audit triggers; a table nobody declared has no grants at all, so it
cannot be read until somebody decides. `enter` is the one way in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from commonground.store import functions
from commonground.store.unwalled import UNWALLED

if TYPE_CHECKING:
    from django.db.models import Model

PUBLIC = "public"
# A job that acts for no person: it holds no role, so only what the functions for jobs do by their own rules.
NOBODY = UUID(int=0)
ACTING_ROLES = "cg_web, cg_job, cg_loader, cg_report"


@dataclass(frozen=True)
class RelatedWrite:
    """What a relationship lets somebody write, by way of the web.

    command: "insert" or "update". through: "student" or "registration", by its column. signed: the column that must name
    the acting person.
    """

    command: str
    through: str
    column: str
    signed: str


@dataclass(frozen=True)
class Wall:
    """What a table holds and by which columns a row belongs to somebody.

    category: the data category an agreement may open; `PUBLIC` rows may be read by everyone who has entered.
    school, section, student, staff, guardian: the columns that hold such an id; each opens the row to the people whom
    a relationship lets see that school, section, student, staff member or guardian.
    registration: the column of a program registration's id; opens the row to those for whom the registration exists.
    registered: a student's own id; opens this one row to those for whom a registration of the student exists.
    agreement: the column of an agreement's id; opens the row to its parties.
    coaching: the column of a coaching's id; opens the row to the coach and the coach's house.
    person: the column of an account; opens the row to that person.
    narrowed: what a row that a relationship opens must meet besides.
    as_a_whole: False where no role of an organization sees all rows, and only relationships open one.
    written_as: another category by which the acting person's writable owners are asked for.
    written_by: the acting roles that may insert, update and delete, inside the acting person's own writable owners.
    appended_by: the acting roles that may only insert, and whose rows must name the acting person.
    by_functions: what the database's own functions may write, which ask first who is acting: "insert", "update".
    related_writes: what may be written because of a relationship.
    crosses: foreign keys that may join two owners (registrations, links, memberships), by column.
    kept: whether the audit triggers keep old rows; only for rows that can be made again from a file.
    sealed: the audit triggers keep that a row changed, never what it said.
    ledger: written by the audit triggers and by nothing else.
    """

    category: str
    school: str | None = None
    section: str | None = None
    student: str | None = None
    staff: str | None = None
    guardian: str | None = None
    registration: str | None = None
    registered: str | None = None
    agreement: str | None = None
    coaching: str | None = None
    person: str | None = None
    narrowed: str = ""
    as_a_whole: bool = True
    written_as: str | None = None
    written_by: tuple[str, ...] = ("web", "job", "loader")
    appended_by: tuple[str, ...] = ()
    by_functions: tuple[str, ...] = ()
    related_writes: tuple[RelatedWrite, ...] = ()
    crosses: tuple[str, ...] = ()
    kept: bool = True
    sealed: bool = False
    ledger: bool = False

    def relationships(self) -> dict[str, str]:
        """Policy name and condition for each way in that is not the whole organization."""
        ways = {
            "school": (self.school, "schools"),
            "section": (self.section, "sections"),
            "student": (self.student, "students"),
            "staff": (self.staff, "staff"),
            "guardian": (self.guardian, "guardians"),
            "registration": (self.registration, "registrations"),
            "registered": (self.registered, "registered"),
            "agreement": (self.agreement, "parties"),
            "coaching": (self.coaching, "coachings"),
        }
        besides = f" and ({self.narrowed})" if self.narrowed else ""
        found = {
            name: f"{column} = any((select cg.{function}('{self.category}'))::uuid[]){besides}"
            for name, (column, function) in ways.items()
            if column
        }
        return found | ({"person": f"{self.person} = (select cg.person())"} if self.person else {})


class WallMissing(Exception):
    """A table has no wall and is not in the list of tables that need none."""


class AlreadyInside(Exception):
    """Somebody else is acting in this transaction."""


@contextmanager
def enter(*, person: UUID | str, purpose: str, role: str = "web") -> Iterator[None]:
    """Act as this person, for this purpose, until the block ends. Opens the transaction; rolls back on an error.

    The database answers which rows exist for the person. Entering again as the same person is a savepoint; as another
    person it raises AlreadyInside.
    """
    inside: tuple[str, str] | None = getattr(connection, "cg_inside", None)
    if inside is not None and inside != (str(person), role):
        raise AlreadyInside("this transaction belongs to another person or role: finish it first")
    with transaction.atomic():
        if inside is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select set_config('cg.user', %s, true), set_config('cg.purpose', %s, true),"
                    " set_config('role', %s, true)",
                    [str(person), purpose, f"cg_{role}"],
                )
            connection.cg_inside = (str(person), role)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            if inside is None:
                connection.cg_inside = None  # type: ignore[attr-defined]


def walled_models() -> "dict[str, type[Model]]":
    """Table name and model of everything that stands behind a wall."""
    return {m._meta.db_table: m for m in apps.get_models() if isinstance(getattr(m, "wall", None), Wall)}


def _written_as(wall: Wall) -> str:
    """The category by which the owners are asked for that the acting person may write for."""
    return wall.written_as or ("roster" if wall.category == PUBLIC else wall.category)


def policies(model: "type[Model]") -> dict[str, str]:
    """Name and SQL of every policy of the model's table."""
    wall: Wall = model.wall  # type: ignore[attr-defined]
    table, category = model._meta.db_table, wall.category
    own = f"owner_id = any((select cg.owners('{category}', 'read'))::uuid[])"
    write = f"owner_id = any((select cg.owners('{_written_as(wall)}', 'write'))::uuid[])"
    everything: dict[str, str] = {}

    def policy(name: str, command: str, roles: str, using: str | None, check: str | None = None) -> None:
        everything[name] = (
            f'create policy "{name}" on {table} for {command} to {roles}'
            + (f" using ({using})" if using else "")
            + (f" with check ({check})" if check else "")
        )

    policy("migrate", "all", "cg_migrator", "true", "true")
    policy("scope", "select", "cg_scope", "true")
    policy("backup", "select", "cg_backup", "true")
    if category == PUBLIC:
        policy("public", "select", f"cg_login, {ACTING_ROLES}, cg_keys", "true")
    elif wall.as_a_whole:
        policy("organization", "select", f"{ACTING_ROLES}, cg_keys", own)
    for name, condition in wall.relationships().items():
        policy(name, "select", ACTING_ROLES, condition)
    if wall.written_by:
        writers = ", ".join(f"cg_{role}" for role in wall.written_by)
        policy("insert", "insert", writers + (", cg_keys" if "loader" in wall.written_by else ""), None, write)
        policy("update", "update", writers, write, write)
        policy("delete", "delete", writers, write)
    for one in wall.related_writes:
        related = f"{one.column} = any((select cg.{one.through}s_to_write('{category}'))::uuid[])"
        using = related if one.command == "update" else None
        policy(
            f"related {one.command}", one.command, "cg_web", using, f"{related} and {one.signed} = (select cg.person())"
        )
    if wall.appended_by:
        appenders = ", ".join(f"cg_{role}" for role in wall.appended_by)
        policy("append", "insert", appenders, None, "person_id = (select cg.person())")
    for command in wall.by_functions:
        policy(f"functions {command}", command, "cg_scope", "true" if command == "update" else None, "true")
    if wall.ledger:
        policy("keep", "insert", "cg_scope", None, "true")
        policy("take names out", "update", "cg_scope", "current_user = 'cg_scope'", "true")
    elif not wall.appended_by:
        # Inside `cg.destroy_rows` and `cg.destroy_past` alone, which ask first what was confirmed or is past; not for the
        # migrator, who may become this role.
        policy("destroy", "delete", "cg_scope", "current_user = 'cg_scope'")
    return everything


def raise_walls() -> None:
    """Make grants, policies, keys and triggers what the models declare. Runs as the migrator, in one transaction.

    Raises WallMissing when a table is neither declared nor listed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _tables(cursor)
        walled = walled_models()
        undeclared = sorted(set(tables) - set(walled) - set(UNWALLED))
        if undeclared:
            raise WallMissing(
                f"no wall and not in store/unwalled.py: {', '.join(undeclared)}. Declare `wall = Wall(...)` on the model."
            )
        functions.make(cursor)
        for table in tables:
            cursor.execute(f"alter table {table} owner to cg_owner")
            cursor.execute(
                f"revoke all on {table} from public, cg_login, cg_web, cg_job, cg_loader, cg_report, cg_scope, cg_keys"
            )
            cursor.execute(f"grant select on {table} to cg_backup, cg_scope")
        for table, unwalled in UNWALLED.items():
            if table in tables:
                _open(cursor, table, unwalled.privileges)
                if unwalled.by_functions:
                    cursor.execute(f"grant {unwalled.by_functions} on {table} to cg_scope")
        for model in walled.values():
            _wall(cursor, model)
        cursor.execute("grant usage on all sequences in schema public to cg_login, cg_web, cg_job, cg_loader, cg_scope")
        cursor.execute("grant execute on all functions in schema public to cg_login, cg_web, cg_job")
        cursor.execute("grant select on all sequences in schema public to cg_backup")


def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1"
    )
    return [row[0] for row in cursor.fetchall()]


def _open(cursor: Any, table: str, privileges: str) -> None:
    if privileges:
        cursor.execute(f"grant {privileges} on {table} to cg_login, cg_web, cg_job, cg_loader")
        cursor.execute(f"grant select on {table} to cg_report")


def _wall(cursor: Any, model: "type[Model]") -> None:
    table = model._meta.db_table
    wall: Wall = model.wall  # type: ignore[attr-defined]
    cursor.execute(f"alter table {table} enable row level security")
    cursor.execute(f"alter table {table} force row level security")
    cursor.execute("select policyname from pg_policies where schemaname = 'public' and tablename = %s", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f'drop policy "{name}" on {table}')
    for statement in policies(model).values():
        cursor.execute(statement)
    cursor.execute(f"grant select on {table} to {ACTING_ROLES}")
    for role in wall.written_by:
        cursor.execute(f"grant insert, update, delete on {table} to cg_{role}")
    if "loader" in wall.written_by:
        cursor.execute(f"grant select, insert on {table} to cg_keys")
    for role in wall.appended_by:
        cursor.execute(f"grant insert on {table} to cg_{role}")
    for one in wall.related_writes:
        cursor.execute(f"grant {one.command} on {table} to cg_web")
    for command in wall.by_functions:
        cursor.execute(f"grant {command} on {table} to cg_scope")
    if wall.ledger:
        cursor.execute(f"grant insert, update (old) on {table} to cg_scope")
    elif not wall.appended_by:
        cursor.execute(f"grant delete on {table} to cg_scope")
    if wall.category == PUBLIC:
        cursor.execute(f"grant select on {table} to cg_login")
    _keys_within_one_owner(cursor, model, wall)
    if wall.kept and (wall.written_by or wall.by_functions or wall.related_writes):
        _keep_changes(cursor, model)
    if "loader" in wall.written_by:
        category = _written_as(wall)
        cursor.execute(
            f"create or replace trigger hold_owners before delete on {table} for each statement"
            f" execute function cg.hold_owners('{category}')"
        )
        cursor.execute(f"alter table {table} enable always trigger hold_owners")


def _keys_within_one_owner(cursor: Any, model: "type[Model]", wall: Wall) -> None:
    """Foreign keys between walled tables include the owner, so that no row can point into another owner's."""
    table = model._meta.db_table
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target is None or field.name == "owner" or not isinstance(getattr(target, "wall", None), Wall):
            continue
        if field.column in wall.crosses:
            continue
        parent = target._meta.db_table
        name = f"{table}_{field.column}_within_owner"
        cursor.execute("select 1 from pg_constraint where conname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(
                f"alter table {table} add constraint {name} foreign key (owner_id, {field.column})"
                f" references {parent} (owner_id, id) deferrable initially immediate"
            )


def _keep_changes(cursor: Any, model: "type[Model]") -> None:
    table = model._meta.db_table
    outside_batch = "when (new.batch_id is null)" if "batch_id" in {f.column for f in model._meta.fields} else ""
    sealed = "'sealed'" if model.wall.sealed else ""  # type: ignore[attr-defined]
    by_statement = "referencing old table as old_rows for each statement"
    for name, event, rest, what in (
        ("keep_update", "update", by_statement, sealed),
        ("keep_delete", "delete", f"{by_statement} when (current_user <> 'cg_scope')", sealed),
        # What is destroyed for good is not kept in another place: only that it was.
        ("keep_destroyed", "delete", f"{by_statement} when (current_user = 'cg_scope')", "'sealed'"),
        ("keep_insert", "insert", f"for each row {outside_batch}", sealed),
    ):
        cursor.execute(
            f"create or replace trigger {name} after {event} on {table} {rest} execute function cg.keep_{event}({what})"
        )
        cursor.execute(f"alter table {table} enable always trigger {name}")


def fingerprint_of_walls() -> str:
    """A fingerprint of all that decides tables and walls: migrations on disk, declarations, functions."""
    import hashlib

    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    parts = [repr(sorted(loader.disk_migrations)), repr(sorted(UNWALLED.items())), settings.TIME_ZONE]
    for table, model in sorted(walled_models().items()):
        parts.append(table + repr(sorted(policies(model).items())) + repr(vars(model)["wall"]))
    parts += [script.read_text("utf-8") for script in functions.scripts()]
    parts += [Path(file).read_text("utf-8") for file in (__file__, functions.__file__, functions.KEYS)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stored_fingerprint() -> str | None:
    """The fingerprint the database was last brought to, None for a database never brought up."""
    with connection.cursor() as cursor:
        cursor.execute("select obj_description('cg'::regnamespace)")
        return cursor.fetchone()[0]


def store_fingerprint(fingerprint: str) -> None:
    """Remember in the database what it was brought to."""
    with connection.cursor() as cursor:
        cursor.execute("set local role cg_scope")
        cursor.execute(f"comment on schema cg is '{fingerprint}'")
