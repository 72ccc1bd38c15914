"""The examples in the documentation of assignment are true."""

import doctest
import importlib
import pkgutil

import pytest

from commonground.engine import assignment

MODULES = [found.name for found in pkgutil.iter_modules(assignment.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"{assignment.__name__}.{name}")  # noqa: TID251

    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
