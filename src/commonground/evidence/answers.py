"""A standard's requirements with our answer to each: the tests that show it, or a reason in writing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import yaml


class Standing(StrEnum):
    """How far a requirement is met."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "not met"
    APART = "not applicable"


# Which word of the data file says what; without any of them the tests say it all.
SAID_BY = {"why": Standing.MET, "partly": Standing.PARTLY, "unmet": Standing.UNMET, "apart": Standing.APART}


class NoAnswer(Exception):
    """A requirement stands in the data file without a test and without a reason, or with two of them."""


@dataclass(frozen=True)
class Answer:
    """One requirement. about: in our words. tests: below `tests/`, as file, file::test or folder. reason: may be empty."""

    number: str
    about: str
    standing: Standing
    tests: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Answers:
    """A standard, all its requirements in order, and those taken beyond the level that was asked for."""

    standard: str
    requirements: tuple[Answer, ...]
    taken: tuple[Answer, ...]

    def counts(self) -> Counter[Standing]:
        """How many requirements stand how; those taken beyond the level do not count."""
        return Counter(answer.standing for answer in self.requirements)


def answers(name: str) -> Answers:
    """The answers of `<name>.yaml` in this folder. Raises NoAnswer."""
    text = files("commonground.evidence").joinpath(f"{name}.yaml").read_text("utf-8")
    written: dict[str, Any] = yaml.safe_load(text)
    return Answers(
        written["standard"],
        tuple(answer_of(number, line) for number, line in written["requirements"].items()),
        tuple(answer_of(number, line) for number, line in written.get("taken", {}).items()),
    )


def named_tests(standards: Iterable[Answers]) -> set[str]:
    """Every test that is named anywhere."""
    return {test for one in standards for answer in (*one.requirements, *one.taken) for test in answer.tests}


def answer_of(number: str, line: dict[str, Any]) -> Answer:
    """The answer that a line of the data file gives. Raises NoAnswer where it says nothing, or more than one thing."""
    said = [word for word in SAID_BY if word in line]
    unknown = set(line) - {"about", "tests", *SAID_BY}
    if len(said) > 1 or unknown or not (said or line.get("tests")):
        raise NoAnswer(f"{number}: give tests, and at most one of {', '.join(SAID_BY)}.")
    reason = str(line[said[0]]) if said else ""
    standing = SAID_BY[said[0]] if said else Standing.MET
    return Answer(str(number), str(line["about"]), standing, tuple(line.get("tests", ())), reason)
