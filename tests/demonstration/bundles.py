"""Reads a bundle with the standard library alone, to count what was written without our own reader."""

import csv
import io
import zipfile
from pathlib import Path


def raw_files(bundle: Path) -> dict[str, bytes]:
    """The bytes of every file by its OneRoster name, whatever folder, case or ending it has."""
    if bundle.is_dir():
        found = {path.name: path.read_bytes() for path in bundle.iterdir()}
    else:
        with zipfile.ZipFile(bundle) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
    return {name.split("/")[-1].rsplit(".", 1)[0].lower(): content for name, content in found.items()}


def read_rows(bundle: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of every file as dictionaries; rows of another width than their header are left out."""
    tables = {}
    for name, content in raw_files(bundle).items():
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        header = next(reader)
        tables[name] = [dict(zip(header, row, strict=True)) for row in reader if len(row) == len(header)]
    return tables
