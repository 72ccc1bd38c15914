"""Translation catalogs: read and write the text form (PO), compile the form that Django reads (MO).

Written here so that nobody needs the gettext programs. Format: the GNU gettext manual, "The Format of PO Files" and
"The Format of GNU MO Files".
"""

import ast
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MO_MAGIC = 0x950412DE
CONTEXT_GLUE = "\x04"
_LINE = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)?\s*(".*")$')


class CatalogError(ValueError):
    """A catalog file cannot be read. Names the file and the line."""


@dataclass(frozen=True)
class Message:
    """What a translator sees: the English text, its plural form and its context, None where it has none."""

    text: str
    plural: str | None = None
    context: str | None = None


@dataclass(frozen=True)
class Entry:
    """A message and its translations, one for each plural form of the language; empty where there is none yet."""

    message: Message
    translations: tuple[str, ...] = ("",)

    @property
    def is_translated(self) -> bool:
        """True when every form has words."""
        return all(self.translations)


def read_catalog(path: Path) -> dict[Message, Entry]:
    """The entries of a PO file in its order; the header is the entry of the empty message.

    Raises CatalogError for a line that is no part of the format, and for the same message twice.
    """
    entries: dict[Message, Entry] = {}
    parts: dict[str, str] = {}
    part = ""

    def finish(number: int) -> None:
        if not parts:
            return
        entry = _entry(parts)
        if entry.message in entries:
            raise CatalogError(f"{path.name}, line {number}: {entry.message.text!r} stands there twice")
        entries[entry.message] = entry
        parts.clear()

    number = 0
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = _LINE.match(line)
        if found is None:
            raise CatalogError(f"{path.name}, line {number}: cannot be read as part of a catalog")
        name, _form, text = found.groups()
        if name in {"msgctxt", "msgid"} and any(key.startswith("msgstr") for key in parts):
            finish(number)
        part = name or part
        parts[part] = parts.get(part, "") + ast.literal_eval(text)
    finish(number)
    return entries


def _entry(parts: dict[str, str]) -> Entry:
    message = Message(parts["msgid"], parts.get("msgid_plural"), parts.get("msgctxt"))
    forms = sorted(key for key in parts if key.startswith("msgstr"))
    return Entry(message, tuple(parts[form] for form in forms))


def catalog_text(entries: Iterable[Entry]) -> str:
    """A PO file: the entries in the order given, one line for each text, empty lines between them."""
    blocks = []
    for entry in entries:
        message = entry.message
        lines = [f"msgctxt {_quoted(message.context)}"] if message.context is not None else []
        lines.append(f"msgid {_quoted(message.text)}")
        if message.plural is None:
            lines.append(f"msgstr {_quoted(entry.translations[0])}")
        else:
            lines.append(f"msgid_plural {_quoted(message.plural)}")
            lines += [f"msgstr[{form}] {_quoted(text)}" for form, text in enumerate(entry.translations)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def compiled_catalog(entries: Iterable[Entry]) -> bytes:
    """An MO file of the translated entries: the same bytes for the same translations, in whatever order they stand."""
    pairs = sorted(
        (_key(entry.message), "\0".join(entry.translations).encode()) for entry in entries if entry.is_translated
    )
    count = len(pairs)
    keys_at, values_at, texts_at = 28, 28 + 8 * count, 28 + 16 * count
    texts = b""
    key_table: list[int] = []
    value_table: list[int] = []
    for column, table in ((0, key_table), (1, value_table)):
        for pair in pairs:
            table += [len(pair[column]), texts_at + len(texts)]
            texts += pair[column] + b"\0"
    header = struct.pack("<7I", MO_MAGIC, 0, count, keys_at, values_at, 0, texts_at)
    return header + struct.pack(f"<{4 * count}I", *key_table, *value_table) + texts


def _key(message: Message) -> bytes:
    text = message.text if message.plural is None else f"{message.text}\0{message.plural}"
    return (text if message.context is None else f"{message.context}{CONTEXT_GLUE}{text}").encode()


def plural_form_count(header: Entry) -> int:
    """How many plural forms the language has, by the header of its catalog. Raises CatalogError when it does not say."""
    found = re.search(r"nplurals=(\d+)", header.translations[0])
    if found is None:
        raise CatalogError("the header of the catalog lacks Plural-Forms")
    return int(found[1])
