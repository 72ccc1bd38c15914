"""Bringing in a metro collaborative: 29 district bundles through intake, as their coordinators, and the peers beside it.

    python benchmarks/intake.py [--students 300000] [--districts 29] [--rounds 5] [--peers] [--set shared_buffers=512MB]

A round starts a fresh embedded database. Two worker processes take districts from a queue and run the jobs that the pages
put off: check, then apply with the tie. Everything is on: FORCEd row security, keys within one owner, indexes, audit
triggers, lineage, fsync. Then the identical bundles again (recognized by digest, and read all the same), 3 % changed, and the
undo of that, which must leave every table as it was, row for row. With --peers the same final rows are written by raw COPY into
tables with the same keys and indexes in the same database, and by pandas with pandera. Medians of the rounds.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from intake_peers import pandas_and_pandera, raw_copy
from metro_changes import changed_bundles
from metro_house import TODAY, Watch, house, people, start_django

WORKERS = 2


# --- in a worker ----------------------------------------------------------------------------------------------------------
def send_check_apply(bundle: str, district: str, person: str, shortcut: bool) -> dict[str, float]:
    """One district's bundle, from the file to the rows, by the jobs that the pages put off. Seconds per step."""
    from django.utils import timezone

    from commonground.apps.intake import actions, jobs, receiving, repeats

    actions.repeated = repeats.repeated if shortcut else lambda _batch: None
    from commonground.apps.intake.models import Batch
    from commonground.store.walls import enter

    seconds, began = {}, time.perf_counter()

    def done(step: str) -> None:
        nonlocal began
        now = time.perf_counter()
        seconds[step], began = now - began, now

    with enter(person=person, purpose="benchmark"):
        batch = receiving.receive_file(
            owner_id=district, blocks=Path(bundle), label=Path(bundle).name, by=person, now=timezone.now()
        )
    done("receive")
    jobs.check(batch_id=str(batch.pk), person_id=person)
    done("check")
    with enter(person=person, purpose="benchmark"):
        batch = Batch.objects.get(pk=batch.pk)
        if batch.status != Batch.Status.CHECKED:
            raise RuntimeError(f"{district}: {batch.status} {batch.refusal}")
        seconds |= {f"check: {name}": value for name, value in batch.summary["seconds"].items()}
        actions.begin(batch_id=batch.pk, status=Batch.Status.APPLYING, expected=Batch.Status.CHECKED)
    jobs.apply(batch_id=str(batch.pk), person_id=person, tie=1)
    done("apply")
    with enter(person=person, purpose="benchmark"):
        batch = Batch.objects.get(pk=batch.pk)
        if batch.status != Batch.Status.APPLIED:
            raise RuntimeError(f"{district}: {batch.status}")
        written = batch.summary["written"].values()
    seconds["rows"] = sum(rows["inserted"] + rows["updated"] + rows["ended"] for rows in written)
    seconds["read"] = batch.summary["read"]
    return seconds


def undo(district: str, person: str) -> dict[str, float]:
    """Take back a district's latest batch."""
    from commonground.apps.intake import actions, jobs
    from commonground.apps.intake.models import Batch
    from commonground.store.walls import enter

    began = time.perf_counter()
    with enter(person=person, purpose="benchmark"):
        batch = Batch.objects.applied().filter(owner_id=district).order_by("-number").first()
        actions.begin(batch_id=batch.pk, status=Batch.Status.UNDOING, expected=Batch.Status.APPLIED)
    jobs.undo(batch_id=str(batch.pk), person_id=person)
    with enter(person=person, purpose="benchmark"):
        if Batch.objects.get(pk=batch.pk).status != Batch.Status.UNDONE:
            raise RuntimeError(district)
    return {"undo": time.perf_counter() - began}


def warm(_: int) -> None:
    """What a worker imports once, before it takes its first job. Long enough that every worker gets one."""
    import duckdb

    from commonground import formats
    from commonground.apps.intake import actions, jobs, receiving, repeats

    duckdb.execute("SELECT ?", [[1]]).fetchone()
    assert all((formats, actions, jobs, receiving, repeats))
    time.sleep(0.5)


# --- in the parent --------------------------------------------------------------------------------------------------------
def phase(name: str, watch: Watch, pool: ProcessPoolExecutor, work: list[tuple]) -> dict[str, float]:
    """Run the work of all districts on the pool, and print what it took."""
    with watch.measure():
        found = [future.result() for future in [pool.submit(*one) for one in work]]
    steps: dict[str, float] = {}
    for seconds in found:
        for step, value in seconds.items():
            steps[step] = steps.get(step, 0) + value
    rows, read = steps.pop("rows", 0), steps.pop("read", 0)
    peaks = ", ".join(f"{key} {value:.0f}" for key, value in watch.peaks.items())
    print(
        f"   {name:<22}{watch.wall:>7.1f} s  CPU py {watch.own_cpu:>5.1f} pg {watch.server_cpu:>5.1f}"
        f"  {rows:>9,.0f} written  {(read or rows) / watch.wall:>8,.0f} rows/s  peak {watch.peak_mb:.0f} MB ({peaks})"
    )
    print("      " + ", ".join(f"{step} {value:.1f}" for step, value in steps.items()), flush=True)
    return {"wall": watch.wall, "cpu": watch.own_cpu + watch.server_cpu, "rows": rows, "peak": watch.peak_mb}


def fingerprints() -> dict[str, tuple]:
    """Rows and a checksum over all values, of every roster table."""
    from django.db import connection

    from commonground.apps.intake.tables import TABLES
    from commonground.store.database import as_migrator

    with as_migrator(), connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"select count(*), sum(hashtextextended(t::text, 0)::numeric) from {table.db_table} t")
            found[table.db_table] = cursor.fetchone()
        return found


def describe() -> None:
    """Print what stands in the way of a row: settings, policies, keys, indexes, triggers."""
    from django.db import connection

    from commonground.apps.intake.tables import TABLES
    from commonground.store.database import as_migrator

    tables = [table.db_table for table in TABLES]
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers")
    names = (*names, "work_mem", "maintenance_work_mem", "max_wal_size", "checkpoint_timeout", "jit")
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("select name, current_setting(name) from pg_settings where name = any(%s)", [list(names)])
        print("settings: " + ", ".join(f"{name} {value}" for name, value in cursor.fetchall()))
        cursor.execute(
            "select count(*) filter (where relforcerowsecurity), (select count(*) from pg_policy where polrelid = any(%s::regclass[])),"
            " (select count(*) from pg_index where indrelid = any(%s::regclass[])),"
            " (select count(*) from pg_constraint where contype = 'f' and conrelid = any(%s::regclass[])),"
            " (select count(*) from pg_trigger where not tgisinternal and tgenabled = 'A' and tgrelid = any(%s::regclass[]))"
            " from pg_class where oid = any(%s::regclass[])",
            [tables] * 5,
        )
        forced, policies, indexes, keys, triggers = cursor.fetchone()
        print(
            f"{len(tables)} tables, {forced} under FORCEd row security with {policies} policies, {indexes} indexes,"
            f" {keys} foreign keys, {triggers} audit triggers ENABLE ALWAYS",
            flush=True,
        )


def one_round(arguments: argparse.Namespace, bundles: dict[str, Path], changed: dict[str, Path]) -> dict[str, float]:
    """A fresh database and everything in it once; what is to be compared, by name."""
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made, house(Path(made), settings=arguments.set) as server:
        placed = people(list(bundles))
        describe()
        watch = Watch(server)
        result = {}
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=start_django) as pool:
            list(pool.map(warm, range(WORKERS)))  # a house's workers run already; the peers are warmed as well

            def sent(paths: dict[str, Path], *, shortcut: bool = True) -> list[tuple]:
                return [(send_check_apply, str(path), *placed[key], shortcut) for key, path in paths.items()]

            first = phase("first load", watch, pool, sent(bundles))
            result |= {"first": first["wall"], "first CPU": first["cpu"], "peak": first["peak"]}
            result["rows"] = first["rows"]
            if arguments.peers:
                with watch.measure():
                    raw = raw_copy(Path(made))
                result |= {"raw COPY": raw, "raw COPY CPU": watch.server_cpu + watch.own_cpu}
                print(f"   raw COPY, 1 connection {raw:>6.1f} s  CPU {result['raw COPY CPU']:.1f}")
                with watch.measure():
                    result["pandas"], rows = pandas_and_pandera(Path(made), bundles, districts=arguments.pandas)
                result["pandas rows/s"] = rows / result["pandas"]
                print(
                    f"   pandas + pandera      {result['pandas']:>7.1f} s  CPU py {watch.own_cpu:.1f} pg {watch.server_cpu:.1f}"
                    f"  {rows:,} rows of {arguments.pandas} districts, {result['pandas rows/s']:,.0f} rows/s",
                    flush=True,
                )
            if not arguments.only_first:
                before = fingerprints()
                for name, shortcut in (("identical, recognized", True), ("identical, read", False)):
                    again = phase(name, watch, pool, sent(bundles, shortcut=shortcut))
                    result[name] = again["wall"]
                    if again["rows"] or fingerprints() != before:
                        raise RuntimeError("an identical bundle wrote something")
                result["3 % changed"] = phase("3 % changed", watch, pool, sent(changed))["wall"]
                result["undo"] = phase("undo", watch, pool, [(undo, *placed[key]) for key in bundles])["wall"]
                if fingerprints() != before:
                    raise RuntimeError("undo was not exact")
        return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=300_000)
    parser.add_argument("--districts", type=int, default=29)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="raw COPY and pandas + pandera in the same rounds")
    parser.add_argument("--pandas", type=int, default=29, help="districts that pandas reads, of the same bundles")
    parser.add_argument("--only-first", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the databases and bundles lie; else the system's")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of the server")
    arguments = parser.parse_args()
    arguments.set = dict(pair.split("=", 1) for pair in arguments.set)
    from commonground.demonstration.metro import metro

    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        began = time.perf_counter()
        bundles = metro(
            Path(made) / "metro", students=arguments.students, districts=arguments.districts, seed=1, today=TODAY
        )
        changed = {} if arguments.only_first else changed_bundles(bundles, Path(made) / "changed")
        size = sum(file.stat().st_size for path in bundles.values() for file in path.iterdir()) / 1e6
        print(f"{len(bundles)} bundles of {size:.0f} MB written in {time.perf_counter() - began:.1f} s")
        # Each in a process of its own: Django keeps the address of the database it was started with.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as fresh:
            rounds = [fresh.submit(one_round, arguments, bundles, changed).result() for _ in range(arguments.rounds)]
    medians = {name: round(statistics.median(found[name] for found in rounds), 2) for name in rounds[0]}
    if arguments.peers:
        medians["first / raw COPY"] = round(medians["raw COPY"] / medians["first"], 2)
        medians["first / pandas"] = round(medians["rows"] / medians["first"] / medians["pandas rows/s"], 2)
    print(json.dumps(medians, indent=1))


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    main()
