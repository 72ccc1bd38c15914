"""The default model: which fields are compared, at which levels, and which pairs are looked at. Needs Splink."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commonground.engine.linkage.records import FIELDS
from commonground.engine.values import InputError

# Splink numbers levels from the top down: the first after "not known" has the highest number, "different" has 0.
LEVELS: dict[str, tuple[str, ...]] = {
    "first_name": ("different", "similar", "one begins the other", "very similar", "same"),
    "last_name": ("different", "similar", "a part in common", "very similar", "same"),
    "birth_date": ("different", "same year", "same month", "one digit", "day and month turned round", "same"),
    "street": ("different", "similar", "nearly the same", "same"),
    "postcode": ("different", "one digit", "same"),
    "gender": ("different", "same"),
    "name_order": ("as written", "first and last turned round"),
}
TURNED_ROUND = (
    "first_name_l <> last_name_l AND jaro_winkler_similarity(first_name_l, last_name_r) >= 0.88 "
    "AND jaro_winkler_similarity(last_name_l, first_name_r) >= 0.88"
)
LINK_TYPES = ("dedupe_only", "link_only")
UNKNOWN = "not known"

BLOCKS: tuple[tuple[str, ...], ...] = (
    ("first_name", "last_name"),
    ("birth_date", "substr(first_name, 1, 1)"),
    ("birth_date", "substr(last_name, 1, 2)"),
    ("street",),
    ("last_name", "postcode"),
    ("first_name", "postcode"),
    ("substr(first_name, 1, 3)", "substr(last_name, 1, 3)", "substr(birth_date, 1, 4)"),
    ("birth_date", "postcode"),
    ("birth_date", "split_part(street, ' ', 1)"),
    ("substr(first_name, 1, 2)", "substr(last_name, 1, 2)", "postcode"),
    ("substr(first_name, 1, 2)", "substr(last_name, 1, 2)", "split_part(street, ' ', 1)"),
    ("last_name", "split_part(street, ' ', 1)"),
    ("first_name", "split_part(street, ' ', 1)"),
)
# (of the left record, of the right record): names that stand in the other order in one of the files.
CROSSED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("birth_date", "first_name"), ("birth_date", "last_name")),
    (("birth_date", "last_name"), ("birth_date", "first_name")),
    (("postcode", "first_name"), ("postcode", "last_name")),
    (("postcode", "last_name"), ("postcode", "first_name")),
)
# None of them on the address: pairs that share an address have not moved, and would teach that nobody ever does.
TRAINING_BLOCKS: tuple[tuple[str, ...], ...] = (
    ("birth_date", "last_name"),
    ("first_name", "last_name"),
    ("birth_date", "first_name"),
    ("birth_date", "postcode"),
)
CERTAIN: tuple[tuple[str, ...], ...] = (
    ("first_name", "last_name", "birth_date"),
    ("first_name", "birth_date", "postcode"),
    ("last_name", "birth_date", "street"),
)


class SplinkMissing(ImportError):
    """Record linkage needs the optional package Splink."""


def splink() -> Any:
    """Splink's modules, imported only now. Raises SplinkMissing with what to install."""
    try:
        import splink as top
        import splink.backends.duckdb
        import splink.comparison_level_library
        import splink.comparison_library
    except ImportError as missing:
        raise SplinkMissing("record linkage needs Splink: install commonground[linkage]") from missing
    return top


def blocking_rules() -> list[str]:
    """Which pairs are compared, as conditions on a left record `l` and a right record `r`."""
    same = [(block, block) for block in BLOCKS]
    return [
        " AND ".join(f"{_of(a, 'l')} = {_of(b, 'r')}" for a, b in zip(left, right, strict=True))
        for left, right in (*same, *CROSSED)
    ]


def _of(part: str, record: str) -> str:
    return re.sub(rf"\b({'|'.join(FIELDS)})\b", rf"{record}.\1", part)


def settings(*, is_one_file: bool) -> dict[str, Any]:
    """Splink settings of the default model, untrained. is_one_file: look for duplicates inside one file."""
    top = splink()
    level, compare = top.comparison_level_library, top.comparison_library

    def custom(column: str, *levels: Any) -> Any:
        made = [level.NullLevel(column), level.ExactMatchLevel(column, term_frequency_adjustments=True), *levels]
        return compare.CustomComparison(output_column_name=column, comparison_levels=[*made, level.ElseLevel()])

    first, last, born = (f"{name}_l" for name in ("first_name", "last_name", "birth_date"))
    comparisons = [
        custom(
            "first_name",
            level.JaroWinklerLevel("first_name", 0.92),
            level.CustomLevel(
                f"starts_with({first}, first_name_r) OR starts_with(first_name_r, {first})", "one begins the other"
            ),
            level.JaroWinklerLevel("first_name", 0.80),
        ),
        custom(
            "last_name",
            level.JaroWinklerLevel("last_name", 0.92),
            level.CustomLevel(
                f"list_has_any(string_split({last}, ' '), string_split(last_name_r, ' '))", "a part in common"
            ),
            level.JaroWinklerLevel("last_name", 0.80),
        ),
        compare.CustomComparison(
            output_column_name="birth_date",
            comparison_levels=[
                level.NullLevel("birth_date"),
                level.ExactMatchLevel("birth_date"),
                level.CustomLevel(
                    f"substr({born}, 1, 5) || substr({born}, 9, 2) || '-' || substr({born}, 6, 2) = birth_date_r",
                    "day and month turned round",
                ),
                level.DamerauLevenshteinLevel("birth_date", 1),
                level.CustomLevel(f"substr({born}, 1, 7) = substr(birth_date_r, 1, 7)", "same month"),
                level.CustomLevel(f"substr({born}, 1, 4) = substr(birth_date_r, 1, 4)", "same year"),
                level.ElseLevel(),
            ],
        ),
        compare.CustomComparison(
            output_column_name="street",
            comparison_levels=[
                level.NullLevel("street"),
                level.ExactMatchLevel("street"),
                level.LevenshteinLevel("street", 2),
                level.JaroWinklerLevel("street", 0.90),
                level.ElseLevel(),
            ],
        ),
        compare.DamerauLevenshteinAtThresholds("postcode", [1]),
        compare.ExactMatch("gender"),
        compare.CustomComparison(
            output_column_name="name_order",
            comparison_levels=[
                level.CustomLevel(
                    f"{first} IS NULL OR {last} IS NULL OR first_name_r IS NULL OR last_name_r IS NULL", UNKNOWN
                ).configure(is_null_level=True),
                level.CustomLevel(TURNED_ROUND, "first and last turned round"),
                level.ElseLevel(),
            ],
        ),
    ]
    made = top.SettingsCreator(
        link_type=LINK_TYPES[not is_one_file],
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocking_rules(),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=True,
    )
    found: dict[str, Any] = made.create_settings_dict(sql_dialect_str="duckdb")
    return found


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model, frozen: the same weights give the same links on the same files.

    text: the model as JSON. trained_on: in words, such as the two files and the day.
    """

    text: str
    trained_on: str

    def __post_init__(self) -> None:
        try:
            has_fields = {one["output_column_name"] for one in json.loads(self.text)["comparisons"]} == set(LEVELS)
        except (ValueError, KeyError, TypeError):
            has_fields = False
        if not has_fields:
            raise InputError("these are not weights of the default model; train them again")

    @property
    def version(self) -> str:
        """The first 12 digits of the SHA-256 of the model."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def model(self) -> dict[str, Any]:
        """The settings for Splink."""
        found: dict[str, Any] = json.loads(self.text)
        return found


def in_words(found: Mapping[str, int]) -> dict[str, str]:
    """Level numbers by field, in words.

    >>> in_words({"first_name": 0, "birth_date": -1})
    {'first_name': 'different', 'birth_date': 'not known'}
    """
    return {name: UNKNOWN if number < 0 else LEVELS[name][number] for name, number in found.items()}


def looks_like_sibling(levels: Mapping[str, str]) -> bool:
    """Another first name, or one that is merely similar, beside the same or nearly the same birth date.

    >>> looks_like_sibling({"first_name": "different", "birth_date": "same", "name_order": "as written"})
    True
    """
    is_other_name = levels["first_name"] in ("different", "similar")
    is_turned_round = levels["name_order"] == LEVELS["name_order"][1]
    return (
        is_other_name
        and not is_turned_round
        and levels["birth_date"] in ("same", "day and month turned round", "one digit")
    )
