"""What suppliers offer: prices by the quantity, packages, terms, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commonground.engine.values import InputError, whole_number


@dataclass(frozen=True, slots=True)
class Tier:
    """From this quantity on, every unit costs so much."""

    from_quantity: int
    unit_cents: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A supplier's price for one item, smallest tier first; most: units it can supply, None without limit."""

    supplier: str
    item: str
    tiers: tuple[Tier, ...]
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A supplier's price for several items together, all or nothing."""

    supplier: str
    name: str
    quantities: Mapping[str, int]
    cents: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all that one supplier delivers: freight once it is used, and the least order it accepts."""

    freight_cents: int = 0
    least_order_cents: int = 0


def tier_price(tiers: Sequence[Tier], quantity: int) -> int | None:
    """What a quantity costs when all units have the price of the tier reached, in cents; None below the first tier.

    Raises InputError for tiers out of order, a negative price or a quantity below 1.

    >>> tier_price([Tier(1, 1000), Tier(50, 950)], 50)
    47500
    """
    for tier in tiers:
        whole_number(tier.from_quantity, name="the first quantity of a tier", least=1)
        whole_number(tier.unit_cents, name="the price of a unit, in cents,")
    starts = [tier.from_quantity for tier in tiers]
    if not tiers or starts != sorted(set(starts)):
        raise InputError(f"tiers start at {starts}; give at least one, in order")
    whole_number(quantity, name="the quantity", least=1)
    reached = [tier for tier in tiers if tier.from_quantity <= quantity]
    return quantity * reached[-1].unit_cents if reached else None


def cheaper_by_more(tiers: Sequence[Tier], quantity: int) -> Tier | None:
    """The tier whose first quantity costs less than the quantity needed; None when none does.

    >>> cheaper_by_more([Tier(1, 1000), Tier(50, 950), Tier(200, 880)], 199).from_quantity
    200
    """
    price = tier_price(tiers, quantity)
    higher = [tier for tier in tiers if tier.from_quantity > quantity]
    best = min(higher, key=lambda tier: tier.from_quantity * tier.unit_cents, default=None)
    if best is None or price is None or best.from_quantity * best.unit_cents >= price:
        return None
    return best


def check_offers(
    needs: Mapping[str, int],
    quotes: Sequence[Quote],
    packages: Sequence[Package],
    rules: Mapping[str, Terms],
    most_suppliers: int | None,
) -> None:
    """Raise InputError where what is offered does not belong to what is needed, or cannot be."""
    for item, need in needs.items():
        whole_number(need, name=f"{item}: the number of units needed", least=1)
    seen = set()
    for quote in quotes:
        if quote.item not in needs:
            raise InputError(f"{quote.supplier} quotes {quote.item}, which nobody needs")
        if (quote.supplier, quote.item) in seen:
            raise InputError(f"{quote.supplier} quotes {quote.item} twice; join the tiers or choose one")
        seen.add((quote.supplier, quote.item))
        tier_price(quote.tiers, 1)
        if quote.most is not None:
            whole_number(quote.most, name=f"the most {quote.item} that {quote.supplier} offers")
    for package in packages:
        if not package.quantities or not set(package.quantities) <= set(needs):
            raise InputError(
                f"package {package.name} of {package.supplier} must hold items that are needed, and no others"
            )
        whole_number(package.cents, name=f"package {package.name} of {package.supplier}: its price in cents")
        for item, quantity in package.quantities.items():
            whole_number(quantity, name=f"package {package.name} of {package.supplier}: its {item}", least=1)
    suppliers = {quote.supplier for quote in quotes} | {package.supplier for package in packages}
    for name, one in rules.items():
        if name not in suppliers:
            raise InputError(f"there are terms of {name!r}, who quotes nothing; correct the name or leave them out")
        whole_number(one.freight_cents, name=f"{name}: freight in cents")
        whole_number(one.least_order_cents, name=f"{name}: the least order in cents")
    if most_suppliers is not None and most_suppliers < 1:
        raise InputError(f"at most {most_suppliers} suppliers can supply nothing; allow 1 or more")
