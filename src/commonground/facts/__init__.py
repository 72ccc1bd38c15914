"""Public facts that ship with Commonground, each with its source beside it, and the few lines that read them."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

GROUPS = ("american_indian", "asian", "black", "hispanic", "pacific_islander", "two_or_more", "white")


@dataclass(frozen=True)
class District:
    """An organization of the state's list. `id` is `DDDD-TT`; `nces_id` is None where we have not seen it."""

    id: str
    name: str
    type: str
    kind: str
    nces_id: str | None
    source: str


@dataclass(frozen=True)
class Enrollment:
    """Students of one district in one grade, 2017-18: by group (as GROUPS), by sex, in all."""

    district_id: str
    district: str
    is_member: bool
    grade: str
    groups: dict[str, int]
    male: int
    female: int

    @property
    def total(self) -> int:
        return sum(self.groups.values())

    @property
    def protected(self) -> int:
        return self.total - self.groups["white"]


@dataclass(frozen=True)
class Outlines:
    """Simplified district borders, ready for SVG: x to the right, y down, in units of 100 m.

    rings: district id -> closed rings, each as ((x, y), ...) without the repeated last point.
    """

    width: int
    height: int
    rings: dict[str, tuple[tuple[tuple[int, int], ...], ...]]


def _text(name: str) -> str:
    return files(__package__).joinpath("minnesota", name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


@cache
def districts() -> dict[str, District]:
    """Minnesota's districts and other public school organizations, by id."""
    return {r["id"]: District(**{**r, "nces_id": r["nces_id"] or None}) for r in _rows("districts.csv")}  # type: ignore[arg-type]


# Names by which border files call districts that the state's list calls otherwise.
OTHER_NAMES = {
    "A.C.G.C.": "2396-01",
    "Bird Island-Olivia-Lake Lillian": "2534-01",
    "G.F.W.": "2365-01",
    "Northland Community": "0118-01",
}


def ids_by_name() -> dict[str, str]:
    """Name → id of every district of the state's list, under each name it is known by."""
    return {**{district.name: district.id for district in districts().values()}, **OTHER_NAMES}


@cache
def neighbors() -> frozenset[tuple[str, str]]:
    """Pairs of districts whose borders share a line, 2016: each pair once, the smaller id first."""
    return frozenset((r["id"], r["neighbor_id"]) for r in _rows("adjacency-2016.csv"))


@cache
def west_central_enrollment() -> tuple[Enrollment, ...]:
    """The counts of seven West Central members and their thirteen other neighbors, 2017-18, grade by grade."""
    return tuple(
        Enrollment(
            district_id=r["district_id"],
            district=r["district"],
            is_member=r["part"] == "member",
            grade=r["grade"],
            groups={group: int(r[group]) for group in GROUPS},
            male=int(r["male"]),
            female=int(r["female"]),
        )
        for r in _rows("west-central-2017-18.csv")
    )


@cache
def outlines() -> Outlines:
    """Simplified borders of Minnesota's districts, 2016."""
    stored = json.loads(_text("outlines-2016.json"))
    rings = {
        district: tuple(tuple(zip(ring[::2], ring[1::2], strict=True)) for ring in rings)
        for district, rings in stored["outlines"].items()
    }
    return Outlines(width=stored["width"], height=stored["height"], rings=rings)
