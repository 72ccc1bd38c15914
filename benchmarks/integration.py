"""Speed of the integration module beside PySAL's `segregation`, in one run: CPU seconds, wall seconds, ratio.

    python benchmarks/integration.py [--schools FILE] [--largest N]

FILE is the table of schools with columns state, district, school, race, n (R package `segregation`, schools00);
without it a table of the same size is made up. PySAL is left out where it is not installed.
"""

import argparse
import csv
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from commonground.engine import integration

GROUPS = 8
SIZES = (1_000, 10_000, 100_000)


def timed(job: Callable[[], Any], *, repeats: int = 5) -> tuple[float, float]:
    """The fastest of some runs: CPU and wall seconds."""
    runs = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        job()
        runs.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(runs)


def state(schools: int, *, groups: int = GROUPS) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A made-up state: about 500 students a school, 20 schools a district, 50 districts a region."""
    rng = np.random.default_rng(2027)
    shares = rng.dirichlet(np.full(groups, 0.6), size=schools)
    counts = rng.poisson(shares * rng.gamma(4, 125, size=(schools, 1)))
    numbers = np.arange(schools)
    return counts, {"region": numbers // 1000, "district": numbers // 20}


def schools_file(path: Path | None) -> tuple[np.ndarray, dict[str, Any]]:
    """The shared table of 2,045 schools, or a made-up one of its size."""
    if path is None:
        return state(2_045, groups=5)
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    units = list(dict.fromkeys((row["state"], row["district"], row["school"]) for row in rows))
    groups = sorted({row["race"] for row in rows})
    places, columns = ({name: place for place, name in enumerate(names)} for names in (units, groups))
    counts = np.zeros((len(units), len(groups)))
    for row in rows:
        counts[places[row["state"], row["district"], row["school"]], columns[row["race"]]] += int(row["n"])
    return counts, {"state": [unit[0] for unit in units], "district": [unit[1] for unit in units]}


def peer() -> Any:
    """PySAL's package, or None."""
    warnings.simplefilter("ignore")
    try:
        import segregation
    except ImportError:
        return None
    return segregation


def peer_h(package: Any, counts: np.ndarray) -> Callable[[], Any]:
    """PySAL's multigroup H on the same table, its data frame already built."""
    import pandas

    names = [f"group {g}" for g in range(counts.shape[1])]
    frame = pandas.DataFrame(counts, columns=names)
    return lambda: package.multigroup.MultiInfoTheory(frame, groups=names)


def line(job: str, ours: tuple[float, float], theirs: tuple[float, float] | None = None) -> None:
    """One line of the table; ratio above 1 means that we are faster."""
    beside = (
        f"{theirs[0]:9.4f} {theirs[1]:9.4f} {theirs[0] / ours[0]:7.1f}x" if theirs else f"{'-':>9} {'-':>9} {'-':>8}"
    )
    print(f"{job:46} {ours[0]:9.4f} {ours[1]:9.4f} {beside}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=Path)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    arguments = parser.parse_args()
    package = peer()
    print(f"{'job':46} {'CPU s':>9} {'wall s':>9} {'peer CPU':>9} {'wall':>9} {'peer/we':>8}")
    for schools in (size for size in SIZES if size <= arguments.largest):
        counts, levels = state(schools)
        theirs = timed(peer_h(package, counts)) if package else None
        size = f"{schools:,} schools x {GROUPS}"
        line(f"H, {size}", timed(lambda counts=counts: integration.theil_h(counts)), theirs)
        nested = timed(lambda counts=counts, levels=levels: integration.nested_segregation(counts, levels=levels))
        line(f"nested H, 3 levels, {size}", nested)
    counts, levels = schools_file(arguments.schools)
    theirs = timed(lambda: resampled(package, counts), repeats=1) if package else None
    ours = timed(lambda: integration.bootstrap_nested(counts, levels=levels, draws=1000, seed=1), repeats=1)
    line(f"1,000 bootstrap draws, nested H, {len(counts):,} x {counts.shape[1]}", ours, theirs)
    ours = timed(lambda: integration.random_floor(counts, draws=200, seed=1), repeats=1)
    line(f"200 random allocations, H, {len(counts):,} x {counts.shape[1]}", ours)
    rng = np.random.default_rng(2)
    year = rng.poisson(counts * rng.uniform(0.5, 1.5, size=counts.shape))
    line("change of M, converged to 1e-10", timed(lambda: integration.change_in_segregation(counts, year), repeats=1))


def resampled(package: Any, counts: np.ndarray) -> None:
    """PySAL's H on 1,000 tables of students drawn again: it offers no such interval, so its loop is written out."""
    import pandas

    names = [f"group {g}" for g in range(counts.shape[1])]
    rng = np.random.default_rng(1)
    shares = counts.ravel() / counts.sum()
    for _ in range(1000):
        table = rng.multinomial(int(counts.sum()), shares).reshape(counts.shape)
        package.multigroup.MultiInfoTheory(pandas.DataFrame(table, columns=names), groups=names)


if __name__ == "__main__":
    main()
