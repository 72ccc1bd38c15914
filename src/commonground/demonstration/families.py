"""Families with children in two member districts: one home, two exports that know nothing of each other."""

from collections import defaultdict
from dataclasses import replace
from random import Random

from commonground.demonstration.people import Ids, name_child
from commonground.demonstration.records import Household, Roster

SHARED_COUNT = 24


def share(home: Household, other: Household, *, ids: Ids, rng: Random) -> None:
    """Makes the children of `other`, in another district, children of `home`'s family.

    Both keep their own student and guardian ids, as two districts would; names, languages, mail and telephone agree. The
    races of `other` follow `home`, so both must belong to one group of the state's table. ids: of the other's district.
    """
    other.names, other.language = home.names, home.language
    other.adults[:] = [
        replace(adult, source_id=ids.new("guardian"), students=list(other.students)) for adult in home.adults
    ]
    taken = {child.given_name for child in home.students}
    for child in other.students:
        child.language, child.guardians = home.language, list(other.adults)
        child.races = home.students[0].races
        name_child(other, child, rng=rng)
        while child.given_name in taken:
            name_child(other, child, rng=rng)


def share_some(
    rosters: dict[str, Roster], ids: dict[str, Ids], *, kept: list[Household], rng: Random
) -> list[tuple[Household, Household]]:
    """Makes SHARED_COUNT families have children in Willmar and in another member district; the pairs, home first.

    kept: households that must stay as they are.
    """
    homes: dict[str, list[Household]] = defaultdict(list)
    others: dict[str, list[tuple[str, Household]]] = defaultdict(list)
    untouched = {id(household) for household in kept}
    for district_id, roster in rosters.items():
        for household in roster.households:
            if id(household) in untouched:
                continue
            group = household.students[0].group
            if district_id == "0347-01":
                homes[group].append(household)
            else:
                others[group].append((district_id, household))
    pairs = []
    for place in range(SHARED_COUNT):
        group = ("hispanic", "white", "hispanic", "two_or_more")[place % 4]
        home = homes[group].pop(rng.randrange(len(homes[group])))
        district_id, other = others[group].pop(rng.randrange(len(others[group])))
        share(home, other, ids=ids[district_id], rng=rng)
        pairs.append((home, other))
    return pairs
