"""Inner loops run compiled where they can, and still run where nothing can be written or compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commonground.engine.compiled import can_keep_compiled, is_compiling, jit, parallel_range, plain

PROGRAM = """
import numpy as np
from commonground.engine import compiled

@compiled.jit
def total(values):
    answer = 0
    for value in values:
        answer += value
    return answer

@compiled.jit(parallel=True)
def doubled(values):
    answer = np.empty_like(values)
    for i in compiled.prange(len(values)):
        answer[i] = 2 * values[i]
    return answer

print(int(total(np.arange(5))), doubled(np.arange(3)).tolist(), hasattr(total, "py_func"))
"""


def run(folder: Path, **environment: str) -> str:
    """What the program prints in a fresh process that knows only these environment variables."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3] / "src"), os.environ.get("PYTHONPATH")]))
    finished = subprocess.run(
        [sys.executable, "-B", str(program)],
        env={"PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.strip()


@pytest.mark.parametrize("name", ["NUMBA_DISABLE_JIT", "COMMONGROUND_NO_JIT"])
def test_switched_off_functions_run_uncompiled(tmp_path, name):
    assert run(tmp_path, **{name: "1"}) == "10 [0, 2, 4] False"


def test_with_nowhere_to_write_and_no_home_functions_compile_in_memory(tmp_path):
    (tmp_path / "file").write_text("not a folder")

    printed = run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"))

    assert printed == "10 [0, 2, 4] True"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "program.py"]


def test_compiled_code_is_kept_in_the_folder_the_caller_named(tmp_path):
    run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache"))

    assert list((tmp_path / "cache").rglob("*.nbi"))


def test_an_empty_or_zero_switch_leaves_compiling_on():
    assert is_compiling({"NUMBA_DISABLE_JIT": "", "COMMONGROUND_NO_JIT": "0"})


def test_only_a_folder_that_can_be_written_keeps_compiled_code(tmp_path):
    (tmp_path / "file").write_text("not a folder")

    assert can_keep_compiled({"NUMBA_CACHE_DIR": str(tmp_path / "new" / "cache")})
    assert not can_keep_compiled({"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache")})
    assert not can_keep_compiled({})


def test_plain_gives_the_source_of_a_compiled_or_uncompiled_function():
    def one() -> int:
        return 1

    assert plain(jit(one, compiling=True)) is one
    assert jit(compiling=False)(one) is one
    assert plain(one) is one


def test_without_compiling_a_parallel_loop_is_an_ordinary_one():
    assert parallel_range(compiling=False) is range
    assert list(parallel_range(compiling=True)(3)) == [0, 1, 2]
