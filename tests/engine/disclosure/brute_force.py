"""A second auditor that shares nothing with the engine: it searches whole-number tables cell by cell.

It knows a world as counts by school and value of each attribute, a published sum as the set of (attribute, school,
value) it adds up, and finds by backtracking whether a table exists that agrees with all published sums.
"""

from dataclasses import dataclass

Unknown = tuple[str, str, str]


@dataclass(frozen=True)
class Sum:
    """Published: the counts of these unknowns add up to this total."""

    parts: frozenset[Unknown]
    total: int


def exists(unknowns: list[Unknown], sums: list[Sum], *, most: dict[Unknown, int], least: dict[Unknown, int]) -> bool:
    """Whether counts exist, each between its least and most, that make every sum right."""
    low, high = dict(least), dict(most)
    trail: list[tuple[dict[Unknown, int], Unknown, int]] = []

    def narrow() -> bool:
        changed = True
        while changed:
            changed = False
            for one in sums:
                all_low = sum(low[part] for part in one.parts)
                all_high = sum(high[part] for part in one.parts)
                for part in one.parts:
                    top, bottom = one.total - (all_low - low[part]), one.total - (all_high - high[part])
                    if top < high[part]:
                        trail.append((high, part, high[part]))
                        all_high += top - high[part]
                        high[part] = top
                        changed = True
                    if bottom > low[part]:
                        trail.append((low, part, low[part]))
                        all_low += bottom - low[part]
                        low[part] = bottom
                        changed = True
                    if low[part] > high[part]:
                        return False
        return True

    def search() -> bool:
        mark = len(trail)
        if narrow():
            free = [one for one in unknowns if low[one] < high[one]]
            if not free:
                return True
            one = min(free, key=lambda place: high[place] - low[place])
            for value in range(low[one], high[one] + 1):
                inner = len(trail)
                trail.extend([(low, one, low[one]), (high, one, high[one])])
                low[one] = high[one] = value
                if search():
                    return True
                _undo(trail, inner)
        _undo(trail, mark)
        return False

    return search()


def _undo(trail: list[tuple[dict[Unknown, int], Unknown, int]], mark: int) -> None:
    while len(trail) > mark:
        table, one, value = trail.pop()
        table[one] = value


def with_differences(sums: list[Sum]) -> list[Sum]:
    """The sums and what follows by subtracting one from another that holds it, so that the search sees dead ends soon."""
    known = {one.parts: one.total for one in sums}
    for _ in range(2):
        pairs = [(whole, part) for whole in known for part in known if part < whole]
        known |= {whole - part: known[whole] - known[part] for whole, part in pairs}
    return [Sum(parts, total) for parts, total in known.items()]


def left_range(
    target: frozenset[Unknown], sums: list[Sum], *, truth: dict[Unknown, int], least: dict[Unknown, int], enough: int
) -> tuple[int, int]:
    """The least and greatest value of a sum of unknowns that agree with everything published.

    Stops when the range is as wide as `enough`; unknowns are searched up to `enough` above the truth.
    """
    unknowns = sorted(set(truth) | target)
    sums = with_differences(sums)
    most = {one: truth[one] + enough for one in unknowns}
    now = sum(truth[one] for one in target)
    low = high = now
    while high - low < enough:
        if exists(unknowns, [*sums, Sum(target, high + 1)], most=most, least=least):
            high += 1
        elif low > 0 and exists(unknowns, [*sums, Sum(target, low - 1)], most=most, least=least):
            low -= 1
        else:
            break
    return low, high
