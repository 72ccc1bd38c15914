"""Send a district's file, look at what it would do, and apply it: the same code as the pages."""

import argparse
import json
import sys
from pathlib import Path

HELP = "send a district's file, show what it would change, and apply it if asked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a zip archive or a folder")
    parser.add_argument("--district", required=True, metavar="ID", help="the district's state id, such as 0347-01")
    parser.add_argument("--first", action="store_true", help="say that this first bundle is the district's")
    parser.add_argument("--as", dest="email", metavar="EMAIL", help="who sends it; else the district's one coordinator")
    parser.add_argument("--apply", action="store_true", help="apply it after the check")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import setup

    setup()
    from django.db import DatabaseError, InterfaceError
    from django.utils import timezone

    from commonground.apps.intake import actions, queries, receiving
    from commonground.apps.intake.models import Batch
    from commonground.cli._sender import NobodyToAct, district_and_sender
    from commonground.store.walls import enter

    try:
        district, person = district_and_sender(arguments.district, arguments.email)
    except NobodyToAct as nobody:
        return _fail(str(nobody))
    except (DatabaseError, InterfaceError):
        return _fail(
            "The database does not answer, or was never set up: nothing was sent. Start Commonground, or tell with"
            " COMMONGROUND_DATA or DATABASE_URL where it is, and send the file again."
        )
    if not arguments.path.exists():
        return _fail(f"There is no file {arguments.path.name}.")
    now, problem = timezone.now(), ""
    try:
        with enter(person=person.pk, purpose="command load"):
            batch = receiving.receive_file(
                owner_id=district.pk, blocks=arguments.path, label=arguments.path.name, by=person.pk, now=now
            )
        batch = actions.check_batch(batch_id=batch.pk, by=person.pk, now=now)
    except receiving.FileNotKept as not_kept:
        return _fail(str(not_kept))
    if arguments.apply and batch.status == Batch.Status.CHECKED:
        try:
            batch = actions.apply_batch(batch_id=batch.pk, by=person.pk, now=now, tie=arguments.first)
        except actions.TieNeeded:
            problem = "This is the district's first bundle: say with --first that it is this district's."
        except (actions.PreviewIsOld, actions.NotNow) as not_now:
            problem = str(not_now)
    report = queries.problem_report(batch) | {"status": batch.status, "reason": problem or None}
    print(json.dumps(report) if arguments.json else _in_words(report))
    if problem:
        return _fail(problem)
    return 1 if batch.status == Batch.Status.REFUSED else 0


def _in_words(report: dict) -> str:
    lines = [
        f"Batch {report['batch']}, {report['format']} {report['version']}: {report['status']}.",
        f"Rows read {report['read']:,}: accepted {report['accepted']:,}, held {report['held']:,},"
        f" left out {report['left_out']:,}.",
        "Would change: {new:,} new, {changed:,} changed, {missing:,} missing.".format(**report["preview"]),
    ]
    for problem in report["problems"]:
        where = ", ".join(str(line) for line in problem["first_lines"])
        lines.append(
            f"  {problem['outcome']}: {problem['code']} in {problem['file'] or 'the bundle'}, {problem['count']} × (lines {where})"
        )
    return "\n".join(lines)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
