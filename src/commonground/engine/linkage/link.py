"""The same child in two files: train, link, and look back. Splink does the comparing, in DuckDB."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from commonground.engine.linkage.decide import Bands, Decision, Pair, decide
from commonground.engine.linkage.model import (
    CERTAIN,
    LEVELS,
    LINK_TYPES,
    TRAINING_BLOCKS,
    Weights,
    blocking_rules,
    in_words,
    looks_like_sibling,
    settings,
    splink,
)
from commonground.engine.linkage.records import FIELDS, Person, columns_of, known_shares
from commonground.engine.values import Explanation, InputError

Columns = Mapping[str, Sequence[str | None]]
NAMES = ("left", "right")
MOST_PAIRS = 1_000_000
RECALL_OF_CERTAIN = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Linkage:
    """What was found between two files (or inside one).

    decisions: every pair from the review band up, strongest first. compared: how many pairs were looked at.
    weights: the frozen model. known: share of records in which each field is known, per file.
    """

    decisions: tuple[Decision, ...]
    compared: int
    weights: Weights
    known: tuple[dict[str, float], ...]
    explanation: Explanation

    def pairs(self, band: str | None = None) -> list[tuple[str, str]]:
        """(left, right) of the pairs of a band; None for all best pairs of whatever band, one to one."""
        return [
            (one.pair.left, one.pair.right)
            for one in self.decisions
            if (one.is_best if band is None else one.band == band)
        ]


def train(files: Sequence[Columns | Sequence[Person]], *, trained_on: str, seed: int) -> Weights:
    """Weights for these files, or for one file with duplicates, frozen.

    How often fields agree by chance (u) is counted on sampled pairs; how often they agree for one person (m) is found by
    expectation maximization over three different blocks. Do it once per pair of districts, keep the weights, and train
    again only by hand. Raises InputError for files that are empty or more than two, and one file of fewer than two
    records; SplinkMissing.
    Source: Fellegi & Sunter 1969; Linacre et al. 2022 (Splink).

    >>> from commonground.engine.linkage import invented_students
    >>> left, right, _ = invented_students(200, seed=5)
    >>> weights = train([left, right], trained_on="two invented districts", seed=1)
    >>> weights.trained_on, len(weights.version)
    ('two invented districts', 12)
    """
    if not 1 <= len(files) <= 2:
        raise InputError(f"{len(files)} files; give one, or two")
    top = splink()
    if len(files) == 1 and len(_columns(files[0], NAMES[0])["unique_id"]) < 2:
        raise InputError("one record has nothing to be compared with; give at least two, or a second file")
    linker = _linker(files, settings(is_one_file=len(files) == 1))
    linker.training.estimate_probability_two_random_records_match(
        [top.block_on(*block) for block in CERTAIN], recall=RECALL_OF_CERTAIN
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_PAIRS, seed=seed)
    for block in TRAINING_BLOCKS:
        linker.training.estimate_parameters_using_expectation_maximisation(top.block_on(*block))
    return Weights(json.dumps(linker.misc.save_model_to_json(), sort_keys=True), trained_on)


def link(
    left: Columns | Sequence[Person],
    right: Columns | Sequence[Person] | None,
    *,
    weights: Weights,
    bands: Bands | None = None,
) -> Linkage:
    """Decisions about the pairs of two files, each without duplicates; right None: about pairs inside one file.

    Inside one file a record with two strong partners goes to review: they are rivals of each other. People as `Person`,
    or columns from `columns_of`. bands None: the default ones. Nothing leaves this process.
    Raises InputError for an empty file; SplinkMissing.

    >>> from commonground.engine.linkage import invented_students
    >>> left, right, true = invented_students(200, seed=5)
    >>> found = link(left, right, weights=train([left, right], trained_on="two invented districts", seed=1))
    >>> set(found.pairs("automatic")) <= set(true)
    True
    """
    files = [left] if right is None else [left, right]
    bands = bands or Bands()
    linker = _linker(files, weights.model() | {"link_type": LINK_TYPES[len(files) - 1]})
    compared = linker.inference.compute_blocked_pairs_for_predict()
    predicted = linker.inference.predict(threshold_match_probability=bands.review)
    fields = list(LEVELS)
    wanted = ", ".join(["unique_id_l", "unique_id_r", "match_weight", *(f"gamma_{name}" for name in fields)])
    rows = _fetch(linker, f"SELECT {wanted} FROM {predicted.physical_name}")  # noqa: S608
    columns = [_columns(file, name) for file, name in zip(files, NAMES, strict=False)]
    decisions = decide(_pairs(rows, fields), bands=bands)
    counts = {band: sum(one.band == band for one in decisions) for band in ("automatic", "review", "apart")}
    return Linkage(
        decisions=decisions,
        compared=int(_fetch(linker, f"SELECT count(*) FROM {compared.physical_name}")[0][0]),  # noqa: S608
        weights=weights,
        known=tuple(known_shares(one) for one in columns),
        explanation=Explanation(
            what=f"Pairs of records that may be one person: {counts['automatic']} automatic, {counts['review']} to review",
            inputs={"records": ", ".join(str(len(one["unique_id"])) for one in columns), "weights": weights.version},
            steps=(
                f"trained on {weights.trained_on}",
                f"automatic from probability {bands.automatic} and {bands.margin_bits} bits ahead of the next best pair",
                f"review from probability {bands.review}",
                "another first name beside the same birth date is never automatic (twins)",
                "one to one: a record is linked at most once",
            ),
            rule="linkage 1",
            source="Fellegi & Sunter 1969; Linacre et al. 2022",
        ),
    )


def blocked(files: Sequence[Columns | Sequence[Person]], pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the given pairs that are compared at all; what is left out cannot be found by any threshold.

    >>> from datetime import date
    >>> born = date(2015, 4, 5)
    >>> left, right = [Person("a", "Mai", "Vang", born)], [Person("b", "Mai", "Vang", born), Person("c", "Ann", "Lee", None)]
    >>> blocked([left, right], [("a", "b"), ("a", "c")])
    {('a', 'b')}
    """
    connection = splink().backends.duckdb.DuckDBAPI().duckdb_con
    names = [_table(connection, file, name) for file, name in zip(files, NAMES, strict=False)]
    wanted = np.array(sorted(set(pairs)), object).reshape(-1, 2)
    asked = {"one": wanted[:, 0], "other": wanted[:, 1]}
    connection.register("asked", asked)
    rules = " OR ".join(f"({rule})" for rule in blocking_rules())
    rows = connection.execute(
        f"SELECT one, other FROM asked JOIN {names[0]} l ON l.unique_id = one JOIN {names[-1]} r ON r.unique_id = other "  # noqa: S608 - our own rules
        f"WHERE {rules}"
    ).fetchall()
    return {(str(one), str(other)) for one, other in rows}


def _columns(file: Columns | Sequence[Person], name: str) -> Columns:
    columns = file if isinstance(file, Mapping) else columns_of(file, file=name)
    missing = {"unique_id", *FIELDS} - set(columns)
    if missing or not len(columns["unique_id"]):
        what = sorted(missing)[0] if missing else "records"
        raise InputError(f"file {name!r} has no {what}; give what columns_of gives")
    count = len(columns["unique_id"])
    uneven = [field for field in FIELDS if len(columns[field]) != count]
    if uneven or len(set(columns["unique_id"])) != count:
        what = f"its {uneven[0]} has another length" if uneven else "two records have the same identity"
        raise InputError(f"file {name!r}: {what}; give one value for each record, and each record its own identity")
    return columns


def _linker(files: Sequence[Columns | Sequence[Person]], model: dict[str, Any]) -> Any:
    top = splink()
    api = top.backends.duckdb.DuckDBAPI()
    tables = [
        api.register(_table(api.duckdb_con, file, name), dataset_display_name=name)
        for file, name in zip(files, NAMES, strict=False)
    ]
    return top.Linker(tables, model, log_level=logging.ERROR, validate_settings=False)


def _table(connection: Any, file: Columns | Sequence[Person], name: str) -> str:
    """The file as a table of the database; returns the table's name."""
    columns = _columns(file, name)
    # DuckDB cannot tell the type of a column of nothing but None: unknown fields travel as empty texts.
    held = {field: np.array([one or "" for one in columns[field]], object) for field in ("unique_id", *FIELDS)}
    fields = ", ".join(f"NULLIF({field}, '') AS {field}" for field in held)
    connection.register(f"arrays_{name}", held)
    connection.execute(f"CREATE TABLE file_{name} AS SELECT {fields} FROM arrays_{name}")  # noqa: S608 - our own names
    connection.unregister(f"arrays_{name}")
    return f"file_{name}"


def _fetch(linker: Any, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = linker._db_api.duckdb_con.execute(query).fetchall()
    return rows


def _pairs(rows: list[tuple[Any, ...]], fields: Sequence[str]) -> Iterable[Pair]:
    seen: dict[tuple[int, ...], tuple[dict[str, str], bool]] = {}
    for left, right, bits, *found in rows:
        key = tuple(found)
        if key not in seen:
            levels = in_words(dict(zip(fields, found, strict=True)))
            seen[key] = (levels, looks_like_sibling(levels))
        yield Pair(left, right, bits, *seen[key])
