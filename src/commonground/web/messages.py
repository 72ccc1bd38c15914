"""Every text that needs a translation, and those that lack one.

`python -m commonground.web.messages` reports what is missing and fails when a complete language lacks anything.
`python -m commonground.web.messages --update` also writes new texts into the catalogs, drops those no longer used,
and compiles them.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

from commonground.formats.problems import PROBLEMS
from commonground.web.catalogs import (
    Entry,
    Message,
    catalog_text,
    compiled_catalog,
    plural_form_count,
    read_catalog,
)
from commonground.web.languages import languages

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"
HEAD = "# Who has read this translation, and when: web/translations.yaml.\n"
ENGLISH_ONLY = ("design.html", "gallery.py")  # the gallery is read by the people who build pages

# Function: places of context, text and plural among its arguments.
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_CALL = re.compile(r"\b(n?p?gettext|_)\(")
_STRING = re.compile(r"""\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?""")


def messages_in_python(source: str) -> set[Message]:
    """Messages of the calls to gettext and its kin in Python source, under whatever name they were imported."""
    tree = ast.parse(source)
    names = {name: name for name in FUNCTIONS} | {f"{name}_lazy": name for name in FUNCTIONS}
    called = dict(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.utils.translation"):
            called |= {alias.asname or alias.name: names[alias.name] for alias in node.names if alias.name in names}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            if name in called:
                found |= _messages(called[name], texts)
    return found


def messages_in_template(source: str) -> set[Message]:
    """Messages of the translate and blocktranslate tags, and of `_("…")`, in a template."""
    marked = templatize(source)
    found = set()
    for call in _CALL.finditer(marked):
        texts, place = [], call.end()
        while (string := _STRING.match(marked, place)) is not None:
            texts.append(ast.literal_eval(string[1]))
            place = string.end()
        found |= _messages(call[1].replace("_", "gettext"), texts)
    return found


def _messages(function: str, texts: list) -> set[Message]:
    context, text, plural = FUNCTIONS[function]
    if len(texts) <= max(text, plural or 0) or not isinstance(texts[text], str) or not texts[text]:
        return set()
    return {
        Message(
            texts[text],
            None if plural is None else texts[plural],
            None if context is None else texts[context],
        )
    }


def sources(package: Path = PACKAGE) -> Iterator[Path]:
    """Every Python file and template of the package that people read on a screen."""
    for path in sorted(package.rglob("*")):
        is_source = path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts)
        if is_source and path.name not in ENGLISH_ONLY and "migrations" not in path.parts:
            yield path


def all_messages() -> set[Message]:
    """Every message of the package."""
    found = set()
    for path in sources():
        source = path.read_text(encoding="utf-8")
        found |= messages_in_python(source) if path.suffix == ".py" else messages_in_template(source)
    # The formats know no Django, so they cannot mark what intake shows of them.
    return found | {Message(text) for problem in PROBLEMS.values() for text in (problem.wrong, problem.remedy)}


def catalog_path(code: str) -> Path:
    """The text form of a language's catalog."""
    return LOCALE / code / "LC_MESSAGES" / "django.po"


def translated_languages() -> list[str]:
    """Codes of the languages that have a catalog."""
    return [code for code, language in languages().items() if language.status != "source"]


def missing(code: str, wanted: Iterable[Message]) -> list[Message]:
    """The messages that a language has no words for, in alphabetical order."""
    known = read_catalog(catalog_path(code))
    return sorted((one for one in wanted if one not in known or not known[one].is_translated), key=_order)


def update(code: str, wanted: set[Message]) -> None:
    """Bring a catalog up to date: new messages without words, unused ones dropped, compiled."""
    path = catalog_path(code)
    known = read_catalog(path)
    header = known[Message("")]
    forms = plural_form_count(header)
    blank = {one: Entry(one, ("",) * (1 if one.plural is None else forms)) for one in wanted}
    entries = [header, *(known.get(one, blank[one]) for one in sorted(wanted, key=_order))]
    path.write_text(HEAD + catalog_text(entries), encoding="utf-8")
    compile_catalog(code)


def compile_catalog(code: str) -> None:
    """Write the form that Django reads beside the text form."""
    path = catalog_path(code)
    path.with_suffix(".mo").write_bytes(compiled_catalog(read_catalog(path).values()))


def _order(message: Message) -> tuple[str, str]:
    return (message.text, message.context or "")


def main(arguments: list[str] | None = None) -> int:
    """Report, and update where asked. Returns 1 when a complete language lacks a message."""
    parser = argparse.ArgumentParser(prog="python -m commonground.web.messages", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write new messages into the catalogs and compile them")
    asked = parser.parse_args(arguments)
    if not settings.configured:
        settings.configure(USE_I18N=True)
    wanted = all_messages()
    failed = False
    for code in translated_languages():
        if asked.update:
            update(code, wanted)
        lacking = missing(code, wanted)
        status = languages()[code].status
        sys.stdout.write(f"{code} ({status}): {len(wanted) - len(lacking)} of {len(wanted)} messages\n")
        if status == "complete":
            failed = failed or bool(lacking)
            sys.stdout.writelines(f"  lacks: {one.text!r}\n" for one in lacking)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
