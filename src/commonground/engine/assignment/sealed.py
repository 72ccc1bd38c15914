"""A lottery that anyone can run again: sealed before the draw, drawn by a public beacon, published with a transcript.

Steps: `seal` the market and publish the notice with its root; when the named beacon has spoken, `draw`; publish the
transcript and `verify.py`, and hand each family its receipt.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment import verify
from commonground.engine.assignment.beacon import Beacon, in_utc, value_from_signature
from commonground.engine.assignment.deferred import deferred_acceptance, serial_dictatorship
from commonground.engine.assignment.market import Applicant, Market, market_of
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.assignment.programs import Block, Program
from commonground.engine.assignment.propensity import Propensities, propensities
from commonground.engine.values import InputError

TieBreaking = Literal["single", "multiple"]
MECHANISMS = ("deferred acceptance", "serial dictatorship")
LateRule = Literal["behind everyone", "behind their class", "among their class"]
LATE_RULES: tuple[LateRule, ...] = get_args(LateRule)


def pseudonym(secret: bytes, identifier: str) -> str:
    """The code that stands for a student in sealed entries: 32 letters and digits that only the secret's holder can redo.

    secret: at least 16 random bytes, made for one lottery and kept by the office.
    Raises InputError for a shorter secret.

    >>> len(pseudonym(bytes(16), "state-id-1"))
    32
    """
    if len(secret) < 16:
        raise InputError(f"the secret has {len(secret)} bytes; use at least 16 random ones")
    return hmac.new(secret, identifier.encode(), hashlib.sha256).hexdigest()[:32]


def commitment(secret: str) -> str:
    """What an official publishes before the draw to promise a secret: its SHA-256, as 64 hexadecimal digits.

    Raises InputError for no secret at all.

    >>> commitment("a long and secret sentence")[:8]
    'f3e5ffab'
    """
    if not secret:
        raise InputError("there is no secret to promise; write a long sentence that nobody can guess")
    return hashlib.sha256(secret.encode()).hexdigest()


def merkle_path(leaves: list[bytes], at: int) -> list[list[str]]:
    """What one family needs to see that its leaf is under the root: [side, hash] from the bottom up.

    >>> leaves = [verify.leaf(letter) for letter in "abc"]
    >>> [side for side, _ in merkle_path(leaves, 2)], [side for side, _ in merkle_path(leaves, 0)]
    (['left'], ['right', 'right'])
    """
    level, path = list(leaves), []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):
            path.append(["left" if beside < at else "right", level[beside].hex()])
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [verify.join(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        at //= 2
    return path


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """What is fixed before the draw. notice: to publish, with the root. entries: ordered by pseudonym."""

    root: str
    notice: Mapping[str, Any]
    entries: tuple[Mapping[str, Any], ...]

    def receipt(self, code: str) -> dict[str, Any]:
        """One family's entry and its path to the root. Raises InputError for an unknown pseudonym."""
        codes = [entry["pseudonym"] for entry in self.entries]
        if code not in codes:
            raise InputError(f"no sealed entry has the pseudonym {code!r}; check it against the office's list")
        at = codes.index(code)
        leaves = [verify.leaf(self.notice), *(verify.leaf(entry) for entry in self.entries)]
        return {"entry": dict(self.entries[at]), "path": merkle_path(leaves, at + 1)}


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The outcome of a sealed draw and the transcript that proves it (plain data, ready for JSON).

    propensities: how likely each seat was, for an honest comparison of those who got one with those who did not.
    """

    assignment: Assignment
    propensities: Propensities
    transcript: Mapping[str, Any]


def seal(
    market: Market,
    *,
    rules: Mapping[str, Any],
    beacon: Beacon,
    fallback: Beacon | Mapping[str, str],
    sealed_at: datetime,
    tie_breaking: TieBreaking = "single",
    mechanism: str = "deferred acceptance",
    late: LateRule = "behind everyone",
    secret_commitment: str | None = None,
    engine: str,
) -> Sealed:
    """Fix entries, rules, programs, mechanism and the source of randomness under one root.

    market: its names are pseudonyms. rules: in words, such as `Compiled.rules`. beacon: not yet known when sealed.
    fallback: another beacon, or official to `commitment` of a secret, should the first one fail. sealed_at: when the
    notice is published. late: where those who apply after the draw will stand (see `join_late`). secret_commitment: of
    the secret behind the pseudonyms, needed to let late applicants stand among the others. engine: its version.
    Raises InputError for a market without pseudonyms, a beacon that speaks before the seal, a fallback without anyone,
    an unknown mechanism or late rule.

    >>> from datetime import UTC
    >>> from commonground.engine.assignment import drand_beacon
    >>> market = market_of([Applicant("7f3a", ("arts",)), Applicant("91bc", ("arts",))], [Program("arts", 1)])
    >>> found = seal(market, rules={"version": "1"}, engine="1", sealed_at=datetime(2027, 1, 25, 17, tzinfo=UTC),
    ...     beacon=drand_beacon(datetime(2027, 2, 1, 18, tzinfo=UTC)),
    ...     fallback=drand_beacon(datetime(2027, 2, 2, 18, tzinfo=UTC)))
    >>> len(found.root), found.notice["beacon"]["round"], [entry["pseudonym"] for entry in found.entries]
    (64, 36233812, ['7f3a', '91bc'])
    """
    if market.names is None:
        raise InputError("the market has no pseudonyms; give every applicant one before sealing")
    for one in (beacon, fallback):
        if isinstance(one, Beacon) and in_utc(one.at) <= in_utc(sealed_at):
            raise InputError(
                f"{one.source} speaks at {in_utc(one.at)} and the seal is of {in_utc(sealed_at)}: its number would be "
                "known already; name a later round"
            )
    if not isinstance(fallback, Beacon) and not fallback:
        raise InputError("the fallback is another beacon, or a commitment of each official")
    if mechanism not in MECHANISMS or tie_breaking not in ("single", "multiple"):
        raise InputError(f"a sealed draw runs {' or '.join(MECHANISMS)} with single or multiple tie-breaking")
    if mechanism == "serial dictatorship" and tie_breaking == "multiple":
        raise InputError("serial dictatorship has one order for all programs; use single tie-breaking")
    if late not in LATE_RULES:
        raise InputError(f"late rule {late!r} is unknown; use one of {', '.join(LATE_RULES)}")
    if late == "among their class" and secret_commitment is None:
        raise InputError(
            "whoever knows the beacon could choose a late applicant's pseudonym and with it the number: seal a "
            "commitment of the secret behind the pseudonyms too, or let late applicants stand behind the others"
        )
    notice = {
        "beacon": beacon.record(),
        "engine": engine,
        "entries": market.applicant_count,
        "fallback": {"beacon": fallback.record()} if isinstance(fallback, Beacon) else {"commitments": dict(fallback)},
        "late": late,
        "mechanism": mechanism,
        "programs": [_program_record(program) for program in market.programs],
        "rules": dict(rules),
        "sealed_at": in_utc(sealed_at),
        "secret_commitment": secret_commitment,
        "tie_breaking": tie_breaking,
    }
    unsorted = [_entry(market, row, family) for row, family in enumerate(family_codes(market))]
    entries = sorted(unsorted, key=lambda one: one["pseudonym"])
    return Sealed(verify.sealed_root(notice, entries), notice, tuple(entries))


def draw(
    sealed: Sealed,
    *,
    beacon_value: str | None = None,
    beacon_signature: str | None = None,
    is_fallback: bool = False,
    reveals: Mapping[str, str] | None = None,
) -> Drawn:
    """Draw the lottery and give out the seats, from the sealed entries alone.

    beacon_value: the beacon's number, hexadecimal. beacon_signature: what the network signed, hexadecimal, where the
    number is its SHA-256 (drand); it goes into the transcript for others to check. is_fallback: whether it is the second
    beacon that spoke. reveals: instead of a number, the officials' secrets by name.
    Raises InputError when the number is not hexadecimal or does not follow from the signature, the second beacon was
    not named, or a secret is not the one that was promised.

    >>> from datetime import UTC
    >>> from commonground.engine.assignment import drand_beacon
    >>> market = market_of([Applicant("7f3a", ("arts",)), Applicant("91bc", ("arts",))], [Program("arts", 1)])
    >>> promised = {"clerk": commitment("one secret"), "board": commitment("another secret")}
    >>> found = seal(market, rules={"version": "1"}, engine="1", sealed_at=datetime(2027, 1, 25, 17, tzinfo=UTC),
    ...     beacon=drand_beacon(datetime(2027, 2, 1, 18, tzinfo=UTC)), fallback=promised)
    >>> drawn = draw(found, reveals={"clerk": "one secret", "board": "another secret"})
    >>> sorted(drawn.transcript["lottery_numbers"]["all"].values()), drawn.assignment.certificate.holds
    ([0, 1], True)
    """
    value = _random_value(sealed, beacon_value, reveals)
    if is_fallback and (reveals is not None or "beacon" not in sealed.notice["fallback"]):
        raise InputError("no second beacon was named in the sealed notice; draw from what was")
    if beacon_signature is not None and value_from_signature(beacon_signature) != value:
        raise InputError("the beacon's number is not the SHA-256 of its signature; read both again from the beacon")
    entries, notice = [dict(entry) for entry in sealed.entries], dict(sealed.notice)
    market = market_of(
        [
            Applicant(
                name=entry["pseudonym"],
                choices=tuple(choice[0] for choice in entry["choices"]),
                categories={choice[0]: choice[2] for choice in entry["choices"]},
                classes={choice[0]: choice[1] for choice in entry["choices"]},
                family=entry["family"],
            )
            for entry in entries
        ],
        [_program(record) for record in notice["programs"]],
    )
    numbers = verify.lottery_numbers(notice, entries, value)
    lottery = _as_array(market, numbers, is_single=notice["tie_breaking"] == "single")
    run = deferred_acceptance if notice["mechanism"] == "deferred acceptance" else serial_dictatorship
    assignment = run(market, lottery)
    result = assignment.by_name
    transcript = {
        "format": verify.FORMAT,
        "root": sealed.root,
        "notice": notice,
        "drawn_from": "officials" if reveals is not None else "fallback" if is_fallback else "beacon",
        "beacon_value": value,
        "beacon_signature": beacon_signature,
        "reveals": None if reveals is None else dict(reveals),
        "entries": entries,
        "lottery_numbers": numbers,
        "result": result,
        "result_root": verify.result_root(result),
    }
    return Drawn(assignment, propensities(assignment), transcript)


def _random_value(sealed: Sealed, beacon_value: str | None, reveals: Mapping[str, str] | None) -> str:
    if (beacon_value is None) == (reveals is None):
        raise InputError("give the beacon's value or the officials' secrets, one of the two")
    if reveals is not None:
        value = verify.value_from_reveals(sealed.notice["fallback"].get("commitments", {"": ""}), dict(reveals))
        if value is None:
            raise InputError(
                "a secret is missing or is not the one that was promised; no number can be drawn from them"
            )
        return str(value)
    value = str(beacon_value).lower()
    if len(value) < 32 or any(letter not in "0123456789abcdef" for letter in value) or len(value) % 2:
        raise InputError("the beacon's value is at least 32 hexadecimal digits, an even number of them")
    return value


def _program_record(program: Program) -> dict[str, Any]:
    return {
        "name": program.name,
        "capacity": program.capacity,
        "rule": program.rule,
        "blocks": [
            {"seats": block.seats, "reserved_for": block.reserved_for, "unfilled": block.unfilled}
            for block in program.blocks
        ],
    }


def _program(record: Mapping[str, Any]) -> Program:
    blocks = tuple(Block(**block) for block in record["blocks"])
    return Program(record["name"], record["capacity"], blocks, record["rule"])


def family_codes(market: Market) -> list[str | None]:
    """A family's code is that of its first child, so that no further secret is needed; None for an only applicant."""
    if market.families is None:
        return [None] * market.applicant_count
    _, first, family, count = np.unique(market.families, return_index=True, return_inverse=True, return_counts=True)
    return [market.name(int(first[unit])) if count[unit] > 1 else None for unit in family]


def _entry(market: Market, row: int, family: str | None) -> dict[str, Any]:
    choices = []
    for number, rank, mask in zip(market.choices[row], market.classes[row], market.members[row], strict=True):
        if number >= 0:
            blocks = market.programs[number].blocks
            mine = [block.reserved_for for bit, block in enumerate(blocks) if int(mask) >> bit & 1]
            choices.append([market.programs[number].name, int(rank), mine])
    return {"pseudonym": market.name(row), "family": family, "choices": choices}


def _as_array(market: Market, numbers: Mapping[str, Mapping[str, int]], *, is_single: bool) -> NDArray[np.int32]:
    """The lottery numbers in the market's shape: one column when there is one lottery for all."""
    names = [program.name for program in market.programs]
    if is_single:
        order = numbers["all"]
        return np.array([order[market.name(row)] for row in range(market.applicant_count)], np.int32)[:, None]
    lottery = np.zeros(market.choices.shape, np.int32)
    for row, column in zip(*np.nonzero(market.choices >= 0), strict=True):
        lottery[row, column] = numbers[names[market.choices[row, column]]][market.name(int(row))]
    return lottery
