"""Random linked hierarchies: schools in districts in a collaborative, two protected attributes over the same children."""

from dataclasses import dataclass

import numpy as np
from tests.engine.disclosure.brute_force import Sum, Unknown

from commonground.engine.disclosure import Attribute, Cell, cell


@dataclass(frozen=True)
class World:
    """truth: children by attribute, school and value. table: what somebody wants to publish, with what it adds up."""

    attributes: tuple[Attribute, ...]
    truth: dict[Unknown, int]
    table: dict[Cell, frozenset[Unknown]]
    totals: dict[Cell, frozenset[Unknown]]

    def count(self, parts: frozenset[Unknown]) -> int:
        return sum(self.truth[part] for part in parts)

    @property
    def counts(self) -> dict[Cell, int]:
        return {one: self.count(parts) for one, parts in (self.table | self.totals).items()}

    @property
    def same_children(self) -> list[Sum]:
        """Both attributes describe the same children: with the totals of the schools published, nothing more follows."""
        return [Sum(parts, self.count(parts)) for parts in self.totals.values()]


def random_world(rng: np.random.Generator) -> World:
    """Two or three districts of one to three schools; learners (yes, no) and groups (three), linked by school totals."""
    schools: dict[str, list[str]] = {}
    for district in range(rng.integers(1, 4)):
        schools[f"d{district}"] = [f"d{district}s{school}" for school in range(rng.integers(1, 4))]
    everywhere = [school for members in schools.values() for school in members]
    threshold = int(rng.integers(2, 6))
    values = {"learner": ("yes", "no"), "group": ("a", "b", "c")}
    attributes = (
        Attribute("place", frozenset(everywhere)),
        *(
            Attribute(name, frozenset(kinds), threshold=threshold, shows_zero=bool(rng.random() < 0.3))
            for name, kinds in values.items()
        ),
    )
    truth: dict[Unknown, int] = {}
    for school in everywhere:
        total = int(rng.integers(0, 25))
        for name, kinds in values.items():
            split = rng.multinomial(total, rng.dirichlet(np.full(len(kinds), 0.7)))
            truth |= {(name, school, kind): int(n) for kind, n in zip(kinds, split, strict=True)}
    levels = {f"place {school}": [school] for school in everywhere if rng.random() < 0.9}
    levels |= {name: members for name, members in schools.items() if rng.random() < 0.8}
    levels["all"] = everywhere
    table, totals = {}, {}
    for members in levels.values():
        for name, kinds in values.items():
            shown = [kind for kind in kinds if rng.random() < 0.9]
            for kind in shown:
                table[cell({"place": members, name: kind})] = frozenset((name, school, kind) for school in members)
    for name, kinds in values.items():
        for school in everywhere:
            key = cell({"place": school})
            totals.setdefault(key, frozenset((name, school, kind) for kind in kinds))
    totals[cell({"place": everywhere})] = frozenset(
        ("learner", school, kind) for school in everywhere for kind in values["learner"]
    )
    return World(attributes, truth, table, totals)
