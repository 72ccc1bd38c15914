"""The reference of the engine, one page per module, from signatures and docstrings. Imports the engine, runs nothing."""

import ast
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from importlib import import_module  # noqa: TID251 - it lists every module of the engine
from types import ModuleType
from typing import Any

from commonground import engine

ENGINE = engine.__name__


def modules() -> dict[str, list[ModuleType]]:
    """The modules that each page tells of, by page name: a package, and for the law every state's own modules."""
    pages = {found.name: [import_module(f"{ENGINE}.{found.name}")] for found in pkgutil.iter_modules(engine.__path__)}
    states = import_module(f"{ENGINE}.law.states")
    found = pkgutil.walk_packages(states.__path__, f"{states.__name__}.")
    pages["law"] += [import_module(one.name) for one in found if not one.ispkg]
    return pages


def public_names(module: ModuleType) -> dict[str, Any]:
    """What a module offers: the names in `__all__`, else the functions and classes it defines itself."""
    if hasattr(module, "__all__"):
        return {name: getattr(module, name) for name in module.__all__}
    own = (name for name, held in vars(module).items() if getattr(held, "__module__", None) == module.__name__)
    return {name: getattr(module, name) for name in sorted(own) if name[0] != "_" and callable(getattr(module, name))}


def engine_pages() -> dict[str, str]:
    """File name and text of every page."""
    return {f"engine/{page}.md": "\n".join(_page(page, parts)) + "\n" for page, parts in modules().items()}


def _page(page: str, parts: list[ModuleType]) -> Iterator[str]:
    yield f"# engine.{page}"
    yield ""
    yield "Written by `commonground reference` from signatures and docstrings."
    for part in parts:
        yield ""
        if part is not parts[0]:
            yield f"## engine.{part.__name__.removeprefix(f'{ENGINE}.')}"
            yield ""
        yield from _text(part)
        names = public_names(part)
        functions = {name: held for name, held in names.items() if inspect.isfunction(inspect.unwrap(held))}
        classes = {name: held for name, held in names.items() if inspect.isclass(held)}
        for name, held in functions.items():
            yield from _entry(name, f"{name}{written_signature(inspect.unwrap(held))}", held)
        for name, held in classes.items():
            yield from _entry(name, _class_line(held), held)
            yield from _members(held)
        values = {name: held for name, held in names.items() if name not in functions and name not in classes}
        if values:
            yield ""
            yield "Also: " + ", ".join(f"`{name}` ({type(held).__name__})" for name, held in values.items()) + "."


def _entry(name: str, line: str, held: Any) -> Iterator[str]:
    yield from ("", f"### {name}", "", "```python", line, "```", "")
    yield from _text(held)


def _text(held: Any) -> Iterator[str]:
    """A docstring as Markdown: its examples stand in a block of code."""
    is_example = False
    for line in (inspect.getdoc(inspect.unwrap(held)) or "").splitlines():
        if line.startswith(">>>") and not is_example:
            yield "```python"
            is_example = True
        if is_example and not line:
            yield "```"
            is_example = False
        yield line
    if is_example:
        yield "```"


def _source(held: Any) -> Any:
    return ast.parse(textwrap.dedent(inspect.getsource(held))).body[0]


def written_signature(function: Any) -> str:
    """The signature as it is written, so that every version of Python prints the same."""
    found = _source(function)
    parameters = ast.unparse(found.args)
    return f"({parameters})" + (f" -> {ast.unparse(found.returns)}" if found.returns else "")


def _class_line(held: type) -> str:
    bases = ", ".join(base.__name__ for base in held.__bases__ if base is not object)
    fields = [
        f"    {ast.unparse(line)}"
        for line in _source(held).body
        if isinstance(line, ast.AnnAssign) and not ast.unparse(line.target).startswith("_")
    ]
    return "\n".join([f"class {held.__name__}" + (f"({bases})" if bases else "") + ":", *(fields or ["    ..."])])


def _members(held: type) -> Iterator[str]:
    for name, member in vars(held).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield from ("", f"`.{name}`", "")
            yield from _text(member.fget)
        elif inspect.isfunction(function := getattr(member, "__func__", member)):
            yield from ("", f"`.{name}{written_signature(function)}`", "")
            yield from _text(function)
