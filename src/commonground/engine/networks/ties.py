"""Who is tied to whom: a set of students with a group each (a district, a school), and ties between them."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True)
class Network:
    """Students and ties as numbers.

    people: names in order. groups: names of the groups. member: each person's group. ends: shape (ties, 2), from and
    to. is_directed: whether a tie goes from one to the other (a nomination) or belongs to both.
    """

    people: tuple[Hashable, ...]
    groups: tuple[Hashable, ...]
    member: NDArray[np.intp]
    ends: NDArray[np.intp]
    is_directed: bool

    @property
    def is_external(self) -> NDArray[np.bool_]:
        """For each tie, whether it joins two groups."""
        return self.member[self.ends[:, 0]] != self.member[self.ends[:, 1]]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """How many people each group has."""
        return np.bincount(self.member, minlength=len(self.groups))


def network(
    ties: Iterable[tuple[Any, Any]],
    group_of: Mapping[Any, Hashable],
    *,
    directed: bool = False,
) -> Network:
    """Students in groups and the ties between them.

    ties: pairs of people; directed ones go from the first to the second. group_of: the group of every student who could
    have been named, also of those without a tie: what chance alone gives depends on all of them.
    Raises InputError when nobody is there, a tie names somebody without a group or a person twice or not two, or a tie is given
    twice (an undirected one also the other way round).

    >>> network([("Ana", "Bo")], {"Ana": "Willmar", "Bo": "Paynesville"}).groups
    ('Willmar', 'Paynesville')
    """
    people = tuple(group_of)
    if not people:
        raise InputError("there is nobody in the network; give the group of every student who could have been named")
    groups = tuple(dict.fromkeys(group_of.values()))
    if None in groups:
        raise InputError(f"the person at position {list(group_of.values()).index(None)} has no group")
    place = {person: number for number, person in enumerate(people)}
    group_place = {group: number for number, group in enumerate(groups)}
    ends: list[tuple[int, int]] = []
    seen: set[tuple[int, int]] = set()
    for number, tie in enumerate(ties):
        if len(tie) != 2:
            raise InputError(f"the tie at position {number} has {len(tie)} ends; give pairs of people")
        one, other = tie
        if one not in place or other not in place:
            raise InputError(f"the tie at position {number} names somebody who has no group")
        if one == other:
            raise InputError(f"the tie at position {number} joins a person to themself")
        pair = place[one], place[other]
        key = pair if directed else (min(pair), max(pair))
        if key in seen:
            raise InputError(f"the tie at position {number} was given before; give each once, or say directed=True")
        seen.add(key)
        ends.append(pair)
    return Network(
        people=people,
        groups=groups,
        member=np.array([group_place[group_of[person]] for person in people], dtype=np.intp),
        ends=np.array(ends, dtype=np.intp).reshape(-1, 2),
        is_directed=directed,
    )
