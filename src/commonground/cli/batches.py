"""A district's batches: history, applying one that was checked, taking one back. The pages' own code."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commonground.apps.intake.models import Batch

HELP = "show a district's batches, apply one that was checked, or take one back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--district", required=True, metavar="ID", help="the district's state id, such as 0347-01")
    parser.add_argument("--as", dest="email", metavar="EMAIL", help="who acts; else the district's one coordinator")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", type=int, metavar="N", help="apply batch N, which was checked")
    what.add_argument("--undo", type=int, metavar="N", help="take batch N back: the latest of its source only")
    parser.add_argument(
        "--first", action="store_true", help="with --apply: say that this first bundle is the district's"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import setup

    setup()
    from django.utils import timezone

    from commonground.apps.intake import actions
    from commonground.apps.intake.models import Batch
    from commonground.cli._sender import NobodyToAct, district_and_sender
    from commonground.store.walls import enter

    try:
        district, person = district_and_sender(arguments.district, arguments.email)
        with enter(person=person.pk, purpose="command batches"):
            known = {batch.number: batch for batch in Batch.objects.filter(owner_id=district.pk).order_by("number")}
        number = arguments.apply or arguments.undo
        if number is not None and number not in known:
            print(f"There is no batch {number}.", file=sys.stderr)
            return 2
        now = timezone.now()
        if arguments.apply:
            done = actions.apply_batch(batch_id=known[number].pk, by=person.pk, now=now, tie=arguments.first)
            known[number] = done
        elif arguments.undo:
            known[number] = actions.undo_batch(batch_id=known[number].pk, by=person.pk, now=now)
    except actions.TieNeeded:
        print("This is the district's first bundle: say with --first that it is this district's.", file=sys.stderr)
        return 2
    except (NobodyToAct, actions.NotNow, actions.PreviewIsOld) as refused:
        print(refused, file=sys.stderr)
        return 2
    rows = [_row(batch) for batch in known.values()]
    if arguments.json:
        print(json.dumps({"district": arguments.district, "batches": rows}))
    else:
        for row in rows:
            print("{batch:>4}  {status:<10} read {read:,}, accepted {accepted:,}, held {held:,}  {label}".format(**row))
    return 0


def _row(batch: "Batch") -> dict[str, object]:
    counts = {key: batch.summary.get(key, 0) for key in ("read", "accepted", "held", "left_out")}
    return {
        "batch": batch.number,
        "status": batch.status,
        "label": batch.label,
        "sent_at": batch.sent_at.isoformat(),
        **counts,
    }
