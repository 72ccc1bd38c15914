"""The evidence as one Markdown page, and the same as a dictionary for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from commonground.evidence.answers import Answer, Answers, Standing
from commonground.evidence.bill import bill_of_materials
from commonground.evidence.pages import Checked
from commonground.evidence.parts import FOR_TESTS, Part


@dataclass(frozen=True)
class Evidence:
    """Everything that is told. versions: what runs here. checked: None where the tests are not installed.

    written_at: a moment in ISO 8601.
    """

    version: str
    written_at: str
    versions: dict[str, str]
    packages: tuple[Part, ...]
    vendored: tuple[Part, ...]
    security: Answers
    accessibility: Answers
    checked: Checked | None

    def bill(self) -> dict[str, Any]:
        """The bill of materials, CycloneDX 1.6."""
        return bill_of_materials([*self.packages, *self.vendored], version=self.version, written_at=self.written_at)


def as_dictionary(evidence: Evidence) -> dict[str, Any]:
    """For programs: `versions`, `bill_of_materials`, `security`, `accessibility`."""
    return {
        "version": evidence.version,
        "written_at": evidence.written_at,
        "versions": evidence.versions,
        "bill_of_materials": evidence.bill(),
        "security": asdict(evidence.security) | {"counts": evidence.security.counts()},
        "accessibility": asdict(evidence.accessibility)
        | {
            "counts": evidence.accessibility.counts(),
            "checked": asdict(evidence.checked) if evidence.checked else None,
        },
    }


def as_page(evidence: Evidence) -> str:
    """For people."""
    return "\n".join(
        [
            f"# Evidence about Commonground {evidence.version}",
            "",
            f"Written by `commonground evidence` at {evidence.written_at}. It says what this code holds and which tests of"
            " the code show it; it does not say that the tests were run here, nor how this machine is guarded.",
            "",
            *_versions(evidence.versions),
            *_parts(evidence.packages, evidence.vendored),
            *_security(evidence.security),
            *_accessibility(evidence.accessibility, evidence.checked),
        ]
    )


def _versions(versions: dict[str, str]) -> Iterator[str]:
    yield "## Versions"
    yield ""
    yield "| what | version |"
    yield "|---|---|"
    for name, version in versions.items():
        yield f"| {name} | {version} |"
    yield ""


def _parts(packages: Sequence[Part], vendored: Sequence[Part]) -> Iterator[str]:
    yield "## Parts made by others"
    yield ""
    yield (
        f"{len(packages)} packages, each pinned to one version and installed only when its SHA-256 is one of those pinned."
        " The same as CycloneDX 1.6, with every SHA-256 and who needs whom: `commonground evidence --into FOLDER`."
    )
    yield ""
    yield "| package | version | license | pinned files | needed by | only where |"
    yield "|---|---|---|--:|---|---|"
    for part in packages:
        license_ = part.license or "not installed here"
        yield (
            f"| {part.name} | {part.version} | {license_} | {len(part.hashes)} | {', '.join(part.needed_by)} |"
            f" {part.marker} |"
        )
    yield ""
    yield "| in the pages | version | license | files |"
    yield "|---|---|---|--:|"
    for part in vendored:
        yield f"| {part.name} | {part.version or 'not numbered'} | {part.license} | {len(part.files)} |"
    for name, version, license_, _kind in FOR_TESTS:
        yield f"| {name} (for tests only) | {version} | {license_} | |"
    yield ""


def _security(security: Answers) -> Iterator[str]:
    yield f"## {security.standard}, level 2"
    yield ""
    yield f"{_said(security)} of the {len(security.requirements)} requirements of levels 1 and 2. Tests stand below `tests/`."
    yield ""
    yield from _table(security.requirements, "requirement")
    yield ""
    yield "Beyond level 2, because these are records of children:"
    yield ""
    yield from _table(security.taken, "requirement")
    yield ""


def _accessibility(accessibility: Answers, checked: Checked | None) -> Iterator[str]:
    yield "## Accessibility"
    yield ""
    if checked is None:
        yield "The tests are not part of this installation: see the source code for the pages that are checked."
    else:
        yield (
            f"axe-core {FOR_TESTS[0][1]} opens {len(checked.pages)} pages in {len(checked.themes)} themes"
            f" ({', '.join(checked.themes)}), {checked.looks} looks in all, with its rules"
            f" {', '.join(checked.rules)}; one that it finds broken fails the tests. A machine cannot judge all of it:"
            " the table says what is left to people."
        )
        yield ""
        yield "| state | pages |"
        yield "|---|---|"
        for state in dict.fromkeys(state for state, *_ in checked.pages):
            addresses = dict.fromkeys(address for one, _, address in checked.pages if one == state)
            yield f"| {state} | {', '.join(f'`{address}`' for address in addresses)} |"
    yield ""
    yield f"{_said(accessibility)} of the {len(accessibility.requirements)} criteria of {accessibility.standard}."
    yield ""
    yield from _table(accessibility.requirements, "criterion")
    yield ""


def _said(answers: Answers) -> str:
    """How many stand how, in words: `12 met, 3 partly, ...`."""
    counts = answers.counts()
    return ", ".join(f"{counts[standing]} {standing}" for standing in Standing)


def _table(answers: Sequence[Answer], what: str) -> Iterator[str]:
    yield f"| {what} | in our words | stands | shown by, or why |"
    yield "|---|---|---|---|"
    for answer in answers:
        shown = "; ".join(f"`{test}`" for test in answer.tests)
        yield f"| {answer.number} | {answer.about} | {answer.standing} | {'. '.join(filter(None, (answer.reason, shown)))} |"
