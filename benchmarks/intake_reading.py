"""Reading a district's bundle: ours, the standard library, and pandas with pandera, each in a process of its own.

    python benchmarks/intake_reading.py [--students 10345] [--rounds 5] [--hostile]

Ours unpacks, recognizes, checks every field and reference, holds what depends on what, and writes typed rows with line and
digest. `csv` only reads and splits. pandas + pandera reads from the unpacked folder, checks vocabularies, unique ids and days,
and joins enrollments with their references; it writes nothing and knows no lines. Medians of the rounds, peak resident memory of each
process. `--hostile` adds files that are made to hurt: a line of two gigabytes, a zip bomb, a million rows that are all wrong.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from pathlib import Path

SEATS = 8
STAMP = ("active", "2026-09-01T08:00:00.000Z")
MANIFEST = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics")


def write_bundle(folder: Path, *, students: int, seed: int) -> int:
    """Write one district of invented people as OneRoster 1.1, ids of 36 characters; returns its number of rows."""
    from commonground.formats.oneroster.layout import layouts

    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)

    def new():
        return str(uuid.UUID(int=rng.getrandbits(128)))

    schools = [new() for _ in range(max(2, students // 1600))]
    district, year, terms = new(), new(), [new(), new()]
    courses, kids = [new() for _ in range(100)], [new() for _ in range(students)]
    staff = [new() for _ in range(students // 15 + 1)]
    classes = [(new(), rng.choice(schools)) for _ in range(students * 2 // 5)]
    seats = [(k, s, rng.choice(staff), "teacher", "true") for k, s in classes]
    seats += [(k, s, kid, "student", "") for kid in kids for k, s in rng.sample(classes, min(SEATS, len(classes)))]
    race = ["false"] * 7
    rows = {
        "orgs": [
            (district, *STAMP, "District", "district", "9999-01", ""),
            *((s, *STAMP, f"School {n}", "school", f"9999-01-{n:03d}", district) for n, s in enumerate(schools, 10)),
        ],
        "academicSessions": [
            (year, *STAMP, "Year", "schoolYear", "2026-08-31", "2027-06-04", "", "2027"),
            (terms[0], *STAMP, "Fall", "semester", "2026-08-31", "2027-01-15", year, "2027"),
            (terms[1], *STAMP, "Spring", "semester", "2027-01-18", "2027-06-04", year, "2027"),
        ],
        "courses": [(c, *STAMP, year, f"Course {n}", f"C{n}", "09", district, "", "") for n, c in enumerate(courses)],
        "classes": [
            (
                k,
                *STAMP,
                f"Class {n}",
                "09",
                rng.choice(courses),
                f"K{n}",
                "scheduled",
                "",
                s,
                ",".join(terms),
                "",
                "",
                "1",
            )
            for n, (k, s) in enumerate(classes)
        ],
        "users": [
            (
                *(
                    p,
                    *STAMP,
                    "true",
                    rng.choice(schools),
                    role,
                    f"{role}{n}",
                    "",
                    f"Given{n}",
                    f"Family{n}",
                    "",
                    str(n),
                ),
                *(f"{role}{n}@example.org", "", "", "", grade.format(n % 12 + 1), ""),
            )
            for role, people, grade in (("teacher", staff, ""), ("student", kids, "{:02d}"))
            for n, p in enumerate(people)
        ],
        "enrollments": [
            (new(), *STAMP, k, s, p, role, is_primary, "2026-09-01", "2027-06-04")
            for k, s, p, role, is_primary in seats
        ],
        "demographics": [(p, *STAMP, "2012-03-04", "female", *race, "", "", "", "") for p in kids],
    }
    for kind, lines in rows.items():
        with (folder / f"{kind}.csv").open("w", newline="", encoding="utf-8") as opened:
            writer = csv.writer(opened)
            writer.writerow(layouts("1.1")[kind].columns)
            writer.writerows(lines)
    manifest = [
        "propertyName,value",
        "manifest.version,1.0",
        "oneroster.version,1.1",
        *(f"file.{kind},bulk" for kind in MANIFEST),
    ]
    (folder / "manifest.csv").write_text("\n".join(manifest) + "\n")
    return sum(map(len, rows.values()))


def pack(folder: Path) -> Path:
    packed = folder.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return packed


# --- what is timed, each in a process of its own --------------------------------------------------------------------------
def ours(folder: Path) -> int:
    from commonground.formats import read

    with tempfile.TemporaryDirectory() as into:
        return read(folder.with_suffix(".zip"), into=Path(into)).accepted


def standard_library(folder: Path) -> int:
    rows = 0
    for kind in MANIFEST:
        with (folder / f"{kind}.csv").open(newline="", encoding="utf-8") as opened:
            rows += sum(1 for _ in csv.reader(opened)) - 1
    return rows


def pandas_and_pandera(folder: Path) -> int:
    import pandas
    import pandera.pandas as pandera

    frames = {kind: pandas.read_csv(folder / f"{kind}.csv", dtype=str, keep_default_na=False) for kind in MANIFEST}
    day = pandera.Column(str, pandera.Check.str_matches(r"^\d{4}-\d\d-\d\d$"))
    key = pandera.Column(str, unique=True)
    pandera.DataFrameSchema(
        {
            "sourcedId": key,
            "role": pandera.Column(str, pandera.Check.isin(["student", "teacher"])),
            "beginDate": day,
            "endDate": day,
        }
    ).validate(frames["enrollments"], lazy=True)
    pandera.DataFrameSchema({"sourcedId": key, "birthDate": day}).validate(frames["demographics"], lazy=True)
    for kind in ("orgs", "courses", "classes", "users"):
        pandera.DataFrameSchema({"sourcedId": key}).validate(frames[kind], lazy=True)
    for column, target in (("classSourcedId", "classes"), ("userSourcedId", "users"), ("schoolSourcedId", "orgs")):
        if not frames["enrollments"][column].isin(frames[target]["sourcedId"]).all():
            raise ValueError(column)
    return sum(map(len, frames.values()))


def refused(folder: Path) -> int:
    """Reads a source that must be refused, or held as a whole."""
    from commonground.formats import Refused, read

    with tempfile.TemporaryDirectory() as into:
        try:
            return read(folder, into=Path(into)).held
        except Refused as refusal:
            print(f"   {folder.name}: {refusal}", file=sys.stderr)
            return 0


JOBS = {job.__name__: job for job in (ours, standard_library, pandas_and_pandera, refused)}


def run_here(name: str, folder: Path) -> None:
    """In the child: print rows, seconds and peak memory. What is only imported once is not timed: a worker lives on."""
    if name != "refused":
        JOBS[name](folder)
    wall, cpu = time.perf_counter(), time.process_time()
    rows = JOBS[name](folder)
    seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"rows": rows, "wall": seconds[0], "cpu": seconds[1], "peak": peak}))


def in_a_process(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--job", name, "--folder", str(folder)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    sys.stderr.write(printed.stderr)
    return json.loads(printed.stdout)


def hostile(folder: Path) -> None:
    """Files that are made to hurt; each must end in bounded time and memory."""
    long = folder / "long"
    write_bundle(long, students=10, seed=1)
    with (long / "users.csv").open("ab") as opened:
        opened.write(b"x")
        opened.truncate(opened.tell() + (2 << 30) - (64 << 20))
        opened.seek(0, 2)
    text = folder / "text"
    write_bundle(text, students=10, seed=1)
    with (text / "users.csv").open("ab") as opened:
        for _ in range(1900):
            opened.write(b"x" * (1 << 20))
    bomb = folder / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", bytes(200 << 20))
    wrong = folder / "wrong"
    write_bundle(wrong, students=10, seed=1)
    with (wrong / "enrollments.csv").open("a") as opened:
        opened.writelines(f'e{n},odd,soon,k{n},s{n},"u{n}\n",mascot,perhaps,1/2/03,never\n' for n in range(300_000))
    for source in (long, text, bomb, wrong):
        found = in_a_process("refused", source)
        print(f"   {source.name:<22}{found['rows']:>9,.0f} held {found['wall']:>8.2f} s {found['peak']:>6.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=10_345)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--job", choices=JOBS)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.job:
        run_here(arguments.job, arguments.folder)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "bundle"
        rows = write_bundle(folder, students=arguments.students, seed=1)
        packed = pack(folder)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        print(
            f"{rows:,} rows, {size:.0f} MB, packed {packed.stat().st_size / 1e6:.0f} MB; {arguments.rounds} rounds, 1 thread"
        )
        print(f"   {'':<22}{'wall s':>8}{'CPU s':>8}{'rows/s':>10}{'peak MB':>9}")
        medians = {}
        for name in ("ours", "standard_library", "pandas_and_pandera"):
            rounds = [in_a_process(name, folder) for _ in range(arguments.rounds)]
            wall, cpu = (statistics.median(found[key] for found in rounds) for key in ("wall", "cpu"))
            medians[name] = cpu
            peak = max(found["peak"] for found in rounds)
            print(f"   {name:<22}{wall:>8.2f}{cpu:>8.2f}{rows / cpu:>10,.0f}{peak:>9.0f}")
        print(f"pandas and pandera / ours, CPU: {medians['pandas_and_pandera'] / medians['ours']:.2f}")
        if arguments.hostile:
            hostile(Path(made))


if __name__ == "__main__":
    main()
