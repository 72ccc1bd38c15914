"""OR-Tools and SciPy's solvers stand in one process; the package highspy, which clashes with OR-Tools, never does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import pkgutil, sys
from importlib import import_module
from commonground import engine
for found in pkgutil.walk_packages(engine.__path__, "commonground.engine."):
    import_module(found.name)

from commonground.engine.allocation import Quote, Terms, Tier, award
from commonground.engine.grouping import Wishes, grouping_task
from commonground.engine.grouping.feasible import first_grouping

# Whole-number programs by SciPy, then constraint programming by OR-Tools, then SciPy again.
quotes = [Quote("s", "pen", (Tier(1, 10),)), Quote("t", "pen", (Tier(1, 9),))]
before = award({"pen": 3}, quotes=quotes, terms={"s": Terms(), "t": Terms()}).total_cents
wishes = Wishes(apart=[[0, 1]])
group = first_grouping(grouping_task([1, 1], attributes={"district": ["W", "S"]}, wishes=wishes))
after = award({"pen": 3}, quotes=quotes, terms={"s": Terms(), "t": Terms()}).total_cents
print(before, after, sorted(group.tolist()), "ortools" in sys.modules, "highspy" in sys.modules)
"""
FUNCTION = """
import numpy as np
from commonground.engine.assignment import Program, build_market, deferred_acceptance
from commonground.engine.integration import theil_h
market = build_market([Program("arts", 1)], [[0], [0]])
print(deferred_acceptance(market, [1, 0]).position.tolist(), round(theil_h([[1, 0], [0, 1]]).value, 6))
"""


def run(program, **environment):
    finished = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env={"PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return finished.stdout.strip()


@pytest.mark.slow
def test_both_solvers_answer_in_one_process_that_has_no_highspy():
    assert run(PROGRAM) == "27 27 [0, 1] True False"


def test_no_module_and_no_lock_of_ours_brings_highspy():
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "requirements").glob("*.txt")]

    named = [path.name for path in sources if re.search(r"^\s*(import|from) highspy|^highspy", path.read_text(), re.M)]

    assert named == []


@pytest.mark.slow
def test_real_functions_run_with_no_home_and_nowhere_to_write(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    path = {"PATH": os.environ.get("PATH", "")}

    assert run(FUNCTION, NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"), **path) == "[-1, 0] 1.0"
    assert run(FUNCTION, NUMBA_DISABLE_JIT="1", **path) == "[-1, 0] 1.0"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_law_is_read_without_loading_arrays():
    program = "import sys, commonground.engine.law; print('numpy' in sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == "False"
