"""Balanced groups and daily regrouping, beside what people do today.

    python benchmarks/grouping.py                    about half a minute
    python benchmarks/grouping.py --sizes 240 1000   only these

Goals: 240 students at the bound (ratio 1.00) within 0.2 s; 1,000 at most 1.04 within 0.6 s; 10,000 at most 1.01 within
10 s, nobody avoidably misplaced; regrouping of 60 students for 5 days at 100 % of its bound within 1 s. Peers in the same
run: sort and deal (the usual spreadsheet way), the best of 200 random groupings, random regrouping.
"""

import argparse
import time

import numpy as np

from commonground.engine.grouping import (
    balance_groups,
    balance_of,
    grouping_task,
    least_squares_bound,
    measure_days,
    plan_days,
)
from commonground.engine.grouping.exchange import tables_of

DISTRICTS = [0.42, 0.18, 0.13, 0.10, 0.08, 0.05, 0.04]


def make_task(count, *, size=24, seed=3):
    """Invented students: seven districts, four grades, meals, languages, a pre-test that depends on grade and meals."""
    rng = np.random.default_rng(seed)
    district, grade = rng.choice(7, count, p=DISTRICTS), rng.integers(0, 4, count)
    meals = rng.random(count) < 0.3 + 0.04 * district
    language = np.where(rng.random(count) < 0.1 + 0.05 * district, rng.integers(1, 5, count), 0)
    gender = rng.choice(3, count, p=[0.49, 0.49, 0.02])
    test = np.round(rng.normal(190 + 9 * grade - 7 * meals, 14))
    groups = -(-count // size)
    sizes = [count // groups + (one < count % groups) for one in range(groups)]
    columns = {"district": district, "grade": grade, "meals": meals, "language": language, "gender": gender}
    return grouping_task(
        sizes, attributes={name: column.tolist() for name, column in columns.items()}, numbers={"test": test}
    )


def timed(work):
    """What the work returns, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def sort_and_deal(task):
    """Sort by every attribute and the test, then deal one by one to the groups."""
    order = np.lexsort((task.numbers[:, 0], *task.codes.T[::-1]))
    group = np.empty(task.student_count, np.int64)
    group[order] = np.arange(task.student_count) % task.group_count
    return group


def best_of_random(task, tries=200):
    rng, places = np.random.default_rng(1), np.repeat(np.arange(task.group_count), task.sizes)
    return min((rng.permutation(places) for _ in range(tries)), key=lambda one: (tables_of(task, one)[0] ** 2).sum())


def row(name, task, group, cpu, wall):
    balance = balance_of(task, group)
    print(
        f"{task.student_count:>7,} {name:<22} {cpu:>8.3f} {wall:>8.3f} {balance.ratio:>8.4f} {balance.avoidable:>9,} "
        f"{balance.largest_deviation:>8.2f} {balance.between_group_share['test']:>10.4%}"
    )
    return balance


def regrouping():
    print("\nregrouping: different pairs of two districts that meet, of the most possible")
    for groups, size, days, sizes in (
        (10, 6, 5, [25, 11, 8, 6, 5, 3, 2]),
        (10, 6, 10, [25, 11, 8, 6, 5, 3, 2]),
        (15, 4, 10, [25, 11, 8, 6, 5, 3, 2]),
        (40, 6, 10, [100, 44, 32, 24, 20, 12, 8]),
    ):
        districts, rng = np.repeat(np.arange(len(sizes)), sizes), np.random.default_rng(1)
        plan, cpu, wall = timed(lambda d=districts, g=groups, s=size, n=days: plan_days(d, [s] * g, days=n, seed=1))
        random = measure_days(districts, [rng.permutation(np.repeat(np.arange(groups), size)) for _ in range(days)])
        print(
            f"  {len(districts):>4} students, {groups} x {size}, {days:>2} days: {plan.met_pairs:,} of {plan.bound:,} "
            f"({plan.met_pairs / plan.bound:.1%}) in {cpu:.2f} s CPU, {wall:.2f} s wall; random regrouping "
            f"{random.met_pairs / random.bound:.1%}; least served meets {plan.new_peers.min()}, mean {plan.new_peers.mean():.1f}"
        )


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sizes", type=int, nargs="*", default=[60, 240, 1_000, 10_000, 50_000])
    given = words.parse_args()
    balance_groups(make_task(12, size=4), seed=1)
    plan_days([0, 1, 2, 3], [2, 2], days=2, seed=1)
    print(
        f"{'n':>7} {'method':<22} {'CPU s':>8} {'wall s':>8} {'ratio':>8} {'avoidable':>9} {'largest':>8} {'between':>10}"
    )
    for count in given.sizes:
        task = make_task(count)
        groups, cpu, wall = timed(lambda t=task: balance_groups(t, seed=1))
        ours = row("exchange annealing", task, groups.group, cpu, wall)
        simple = least_squares_bound(task.sizes, task.share)
        print(
            f"{'':>8}{ours.sum_sq / simple:.4f} of the bound that takes each level by itself, which no grouping can lower "
            f"under {ours.bound / simple:.4f}"
        )
        for name, way in (("sort and deal", sort_and_deal), ("best of 200 random", best_of_random)):
            made, cpu, wall = timed(lambda t=task, w=way: w(t))
            theirs = row(name, task, made, cpu, wall)
            print(f"{'':>8}{theirs.sum_sq / max(ours.sum_sq, 1e-9):.1f} times our squared deviation")
    regrouping()


if __name__ == "__main__":
    main()
