"""How the engine's inner loops run: compiled by Numba where they can be, as plain Python where they must be.

`jit` decides once, when the module that uses it is imported:

- `NUMBA_DISABLE_JIT` or `COMMONGROUND_NO_JIT` is set (to anything but 0): the function itself, uncompiled. Coverage is
  measured this way.
- `NUMBA_CACHE_DIR` names a folder that can be written: compiled, and kept there for the next process.
- Otherwise: compiled in memory. Nothing is ever written beside the source; the first call only costs time.

The caller sets these before the engine is imported. Each compiled function has a twin written with whole-array NumPy
steps, named `<function>_in_numpy`, and a test that both give the same answer.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def is_compiling(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether functions are compiled at all.

    >>> is_compiling({}), is_compiling({"COMMONGROUND_NO_JIT": "1"}), is_compiling({"NUMBA_DISABLE_JIT": "0"})
    (True, False, True)
    """
    return all(environment.get(name, "0") in ("", "0") for name in ("NUMBA_DISABLE_JIT", "COMMONGROUND_NO_JIT"))


@cache
def _can_write(folder: str) -> bool:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Permission bits lie for root and on read-only mounts: only writing shows that writing works.
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def can_keep_compiled(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the caller named a cache folder that can be written; it is made when it is missing.

    >>> can_keep_compiled({})
    False
    """
    named = environment.get("NUMBA_CACHE_DIR")
    return bool(named) and _can_write(str(named))


_COMPILING = is_compiling()


def jit(function: Function | None = None, *, parallel: bool = False, compiling: bool = _COMPILING) -> Any:
    """Compile a function of arrays and numbers; without Python's lock, with exact (never "fast") floating point.

    parallel: also split its `prange` loops over threads. Write such loops so that each turn owns its own output and
    its own random numbers: the answer must not depend on the number of threads.
    compiling: False leaves the function as it is.

    >>> @jit
    ... def total(values):
    ...     answer = 0
    ...     for value in values:
    ...         answer += value
    ...     return answer
    >>> import numpy as np
    >>> int(total(np.array([1, 2, 3])))
    6
    """
    if function is None:
        return lambda named: jit(named, parallel=parallel, compiling=compiling)
    if not compiling:
        return function
    import numba

    return numba.njit(nogil=True, parallel=parallel, cache=can_keep_compiled(), error_model="numpy")(function)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function that `jit` may have compiled.

    >>> plain(jit(lambda value: value + 1))(2)
    3
    """
    source: Callable[..., Any] = getattr(function, "py_func", function)
    return source


def parallel_range(*, compiling: bool = _COMPILING) -> Any:
    """Numba's `prange`, or plain `range` where nothing is compiled.

    >>> parallel_range(compiling=False) is range
    True
    """
    if not compiling:
        return range
    import numba

    return numba.prange


prange = parallel_range()
