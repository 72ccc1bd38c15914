"""Who supplies what: the cheapest award of quotes under the rule that the notice announced.

The whole problem is given to a solver that proves its answer; when time runs out, the answer says how far from the
least cost it can be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from commonground.engine.allocation.program import Program
from commonground.engine.allocation.quotes import Package, Quote, Terms, Tier, cheaper_by_more, check_offers, tier_price
from commonground.engine.allocation.shares import Basis, cost_shares, money
from commonground.engine.values import Explanation, InputError

Combining = Literal["any", "whole_lines", "one_supplier"]


class NoAward(InputError):
    """No award meets the needs under the rules."""


@dataclass(frozen=True, slots=True)
class Line:
    """One awarded line: so many units of an item; package: the package it belongs to, None for a quote by the unit.

    cents: its cost; for a package the whole price stands on its first line and 0 on the others.
    """

    supplier: str
    item: str
    quantity: int
    cents: int
    package: str | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Buying more would cost less: so many units of a supplier's item instead of those awarded."""

    supplier: str
    item: str
    quantity: int
    cents: int
    instead_of_cents: int


@dataclass(frozen=True, slots=True)
class Award:
    """The award with its proof.

    total_cents: lines and freight. bound_cents: no award can cost less. single_cents: the best single supplier, None
    when none can supply all. per_line_cents: every line to its cheapest quote, freight added, None when it breaks a rule
    of the suppliers. hints: where a higher tier would be cheaper than the quantity needed.
    """

    lines: tuple[Line, ...]
    freight_cents: Mapping[str, int]
    total_cents: int
    bound_cents: int
    single_cents: int | None
    per_line_cents: int | None
    hints: tuple[Hint, ...]
    explanation: Explanation

    @property
    def is_optimal(self) -> bool:
        """True when no award can cost less."""
        return self.total_cents == self.bound_cents


def award(
    needs: Mapping[str, int],
    *,
    quotes: Sequence[Quote],
    packages: Sequence[Package] = (),
    terms: Mapping[str, Terms] | None = None,
    most_suppliers: int | None = None,
    combining: Combining = "any",
    seconds: float = 30.0,
) -> Award:
    """The cheapest way to buy exactly what is needed.

    needs: units by item. combining: what the notice allowed: "any" may split an item between suppliers, "whole_lines"
    gives each item to one, "one_supplier" gives everything to one. most_suppliers: None without limit. terms: by
    supplier, freight and least order. seconds: time after which the best award so far is returned with its bound.
    Raises InputError for unknown items, suppliers or ways of combining, impossible numbers or two quotes of a supplier for
    an item, NoAward when the
    needs cannot be met, and OutOfTime when no award was found in time.
    Source: winner determination with tiers and packages, Bichler et al. 2011.

    >>> quotes = [Quote("Ada", "paper", (Tier(1, 400),)), Quote("Bo", "paper", (Tier(1, 390),))]
    >>> award({"paper": 10}, quotes=quotes, terms={"Bo": Terms(freight_cents=200)}).total_cents
    4000
    """
    rules = dict(terms or {})
    if combining not in get_args(Combining) or not seconds >= 0:
        raise InputError(
            f"combining is {combining!r} in {seconds} seconds; choose one of {get_args(Combining)}, above 0"
        )
    check_offers(needs, quotes, packages, rules, most_suppliers)
    if combining == "one_supplier":
        most_suppliers = 1
    market = _Market(needs, quotes, packages, rules)
    lines, total, bound = market.solve(most_suppliers, splits=combining == "any", seconds=seconds)
    suppliers = sorted({line.supplier for line in lines})
    single, per_line = market.best_single(), market.best_per_line()
    hints = tuple(
        Hint(line.supplier, line.item, better.from_quantity, better.from_quantity * better.unit_cents, line.cents)
        for line in lines
        if line.package is None
        and (better := cheaper_by_more(market.quote[line.supplier, line.item].tiers, line.quantity)) is not None
    )
    freight = {supplier: market.terms(supplier).freight_cents for supplier in suppliers}
    return Award(
        lines=lines,
        freight_cents=freight,
        total_cents=total,
        bound_cents=bound,
        single_cents=single,
        per_line_cents=per_line,
        hints=hints,
        explanation=Explanation(
            what="Which quotes cost least together",
            inputs={"items": len(needs), "quotes": len(quotes), "packages": len(packages), "combining": combining},
            steps=(
                *(f"{line.supplier}: {line.quantity} × {line.item}, {money(line.cents)}." for line in lines),
                *(f"{supplier}: freight {money(cents)}." for supplier, cents in freight.items() if cents),
                f"Together {money(total)}. No award can cost less than {money(bound)}.",
                f"Best single supplier: {'none can supply all' if single is None else money(single)}.",
                f"Every line to its cheapest quote: {'not possible' if per_line is None else money(per_line)}.",
                *(
                    f"{hint.quantity} × {hint.item} from {hint.supplier} would cost {money(hint.cents)} instead of "
                    f"{money(hint.instead_of_cents)}."
                    for hint in hints
                ),
            ),
            rule=f"least total cost, {combining}",
            source="Bichler et al. 2011",
        ),
    )


def member_charges(found: Award, *, needs: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    """What each member pays of an award, in cents that add up to its total: lines by quantity, freight by value.

    needs: units by member and item, in a fixed order of members. The price of a package is divided by quantity over
    all its items. Raises InputError when the members' needs are not what was awarded.

    >>> quotes = [Quote("Ada", "paper", (Tier(1, 400),))]
    >>> member_charges(award({"paper": 3}, quotes=quotes), needs={"A": {"paper": 2}, "B": {"paper": 1}})
    {'A': 800, 'B': 400}
    """
    bought: dict[str, int] = {}
    for line in found.lines:
        bought[line.item] = bought.get(line.item, 0) + line.quantity
    wanted = {item: sum(member.get(item, 0) for member in needs.values()) for item in bought}
    listed = {item for member in needs.values() for item, units in member.items() if units}
    if wanted != bought or not listed <= set(bought):
        raise InputError(f"the members need {wanted}, but {bought} was awarded: ask for the award again")
    charges = dict.fromkeys(needs, 0)
    value_by_supplier: dict[str, dict[str, int]] = {}
    for line in found.lines:
        if not line.cents:
            continue
        items = [one.item for one in found.lines if one.package == line.package and one.supplier == line.supplier]
        shared = items if line.package is not None else [line.item]
        units = {name: sum(member.get(item, 0) for item in shared) for name, member in needs.items()}
        for name, cents in cost_shares(line.cents, bases=[Basis("units", units)]).cents.items():
            charges[name] += cents
            value_by_supplier.setdefault(line.supplier, dict.fromkeys(needs, 0))[name] += cents
    for supplier, cents in found.freight_cents.items():
        for name, share in cost_shares(cents, bases=[Basis("value", value_by_supplier[supplier])]).cents.items():
            charges[name] += share
    return charges


class _Market:
    """Needs and offers, checked, with the model of the award."""

    def __init__(
        self,
        needs: Mapping[str, int],
        quotes: Sequence[Quote],
        packages: Sequence[Package],
        rules: Mapping[str, Terms],
    ) -> None:
        self.needs, self.packages, self.rules = needs, packages, rules
        self.quote = {(quote.supplier, quote.item): quote for quote in quotes}
        self.suppliers = sorted({quote.supplier for quote in quotes} | {package.supplier for package in packages})

    def terms(self, supplier: str) -> Terms:
        return self.rules.get(supplier, Terms())

    def line_cents(self, supplier: str, item: str) -> int | None:
        """What all units needed of an item cost from one supplier; None when it cannot supply them."""
        quote = self.quote.get((supplier, item))
        if quote is None or (quote.most is not None and quote.most < self.needs[item]):
            return None
        return tier_price(quote.tiers, self.needs[item])

    def best_single(self) -> int | None:
        """The least a single supplier asks for everything by the unit, freight included."""
        totals = []
        for supplier in self.suppliers:
            lines = [self.line_cents(supplier, item) for item in self.needs]
            goods = sum(cents for cents in lines if cents is not None)
            if None not in lines and goods >= self.terms(supplier).least_order_cents:
                totals.append(goods + self.terms(supplier).freight_cents)
        return min(totals, default=None)

    def best_per_line(self) -> int | None:
        """Every item to its cheapest quote, freight of all who are used included."""
        goods: dict[str, int] = {}
        for item in self.needs:
            prices = [(cents, name) for name in self.suppliers if (cents := self.line_cents(name, item)) is not None]
            if not prices:
                return None
            cents, name = min(prices)
            goods[name] = goods.get(name, 0) + cents
        if any(cents < self.terms(name).least_order_cents for name, cents in goods.items()):
            return None
        return sum(goods.values()) + sum(self.terms(name).freight_cents for name in goods)

    def solve(self, most_suppliers: int | None, *, splits: bool, seconds: float) -> tuple[tuple[Line, ...], int, int]:
        """Lines, total and bound in cents."""
        program = Program()
        used = {name: program.add(self.terms(name).freight_cents) for name in self.suppliers}
        spent: dict[str, dict[int, int]] = {name: {} for name in self.suppliers}
        supplied: dict[str, dict[int, int]] = {item: {} for item in self.needs}
        units: list[tuple[Quote, Tier, dict[int, int]]] = []
        for (supplier, item), quote in self.quote.items():
            chosen = {}
            for tier, first, last in _tiers(quote, self.needs[item], splits=splits):
                is_chosen = program.add(first * tier.unit_cents)
                more = program.add(tier.unit_cents, most=last - first)
                count = {is_chosen: first, more: 1}
                program.require({more: 1, is_chosen: first - last}, most=0)
                chosen[is_chosen] = 1
                units.append((quote, tier, count))
                supplied[item] |= count
                spent[supplier] |= {column: amount * tier.unit_cents for column, amount in count.items()}
            program.require({**chosen, used[supplier]: -1}, most=0)
        taken = [program.add(package.cents) for package in self.packages]
        for package, is_taken in zip(self.packages, taken, strict=True):
            program.require({is_taken: 1, used[package.supplier]: -1}, most=0)
            spent[package.supplier][is_taken] = package.cents
            for item, count_inside in package.quantities.items():
                supplied[item][is_taken] = count_inside
        for item, need in self.needs.items():
            program.require(supplied[item], least=need, most=need)
        for name, is_used in used.items():
            program.require({**spent[name], is_used: -self.terms(name).least_order_cents}, least=0)
        if most_suppliers is not None:
            program.require(dict.fromkeys(used.values(), 1), most=most_suppliers)
        found = program.solve(seconds=seconds)
        if found is None:
            raise NoAward(self._why_none())
        values, bound = found
        bought = [
            Line(quote.supplier, quote.item, quantity, quantity * tier.unit_cents)
            for quote, tier, count in units
            if (quantity := sum(amount * values[column] for column, amount in count.items()))
        ]
        for package, is_taken in zip(self.packages, taken, strict=True):
            if values[is_taken]:
                bought += [
                    Line(package.supplier, item, quantity, package.cents if place == 0 else 0, package.name)
                    for place, (item, quantity) in enumerate(package.quantities.items())
                ]
        order = {item: place for place, item in enumerate(self.needs)}
        lines = tuple(sorted(bought, key=lambda line: (order[line.item], line.supplier)))
        freight = sum(self.terms(name).freight_cents for name in {line.supplier for line in lines})
        total = sum(line.cents for line in lines) + freight
        return lines, total, min(total, bound)

    def _why_none(self) -> str:
        for item, need in self.needs.items():
            offered = [
                quote.most if quote.most is not None else need
                for (_, name), quote in self.quote.items()
                if name == item
            ] + [package.quantities[item] for package in self.packages if item in package.quantities]
            if sum(offered) < need:
                return f"{item}: {need} units are needed and {sum(offered)} offered; ask for more quotes"
        return (
            "no award meets the needs under these rules: look at the most suppliers, least orders, first tiers, and at "
            "what the notice lets you combine"
        )


def _tiers(quote: Quote, need: int, *, splits: bool) -> list[tuple[Tier, int, int]]:
    """The tiers that can be reached, each with its first and last quantity; only the whole need unless it may be split."""
    most = need if quote.most is None else min(need, quote.most)
    ends = [tier.from_quantity - 1 for tier in quote.tiers[1:]] + [most]
    reached = [(tier, tier.from_quantity, min(end, most)) for tier, end in zip(quote.tiers, ends, strict=True)]
    if splits:
        return [(tier, first, last) for tier, first, last in reached if first <= last]
    return [(tier, need, need) for tier, first, last in reached if first <= need <= last]
