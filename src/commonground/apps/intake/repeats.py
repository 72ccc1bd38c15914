"""A roster that was sent before, byte for byte, is recognized by its digest and not read again.

Only where nothing can have come out otherwise: it is the latest that was applied, every row of it was taken, nobody decided
anything about it, nobody waits to leave, and the code that reads and compares is the same.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from commonground import formats
from commonground.apps.intake import comparing, folders, tables
from commonground.apps.intake.effects import ROSTER
from commonground.apps.intake.models import Batch, Decision, HeldRow, Problem


@cache
def reader() -> str:
    """A fingerprint of all code that decides what comes out of a file."""
    modules = [*Path(formats.__file__).parent.rglob("*.py"), Path(comparing.__file__), Path(tables.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(modules))).hexdigest()


def repeated(batch: Batch) -> Batch | None:
    """The applied batch that this one repeats, None where it must be read. Inside the walls. Raises Refused."""
    last = Batch.objects.applied().of_source(owner_id=batch.owner_id, format=ROSTER).exclude(pk=batch.pk).first()
    if last is None or last.size_bytes != batch.size_bytes or last.summary.get("reader") != reader():
        return None
    waits = any(leavers["waits"] for leavers in last.summary["leavers"])
    if last.summary["held"] or waits or Decision.objects.filter(batch__in=[batch, last]).exists():
        return None
    return last if formats.digest(folders.original(batch.pk)) == last.digest else None


def summary_again(last: Batch) -> dict[str, Any]:
    """What a preview shows of a batch that repeats `last`: every row is there, and unchanged."""
    counted = {name: effect for name, effect in last.summary["effects"].items() if name in tables.BY_NAME}
    effects = {
        name: dict.fromkeys(effect, 0)
        | {"unchanged": effect["new"] + effect["changed"] + effect["back"] + effect["unchanged"]}
        for name, effect in counted.items()
    }
    return {key: value for key, value in last.summary.items() if key not in {"written", "base"}} | {
        "problems": [problem for problem in last.summary["problems"] if problem["code"] != "first_is_delta"],
        "effects": effects,
        "leavers": [],
        "promotion": None,
        "changes_nothing": True,
        "seconds": {},
    }


def keep_findings_again(batch: Batch, last: Batch) -> None:
    """Replace the batch's problems by those found when `last` was read; it held no row."""
    Problem.objects.filter(owner_id=batch.owner_id, batch=batch).delete()
    HeldRow.objects.filter(owner_id=batch.owner_id, batch=batch).delete()
    columns = ("code", "severity", "outcome", "file", "line", "column", "kind")
    Problem.objects.bulk_create(
        (
            Problem(owner_id=batch.owner_id, batch=batch, **values)
            for values in Problem.objects.filter(owner_id=batch.owner_id, batch=last).values(*columns)
        ),
        batch_size=2_000,
    )
