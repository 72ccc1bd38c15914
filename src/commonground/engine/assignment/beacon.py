"""Public sources of a random number that does not exist yet, named before the draw."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from commonground.engine.values import InputError

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
QUICKNET_GENESIS, QUICKNET_PERIOD = 1_692_803_367, 3


@dataclass(frozen=True, slots=True)
class Beacon:
    """A source and the one of its numbers that will decide.

    source: its name. round: the number of the round or pulse. at: when it appears, to the second. look_up: where anyone
    can read it. genesis, period: for a source with a rhythm, when its round 1 appeared (seconds since 1970) and the
    seconds between two rounds; None where the time of a round cannot be worked out.
    Raises InputError for an empty field, a time without a time zone, or a round that is due at another time.
    """

    source: str
    round: int
    at: datetime
    look_up: str
    genesis: int | None = None
    period: int | None = None

    def __post_init__(self) -> None:
        if not (self.source.strip() and self.look_up.strip()):
            raise InputError("name the beacon's source and where anyone can look its number up, before the draw")
        written = in_utc(self.at)
        if self.genesis is not None and self.period is not None:
            due = in_utc(datetime.fromtimestamp(self.genesis + (self.round - 1) * self.period, UTC))
            if due != written:
                raise InputError(f"round {self.round} of {self.source} is due at {due}, not at {written}")

    def record(self) -> dict[str, Any]:
        """The beacon as plain data for the sealed notice."""
        return {
            "source": self.source,
            "round": self.round,
            "at": in_utc(self.at),
            "look_up": self.look_up,
            "genesis": self.genesis,
            "period": self.period,
        }


def in_utc(moment: datetime) -> str:
    """A moment the one way a notice writes it. Raises InputError for a time without a time zone.

    >>> in_utc(datetime(2027, 2, 1, 18, tzinfo=UTC))
    '2027-02-01T18:00:00Z'
    """
    if moment.tzinfo is None:
        raise InputError(f"{moment} has no time zone; say which one, or the moment is not fixed")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def drand_beacon(not_before: datetime) -> Beacon:
    """The first round of drand's quicknet that appears at this moment or later.

    quicknet is run by some twenty organizations together; a round appears every three seconds, and none of them alone
    can know or change it. Raises InputError for a time without a time zone or before quicknet began.
    Source: the network's own parameters, drand.love.

    >>> drand_beacon(datetime(2027, 2, 1, 18, tzinfo=UTC)).round
    36233812
    """
    written = in_utc(not_before)
    begin = datetime.fromtimestamp(QUICKNET_GENESIS, UTC)
    if not_before < begin:
        raise InputError(f"quicknet began at {in_utc(begin)}, after {written}; name a later moment")
    rounds = -(-(not_before - begin) // timedelta(seconds=QUICKNET_PERIOD))
    at = begin + rounds * timedelta(seconds=QUICKNET_PERIOD)
    where = f"https://api.drand.sh/{QUICKNET}/public/{rounds + 1}"
    return Beacon("drand quicknet", rounds + 1, at, where, QUICKNET_GENESIS, QUICKNET_PERIOD)


def value_from_signature(signature: str) -> str:
    """The number of a drand round: the SHA-256 of what the network signed, both hexadecimal.

    Raises InputError for a signature that is not hexadecimal.

    >>> value_from_signature("00")[:8]
    '6e340b9c'
    """
    try:
        return hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    except ValueError:
        raise InputError("the signature is not hexadecimal; copy it from the beacon as it is") from None
