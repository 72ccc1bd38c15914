"""`commonground adjacency`: which districts adjoin, from a file of borders."""

import csv
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from commonground.facts import ids_by_name
from commonground.formats.boundaries import adjacency, read_borders
from commonground.formats.problems import PROBLEMS
from commonground.formats.reading import Refused

HELP = "Print the pairs of districts that share a border, from GeoJSON or TopoJSON, as CSV."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("boundaries", type=Path, metavar="BOUNDARIES", help="a GeoJSON or TopoJSON file")
    parser.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="a CSV file with the columns id and name, instead of the state's list",
    )


def run(arguments: Namespace) -> int:
    """Print `id,neighbor_id`, each pair once. Names that match no district go to the error stream; then the status is 1."""
    try:
        ids = names_in(arguments.names) if arguments.names else ids_by_name()
        found = adjacency(read_borders(arguments.boundaries), ids=ids)
    except Refused as refused:
        problem = PROBLEMS[refused.code]
        print(f"{arguments.boundaries} cannot be read as borders: {problem.wrong} {problem.remedy}", file=sys.stderr)
        return 1
    except (OSError, KeyError) as error:
        print(f"The file cannot be read: {error}. A file of names needs the columns id and name.", file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("id", "neighbor_id"))
    writer.writerows(found.pairs)
    for name in found.unmatched:
        print(f"no district is called: {name or '(no name)'}", file=sys.stderr)
    for name in found.alone:
        print(f"no neighbor was found (an island, or lines that do not meet): {name}", file=sys.stderr)
    return 1 if found.unmatched else 0


def names_in(path: Path) -> dict[str, str]:
    """Name → id from a CSV file. Raises KeyError when a column is missing."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return {row["name"]: row["id"] for row in csv.DictReader(opened)}
