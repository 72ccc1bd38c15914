"""Significant disproportionality under IDEA: a ratio, an alternate ratio, or a reason why there is neither.

The state sets every number; 34 CFR 300.647 says what each of them does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from commonground.engine.disparity.numbers import checked_count
from commonground.engine.values import Explanation, InputError, NotCalculated, Result

SOURCE = "34 CFR 300.647"
REASONS = {
    "group_cell": "the group has fewer children with the outcome than the minimum cell size",
    "group_n": "the group has fewer children than the minimum n-size",
    "no_state_comparison": "the district's comparison group is too small and no state comparison was given",
    "state_cell": "the state's comparison group has fewer children with the outcome than the minimum cell size",
    "state_n": "the state's comparison group has fewer children than the minimum n-size",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a state has set.

    min_cell: least children with the outcome (up to 10 is presumed reasonable). min_n: least children (up to 30).
    threshold: a ratio above it counts; exact as a fraction or as the decimal it prints as.
    years: how many years in a row must be above it, 1 to 3. progress: the least fall of the ratio, year on year, that
    the state calls reasonable; None when it has no such rule.
    """

    min_cell: int = 10
    min_n: int = 30
    threshold: Fraction | float | None = None
    years: int = 1
    progress: Fraction | float | None = None

    def __post_init__(self) -> None:
        """Refuse what the rule does not allow."""
        if self.min_cell < 1 or self.min_n < 1:
            raise InputError(f"minimum cell size {self.min_cell} and n-size {self.min_n} must be at least 1")
        if self.years not in (1, 2, 3):
            raise InputError(f"years is {self.years}; a state may look at up to three years in a row")


@dataclass(frozen=True, slots=True)
class RiskRatio:
    """One group, one outcome, one year.

    method: "risk_ratio" (against all others in the district) or "alternate_risk_ratio" (against all others in the
    state). exceeds: whether the ratio is above the threshold; None when the state has set none.
    """

    method: str
    risk_group: Fraction
    risk_comparison: Fraction
    ratio: Fraction
    exceeds: bool | None


@dataclass(frozen=True, slots=True)
class Identification:
    """Whether a district is identified for one group and outcome.

    above: per year whether the ratio was above the threshold; None where it was not calculated. progress: whether each
    of the two last years fell by what the state calls reasonable; None where it has no such rule or a year is missing.
    """

    is_identified: bool
    above: tuple[bool | None, ...]
    progress: bool | None


def _exact(number: Fraction | float) -> Fraction:
    return Fraction(str(number))


def risk_ratio(
    group: tuple[int, int],
    comparison: tuple[int, int],
    *,
    state_comparison: tuple[int, int] | None = None,
    rules: Rules,
) -> Result:
    """The risk ratio of one group for one outcome in one year: a `RiskRatio`, in exact fractions.

    group, comparison: (children with the outcome, children) of the group and of all other groups in the district.
    state_comparison: the same of all other groups in the state; used when the district's comparison group is too small.
    Not calculated, with one of the codes of `REASONS` before the colon, when the group is too small, or both
    comparisons are. That is neither zero nor a pass.
    Raises InputError for counts that are none. Source: 34 CFR 300.647(a), (b), (c).

    >>> float(risk_ratio((30, 150), (60, 850), rules=Rules(threshold=2.5)).value.ratio)
    2.8333333333333335
    >>> risk_ratio((9, 400), (60, 850), rules=Rules()).not_calculated.reason.split(":")[0]
    'group_cell'
    """
    x, n = checked_count(*group)
    own = checked_count(*comparison, name="the comparison group")
    whole = None if state_comparison is None else checked_count(*state_comparison, name="the state's comparison group")
    inputs = {
        "group": f"{x} of {n}",
        "comparison": f"{own[0]} of {own[1]}",
        "state": f"{whole[0]} of {whole[1]}" if whole else "",
    }
    inputs |= {
        "minimum cell size": str(rules.min_cell),
        "minimum n-size": str(rules.min_n),
        "threshold": str(rules.threshold),
    }
    method, used = "risk_ratio", own
    reason = _too_small(x, n, rules, "group")
    if reason is None and _too_small(*own, rules, "comparison"):
        method = "alternate_risk_ratio"
        reason = _too_small(*whole, rules, "state") if whole else "no_state_comparison"
        used = whole or own
    if reason is not None:
        explanation = Explanation("Risk ratio of one group.", inputs, (REASONS[reason],), "idea-300.647", SOURCE)
        return Result(None, explanation, not_calculated=NotCalculated(f"{reason}: {REASONS[reason]}"))
    risk, against = Fraction(x, n), Fraction(*used)
    ratio = risk / against
    exceeds = None if rules.threshold is None else ratio > _exact(rules.threshold)
    steps = (
        f"risk of the group: {x} / {n}",
        f"risk of the comparison group ({'state' if method != 'risk_ratio' else 'district'}): {used[0]} / {used[1]}",
        f"ratio: {ratio} = {float(ratio):.6g}; above the threshold {rules.threshold}: {exceeds}",
    )
    explanation = Explanation("Risk ratio of one group.", inputs, steps, "idea-300.647", SOURCE)
    return Result(RiskRatio(method, risk, against, ratio, exceeds), explanation)


def _too_small(events: int, people: int, rules: Rules, whose: str) -> str | None:
    if events < rules.min_cell:
        return f"{whose}_cell"
    return f"{whose}_n" if people < rules.min_n else None


def significant_disproportionality(years: Sequence[Result], *, rules: Rules) -> Result:
    """Whether a district is identified, from its results of consecutive years, oldest first: an `Identification`.

    years: results of `risk_ratio` with the same rules. Identified when the last `rules.years` years are all above the
    threshold, unless the state has a rule of reasonable progress and each of the two last years met it.
    Not calculated when fewer years were given than the rule looks at, or one of them was not calculated.
    Raises InputError when the state has set no threshold. Source: 34 CFR 300.647(b)(1), (d).

    >>> rules = Rules(threshold=2.5)
    >>> significant_disproportionality([risk_ratio((30, 150), (60, 850), rules=rules)], rules=rules).value.is_identified
    True
    """
    if rules.threshold is None:
        raise InputError("the state has set no threshold; nothing can be identified without one")
    above = tuple(None if year.value is None else bool(year.value.exceeds) for year in years)
    looked_at = above[-rules.years :]
    progress = _progress(years, rules)
    explanation = Explanation(
        what="Whether a district has significant disproportionality for one group and outcome.",
        inputs={"years looked at": rules.years, "years given": len(above)},
        steps=(f"above the threshold, oldest first: {above}", f"reasonable progress in each of two years: {progress}"),
        rule="idea-300.647",
        source=f"{SOURCE}(b)(1), (d)",
    )
    if len(looked_at) < rules.years or None in looked_at:
        reason = NotCalculated("a year that the rule looks at is missing or was not calculated")
        return Result(None, explanation, not_calculated=reason)
    return Result(Identification(all(looked_at) and progress is not True, above, progress), explanation)


def _progress(years: Sequence[Result], rules: Rules) -> bool | None:
    ratios = [year.value.ratio for year in years[-3:] if year.value is not None]
    if rules.progress is None or len(ratios) < 3:
        return None
    return all(before - after >= _exact(rules.progress) for before, after in pairwise(ratios))
