"""A cost shared by members to the cent: any blend of bases, changes during the year, credits.

Every share is an exact fraction until the end. Cents are then given by largest remainder (Hamilton's method), so that
the shares always add up to the bill.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from numbers import Integral

from commonground.engine.values import Explanation, InputError

Exact = int | str | Decimal | Fraction


class SharesDoNotSum(InputError):
    """The parts of a blend do not add up to the whole."""


@dataclass(frozen=True, slots=True)
class Basis:
    """One basis of a blend, such as enrollment, days of service or equal shares.

    part: how much of the cost it divides, such as "0.3"; the parts of a blend add up to 1.
    values: each member's amount, zero or more, by name; read_on: the day they were read, None when not dated.
    Numbers are whole numbers, Decimals, Fractions or texts such as "0.40"; a float is refused.
    """

    name: str
    values: Mapping[str, Exact]
    part: Exact = 1
    read_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Part of a year with its own bases; first and last day included."""

    starts_on: date
    ends_on: date
    bases: Sequence[Basis]

    @property
    def days(self) -> int:
        """Calendar days in the period. Raises InputError when it ends before it starts."""
        if self.ends_on < self.starts_on:
            raise InputError(f"the period would end on {self.ends_on}, before it starts on {self.starts_on}")
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True)
class CostShares:
    """What each member pays, in whole cents that add up to the total; a credit is negative.

    exact_cents: the same before cents were given out, by member.
    """

    total_cents: int
    cents: Mapping[str, int]
    exact_cents: Mapping[str, Fraction]
    explanation: Explanation

    def lowered_by(self, later: "CostShares") -> tuple[str, ...]:
        """Members who would pay less under a larger total with the same bases: a cent, by the Alabama paradox."""
        return tuple(name for name, cents in self.cents.items() if later.cents[name] < cents)


def exact(number: Exact) -> Fraction:
    """A number without rounding. Raises InputError for a float, a truth value or what is no number.

    >>> exact("0.40")
    Fraction(2, 5)
    """
    if isinstance(number, bool) or not isinstance(number, int | str | Decimal | Fraction):
        raise InputError(
            f"{number!r} is not exact: give a whole number, a Decimal, a Fraction or a text such as '0.40'"
        )
    try:
        return Fraction(number)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise InputError(f"{number!r} is not a number") from None


def largest_remainder(total: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """A whole total given out in proportion to weights: the floor first, then one each to the largest fractions.

    total: seats, cents or days; a negative total is a credit: its absolute value is given out and negated.
    weights: zero or more, not all zero. Equal fractions are served in the order of the weights.
    Raises InputError for a total that is not whole, no weights, a negative weight, or weights that are all zero.
    Source: Hamilton 1791; Balinski & Young 1982.

    >>> largest_remainder(10000, [1, 1, 1])
    (3334, 3333, 3333)
    """
    if not isinstance(total, Integral):
        raise InputError(f"the total is {total!r}; give whole seats, cents or days")
    parts = [exact(weight) for weight in weights]
    for place, part in enumerate(parts):
        if part < 0:
            raise InputError(f"the weight at position {place} is {weights[place]}; it cannot be negative")
    whole = sum(parts)
    if whole == 0:
        raise InputError("nobody has a weight above zero, so nothing can be shared; check the basis")
    quotas = [abs(total) * part / whole for part in parts]
    given = [quota.numerator // quota.denominator for quota in quotas]
    by_fraction = sorted(range(len(parts)), key=lambda place: given[place] - quotas[place])
    for place in by_fraction[: abs(total) - sum(given)]:
        given[place] += 1
    return tuple(number if total >= 0 else -number for number in given)


def cost_shares(total_cents: int, *, bases: Sequence[Basis]) -> CostShares:
    """What each member pays of one bill.

    total_cents: whole cents, negative for a credit. bases: with the same members in the same order; a member who takes
    no part has the value 0. Each member's share is the sum over bases of part × own value / sum of values.
    Raises SharesDoNotSum when the parts do not add up to 1, InputError for different members, a negative value, or a
    basis of zeros.
    Source: bases as in Mont. Admin. R. 10.10.303; cents by largest remainder.

    >>> days = Basis("days of service", {"Willmar": 2, "Montevideo": 1})
    >>> cost_shares(10000, bases=[days]).cents
    {'Willmar': 6667, 'Montevideo': 3333}
    """
    _check_total(total_cents)
    shares = _shares(bases)
    cents = largest_remainder(total_cents, list(shares.values()))
    return CostShares(
        total_cents=total_cents,
        cents=dict(zip(shares, cents, strict=True)),
        exact_cents={name: total_cents * share for name, share in shares.items()},
        explanation=Explanation(
            what="Who pays what",
            inputs={"total, cents": total_cents, "bases": ", ".join(basis.name for basis in bases)},
            steps=(*_working(bases), *_given_out(total_cents, shares, cents)),
            rule="blend of bases, cents by largest remainder",
            source="Mont. Admin. R. 10.10.303; Hamilton 1791",
        ),
    )


def yearly_cost_shares(total_cents: int, *, periods: Sequence[Period]) -> CostShares:
    """What each member pays for a year whose bases change: by calendar days first, then each period by its own bases.

    periods: in order, without gap or overlap. A member who joins or leaves has shares only in its own periods.
    Raises InputError for a gap, an overlap or no period, and what `cost_shares` raises.

    >>> halves = [Period(date(2026, 7, 1), date(2026, 12, 31), [Basis("equal", {"A": 1, "B": 1})]),
    ...           Period(date(2027, 1, 1), date(2027, 6, 30), [Basis("equal", {"A": 1})])]
    >>> yearly_cost_shares(36500, periods=halves).cents
    {'A': 27300, 'B': 9200}
    """
    _check_total(total_cents)
    if not periods:
        raise InputError("no period is given; a year needs at least one")
    for before, after in itertools.pairwise(periods):
        if (after.starts_on - before.ends_on).days != 1:
            raise InputError(
                f"a period ends on {before.ends_on} and the next starts on {after.starts_on}: close the gap"
            )
    days = [period.days for period in periods]
    amounts = largest_remainder(total_cents, days)
    parts = [cost_shares(amount, bases=period.bases) for amount, period in zip(amounts, periods, strict=True)]
    members = dict.fromkeys(name for part in parts for name in part.cents)
    exact_cents = {
        name: sum(
            (
                Fraction(total_cents * count, sum(days)) * share
                for count, period in zip(days, periods, strict=True)
                if (share := _shares(period.bases).get(name))
            ),
            Fraction(0),
        )
        for name in members
    }
    steps = [
        step
        for period, count, amount, part in zip(periods, days, amounts, parts, strict=True)
        for step in (
            f"{period.starts_on} to {period.ends_on}: {count} of {sum(days)} days, {money(amount)}.",
            *part.explanation.steps,
        )
    ]
    return CostShares(
        total_cents=total_cents,
        cents={name: sum(part.cents.get(name, 0) for part in parts) for name in members},
        exact_cents=exact_cents,
        explanation=Explanation(
            what="Who pays what, with changes during the year",
            inputs={"total, cents": total_cents, "periods": len(periods)},
            steps=tuple(steps),
            rule="calendar days, then blend of bases, cents by largest remainder",
            source="Mont. Admin. R. 10.10.303; Hamilton 1791",
        ),
    )


def money(cents: int) -> str:
    """Whole cents in dollars.

    >>> money(-123456)
    '-$1,234.56'
    """
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02}"


def _check_total(total_cents: int) -> None:
    if isinstance(total_cents, bool) or not isinstance(total_cents, int):
        raise InputError(f"the total is {total_cents!r}; give whole cents")


def _shares(bases: Sequence[Basis]) -> dict[str, Fraction]:
    """Each member's exact share of the whole, from 0 to 1."""
    if not bases:
        raise InputError("no basis is given; name at least one, such as equal shares")
    members = list(bases[0].values)
    parts = [exact(basis.part) for basis in bases]
    if any(part < 0 for part in parts) or sum(parts) != 1:
        listed = " + ".join(str(basis.part) for basis in bases)
        raise SharesDoNotSum(f"the parts of the bases are {listed} = {sum(parts)}; they must make 1, none below zero")
    shares = dict.fromkeys(members, Fraction(0))
    for basis, part in zip(bases, parts, strict=True):
        if list(basis.values) != members:
            raise InputError(
                f"{basis.name} lists {', '.join(basis.values)}; {bases[0].name} lists {', '.join(members)}"
            )
        values = {name: exact(value) for name, value in basis.values.items()}
        below = [name for name, value in values.items() if value < 0]
        if below:
            raise InputError(f"{basis.name} of {below[0]} is {basis.values[below[0]]}; it cannot be negative")
        whole = sum(values.values())
        if whole == 0:
            raise InputError(f"{basis.name} is zero for everybody, so it cannot divide a cost")
        for name, value in values.items():
            shares[name] += part * value / whole
    return shares


def _working(bases: Sequence[Basis]) -> list[str]:
    return [
        f"{basis.name}: {exact(basis.part)} of the cost, by "
        + ", ".join(f"{name} {value}" for name, value in basis.values.items())
        + f" (together {sum(exact(value) for value in basis.values.values())}"
        + (f", read on {basis.read_on})." if basis.read_on else ").")
        for basis in bases
    ]


def _given_out(total_cents: int, shares: Mapping[str, Fraction], cents: Sequence[int]) -> list[str]:
    lines = [
        f"{name}: {share} of {money(total_cents)} = {float(total_cents * share) / 100:.4f} dollars, {money(given)}."
        for (name, share), given in zip(shares.items(), cents, strict=True)
    ]
    extra = sum(abs(given) > abs(total_cents) * share for share, given in zip(shares.values(), cents, strict=True))
    return [
        *lines,
        f"Cents that were left after rounding down went one each to the {extra} largest fractions. "
        "A larger bill can therefore lower one member's share by a cent.",
    ]
