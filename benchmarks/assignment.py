"""Seats for many applicants: deferred acceptance with reserves, trading cycles, admission chances.

    python benchmarks/assignment.py                        every size, about three minutes and 1 GB
    python benchmarks/assignment.py --sizes 1000 10000     only these
    python benchmarks/assignment.py --draws 500            fewer lottery draws (default 10000)

Goals: 300,000 applicants x 12 choices x 500 programs x 5 classes with three reserves under 0.5 s CPU and 300 MB; five
million under 6 s CPU and 1 GB; trading cycles under 3 s CPU; 10,000 draws for 20,000 applicants under 90 s CPU with the
same bits on one and two threads. Peer: `matching` 1.4 at 10,000 applicants (strict lists, no reserves), where installed. No installable
peer for trading cycles finishes: `matching-algorithms` 0.1 stops with a KeyError when a list is exhausted; our own
definition in Python stands in at 2,000.
Every size runs in a process of its own that reads its applicants from a file, so that the peak memory is that of reading,
checking, running and certifying.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial

import numpy as np

from commonground.engine.assignment import (
    Program,
    admission_chances,
    build_market,
    deferred_acceptance,
    draw_numbers,
    top_trading_cycles,
    with_reserves,
)
from commonground.engine.assignment.cycles import top_trading_cycles_in_numpy
from commonground.engine.assignment.deferred import deferred_acceptance_in_numpy, run_proposals, workspace

CHOICES, CLASSES, RESERVES = 12, 5, 3
TABLES = ("choices", "classes", "members")


def make_tables(count, *, programs=500, seed=1):
    """Choices, classes and memberships of applicants who like near and popular programs.

    Lists beyond the first million repeat earlier ones, with classes and memberships of their own.
    """
    rng = np.random.default_rng(seed)
    places, popularity = rng.random((programs, 2)).astype(np.float32), rng.normal(size=programs).astype(np.float32)
    choices = np.empty((count, CHOICES), np.int32)
    invented = min(count, 1_000_000)
    for begin in range(0, invented, 10_000):
        homes = rng.random((min(10_000, invented - begin), 1, 2), np.float32)
        far = np.sqrt(((homes - places) ** 2).sum(-1))
        taste = -np.log(-np.log(rng.random(far.shape, np.float32) * 0.999 + 0.0005))
        liked = popularity - 8 * far + taste
        best = np.argpartition(-liked, CHOICES, axis=1)[:, :CHOICES]
        order = np.argsort(-np.take_along_axis(liked, best, 1), axis=1)
        choices[begin : begin + len(best)] = np.take_along_axis(best, order, 1)
    for begin in range(invented, count, invented):
        choices[begin : begin + invented] = choices[: min(invented, count - begin)]
    classes = rng.integers(0, CLASSES, choices.shape, np.int8)
    kind = rng.integers(0, RESERVES + 1, count)
    bits = np.where(kind < RESERVES, 1 << kind, 0).astype(np.uint8)
    return choices, classes, np.repeat(bits[:, None], CHOICES, axis=1)


def market_from(tables, *, programs=500, has_reserves=True):
    """A market with seats for 95 % of the applicants, half of them reserved for three areas."""
    choices, classes, members = tables
    seats = max(1, int(0.95 * len(choices) / programs))
    reserves = {f"area {number}": seats // 6 for number in range(RESERVES)}
    offered = [
        with_reserves(f"p{number}", seats, reserves) if has_reserves else Program(f"p{number}", seats)
        for number in range(programs)
    ]
    return build_market(offered, choices, classes=classes, members=members)


def make_market(count, *, programs=500, has_reserves=True):
    return market_from(make_tables(count, programs=programs), programs=programs, has_reserves=has_reserves)


def timed(work):
    """What the work returns, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def programs_for(count):
    return min(500, max(20, count // 20))


def run_size(file):
    """One row of the growth table, as JSON on standard output."""
    warm = make_market(200, programs=20)
    deferred_acceptance(warm, draw_numbers(warm, seed=0))
    with np.load(file) as tables:
        market = market_from([tables[name] for name in TABLES], programs=programs_for(len(tables["choices"])))
    numbers, space = draw_numbers(market, seed=3), workspace(market)
    proposals, cpu, wall = timed(partial(run_proposals, market, numbers, space))
    del space
    run, cpu_all, _ = timed(lambda: deferred_acceptance(market, numbers))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row = {
        "applicants": market.applicant_count,
        "proposals": proposals,
        "cpu": cpu,
        "wall": wall,
        "cpu_with_certificate": cpu_all,
    }
    row |= {"holds": run.certificate.holds, "peak_mb": peak / 1024}
    sys.stdout.write(json.dumps(row))


def growth(sizes):
    print(
        f"{'applicants':>11} {'proposals':>11} {'CPU s':>8} {'wall s':>8} {'+ certificate':>14} {'peak MB':>8} {'holds':>6}"
    )
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/market.npz"
            command = [sys.executable, __file__, "--file", file]
            subprocess.run([*command, "--make", str(count)], check=True)
            row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(
            f"{row['applicants']:>11,} {row['proposals']:>11,} {row['cpu']:>8.3f} {row['wall']:>8.3f} "
            f"{row['cpu_with_certificate']:>14.3f} {row['peak_mb']:>8.0f} {row['holds']!s:>6}"
        )


def trading(count):
    warm = make_market(200, programs=20, has_reserves=False)
    top_trading_cycles(warm, draw_numbers(warm, seed=0))
    market = make_market(count, programs=programs_for(count), has_reserves=False)
    numbers = draw_numbers(market, seed=3)
    run, cpu, wall = timed(lambda: top_trading_cycles(market, numbers))
    print(f"trading cycles, {count:,}: {cpu:.2f} s CPU, {wall:.2f} s wall, certificate holds: {run.certificate.holds}")
    small = make_market(2_000, programs=100, has_reserves=False)
    numbers = draw_numbers(small, seed=3)
    ours, cpu, _ = timed(lambda: top_trading_cycles(small, numbers))
    oracle, cpu_oracle, _ = timed(lambda: top_trading_cycles_in_numpy(small, numbers))
    same = bool((oracle == ours.position).all())
    print(f"  2,000: {cpu:.4f} s CPU, its definition in Python {cpu_oracle:.1f} s, same outcome: {same}")


def chances(draws):
    market = make_market(20_000)
    admission_chances(market, draws=2, seed=5)
    one, cpu, wall = timed(lambda: admission_chances(market, draws=draws, seed=5))
    two, cpu_two, wall_two = timed(lambda: admission_chances(market, draws=draws, seed=5, threads=2))
    same = bool((one.count == two.count).all())
    print(f"{draws:,} draws, 20,000 applicants: {cpu:.1f} s CPU, {wall:.1f} s wall on one thread;")
    print(
        f"  two threads {cpu_two:.1f} s CPU, {wall_two:.1f} s wall ({wall / wall_two:.2f} times as fast), same bits: {same}"
    )


def beside_peers(count):
    warm = make_market(200, programs=20, has_reserves=False)
    deferred_acceptance(warm, draw_numbers(warm, seed=0))
    market = make_market(count, has_reserves=False)
    numbers = draw_numbers(market, seed=3)
    ours, cpu, _ = timed(lambda: deferred_acceptance(market, numbers))
    twin, cpu_twin, _ = timed(lambda: deferred_acceptance_in_numpy(market, ours.lottery))
    same = bool((twin == ours.position).all())
    print(f"beside peers, {count:,} applicants without reserves: ours {cpu:.3f} s CPU with the certificate")
    print(f"  rounds in Python (our oracle): {cpu_twin:.1f} s CPU, ratio {cpu_twin / cpu:.0f}, same outcome: {same}")
    try:
        from matching.games import HospitalResident
    except ImportError:
        print("  matching: not installed (pip install matching)")
        return
    sys.setrecursionlimit(1_000_000)
    keys = (market.classes.astype(np.int64) << 32) | ours.lottery
    lists = {row: market.choices[row].tolist() for row in range(count)}
    asked = [[] for _ in market.programs]
    for row in range(count):
        for choice, program in enumerate(lists[row]):
            asked[program].append((int(keys[row, choice]), row))
    programs = {number: [row for _, row in sorted(line)] for number, line in enumerate(asked) if line}
    seats = {number: market.programs[number].capacity for number in programs}
    solved, cpu_peer, _ = timed(
        lambda: HospitalResident.create_from_dictionaries(lists, programs, seats).solve(optimal="resident")
    )
    theirs = {resident.name: hospital.name for hospital, held in solved.items() for resident in held}
    agree = sum(theirs.get(row, -1) == number for row, number in enumerate(ours.program.tolist())) / count
    print(f"  matching: {cpu_peer:.1f} s CPU, ratio {cpu_peer / cpu:.0f}, same place for {agree:.2%}")


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000, 300_000, 1_000_000, 5_000_000])
    words.add_argument("--draws", type=int, default=10_000)
    words.add_argument("--peer", type=int, default=10_000, help="applicants beside the peer")
    words.add_argument("--file", help=argparse.SUPPRESS)
    words.add_argument("--make", type=int, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.make:
        np.savez(
            given.file, **dict(zip(TABLES, make_tables(given.make, programs=programs_for(given.make)), strict=True))
        )
        return
    if given.file:
        run_size(given.file)
        return
    growth(given.sizes)
    trading(min(300_000, max(given.sizes)))
    chances(given.draws)
    beside_peers(given.peer)


if __name__ == "__main__":
    main()
