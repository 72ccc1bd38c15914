"""Who is over-represented: shares, ratios and screens, each against a stated comparison group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from commonground.engine.disparity.numbers import checked_count, checked_names
from commonground.engine.disparity.rates import rate, rate_difference, rate_ratio
from commonground.engine.values import Explanation, InputError, NotCalculated, Result

COMPARISONS = ("rest", "overall", "largest", "highest")


@dataclass(frozen=True, slots=True)
class Representation:
    """One group's share of the people and of the events.

    composition_ratio: event share over people share. e_limit: upper limit of the event share by the E-formula;
    is_above_limit: whether the event share lies above it, a reason to look and not a finding. None where there is nobody
    or no event to share.
    """

    name: str
    share_enrolled: float | None
    share_of_events: float | None
    composition_ratio: float | None
    e_limit: float | None
    is_above_limit: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group's rate against a comparison group: three results with their own intervals and reasons."""

    name: str
    against: str
    rate: Result
    difference: Result
    ratio: Result


@dataclass(frozen=True, slots=True)
class FourFifths:
    """Each group's rate over the highest, exact, and the groups below four fifths of it."""

    highest: str
    ratios: Mapping[str, Fraction]
    adverse: tuple[str, ...]


def _checked(events: Sequence[int], of: Sequence[int], names: Sequence[str]) -> list[tuple[str, int, int]]:
    if not len(events) == len(of) == len(names) or not names:
        raise InputError(f"{len(events)} event counts, {len(of)} people counts and {len(names)} names; give one each")
    checked_names(names, length=len(names))
    return [(name, *checked_count(x, n, name=name)) for name, x, n in zip(names, events, of, strict=True)]


def composition(events: Sequence[int], of: Sequence[int], *, names: Sequence[str]) -> Result:
    """Each group's share of the events beside its share of the people: a tuple of `Representation`.

    events, of: whole numbers per group. Not calculated when there are no people.
    The E-formula limit is the expected share plus one standard error: a screen for small numbers, not a test.
    Raises InputError for counts or names that do not belong together.
    Source: MacMillan & Reschly 1998; IDEA Data Center 2014.

    >>> composition([40, 60, 10], [200, 600, 200], names=["A", "B", "C"]).value[0].composition_ratio
    1.8181818181818181
    """
    groups = _checked(events, of, names)
    people, total = sum(n for _, _, n in groups), sum(x for _, x, _ in groups)
    explanation = Explanation(
        what="Share of each group in the events beside its share of the people.",
        inputs={"people": people, "events": total},
        steps=(
            *(f"{name}: {x} of {total} events, {n} of {people} people" for name, x, n in groups),
            "limit = people share p + square root of p (1 - p) / events",
        ),
        rule="composition-index",
        source="MacMillan & Reschly 1998; IDEA Data Center 2014",
    )
    if people == 0:
        return Result(None, explanation, not_calculated=NotCalculated("there are no people"))
    rows = []
    for name, x, n in groups:
        share, part = n / people, x / total if total else None
        limit = share + sqrt(share * (1 - share) / total) if total else None
        ratio = part / share if part is not None and n else None
        is_above = part > limit if part is not None and limit is not None else None
        rows.append(Representation(name, share, part, ratio, limit, is_above))
    return Result(tuple(rows), explanation)


def compare_rates(
    events: Sequence[int],
    of: Sequence[int],
    *,
    names: Sequence[str],
    comparison: str = "rest",
    method: str = "koopman",
    confidence: float = 0.95,
) -> Result:
    """Every group's rate, difference and ratio against one comparison: a tuple of `Comparison`.

    comparison: "rest" (all others: IDEA), "overall" (everyone, itself included), "largest", "highest" (rate), or the
    name of a group. It is stored with every number, because another choice gives another number.
    method: of the ratio's interval, see `rate_ratio`. Raises InputError for an unknown comparison or wrong counts.

    >>> [c.ratio.value for c in compare_rates([40, 60], [200, 600], names=["A", "B"]).value]
    [2.0, 0.5]
    """
    groups = _checked(events, of, names)
    if comparison not in (*COMPARISONS, *names):
        raise InputError(f"comparison is {comparison!r}; choose one of {', '.join((*COMPARISONS, *names))}")
    total = sum(x for _, x, _ in groups), sum(n for _, _, n in groups)
    one = next((group for group in groups if group[0] == comparison), None)
    if comparison == "largest":
        one = max(groups, key=lambda group: group[2])
    elif comparison == "highest":
        one = max((group for group in groups if group[2]), key=lambda group: Fraction(group[1], group[2]), default=None)
    rows = []
    for name, x, n in groups:
        if comparison == "rest":
            against, (ax, an) = "all other groups", (total[0] - x, total[1] - n)
        elif one is None:
            against, (ax, an) = "everyone", total
        else:
            against, (ax, an) = one[0], one[1:]
        difference = rate_difference(x, n, ax, an, confidence=confidence)
        ratio = rate_ratio(x, n, ax, an, method=method, confidence=confidence)
        rows.append(Comparison(name, against, rate(x, n, confidence=confidence), difference, ratio))
    explanation = Explanation(
        what="Rate of each group against the chosen comparison.",
        inputs={"groups": len(groups), "comparison": comparison, "people": total[1], "events": total[0]},
        steps=tuple(f"{row.name} against {row.against}" for row in rows),
        rule=f"{method}, newcombe-10, wilson",
        source="see each result",
    )
    return Result(tuple(rows), explanation)


def four_fifths(rates: Mapping[str, Fraction | Decimal | float | tuple[int, int]]) -> Result:
    """The four-fifths rule on selection rates: a `FourFifths`.

    rates: per group a rate from 0 to 1, or (selected, applicants). Everything is exact: a float is read as the decimal
    it prints as, so that 0.48 against 0.60 is four fifths and not a hair below.
    Not calculated when nobody was selected or fewer than two groups have applicants. A group without applicants is left out.
    Raises InputError when there is no group or a rate is not between 0 and 1.
    Source: 29 CFR 1607.4 D; Uniform Guidelines, questions and answers 11 (1979).

    >>> four_fifths({"A": 0.60, "B": 0.45, "C": 0.48}).value.adverse
    ('B',)
    """
    if not rates:
        raise InputError("there is no group; give the selection rate of each")
    exact: dict[str, Fraction] = {}
    for name, given in rates.items():
        if isinstance(given, tuple):
            selected, applicants = checked_count(*given, name=name)
            if applicants:
                exact[name] = Fraction(selected, applicants)
            continue
        try:
            exact[name] = Fraction(str(given))
        except ValueError:
            raise InputError(f"{name}: the rate is {given}; give a number from 0 to 1") from None
        if not 0 <= exact[name] <= 1:
            raise InputError(f"{name}: the rate is {given}; it must lie between 0 and 1")
    most = max(exact.values(), default=Fraction(0))
    explanation = Explanation(
        what="Selection rate of each group over the highest; below four fifths is a sign of adverse impact.",
        inputs={name: str(value) for name, value in exact.items()},
        steps=tuple(f"{name}: {value} / {most} = {value / most}" for name, value in exact.items() if most),
        rule="four-fifths",
        source="29 CFR 1607.4 D; Uniform Guidelines, questions and answers 11 (1979)",
    )
    if len(exact) == 1:
        reason = NotCalculated("only one group has applicants, so there is nothing to compare")
        return Result(None, explanation, not_calculated=reason)
    if most == 0:
        return Result(None, explanation, not_calculated=NotCalculated("no group has anybody who was selected"))
    highest = max(exact, key=lambda name: exact[name])
    ratios = {name: value / most for name, value in exact.items()}
    adverse = tuple(name for name, ratio in ratios.items() if ratio < Fraction(4, 5))
    return Result(FourFifths(highest, ratios, adverse), explanation)
