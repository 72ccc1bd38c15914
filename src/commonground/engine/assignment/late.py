"""Those who apply after the draw: a number of the same draw, and the place in line that the sealed notice announced."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment import verify
from commonground.engine.assignment.market import Market, build_market
from commonground.engine.assignment.rolling import Waitlists
from commonground.engine.assignment.sealed import Drawn, family_codes
from commonground.engine.values import InputError


def join_late(lists: Waitlists, late: Market, *, drawn: Drawn, siblings: Mapping[str, str] | None = None) -> Waitlists:
    """The waitlists with late applicants in line. No number is drawn: theirs follow from the sealed draw's beacon.

    late: their market under pseudonyms, over the very programs of the draw (`compile_rules` with those). siblings: the
    pseudonym of a late applicant to that of a brother or sister who is in line already; they share a value.
    The notice's late rule decides: "behind everyone" (whatever the priority; a reserved seat still goes to a member
    first), "behind their class", or "among their class" by the value itself. The order of all others stays as it is.
    Each call is one batch; under the first two rules a later batch stands behind an earlier one, and inside a batch the
    value decides. `Waitlists.late` then holds what belongs into the transcript under "late", for `verify` to check.
    Raises InputError for waitlists of another draw, other programs, missing or known pseudonyms, or a sibling who is
    not in line.

    >>> from datetime import UTC, datetime
    >>> from commonground.engine.assignment import (
    ...     Applicant, Program, begin_waitlists, draw, drand_beacon, market_of, seal)
    >>> arts = [Program("arts", 1)]
    >>> sealed = seal(market_of([Applicant("7f3a", ("arts",)), Applicant("91bc", ("arts",))], arts), rules={}, engine="1",
    ...     sealed_at=datetime(2027, 1, 25, tzinfo=UTC), beacon=drand_beacon(datetime(2027, 2, 1, tzinfo=UTC)),
    ...     fallback=drand_beacon(datetime(2027, 2, 2, tzinfo=UTC)))
    >>> drawn = draw(sealed, beacon_value="9d" * 32)
    >>> lists = begin_waitlists(drawn.assignment)
    >>> lists = join_late(lists, market_of([Applicant("c2d4", ("arts",))], arts), drawn=drawn)
    >>> [lists.market.name(applicant) for applicant, _ in lists.waiting(0)][-1], lists.late[0]["pseudonym"]
    ('c2d4', 'c2d4')
    """
    _check(lists, late, drawn)
    notice, beacon = drawn.transcript["notice"], drawn.transcript["beacon_value"]
    units = {entry["pseudonym"]: entry["family"] or entry["pseudonym"] for entry in drawn.transcript["entries"]}
    units |= {one["pseudonym"]: one["unit"] for one in lists.late}
    added = _units(late, units, siblings or {})
    market = _together(lists.market, late, is_behind=notice["late"] == "behind everyone")

    def value(scope: str, row: int) -> tuple[str, str]:
        name = market.name(row)
        return verify.lottery_value(beacon, scope, {**units, **added}[name]), name

    lottery = _numbers(lists, market, value, is_among=notice["late"] == "among their class")
    scopes = _scopes(market, is_single=lottery.shape[1] == 1)
    records: dict[str, dict[str, str]] = {name: {} for name in added}
    begin = lists.market.applicant_count
    for scope, rows, _ in scopes:
        for row in rows[rows >= begin].tolist():
            records[market.name(row)][scope] = value(scope, row)[0]
    return replace(
        lists,
        market=market,
        lottery=lottery,
        held=(*lists.held, *(-1 for _ in added)),
        late=(
            *lists.late,
            *({"pseudonym": name, "unit": added[name], "values": values} for name, values in records.items()),
        ),
    )


def _check(lists: Waitlists, late: Market, drawn: Drawn) -> None:
    if lists.assignment is not drawn.assignment:
        raise InputError("these waitlists began with another run; late applicants join those of the draw they missed")
    if late.programs != lists.market.programs:
        raise InputError(
            "late applicants ask for other programs than the draw's; build their market over the draw's own"
        )
    if late.names is None:
        raise InputError("late applicants have no pseudonyms; make them with the secret of this draw")
    known = set(lists.market.names or ()) & set(late.names)
    if known:
        raise InputError(f"{sorted(known)[0]!r} is in line already; a family that applied in time does not apply late")


def _units(late: Market, units: Mapping[str, str], siblings: Mapping[str, str]) -> dict[str, str]:
    """What each late applicant's value is worked out from: the pseudonym, or the family's code."""
    found = dict(zip(late.names or (), family_codes(late), strict=True))
    for name, sibling in siblings.items():
        if name not in found or sibling not in units:
            missing = name if name not in found else sibling
            raise InputError(
                f"{missing!r} is not {'a late applicant' if missing == name else 'in line'}; correct siblings"
            )
        code = found[name]
        found = {
            one: units[sibling] if one == name or (code and other == code) else other for one, other in found.items()
        }
    return {name: code or name for name, code in found.items()}


def _together(market: Market, late: Market, *, is_behind: bool) -> Market:
    """Both, the late ones last; "behind everyone" moves their classes behind the last class there is."""
    width = max(market.choice_count, late.choice_count)

    def widened(table: NDArray, empty: int) -> NDArray:
        return np.pad(table, ((0, 0), (0, width - table.shape[1])), constant_values=empty)

    classes = late.classes.astype(np.int64)
    if is_behind:
        behind = int(market.classes.max(initial=-1)) + 1
        classes = np.where(classes >= 0, classes + behind, classes)
    return build_market(
        market.programs,
        np.vstack([widened(market.choices, -1), widened(late.choices, -1)]),
        classes=np.vstack([widened(market.classes.astype(np.int64), 0), widened(classes, 0)]),
        members=np.vstack([widened(market.members, 0), widened(late.members, 0)]),
        names=[*(market.names or ()), *(late.names or ())],
    )


def _scopes(market: Market, *, is_single: bool) -> Iterator[tuple[str, NDArray[np.intp], NDArray[np.intp]]]:
    """What has a lottery of its own, and the places (applicant, column) of its numbers."""
    if is_single:
        everyone = np.arange(market.applicant_count)
        yield "all", everyone, np.zeros_like(everyone)
        return
    for number, program in enumerate(market.programs):
        rows, columns = np.nonzero(market.choices == number)
        yield program.name, rows, columns


def _numbers(
    lists: Waitlists, market: Market, value: Callable[[str, int], tuple[str, str]], *, is_among: bool
) -> NDArray[np.int32]:
    is_single, begin = lists.lottery.shape[1] == 1, lists.market.applicant_count
    numbers = np.zeros((market.applicant_count, 1 if is_single else market.choice_count), np.int32)
    for scope, rows, columns in _scopes(market, is_single=is_single):
        is_new = rows >= begin
        if is_among:
            places = sorted(range(len(rows)), key=lambda at: value(scope, int(rows[at])))
            numbers[rows[places], columns[places]] = np.arange(len(rows))
            continue
        old_rows, old_columns = rows[~is_new], columns[~is_new]
        numbers[old_rows, old_columns] = lists.lottery[old_rows, old_columns]
        behind = int(numbers[old_rows, old_columns].max(initial=-1)) + 1
        new = sorted(np.flatnonzero(is_new).tolist(), key=lambda at: value(scope, int(rows[at])))
        numbers[rows[new], columns[new]] = behind + np.arange(len(new))
    return numbers
