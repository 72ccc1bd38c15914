"""The next bundles of the metro collaborative: 3 % of the rows changed, 1 % of the enrollments gone, 1 % new."""

from pathlib import Path

import duckdb

CHANGED, GONE, NEW = 30, 10, 10  # of a thousand rows
# File -> the column that changes, and its new value.
CHANGES = {
    "users": ("middleName", "'Lee'"),
    "roles": ("endDate", "'2030-06-30'"),
    "demographics": ("birthDate", "CAST(CAST(birthDate AS DATE) - 1 AS VARCHAR)"),
    "enrollments": ("endDate", "CAST(CAST(endDate AS DATE) - 1 AS VARCHAR)"),
    "classes": ("location", "'Room 7'"),
}


def changed_bundles(bundles: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Write each bundle once more, changed; equal arguments give equal bytes."""
    paths = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        for district_id, bundle in bundles.items():
            path = paths[district_id] = folder / bundle.name
            path.mkdir(parents=True)
            for file in sorted(bundle.iterdir()):
                _write(connection, file, path / file.name)
    return paths


def _write(connection: duckdb.DuckDBPyConnection, file: Path, target: Path) -> None:
    if file.stem not in CHANGES:
        target.write_bytes(file.read_bytes())
        return
    column, value = CHANGES[file.stem]
    luck = "hash(sourcedId, 7) % 1000"
    rows = f"SELECT * REPLACE (CASE WHEN {luck} < {CHANGED} THEN {value} ELSE {column} END AS {column}) FROM old"
    if file.stem == "enrollments":
        new = f"SELECT * REPLACE (sourcedId || '-new' AS sourcedId) FROM old WHERE {luck} >= {1000 - NEW} AND role = 'student'"
        # A new enrollment takes the seat of one that is gone, so that nobody has the same seat twice.
        rows += f" WHERE {luck} < {1000 - GONE} OR role <> 'student' UNION ALL {new}"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE old AS FROM read_csv('{file}', header = true, all_varchar = true);
            COPY ({rows}) TO '{target}' (HEADER, DELIMITER ',')"""
    )
