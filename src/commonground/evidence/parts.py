"""What the product is made of: the packages of the lock and the parts of the pages that stand in the code."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?:\s*;\s*([^\\]*[^\\\s]))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VIA = re.compile(r"^\s+#\s+(?:via\s+)?(?!via$)([A-Za-z0-9._-]+)")
ROOTED = "commonground"  # how the lock calls the project itself
WEB = Path("src/commonground/web/static/web/vendor")


@dataclass(frozen=True)
class Part:
    """Something made by others. version: None where its maker gives none. license: empty where nothing says it.

    hashes: SHA-256 of each file that may be installed for this version. needed_by: names of parts, `commonground` among
    them. marker: for which systems or Pythons it is, empty for all.
    """

    name: str
    version: str | None
    license: str
    kind: str  # of the package URL: pypi, npm, generic
    hashes: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    marker: str = ""
    files: tuple[tuple[str, str], ...] = ()  # path and SHA-256 of files that stand in the code

    @property
    def url(self) -> str:
        """The package URL (purl), which names the part without an address."""
        return f"pkg:{self.kind}/{self.name}" + (f"@{self.version}" if self.version else "")


# Name, version, license and files of what stands in the code; a test holds them against SOURCE.md.
VENDORED = (
    ("bootstrap", "5.3.9", "MIT", "npm", "bootstrap/*"),
    ("htmx.org", "2.0.11", "0BSD", "npm", "htmx/*"),
    ("bootstrap-icons", "1.13.2", "MIT", "npm", "icons/*"),
    ("source-sans-3", None, "OFL-1.1", "generic", "fonts/source-sans-3*"),
    ("ibm-plex-sans-arabic", None, "OFL-1.1", "generic", "fonts/*plex*"),
    ("noto-sans-myanmar", None, "OFL-1.1", "generic", "fonts/noto*"),
)
FOR_TESTS = (("axe-core", "4.14.1", "MPL-2.0", "npm"),)


def locked(lock: str) -> tuple[Part, ...]:
    """The packages of a lock as uv writes it, with their licenses where they are installed here, by name."""
    return tuple(sorted(_read(lock), key=lambda part: (part.name, part.marker)))


def vendored(root: Path) -> tuple[Part, ...]:
    """What stands in the code below `root`, with the fingerprints of its files."""
    folder = root / WEB
    return tuple(
        Part(name, version, license_, kind, needed_by=(ROOTED,), files=_fingerprints(folder, pattern))
        for name, version, license_, kind, pattern in VENDORED
    )


def license_of(name: str) -> str:
    """The license that an installed package names, as an SPDX expression where it gives one; empty when not installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := about.get_all("License-Expression"):
        return str(expression[0])
    kinds = [
        str(line).rsplit(" :: ", 1)[1]
        for line in about.get_all("Classifier") or ()
        if str(line).startswith("License :: ")
    ]
    named = "".join(str(line) for line in about.get_all("License") or ()).strip()
    # Some packages put the whole text into this field.
    if named and len(named) <= 60 and "\n" not in named:
        return named
    return ", ".join(kind for kind in kinds if kind != "OSI Approved")


def _read(lock: str) -> Iterator[Part]:
    """A pin begins a line; its hashes and who needs it are indented below it."""
    for block in re.split(r"\n(?=\S)", lock):
        pin = PIN.match(block)
        if pin is None:
            continue
        name = re.sub(r"[-_.]+", "-", pin[1]).lower()
        needed_by = [found[1].lower() for line in block.splitlines() if (found := VIA.match(line))]
        yield Part(
            name,
            pin[2],
            license_of(pin[1]),
            "pypi",
            hashes=tuple(HASH.findall(block)),
            needed_by=tuple(sorted({ROOTED if by.startswith(ROOTED) else by for by in needed_by})),
            marker=(pin[3] or "").strip(),
        )


def _fingerprints(folder: Path, pattern: str) -> tuple[tuple[str, str], ...]:
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in found)
