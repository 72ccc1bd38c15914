"""Which tables hold rows of an owner, as the database's own catalog says: a new table is in it unasked."""

from django.db import connection, transaction


def owned_tables() -> list[str]:
    """Every table with an owner, by name."""
    return _asked("select name from cg.owned_tables()")


def tables_that_stay() -> frozenset[str]:
    """Those whose rows stay of a district that left, and are told on its certificate; asked as whoever has entered."""
    with connection.cursor() as cursor:
        cursor.execute("select name from cg.owned_tables() where cg.stays(name)")
        return frozenset(row[0] for row in cursor.fetchall())


def tables_to_empty() -> list[str]:
    """Those that are emptied when a district leaves, in the order in which nothing points to what goes."""
    return _asked("select unnest(cg.tables_to_empty())")


def _asked(question: str) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        # Nobody is acting: these answer with names of tables alone.
        cursor.execute("set local role cg_job")
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]
