"""The examples in the documentation of linkage are true."""

import doctest
import importlib
import pkgutil

import pytest

from commonground.engine import linkage

MODULES = [found.name for found in pkgutil.iter_modules(linkage.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"{linkage.__name__}.{name}")  # noqa: TID251

    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
