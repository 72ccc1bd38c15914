"""Awards and traveling weeks: proven least cost, beside what offices do by hand, and a general solver (OR-Tools CP-SAT).

python benchmarks/allocation.py
"""

import time

import numpy as np
from ortools.sat.python import cp_model

from commonground.engine.allocation import Quote, Teacher, Terms, Tier, Visit, award, cost_shares, travel_week
from commonground.engine.allocation.shares import Basis


def market(items, suppliers, seed=0):
    """Quotes with three tiers for most items, freight and least orders."""
    rng = np.random.default_rng(seed)
    needs = {f"item {place}": int(rng.integers(20, 400)) for place in range(items)}
    prices = {item: int(rng.integers(200, 5000)) for item in needs}
    quotes = []
    for supplier in range(suppliers):
        for item, price in prices.items():
            if supplier == 0 or rng.random() < 0.85:
                first = price * rng.uniform(0.9, 1.15)
                second, third = first * rng.uniform(0.92, 0.98), first * rng.uniform(0.82, 0.92)
                tiers = (Tier(1, round(first)), Tier(50, round(second)), Tier(200, round(third)))
                quotes.append(Quote(f"supplier {supplier}", item, tiers))
    terms = {
        f"supplier {n}": Terms(int(rng.integers(5000, 60000)), int(rng.integers(0, 200000))) for n in range(suppliers)
    }
    return needs, quotes, terms


def by_constraint_solver(needs, quotes, terms, most_suppliers):
    """The same award in CP-SAT, one worker: its cost, or None after 60 seconds without proof."""
    model = cp_model.CpModel()
    used = {name: model.new_bool_var(name) for name in terms}
    supplied = {item: [] for item in needs}
    spent = {name: [] for name in terms}
    for quote in quotes:
        ends = [*(tier.from_quantity - 1 for tier in quote.tiers[1:]), needs[quote.item]]
        chosen = []
        for tier, end in zip(quote.tiers, ends, strict=True):
            last = min(end, needs[quote.item])
            if last >= tier.from_quantity:
                is_chosen = model.new_bool_var("")
                count = model.new_int_var(0, last, "")
                model.add(count >= tier.from_quantity * is_chosen)
                model.add(count <= last * is_chosen)
                model.add_implication(is_chosen, used[quote.supplier])
                chosen.append(is_chosen)
                supplied[quote.item].append(count)
                spent[quote.supplier].append(count * tier.unit_cents)
        model.add_at_most_one(chosen)
    for item, need in needs.items():
        model.add(sum(supplied[item]) == need)
    for name, one in terms.items():
        model.add(sum(spent[name]) >= one.least_order_cents * used[name])
    model.add(sum(used.values()) <= most_suppliers)
    model.minimize(sum(sum(lines) for lines in spent.values()) + sum(terms[n].freight_cents * used[n] for n in terms))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, 60
    return round(solver.objective_value) if solver.solve(model) == cp_model.OPTIMAL else None


def week(teachers, visits, sites, seed=0):
    """Each teacher's own visits, sites spread over 40 minutes of roads."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 40, (sites, 2))
    roads = {
        (f"site {one}", f"site {other}"): int(np.ceil(np.hypot(*(places[one] - places[other]))))
        for one in range(sites)
        for other in range(one + 1, sites)
    }
    days = ("Mon", "Tue", "Wed", "Thu", "Fri")
    people = [Teacher(f"teacher {n}", days, skills=(f"skill {n}",)) for n in range(teachers)]
    wanted = [
        Visit(f"visit {n}-{k}", f"site {rng.integers(sites)}", int(rng.choice([45, 60, 90])), skill=f"skill {n}")
        for n in range(teachers)
        for k in range(visits)
    ]
    return wanted, people, roads


def timed(job):
    """What a job returns, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = job()
    return value, time.perf_counter() - wall, time.process_time() - cpu


def main():
    print(
        "award, 3 tiers, at most 4 suppliers to 60 items wall     CPU   proven   least   best single  per line   CP-SAT  ratio"
    )
    for combining in ("any", "whole_lines"):
        for items, suppliers in ((20, 6), (60, 10), (120, 15)):
            given = market(items, suppliers)
            found, wall, cpu = timed(
                lambda given=given, combining=combining: award(
                    given[0],
                    quotes=given[1],
                    terms=given[2],
                    most_suppliers=4 if len(given[0]) <= 60 else None,
                    combining=combining,
                )
            )
            peer = ""
            if combining == "any" and items <= 60:
                cost, peer_wall, _ = timed(lambda given=given: by_constraint_solver(*given, 4))
                same = "same cost" if cost == found.total_cents else f"cost {cost}"
                peer = f"{peer_wall:.2f} s  {peer_wall / wall:.1f} ({same})"
            print(
                f"{items:>4} items × {suppliers:>2} suppliers, {combining:<12} {wall:>7.2f} s {cpu:>6.2f} s {found.is_optimal!s:>6}"
                f" {found.total_cents:>10,} {found.single_cents or 'none':>8} {found.per_line_cents or 'none':>11}  {peer}"
            )
    print("\nweek of traveling staff, 7 sites             wall     CPU    cost   bound")
    for teachers, visits in ((1, 10), (3, 8), (6, 8), (12, 10)):
        wanted, people, roads = week(teachers, visits, 7)
        found, wall, cpu = timed(
            lambda wanted=wanted, people=people, roads=roads: travel_week(
                wanted, teachers=people, minutes_between=roads
            )
        )
        print(
            f"{teachers:>3} teachers × {visits:>2} visits                 {wall:>6.2f} s {cpu:>6.2f} s {found.cost:>7} {found.bound:>7}"
        )
    members = {f"district {n}": n + 1 for n in range(29)}
    _, wall, _ = timed(lambda: [cost_shares(10_000_000 + n, bases=[Basis("units", members)]) for n in range(1000)])
    print(f"\n1,000 bills shared by 29 members: {wall:.2f} s")


if __name__ == "__main__":
    main()
