"""Archives that must be refused unread: what a person sees when the wrong file is sent."""

import zipfile
from datetime import date
from pathlib import Path

MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\nfile.orgs,bulk\n"
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n1,,,Nowhere Public Schools,district,,\n"

# By the code of `formats.problems` under which each is refused: its entries.
ARCHIVES = {
    "version_unknown": {"manifest.csv": MANIFEST.format(version="2.0"), "orgs.csv": ORGS},
    "archive_name_unsafe": {"manifest.csv": MANIFEST.format(version="1.1"), "../orgs.csv": ORGS},
    "format_unknown": {"orgs.csv": ORGS},
}


def write_refused(folder: Path, *, day: date) -> dict[str, Path]:
    """One archive per code, by code."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for code, entries in ARCHIVES.items():
        paths[code] = folder / f"{code.replace('_', '-')}.zip"
        with zipfile.ZipFile(paths[code], "w") as archive:
            for name, text in entries.items():
                archive.writestr(zipfile.ZipInfo(name, date_time=(day.year, day.month, day.day, 3, 0, 0)), text)
    return paths
