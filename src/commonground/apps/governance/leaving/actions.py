"""Beginning, asking for, confirming and calling off a district's leaving; each asks the database, which may refuse."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.governance.leaving.places import exports
from commonground.apps.governance.models import Leaving
from commonground.store.jobs import defer

# An export lies here for so long; whoever needs it later has it made anew.
EXPORT_KEPT = timedelta(days=14)


@transaction.atomic
def begin_export(*, place_id: UUID, by: UUID) -> UUID:
    """Have everything that the district owns written into one file, in place of one made before. Raises Refused."""
    made: UUID = ask_database("begin_leaving", place_id)
    ask_database("note_export", made, 0, "", "")
    record_event(EventKind.LEAVING_BEGUN, person_id=by, organization_id=place_id, about=str(made))
    defer("governance.export-district", leaving_id=made, person_id=by, one_at_a_time=place_id)
    return made


@transaction.atomic
def arrived(*, leaving: Leaving, number: str, by: UUID) -> None:
    """Somebody has the export whole: number is what stands in its last part. Raises Refused."""
    ask_database("note_arrived", leaving.pk, number)
    record_event(
        EventKind.LEAVING_ARRIVED,
        person_id=by,
        organization_id=leaving.place_id,
        about=str(leaving.pk),
        detail={"rows": leaving.export_count, "sha256": leaving.export_digest},
    )


@transaction.atomic
def ask(*, place_id: UUID, without: str, by: UUID) -> None:
    """Ask that everything the district owns be destroyed. without: why no export is needed, "" with one. Raises Refused."""
    leaving_id = ask_database("begin_leaving", place_id)
    ask_database("ask_leaving", leaving_id, without)
    detail = {"without_export": bool(without.strip())}
    record_event(EventKind.LEAVING_ASKED, person_id=by, organization_id=place_id, about=str(leaving_id), detail=detail)


@transaction.atomic
def confirm(*, leaving: Leaving, by: UUID) -> None:
    """The second person confirms: roles, agreements and memberships end now, and the rows are destroyed. Raises Refused."""
    ask_database("confirm_leaving", leaving.pk)
    ended = Leaving.objects.get(pk=leaving.pk).ended_counts
    record_event(
        EventKind.LEAVING_CONFIRMED,
        person_id=by,
        organization_id=leaving.place_id,
        about=str(leaving.pk),
        detail=ended,
    )
    defer("governance.destroy-district", leaving_id=leaving.pk, one_at_a_time=leaving.place_id)


@transaction.atomic
def call_off(*, leaving: Leaving, by: UUID) -> None:
    """The district stays. Its export is destroyed with the next sweep. Raises Refused."""
    ask_database("call_off_leaving", leaving.pk)
    record_event(EventKind.LEAVING_CALLED_OFF, person_id=by, organization_id=leaving.place_id, about=str(leaving.pk))


def sweep_exports(*, now: datetime) -> int:
    """Destroy exports past their days, of ways out that were called off, and halves nobody goes on with; how many."""
    kept = {
        leaving.pk
        for leaving in Leaving.objects.open()
        if leaving.exported_at is None or leaving.exported_at > now - EXPORT_KEPT
    }
    gone = 0
    for path in exports().glob("*/*"):
        try:
            is_kept = UUID(path.stem) in kept
        except ValueError:
            is_kept = False
        if not is_kept:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
