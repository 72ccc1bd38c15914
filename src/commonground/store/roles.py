"""The roles of the database: who owns, who migrates, who signs in, and as whom the site acts.

owner      owns the schema's tables; nobody signs in as it
scope      owns the functions that answer who may see what; nobody signs in as it
migrator   signs in for `commonground migrate` only; the one role whose policies let everything through
login      the site's own sign-in: no rights on any walled table
web, job   what the site becomes, inside a transaction, for a person
loader     the same, for writing a batch of a person
keys       owns the one function that checks the keys of a batch as sets; nobody signs in as it or becomes it
backup     signs in for `commonground backup`: reads everything, writes nothing
report     reads as a person does, for stored measures
"""

from collections.abc import Iterator, Mapping

from psycopg import Connection, sql

OWNER, SCOPE, KEYS, MIGRATOR, LOGIN = "cg_owner", "cg_scope", "cg_keys", "cg_migrator", "cg_login"
WEB, JOB, LOADER, BACKUP, REPORT = "cg_web", "cg_job", "cg_loader", "cg_backup", "cg_report"
CLOCK = "cg_clock"  # only test databases have it: its members may move the day on which scopes are decided

SIGN_IN = (MIGRATOR, LOGIN, BACKUP)
ACTING = (WEB, JOB, LOADER, REPORT)


def statements(database: str, passwords: Mapping[str, str]) -> Iterator[sql.Composed]:
    """The SQL that a superuser, or a managed server's administrator, runs once; running it again changes nothing.

    passwords: one for each role in `SIGN_IN`.
    """
    for role in (OWNER, SCOPE, KEYS, *ACTING):
        yield _create(role, "NOLOGIN")
    for role in SIGN_IN:
        yield _create(role, "LOGIN NOINHERIT" if role == LOGIN else "LOGIN")
        yield sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(passwords[role]))
    name = sql.Identifier(database)
    for text in (
        "REVOKE ALL ON DATABASE {db} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {db} TO cg_login, cg_migrator, cg_backup",
        "GRANT CREATE ON DATABASE {db} TO cg_migrator",
        "GRANT TEMPORARY ON DATABASE {db} TO cg_loader",
        "GRANT cg_owner TO cg_migrator WITH INHERIT TRUE, SET TRUE",
        "GRANT cg_scope TO cg_migrator WITH INHERIT TRUE, SET TRUE",
        "GRANT cg_keys TO cg_migrator WITH INHERIT TRUE, SET TRUE",
        "GRANT cg_web, cg_job, cg_loader, cg_report TO cg_login WITH INHERIT FALSE, SET TRUE",
        "ALTER ROLE cg_backup SET default_transaction_read_only = on",
    ):
        yield sql.SQL(text).format(db=name)
    yield sql.Composed([sql.SQL(_KEYS_AS_SETS)])


# Only a superuser can grant this. Without it `cg.insert_rows` leaves the keys to the ordinary, slower checks.
_KEYS_AS_SETS = """DO $$ BEGIN
  GRANT SET ON PARAMETER session_replication_role TO cg_keys;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'keys of a batch will be checked row by row: loading takes about twice as long';
END $$"""


def statements_inside(database: str) -> Iterator[sql.Composed]:
    """The SQL to run in the new database itself, once it exists."""
    del database
    for text in (
        # A managed server's administrator is no superuser and must belong to a role to act for it.
        "GRANT cg_scope, cg_migrator TO CURRENT_USER WITH INHERIT TRUE, SET TRUE",
        "CREATE SCHEMA IF NOT EXISTS cg AUTHORIZATION cg_scope",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA public TO cg_migrator, cg_owner",
        "GRANT USAGE, CREATE ON SCHEMA cg TO cg_migrator",
        "GRANT USAGE ON SCHEMA public, cg TO cg_login, cg_web, cg_job, cg_loader, cg_report, cg_backup, cg_scope, cg_keys",
        "ALTER DEFAULT PRIVILEGES FOR ROLE cg_migrator REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "REVOKE cg_scope, cg_migrator FROM CURRENT_USER",
    ):
        yield sql.Composed([sql.SQL(text)])


def _create(role: str, options: str) -> sql.Composed:
    return sql.SQL("DO $$ BEGIN CREATE ROLE {} {}; EXCEPTION WHEN duplicate_object THEN NULL; END $$").format(
        sql.Identifier(role), sql.SQL(options)
    )


def provision(connect_to: "Connector", database: str, passwords: Mapping[str, str]) -> None:
    """Create the roles and the database where they are missing. Safe to run at every start.

    connect_to: opens a superuser's autocommit connection to the named database.
    """
    with connect_to("postgres") as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not exists:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        for statement in statements(database, passwords):
            connection.execute(statement)
    with connect_to(database) as connection:
        for statement in statements_inside(database):
            connection.execute(statement)


class Connector:
    """Opens superuser connections to one server."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def __call__(self, database: str) -> Connection:
        return Connection.connect(self.dsn, dbname=database, autocommit=True)


def printed(database: str, passwords: Mapping[str, str], connection: Connection | None = None) -> str:
    """All of it as a script for a person to read and run with psql."""
    lines = [statement.as_string(connection) + ";" for statement in statements(database, passwords)]
    lines.append(f"\\connect {database}")
    lines += [statement.as_string(connection) + ";" for statement in statements_inside(database)]
    return "\n".join(lines) + "\n"
