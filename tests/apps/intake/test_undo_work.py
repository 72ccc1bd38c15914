"""How much the database reads to undo: counted in rows, so that it holds on any machine."""

import datetime

import pytest
from django.db import connections

from commonground.apps.intake import actions
from commonground.apps.intake.tables import TABLES
from commonground.demonstration.metro import metro

pytestmark = pytest.mark.database
NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)
READ = (
    "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + coalesce("
    "  (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid), 0))"
    " from pg_stat_user_tables t where relname = any(%s)"
)


def test_undoing_a_first_load_reads_each_row_a_few_times_and_not_once_for_every_other(sent, west, databases, tmp_path):
    bundle = metro(tmp_path / "metro", students=700, districts=1, seed=1, today=NOW.date())["9901-01"]
    batch = sent(path=bundle, apply=True)
    rows = sum(one["inserted"] for one in batch.summary["written"].values())
    name = connections["default"].settings_dict["NAME"]

    def rows_read() -> int:
        connections["default"].close()  # what a connection counted is known to all when it ends
        names = "array[" + ", ".join(f"'{table.db_table}'" for table in TABLES) + "]"
        return int(databases.execute(READ.replace("%s", names), database=name)[0][0])

    before = rows_read()

    actions.undo_batch(batch_id=batch.pk, by=west, now=NOW)

    assert (rows_read() - before) / rows < 20  # 4; when the tables were taken for empty it was 657
