"""Every public name of the engine explains itself, and every example in the documentation is true."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap

import pytest

from commonground import engine
from commonground.cli._engine_reference import modules, public_names, written_signature

MODULES = [found.name for found in pkgutil.walk_packages(engine.__path__, "commonground.engine.")]
PUBLIC = {
    f"{page}.{name}": held
    for page, parts in modules().items()
    for part in parts
    for name, held in public_names(part).items()
}


def functions():
    return [pytest.param(held, id=name) for name, held in PUBLIC.items() if inspect.isfunction(inspect.unwrap(held))]


def methods():
    for name, held in PUBLIC.items():
        for member, value in vars(held).items() if inspect.isclass(held) else ():
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if not member.startswith("_") and inspect.isfunction(function):
                yield pytest.param(function, id=f"{name}.{member}")


def raised(function):
    """The errors that the function's own lines raise, by name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    errors = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    called = [error.func for error in errors if isinstance(error, ast.Call)]
    return {one.id for one in called if isinstance(one, ast.Name) and one.id[0].isupper()}


def test_every_public_name_is_explained():
    assert not [name for name, held in PUBLIC.items() if callable(held) and not (inspect.getdoc(held) or "").strip()]


@pytest.mark.parametrize("function", functions())
def test_a_public_function_says_shapes_and_errors_and_shows_an_example(function):
    text = inspect.getdoc(inspect.unwrap(function)) or ""
    takes_arrays = "ArrayLike" in written_signature(inspect.unwrap(function))

    assert ">>>" in text
    assert all(error in text for error in raised(function))
    assert not takes_arrays or re.search(r"shape|one (number|per|for each|value)|as (in )?`", text, re.IGNORECASE)


@pytest.mark.parametrize("function", list(methods()))
def test_a_public_method_says_what_it_gives_and_its_errors(function):
    text = inspect.getdoc(function) or ""

    assert text
    assert all(error in text for error in raised(function))


@pytest.mark.parametrize("name", MODULES)
def test_every_example_is_true(name):
    module = importlib.import_module(name)  # noqa: TID251
    if "linkage" in name:
        pytest.importorskip("splink")

    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
