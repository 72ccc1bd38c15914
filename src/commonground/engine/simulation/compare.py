"""The difference a policy would make on the same people, over many lottery draws, with its uncertainty."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment import deferred_acceptance, draw_numbers
from commonground.engine.integration import THEIL_H
from commonground.engine.simulation.families import drawn_families, with_families
from commonground.engine.simulation.policy import People, Policy, Setting, apply_policy, other_orders
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

Measures = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyRun:
    """One policy over many draws.

    measures: by name one value per draw, nan where undefined. certificates_hold: in every draw.
    """

    policy: Policy
    measures: Measures
    certificates_hold: bool
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes in one measure.

    before, after: means over the draws. change: Result with the mean difference and the interval of that mean;
    not calculated, with the reason, where the measure is undefined in some draw.
    low, high: between these the difference of a single draw lies in 95 of 100 draws; None where not calculated.
    among_families: the interval of the mean difference when other families like these apply, which holds the chance in
    who applies and what is left of the lottery's; None where it was not asked for or the measure is undefined in a sample.
    """

    measure: str
    before: float | None
    after: float | None
    change: Result
    low: float | None
    high: float | None
    among_families: Interval | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The same policy with the order of seat blocks turned round. program: where, or "all programs"."""

    policy: str
    program: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies on the same people and the same draws.

    differences: after less before, for every measure. orders: for both policies, every order of seat blocks turned
    round, against the policy as written. certificates_hold: in every draw of every run.
    """

    before: Policy
    after: Policy
    differences: tuple[Difference, ...]
    orders: tuple[Order, ...]
    certificates_hold: bool
    explanation: Explanation


def run_policy(policy: Policy, people: People, *, draws: int, seed: int) -> PolicyRun:
    """A policy on many lottery draws. Draw d always uses the numbers of (seed, d), under whatever policy.

    Measures: "segregation of schools" (Theil's H over all students, those enrolled and those placed); "placed" and "first
    choice", shares of all applicants and of each group; "gap in places", highest less lowest share of a group;
    "ratio of places", lowest over highest. Raises InputError below one draw.

    >>> from commonground.engine.assignment import Application, Program, RuleBook
    >>> people = People(tuple(Application(f"a{n}", ("arts",), home_area="7") for n in range(4)), ("x", "x", "y", "y"))
    >>> policy = Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {"7": "north"})
    >>> run_policy(policy, people, draws=3, seed=1).measures["placed: all"].tolist()
    [0.25, 0.25, 0.25]
    """
    if draws < 1:
        raise InputError(f"{draws} draws; give at least 1")
    return _run(apply_policy(policy, people), range(draws), seed)


def _run(setting: Setting, draws: Iterable[int], seed: int) -> PolicyRun:
    tables, placed, first, certificates_hold = [], [], [], True
    for draw in draws:
        run = deferred_acceptance(setting.market, draw_numbers(setting.market, seed=seed, draw=draw))
        certificates_hold &= run.certificate.holds
        tables.append(_table(setting, run.program))
        placed.append(_by_group(setting, run.position >= 0))
        first.append(_by_group(setting, run.position == 0))
    measures = _measures(setting, np.array(tables), np.array(placed, float), np.array(first, float))
    explanation = Explanation(
        what=f"What the policy {setting.policy.name!r} does over {len(tables)} lottery draws",
        inputs={
            "applicants": setting.market.applicant_count,
            "groups": len(setting.groups),
            "draws": len(tables),
            "author": setting.policy.author,
            "reason": setting.policy.reason,
        },
        steps=tuple(f"{name}: mean {values.mean():.4f}" for name, values in measures.items()),
        rule=f"deferred acceptance, rules of version {setting.policy.rules.version}",
        source="Law & Kelton 2000 (common random numbers)",
        seed=seed,
    )
    return PolicyRun(setting.policy, measures, certificates_hold, explanation)


def _table(setting: Setting, program: NDArray[np.int32]) -> NDArray[np.int64]:
    """Students per school and group when everyone without a seat attends the home school."""
    school = np.where(program >= 0, setting.school_of_program[np.maximum(program, 0)], setting.home)
    table = setting.base.copy()
    np.add.at(table, (school, setting.group), 1)
    return table


def _by_group(setting: Setting, has: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.bincount(setting.group[has], minlength=len(setting.groups))


def _measures(
    setting: Setting, tables: NDArray[np.int64], placed: NDArray[np.float64], first: NDArray[np.float64]
) -> Measures:
    applicants = np.bincount(setting.group, minlength=len(setting.groups)).astype(float)
    has_applied = applicants > 0
    share = placed[:, has_applied] / applicants[has_applied]
    highest, lowest = share.max(axis=1), share.min(axis=1)
    measures: Measures = {
        "segregation of schools": np.asarray(THEIL_H.kernel(tables.astype(float)), float),
        "placed: all": placed.sum(axis=1) / applicants.sum(),
        "first choice: all": first.sum(axis=1) / applicants.sum(),
    }
    for column in np.flatnonzero(has_applied).tolist():
        measures[f"placed: {setting.groups[column]}"] = placed[:, column] / applicants[column]
        measures[f"first choice: {setting.groups[column]}"] = first[:, column] / applicants[column]
    measures["gap in places"] = highest - lowest
    measures["ratio of places"] = np.divide(lowest, highest, out=np.full(len(share), np.nan), where=highest > 0)
    return measures


def difference(before: PolicyRun, after: PolicyRun, measure: str, *, confidence: float = 0.95) -> Difference:
    """After less before in one measure, draw by draw on the same lottery numbers.

    The interval is Student's for the mean of the paired differences: what more draws would narrow. It does not hold what
    families would do differently under another policy. Source: common random numbers, Law & Kelton 2000.

    >>> from commonground.engine.assignment import Application, Program, RuleBook
    >>> people = People(tuple(Application(f"a{n}", ("arts",), home_area="7") for n in range(4)), ("x", "x", "y", "y"))
    >>> few, many = (
    ...     run_policy(Policy(f"{seats}", "board", "why", RuleBook("1"), (Program("arts", seats),), {"7": "north"}),
    ...         people, draws=3, seed=1) for seats in (1, 3))
    >>> difference(few, many, "placed: all").change.value
    0.5
    """
    from scipy.stats import t

    one, other = before.measures[measure], after.measures[measure]
    gap = other - one
    explanation = Explanation(
        what=f"Change in {measure}, {after.policy.name} less {before.policy.name}",
        inputs={"draws": len(gap)},
        steps=(f"{len(gap)} paired differences of the same lottery numbers",),
        rule="paired draws",
        source="Law & Kelton 2000",
    )
    if not np.isfinite(gap).all():
        reason = f"{measure} is undefined in {int((~np.isfinite(gap)).sum())} of {len(gap)} draws"
        return Difference(
            measure, None, None, Result(None, explanation, not_calculated=NotCalculated(reason)), None, None
        )
    mean, interval = float(gap.mean()), None
    if len(gap) > 1:
        margin = float(t.ppf((1 + confidence) / 2, len(gap) - 1) * gap.std(ddof=1) / len(gap) ** 0.5)
        interval = Interval(mean - margin, mean + margin, confidence)
    low, high = (float(np.quantile(gap, part)) for part in (0.025, 0.975))
    return Difference(measure, float(one.mean()), float(other.mean()), Result(mean, explanation, interval), low, high)


def _among_families(
    before: Setting, after: Setting, *, samples: int, draws_each: int, seed: int, confidence: float = 0.95
) -> tuple[dict[str, Interval], bool]:
    """By measure the interval of the mean difference over samples of families, and whether every certificate holds."""
    gaps: dict[str, list[float]] = {}
    all_hold = True
    for sample in range(samples):
        rows = drawn_families(before, seed=seed, sample=sample)
        draws = range(sample * draws_each, (sample + 1) * draws_each)
        one, other = (_run(with_families(setting, rows), draws, seed) for setting in (before, after))
        all_hold &= one.certificates_hold and other.certificates_hold
        for measure in one.measures.keys() & other.measures.keys():
            gaps.setdefault(measure, []).append(float((other.measures[measure] - one.measures[measure]).mean()))
    low, high = (1 - confidence) / 2, (1 + confidence) / 2
    intervals = {
        measure: Interval(float(np.quantile(found, low)), float(np.quantile(found, high)), confidence)
        for measure, found in gaps.items()
        if len(found) == samples and np.isfinite(found).all()
    }
    return intervals, all_hold


def compare_policies(
    before: Policy,
    after: Policy,
    people: People,
    *,
    draws: int,
    seed: int,
    samples: int = 0,
    draws_each: int = 5,
) -> Comparison:
    """What a change of rules, seats, boundaries or priorities would do to integration, access and disparity.

    Both orders of every precedence are always shown: see `Comparison.orders`.
    samples: how often families are drawn again, with replacement, for `Difference.among_families`; 0 for not at all, 200
    for a report. draws_each: lottery draws for each of them; more leave less of the lottery's luck in that interval.
    Raises InputError for samples below 0 or draws of none, and as `run_policy`. Source: Efron & Tibshirani 1993
    (percentile bootstrap); Law & Kelton 2000.

    >>> from commonground.engine.assignment import Application, Program, RuleBook
    >>> people = People(tuple(Application(f"a{n}", ("arts",), home_area="7") for n in range(4)), ("x", "x", "y", "y"))
    >>> old = Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {"7": "north"})
    >>> new = Policy("more seats", "director", "demand", RuleBook("1"), (Program("arts", 3),), {"7": "north"})
    >>> change = compare_policies(old, new, people, draws=20, seed=1)
    >>> {one.measure: one.change.value for one in change.differences}["placed: all"]
    0.5
    """
    if samples < 0 or draws_each < 1:
        raise InputError(f"{samples} samples of {draws_each} draws; give at least 0 samples and 1 draw for each")
    old, new = (run_policy(policy, people, draws=draws, seed=seed) for policy in (before, after))
    settings = (apply_policy(policy, people) for policy in (before, after))
    among, all_hold = _among_families(*settings, samples=samples, draws_each=draws_each, seed=seed)
    all_hold &= old.certificates_hold and new.certificates_hold
    orders = []
    for written in (old, new):
        for program, policy in other_orders(written.policy).items():
            turned = run_policy(policy, people, draws=draws, seed=seed)
            all_hold &= turned.certificates_hold
            differences = tuple(difference(written, turned, measure) for measure in written.measures)
            orders.append(Order(written.policy.name, program, differences))
    return Comparison(
        before=before,
        after=after,
        differences=tuple(
            replace(difference(old, new, measure), among_families=among.get(measure)) for measure in old.measures
        ),
        orders=tuple(orders),
        certificates_hold=all_hold,
        explanation=Explanation(
            what=f"{after.name} ({after.author}: {after.reason}) against {before.name} on the same people",
            inputs={"applications": len(people.applications), "draws": draws, "rules": after.rules.version},
            steps=(
                "every draw gives both policies the same lottery numbers",
                "children without a seat attend the home school of their area",
                "groups are read only to report; no rule can see them",
                f"{len(orders)} orders of seat blocks turned round",
                f"{samples} samples of families with {draws_each} draws each"
                if samples
                else "families not drawn again",
            ),
            rule="paired draws of deferred acceptance",
            source="Law & Kelton 2000; Dur, Kominers, Pathak & Sönmez 2018",
            seed=seed,
        ),
    )
