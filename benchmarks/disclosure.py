"""Suppression and audit of 500 schools × 8 groups × 3 levels, beside tau-Argus on the part it can do.

    python benchmarks/disclosure.py [--peer-python PYTHON]

The peer (`pytauargus`, modular suppression of the same hierarchical table) runs in a process of its own, because its
engine keeps global state. It hides cells; ranges given everything published are then computed by our audit for both.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from commonground.engine.disclosure import Attribute, audit, cell, crossed, link, suppress

GROUPS = 8
THRESHOLD = 10
PEER = """
import json, sys, time
from pytauargus import protect
given = json.load(open(sys.argv[1]))
rows = {"school": [], "grp": [], "ones": []}
for school, line in enumerate(given["counts"]):
    for group, count in enumerate(line):
        rows["school"] += [f"s{school:05}"] * count
        rows["grp"] += [f"g{group}"] * count
        rows["ones"] += [1] * count
start = time.perf_counter(), time.process_time()
found = protect(rows, ["school", "grp"], "ones", safety_rules="FREQ(10,100)", suppress="MOD(1,5,1,0,0)",
                hrc={"school": given["hierarchy"]}, hierleadstring="@", workdir=given["folder"])
wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
hidden = [[row["school"], row["grp"]] for row in found.tables[0].rows if row["status"] in ("U", "M")]
json.dump({"wall": wall, "cpu": cpu, "hidden": hidden}, sys.stdout)
"""


def collaborative(schools, seed=1):
    """Counts by school and group, and the district of each school; some groups are rare, as in life."""
    rng = np.random.default_rng(seed)
    districts = np.sort(rng.integers(0, max(2, schools // 17), schools))
    shares = rng.dirichlet(np.array([0.2, 0.5, 1, 1.2, 0.1, 0.5, 5, 0.3]), schools)
    sizes = rng.integers(80, 900, schools)
    return np.array([rng.multinomial(size, share) for size, share in zip(sizes, shares, strict=True)]), districts


def linked_table(counts, districts):
    """School, district and collaborative by group and in all."""
    names = [f"s{school:05}" for school in range(len(counts))]
    groups = [f"g{group}" for group in range(GROUPS)]
    rows = {cell({"school": name}, label=name): [place] for place, name in enumerate(names)} | {
        cell({}): range(len(names))
    }
    for district in np.unique(districts):
        members = np.flatnonzero(districts == district)
        rows[cell({"school": [names[place] for place in members]}, label=f"d{district}")] = members
    columns = {cell({"grp": name}): [place] for place, name in enumerate(groups)} | {cell({}): range(GROUPS)}
    attributes = [Attribute("school", frozenset(names)), Attribute("grp", frozenset(groups), threshold=THRESHOLD)]
    return link(attributes, crossed(counts, rows=rows, columns=columns))


def timed(job):
    """What a job returns, with its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = job()
    return value, time.perf_counter() - wall, time.process_time() - cpu


def ours(schools):
    """Hide and audit; prints one line and returns the table with the CPU seconds of hiding."""
    counts, districts = collaborative(schools)
    linked, link_wall, _ = timed(lambda: linked_table(counts, districts))
    found, wall, cpu = timed(lambda: suppress(linked))
    seen, audit_wall, audit_cpu = timed(found.audit)
    small = int(found.is_primary.sum())
    print(
        f"{schools:>6} {len(linked.cells):>7,} {small:>7,} {len(found.hidden) - small:>9,} {len(seen.leaks):>6}"
        f" {link_wall + wall + audit_wall:>8.1f} s {cpu + audit_cpu:>8.1f} s   (hide {wall:.1f} s, audit {audit_wall:.1f} s)"
    )
    return counts, districts, linked, found, cpu


def beside(python, counts, districts, linked, found, cpu):
    """The same table through tau-Argus, and what our audit finds it leaves open."""
    with tempfile.TemporaryDirectory() as folder:
        hierarchy, given = Path(folder, "school.hrc"), Path(folder, "given.json")
        lines = []
        for district in np.unique(districts):
            lines += [f"d{district:05}", *(f"@s{school:05}" for school in np.flatnonzero(districts == district))]
        hierarchy.write_text("\n".join(lines) + "\n")
        given.write_text(json.dumps({"counts": counts.tolist(), "hierarchy": str(hierarchy), "folder": folder}))
        run = subprocess.run([python, "-c", PEER, str(given)], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"\npytauargus did not run: {(run.stderr.strip().splitlines() or ['no message'])[-1]}")
        return
    peer = json.loads(run.stdout[run.stdout.index("{") :])
    hidden = {tuple(one) for one in peer["hidden"]}
    is_published = np.array([_name(one, districts) not in hidden for one in linked.cells])
    leaks = audit(linked, is_published=is_published, needed=found.needed).leaks
    added = int((~is_published & ~found.is_primary).sum())
    print(
        f"\npytauargus, modular: {added:,} cells hidden besides in {peer['wall']:.1f} s wall, {peer['cpu']:.1f} s CPU; "
        f"by our audit {len(leaks)} small counts are narrowed below a range of {THRESHOLD}"
    )
    print(f"CPU seconds of hiding, theirs / ours: {peer['cpu'] / cpu:.2f}")


def _name(one, districts):
    """A cell as tau-Argus calls it: codes of school or district and group, "" for a total."""
    place, group = one.values("school"), one.values("grp")
    school = "" if place is None else min(place)
    if place is not None and one.label.startswith("d"):
        school = f"d{districts[int(school[1:])]:05}"
    return school, "" if group is None else min(group)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has pytauargus")
    options = parser.parse_args()
    print("schools   cells   small  besides  leaks     wall        CPU")
    for schools in (100, 250, 1000):
        ours(schools)
    beside(options.peer_python, *ours(500))


if __name__ == "__main__":
    main()
