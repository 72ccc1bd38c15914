"""How every job of the engine grows, from small to the largest size, in one table.

    python benchmarks/growth.py                                        print the table (about eight minutes)
    python benchmarks/growth.py --into docs/explanation/speed.md       write it into the page, between its two marks
    python benchmarks/growth.py --only groups award                    only these jobs; with --into the others' rows stay

Every line is a process of its own, so that its peak memory is its own: reading or inventing the input included. What is
compiled is compiled before the clock starts. CPU seconds add up all threads; peers stand in the other benchmarks.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
BEGIN, END = "<!-- written by benchmarks/growth.py -->\n", "<!-- end -->\n"


def nested(schools):
    import integration as bench

    from commonground.engine.integration import nested_segregation

    nested_segregation(*[bench.state(50)[0]], levels=bench.state(50)[1])
    counts, levels = bench.state(schools)
    return lambda: f"H {nested_segregation(counts, levels=levels).value.h:.4f}"


def resampling(schools):
    import integration as bench

    from commonground.engine.integration import bootstrap_nested

    counts, levels = bench.state(schools, groups=5)
    return lambda: f"{len(bootstrap_nested(counts, levels=levels, draws=1000, seed=1).value)} terms with intervals"


def _market(applicants, *, has_reserves):
    import assignment as bench
    import numpy as np

    from commonground.engine.assignment import deferred_acceptance, draw_numbers, top_trading_cycles

    warm = bench.make_market(200, programs=20, has_reserves=has_reserves)
    (deferred_acceptance if has_reserves else top_trading_cycles)(warm, draw_numbers(warm, seed=0))
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/market.npz"
        # Another process invents the lists: its memory is not the engine's.
        subprocess.run([sys.executable, bench.__file__, "--file", file, "--make", str(applicants)], check=True)
        with np.load(file) as held:
            tables = [held[name] for name in bench.TABLES]
    market = bench.market_from(tables, programs=bench.programs_for(applicants), has_reserves=has_reserves)
    return market, draw_numbers(market, seed=3)


def seats(applicants):
    from commonground.engine.assignment.deferred import run_proposals, workspace

    market, numbers = _market(applicants, has_reserves=True)
    space = workspace(market)
    return lambda: f"{run_proposals(market, numbers, space):,} proposals"


def seats_certified(applicants):
    from commonground.engine.assignment import deferred_acceptance

    market, numbers = _market(applicants, has_reserves=True)
    return lambda: f"certificate holds: {deferred_acceptance(market, numbers).certificate.holds}"


def trading(applicants):
    from commonground.engine.assignment import top_trading_cycles

    market, numbers = _market(applicants, has_reserves=False)
    return lambda: f"certificate holds: {top_trading_cycles(market, numbers).certificate.holds}"


def draws(applicants):
    from commonground.engine.assignment import admission_chances

    market, _ = _market(applicants, has_reserves=True)
    admission_chances(market, draws=1, seed=5)
    return lambda: f"{admission_chances(market, draws=100, seed=5).draws} draws; 10,000 take 100 times this"


def groups(students):
    import grouping as bench

    from commonground.engine.grouping import balance_groups, least_squares_bound

    balance_groups(bench.make_task(12, size=4), seed=1)
    task = bench.make_task(students)
    simple = least_squares_bound(task.sizes, task.share)

    def work():
        found = balance_groups(task, seed=1).balance
        by_level = f"{found.sum_sq / simple:.4f} level by level"
        return f"ratio {found.ratio:.4f} ({by_level}), {found.avoidable} misplaced"

    return work


def regrouping(students):
    import numpy as np

    from commonground.engine.grouping import plan_days

    plan_days([0, 1, 2, 3], [2, 2], days=2, seed=1)
    districts = np.repeat(np.arange(7), [students * part // 60 for part in (25, 11, 8, 6, 5, 3, 2)])

    def work():
        plan = plan_days(districts, [6] * (len(districts) // 6), days=5, seed=1)
        return f"{plan.met_pairs / plan.bound:.1%} of the bound"

    return work


def suppression(schools):
    import disclosure as bench

    from commonground.engine.disclosure import suppress

    counts, districts = bench.collaborative(schools)

    def work():
        found = suppress(bench.linked_table(counts, districts))
        return f"{len(found.hidden):,} hidden, {len(found.audit().leaks)} leaks"

    return work


def award(items):
    import allocation as bench

    from commonground.engine.allocation import award as give

    needs, quotes, terms = bench.market(items, {20: 6, 60: 10}.get(items, 15))
    return lambda: f"proven: {give(needs, quotes=quotes, terms=terms).is_optimal}"


def linkage(students):
    from commonground.engine.linkage import accuracy, columns_of, invented_students, link, train

    left, right, true = invented_students(students, seed=1)
    files = [columns_of(left, file="left"), columns_of(right, file="right")]

    def work():
        found = link(*files, weights=train(files, trained_on="invented students", seed=1))
        sure, best = (accuracy(found.pairs(band), true) for band in ("automatic", None))
        return f"precision {sure.precision:.4f} (automatic), F1 {best.f1:.4f}"

    return work


JOBS = {
    "nested": ("nested H, 3 levels, 8 groups", "schools", nested, (1_000, 10_000, 100_000)),
    "resampling": ("1,000 bootstrap draws of nested H, 5 groups", "schools", resampling, (1_000, 2_045)),
    "seats": (
        "deferred acceptance, three reserves, 12 choices",
        "applicants",
        seats,
        (1_000, 10_000, 100_000, 300_000, 1_000_000, 5_000_000),
    ),
    "certificate": (
        "the same with checked lottery and certificate",
        "applicants",
        seats_certified,
        (1_000, 10_000, 100_000, 300_000, 1_000_000, 5_000_000),
    ),
    "draws": ("admission chances, 100 draws", "applicants", draws, (1_000, 20_000, 100_000)),
    "trading": ("trading cycles, 12 choices", "applicants", trading, (1_000, 10_000, 100_000, 300_000)),
    "groups": ("balanced groups of 24", "students", groups, (240, 1_000, 10_000, 50_000)),
    "regrouping": ("regrouping, tables of 6, 5 days", "students", regrouping, (60, 240, 960)),
    "suppression": ("suppression and audit, 8 groups, 3 levels", "schools", suppression, (100, 250, 500, 1_000)),
    "award": ("award, 3 tiers", "items", award, (20, 60, 120)),
    "linkage": ("linkage of two files, training included", "students each", linkage, (1_000, 10_000, 100_000, 300_000)),
}


def one(job, size):
    """One line as JSON on standard output."""
    work = JOBS[job][2](size)
    cpu, wall = time.process_time(), time.perf_counter()
    said = work()
    row = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "said": said}
    row["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(row))


def table(names):
    """The lines of the table, each printed as soon as it is known."""
    say = partial(print, flush=True)
    lines = ["| job | size | CPU s | wall s | peak MB | found |", "|---|---:|---:|---:|---:|---|"]
    say("\n".join(lines))
    for name in names:
        title, unit, _, sizes = JOBS[name]
        for size in sizes:
            run = subprocess.run(
                [sys.executable, __file__, "--one", name, str(size)], capture_output=True, text=True, check=False
            )
            if run.returncode:
                said = (run.stderr.strip().splitlines() or [f"exit {run.returncode}"])[-1]
                lines.append(f"| {title} | {size:,} {unit} | – | – | – | did not run: {said[:80]} |")
            else:
                row = json.loads(run.stdout.splitlines()[-1])
                lines.append(
                    f"| {title} | {size:,} {unit} | {row['cpu']:.3f} | {row['wall']:.3f} | {row['peak']:,.0f} "
                    f"| {row['said']} |"
                )
            say(lines[-1])
    return lines


def with_rows_kept(lines, old, *, measured):
    """The new table, with the earlier rows of jobs that were not measured now, in the order of JOBS."""
    rows = []
    for name, (title, *_) in JOBS.items():
        rows += [line for line in (lines if name in measured else old) if line.startswith(f"| {title} |")]
    return [*lines[:2], *rows]


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--only", nargs="*", choices=list(JOBS), default=list(JOBS))
    words.add_argument("--into", type=Path, help="a page with the two marks")
    words.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        one(given.one[0], int(given.one[1]))
        return
    busy = os.getloadavg()[0]
    lines = table(given.only)
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {busy:.0f} to {os.getloadavg()[0]:.0f}."
    print(where)
    if given.into:
        text = given.into.read_text("utf-8")
        before, rest = text.split(BEGIN)
        old, after = rest.split(END)
        if set(given.only) < set(JOBS):
            where += f" Measured in this run: {', '.join(given.only)}; the other rows stand as they were."
        lines = with_rows_kept(lines, old.splitlines(), measured=given.only)
        given.into.write_text(before + BEGIN + "\n" + where + "\n\n" + "\n".join(lines) + "\n\n" + END + after, "utf-8")


if __name__ == "__main__":
    main()
