"""The functions of the schema `cg`, which decide which rows exist and write what no page may: made anew, owned, and who asks them."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

KEYS = Path(__file__).with_name("keys.sql")

# They answer about everybody, or change a ledger: only other functions ask them, which look at the acting person first.
ASKED_BY_FUNCTIONS = (
    *("take_names_out", "within_reach", "students_held", "is_held", "holds_files"),
    *("days_kept", "leaving_stops", "provider_speaks_for", "are_two_people"),
    *("place_and_schools", "over_on", "counted_children", "coaches_in", "holds_between"),
)
# They destroy what was confirmed or is past, tell a job whom to mail, or count what no page may read.
ASKED_BY_JOBS = (
    *("destroy_past", "past_files", "destroy_rows", "forget_names", "finish_leaving", "leaving_batches"),
    *("incident_districts", "forget_sign_in"),
    *("offerings_to_count", "groups_to_count", "groups_shown", "keep_groups"),
)

_TO_THEIR_OWNERS = """
do $$ declare f regprocedure; begin
  for f in select oid from pg_proc where pronamespace = 'cg'::regnamespace loop
    execute format('alter function %s owner to cg_scope', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to cg_web, cg_job, cg_loader, cg_report, cg_migrator', f);
  end loop;
  grant create on schema cg to cg_keys;
  alter function cg.insert_rows owner to cg_keys;
  revoke create on schema cg from cg_keys;
  alter function cg.refresh_statistics owner to cg_migrator;
  revoke execute on function cg.refresh_statistics from cg_web, cg_job, cg_report;
  grant execute on function cg.owners to cg_keys;
  revoke execute on function cg.insert_rows from cg_web, cg_job, cg_report, cg_migrator;
  for f in select oid from pg_proc where pronamespace = 'cg'::regnamespace and proname = any(array{asked_by_functions}) loop
    execute format('revoke execute on function %s from cg_web, cg_job, cg_loader, cg_report, cg_migrator', f);
  end loop;
  for f in select oid from pg_proc where pronamespace = 'cg'::regnamespace and proname = any(array{asked_by_jobs}) loop
    execute format('revoke execute on function %s from cg_web, cg_loader, cg_report', f);
  end loop;
end $$
"""


def make(cursor: Any) -> None:
    """Make every function what its script says, give it to the role that owns it, and say who may ask it."""
    for script in scripts():
        text = script.read_text("utf-8").replace("{time_zone}", settings.TIME_ZONE)
        cursor.execute(text.replace("{smallest_count}", str(settings.SMALLEST_COUNT)))
    cursor.execute(KEYS.read_text("utf-8"))
    cursor.execute(
        _TO_THEIR_OWNERS.replace("{asked_by_functions}", repr(list(ASKED_BY_FUNCTIONS))).replace(
            "{asked_by_jobs}", repr(list(ASKED_BY_JOBS))
        )
    )


def scripts() -> list[Path]:
    """The functions of every app: its `scope.sql`, and those of its subjects, called `..._scope.sql`."""
    return [script for config in apps.get_app_configs() for script in sorted(Path(config.path).glob("*scope.sql"))]
