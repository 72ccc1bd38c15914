"""Achievement and Integration revenue of one district for one fiscal year, and the limits on its use.

Everything is calculated with exact fractions of a cent and rounded once, at the end, half up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from commonground.engine.allocation.shares import money
from commonground.engine.law.parameters import Parameter
from commonground.engine.law.registry import state
from commonground.engine.values import Explanation, InputError


@dataclass(frozen=True, slots=True)
class IntegrationRevenue:
    """Achievement and Integration revenue, all amounts in whole cents.

    formula_cents: dollars per pupil unit times the protected share. hold_harmless_cents: what the change of 2013 is
    made up for. cap_cents: what the approved budget allows. initial_cents: the lesser of cap and formula plus hold
    harmless. incentive_cents: for activities that bring districts and schools together. oversight_cents: kept by the
    state out of the initial revenue. aid_cents, levy_cents: how the revenue is paid; they add up to it.
    """

    fiscal_year: int
    formula_cents: int
    hold_harmless_cents: int
    cap_cents: int
    initial_cents: int
    incentive_cents: int
    revenue_cents: int
    aid_cents: int
    levy_cents: int
    oversight_cents: int
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class UseLimit:
    """One limit on the use of the revenue, all amounts in whole cents.

    limit_cents: the least (direct services) or the most (the others) that may be spent, rounded half up.
    is_kept: decided without rounding. left_cents: room that is left, negative when the limit is broken.
    """

    use: str
    spent_cents: int
    limit_cents: int
    is_kept: bool
    left_cents: int
    explanation: Explanation


def fiscal_year_start(fiscal_year: int) -> date:
    """The first day of a fiscal year, which is named after the year it ends in.

    >>> fiscal_year_start(2027)
    datetime.date(2026, 7, 1)
    """
    return date(fiscal_year - 1, 7, 1)


def integration_revenue(
    *,
    fiscal_year: int,
    adjusted_pupil_units: Decimal | int,
    protected_prior: int,
    total_prior: int,
    budget_cents: int,
    incentive_budget_cents: int = 0,
    fy2013_revenue_cents: int = 0,
    fy2014_formula_cents: int = 0,
) -> IntegrationRevenue:
    """The revenue that the formula predicts; the department decides.

    fiscal_year: named after the year it ends in, 2014 or later. adjusted_pupil_units: of that year (average daily
    membership weighted by grade), not a head count. protected_prior, total_prior: enrollment of the year before.
    budget_cents: approved budget without what earns incentive revenue. incentive_budget_cents: approved for
    activities that earn incentive revenue. fy2013_revenue_cents, fy2014_formula_cents: the two constants of a
    district that decide its hold-harmless amount; 0 when it has none.
    Raises InputError for negative amounts, a float, no students, or more protected students than students, and
    NotInForce for a year before the law.
    Source: Minn. Stat. 124D.862; each step names its line and whether it was verified.

    >>> integration_revenue(fiscal_year=2027, adjusted_pupil_units=4750, protected_prior=2520, total_prior=4200,
    ...                     budget_cents=100_000_000, incentive_budget_cents=6_000_000).revenue_cents
    104500000
    """
    _check(
        adjusted_pupil_units=adjusted_pupil_units,
        protected_prior=protected_prior,
        total_prior=total_prior,
        budget_cents=budget_cents,
        incentive_budget_cents=incentive_budget_cents,
        fy2013_revenue_cents=fy2013_revenue_cents,
        fy2014_formula_cents=fy2014_formula_cents,
    )
    if total_prior == 0 or protected_prior > total_prior:
        raise InputError(f"{protected_prior} protected of {total_prior} students in the year before: check both counts")

    book, day = state("mn").rulebook, fiscal_year_start(fiscal_year)
    rate = book.on("initial_revenue_per_pupil_unit_cents", day)
    harmless_share = book.on("hold_harmless_share", day)
    budget_share = book.on("initial_revenue_budget_share", day)
    incentive_rate = book.on("incentive_revenue_per_pupil_unit_cents", day)
    oversight_share = book.on("state_oversight_share", day)
    aid_share = book.on("state_aid_share", day)

    units = Fraction(adjusted_pupil_units)
    formula = rate.value * units * Fraction(protected_prior, total_prior)
    lost = fy2013_revenue_cents - fy2014_formula_cents
    harmless = Fraction(harmless_share.value) * max(0, lost)
    cap = Fraction(budget_share.value) * budget_cents
    initial = min(cap, formula + harmless)
    most_incentive = incentive_rate.value * units
    incentive = min(most_incentive, Fraction(incentive_budget_cents))
    revenue_cents = whole_cents(initial + incentive)
    aid_cents = whole_cents(Fraction(aid_share.value) * revenue_cents)
    oversight_cents = whole_cents(Fraction(oversight_share.value) * initial)

    steps = (
        f"Formula: {dollars(rate.value)} × {adjusted_pupil_units:,} pupil units × {protected_prior:,} / {total_prior:,} "
        f"protected students = {dollars(formula)}. [{rate.citation}]",
        f"Hold harmless: {harmless_share.value} × ({dollars(fy2013_revenue_cents)} − {dollars(fy2014_formula_cents)}) "
        f"= {dollars(harmless)}{', never below zero' if lost < 0 else ''}. [{harmless_share.citation}]",
        f"Limit by the approved budget: {budget_share.value} × {dollars(budget_cents)} = {dollars(cap)}. "
        f"[{budget_share.citation}]",
        f"Initial revenue: the lesser of {dollars(formula + harmless)} and {dollars(cap)} = {dollars(initial)}.",
        f"Incentive revenue: the lesser of {dollars(incentive_rate.value)} × {adjusted_pupil_units:,} pupil units = "
        f"{dollars(most_incentive)} and the approved {dollars(incentive_budget_cents)} = {dollars(incentive)}. "
        f"[{incentive_rate.citation}]",
        f"Revenue: {dollars(initial)} + {dollars(incentive)} = {dollars(revenue_cents)}.",
        f"State aid: {aid_share.value} × {dollars(revenue_cents)} = {dollars(aid_cents)}; local levy: the rest, "
        f"{dollars(revenue_cents - aid_cents)}. [{aid_share.citation}]",
        f"Of the initial revenue the state keeps {oversight_share.value} = {dollars(oversight_cents)} "
        f"for oversight. [{oversight_share.citation}]",
        f"Rounded {book.on('revenue_rounding', day).value}; how the department rounds is not known.",
        "This is an estimate. The department decides.",
    )
    return IntegrationRevenue(
        fiscal_year=fiscal_year,
        formula_cents=whole_cents(formula),
        hold_harmless_cents=whole_cents(harmless),
        cap_cents=whole_cents(cap),
        initial_cents=whole_cents(initial),
        incentive_cents=whole_cents(incentive),
        revenue_cents=revenue_cents,
        aid_cents=aid_cents,
        levy_cents=revenue_cents - aid_cents,
        oversight_cents=oversight_cents,
        explanation=Explanation(
            what=f"Achievement and Integration revenue for fiscal year {fiscal_year}",
            inputs={
                "adjusted pupil units": str(adjusted_pupil_units),
                "protected students, year before": protected_prior,
                "all students, year before": total_prior,
                "approved budget, cents": budget_cents,
                "approved incentive budget, cents": incentive_budget_cents,
                "revenue of fiscal year 2013, cents": fy2013_revenue_cents,
                "formula amount of fiscal year 2014, cents": fy2014_formula_cents,
            },
            steps=steps,
            rule=f"mn-124D.862, fiscal year {fiscal_year}",
            source="Minn. Stat. 124D.862",
        ),
    )


def use_limits(
    *,
    fiscal_year: int,
    revenue_cents: int,
    direct_cents: int,
    development_cents: int,
    administration_cents: int,
) -> tuple[UseLimit, ...]:
    """Whether a budget or a year's spending keeps the limits: direct services, professional development, administration.

    All amounts in whole cents. Exactly at a limit keeps it. Raises InputError for negative amounts or a float.
    Source: MDE budget workbook for fiscal year 2018; which number belongs to which use was not verified.

    >>> [limit.limit_cents for limit in use_limits(fiscal_year=2027, revenue_cents=104_500_000, direct_cents=0,
    ...                                            development_cents=0, administration_cents=0)]
    [83600000, 20900000, 10450000]
    """
    spent: Mapping[str, tuple[str, int]] = {
        "direct services to students": ("direct_service_share", direct_cents),
        "professional development": ("professional_development_share", development_cents),
        "administration": ("administration_share", administration_cents),
    }
    _check(revenue_cents=revenue_cents, **dict(spent.values()))
    book, day = state("mn").rulebook, fiscal_year_start(fiscal_year)
    return tuple(_limit(use, cents, revenue_cents, book.on(name, day)) for use, (name, cents) in spent.items())


def _limit(use: str, spent_cents: int, revenue_cents: int, line: Parameter) -> UseLimit:
    limit = Fraction(line.value) * revenue_cents
    limit_cents = whole_cents(limit)
    is_least = line.compare == "at_least"
    is_kept = spent_cents >= limit if is_least else spent_cents <= limit
    return UseLimit(
        use=use,
        spent_cents=spent_cents,
        limit_cents=limit_cents,
        is_kept=is_kept,
        left_cents=(spent_cents - limit_cents) if is_least else (limit_cents - spent_cents),
        explanation=Explanation(
            what=f"Is the limit on {use} kept?",
            inputs={"spent, cents": spent_cents, "revenue, cents": revenue_cents},
            steps=(
                f"The limit is {line.words} times the revenue: {line.value} × {dollars(revenue_cents)} = "
                f"{dollars(limit)}. [{line.citation}]",
                f"{dollars(spent_cents)} {'keeps' if is_kept else 'breaks'} it.",
            ),
            rule=line.name,
            source=line.citation,
        ),
    )


def whole_cents(amount: Fraction) -> int:
    """A fraction of cents rounded half up; half of a negative cent rounds away from zero.

    >>> whole_cents(Fraction(5, 2)), whole_cents(Fraction(-5, 2))
    (3, -3)
    """
    rounded = (2 * abs(amount) + 1) // 2
    return int(rounded) if amount >= 0 else -int(rounded)


def dollars(cents: Fraction | int) -> str:
    """An amount in words for people: dollars with commas and two decimals.

    >>> dollars(-123456)
    '-$1,234.56'
    """
    return money(whole_cents(Fraction(cents)))


def _check(**amounts: Decimal | int) -> None:
    for name, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise InputError(f"{name} is {amount!r}: give a whole number, or a Decimal for pupil units")
        if not (Decimal(amount).is_finite() and amount >= 0):
            raise InputError(f"{name} is {amount}: it cannot be negative or unknown")
