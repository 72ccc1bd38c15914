"""Early-warning rule sets: named, versioned, and blind to who a student is.

A rule set may read what a student did or received, from a closed list of measures. Race, ethnicity, sex, language, income,
disability, birthplace, address and name are not on it, so no file can bring them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

import yaml

from commonground.engine.values import Explanation, InputError

Number = int | str | Decimal | Fraction

MEASURES = frozenset(
    {
        "absent_days",
        "attended_days",
        "behavior_referrals",
        "class_periods",
        "conduct_offenses",
        "core_d_grades",
        "core_f_grades",
        "core_semester_f_grades",
        "credits_earned",
        "credits_possible",
        "d_grades",
        "detentions",
        "english_f_grades",
        "english_percent",
        "enrolled_days",
        "f_grades",
        "grade_point_average",
        "in_school_suspensions",
        "lowest_level_tests",
        "mathematics_f_grades",
        "mathematics_percent",
        "missed_classes",
        "moves_in_prior_year",
        "out_of_school_suspension_days",
        "poor_behavior_marks",
        "state_offenses",
        "state_report_flags",
        "suspension_or_expulsion_days",
        "suspensions",
        "tardies",
        "tardy_chances",
    }
)
WINDOWS = frozenset({"month", "grading_period", "year_to_date"})
COMPARISONS = {"at_least": "at least", "more_than": "more than", "at_most": "at most", "less_than": "less than"}
# Below these a count can still fall under the limit, above them it can only grow.
GROWING = frozenset({"at_least", "more_than"})


class ForbiddenMeasure(InputError):
    """A rule set asks for something that no rule set may read."""


class RuleSetError(InputError):
    """A rule set's file does not say what it must."""


class UnknownRuleSet(InputError):
    """No rule set of this name is known."""


class Level(StrEnum):
    """What an indicator says. Too little data is never the same as low risk."""

    HIGH = "high"
    NOT_HIGH = "not high"
    NOT_YET_ASSESSABLE = "not yet assessable"


@dataclass(frozen=True, slots=True)
class Limit:
    """One arm of an indicator: a measure, or its share of another, compared with a value."""

    measure: str
    of: str | None
    compare: str
    value: Fraction

    @property
    def words(self) -> str:
        """How the limit reads in a sentence, such as "absent days at least 15 % of enrolled days"."""
        name = self.measure.replace("_", " ")
        if self.of is None:
            return f"{name} {COMPARISONS[self.compare]} {float(self.value):g}"
        return f"{name} {COMPARISONS[self.compare]} {float(100 * self.value):g} % of {self.of.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Indicator:
    """High when any of its limits is met. window: the time its measures are counted over."""

    name: str
    window: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A named version of a set of indicators; flags_needed: high indicators that flag a student."""

    name: str
    version: str
    title: str
    source: str
    verified: bool
    flags_needed: int
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one student in each window.

    measures: window, then measure, to a number of zero or more; a measure left out is not known, which is not zero.
    is_complete: by window, True once the student has a whole window of data; a window left out is not complete.
    Percentages use the student's own denominators, which start on the day the student enrolled.
    """

    measures: Mapping[str, Mapping[str, Number]]
    is_complete: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one indicator says of one student, with its working."""

    indicator: str
    level: Level
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a rule set says of one student.

    is_flagged: None while the answer still depends on data to come. findings: in the order of the rule set.
    """

    is_flagged: bool | None
    findings: tuple[Finding, ...]
    explanation: Explanation

    def level(self, indicator: str) -> Level:
        """The level of one indicator. Raises InputError for another name."""
        for finding in self.findings:
            if finding.indicator == indicator:
                return finding.level
        raise InputError(
            f"no indicator is named {indicator!r}; there are {', '.join(f.indicator for f in self.findings)}"
        )


def read_rule_set(text: str) -> RuleSet:
    """A rule set from a YAML text.

    Raises ForbiddenMeasure for a measure that is not on the list, RuleSetError for a text that is no YAML, a missing field, an
    unknown window or comparison, or a limit that is no exact number.

    >>> read_rule_set('''
    ... {name: mine, version: "1", title: Mine, source: our board, verified: true, flags_needed: 1, indicators: [
    ...   {name: absences, window: month, high_when: [{measure: absent_days, compare: at_least, value: 4}]}]}
    ... ''').indicators[0].limits[0].words
    'absent days at least 4'
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise RuleSetError(f"the rule set is no YAML: {broken}") from None
    if not isinstance(content, dict):
        raise RuleSetError("a rule set is a mapping with name, version, title, source, verified and indicators")
    fields = ("name", "version", "title", "source", "verified", "flags_needed", "indicators")
    missing = [name for name in fields if name not in content]
    if missing:
        raise RuleSetError(f"the rule set lacks {', '.join(missing)}")
    indicators = tuple(_indicator(one) for one in content["indicators"])
    if not 1 <= content["flags_needed"] <= len(indicators):
        raise RuleSetError(f"flags_needed is {content['flags_needed']}, with {len(indicators)} indicators")
    return RuleSet(**{name: content[name] for name in fields[:-1]}, indicators=indicators)


def _indicator(entry: Mapping[str, Any]) -> Indicator:
    missing = [name for name in ("name", "window", "high_when") if not entry.get(name)]
    if missing:
        raise RuleSetError(f"the indicator {entry.get('name', '')!r} lacks {', '.join(missing)}")
    if entry["window"] not in WINDOWS:
        raise RuleSetError(
            f"{entry['name']}: the window is {entry['window']!r}; write one of {', '.join(sorted(WINDOWS))}"
        )
    return Indicator(entry["name"], entry["window"], tuple(_limit(entry["name"], arm) for arm in entry["high_when"]))


def _limit(indicator: str, arm: Mapping[str, Any]) -> Limit:
    missing = [name for name in ("measure", "compare", "value") if name not in arm]
    if missing:
        raise RuleSetError(f"{indicator}: a limit lacks {', '.join(missing)}")
    for measure in (arm["measure"], arm.get("of")):
        if measure is not None and measure not in MEASURES:
            raise ForbiddenMeasure(
                f"{indicator}: {measure!r} is not something a rule set may read; allowed are {', '.join(sorted(MEASURES))}"
            )
    if arm["compare"] not in COMPARISONS:
        raise RuleSetError(f"{indicator}: `compare` is {arm['compare']!r}; write one of {', '.join(COMPARISONS)}")
    return Limit(arm["measure"], arm.get("of"), arm["compare"], _exact(arm["value"], f"the limit of {indicator}"))


@cache
def rule_sets() -> Mapping[str, RuleSet]:
    """All rule sets that ship with the engine, by name.

    >>> sorted(rule_sets())[0]
    'check-and-connect'
    """
    folder = resources.files(f"{__package__}.published")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    found = [read_rule_set(file.read_text("utf-8")) for file in files]
    return {one.name: one for one in found}


def rule_set(name: str) -> RuleSet:
    """One rule set that ships with the engine. Raises UnknownRuleSet for another name.

    >>> rule_set("check-and-connect").name
    'check-and-connect'
    """
    if name not in rule_sets():
        raise UnknownRuleSet(f"no rule set is named {name!r}; known are {', '.join(rule_sets())}")
    return rule_sets()[name]


def assess(record: Record, *, rules: RuleSet) -> Assessment:
    """What a rule set says of one student today.

    A count that has reached its limit is high at once: it can only grow. Everything else waits for a whole window of
    data and for every number it needs, and is "not yet assessable" until then, never "not high".
    Raises ForbiddenMeasure for a record with a measure that is not on the list, InputError for an unknown window, a
    negative number, one that is not exact, or a part larger than its whole.

    >>> record = Record({"month": {"absent_days": 5, "enrolled_days": 20, "detentions": 3}}, {"month": True})
    >>> found = assess(record, rules=rule_set("check-and-connect"))
    >>> found.level("full-day absences").value, found.level("detention").value, found.level("failing classes").value
    ('high', 'not high', 'not yet assessable')
    """
    _check_record(record)
    findings = tuple(_find(indicator, record) for indicator in rules.indicators)
    high = sum(finding.level is Level.HIGH for finding in findings)
    unsure = sum(finding.level is Level.NOT_YET_ASSESSABLE for finding in findings)
    is_flagged = True if high >= rules.flags_needed else None if high + unsure >= rules.flags_needed else False
    return Assessment(
        is_flagged=is_flagged,
        findings=findings,
        explanation=Explanation(
            what=f"What {rules.title} says today",
            inputs={
                f"{window}, {measure}": str(number)
                for window, measures in record.measures.items()
                for measure, number in measures.items()
            },
            steps=(
                *(f"{one.indicator}: {one.level}. {' '.join(one.steps)}" for one in findings),
                f"High: {high}, not yet assessable: {unsure}; {rules.flags_needed} high flag a student.",
            ),
            rule=f"{rules.name} {rules.version}",
            source=rules.source if rules.verified else f"{rules.source} (not verified)",
        ),
    )


def _check_record(record: Record) -> None:
    for window, measures in record.measures.items():
        if window not in WINDOWS:
            raise InputError(f"the record has a window {window!r}; write one of {', '.join(sorted(WINDOWS))}")
        for measure, number in measures.items():
            if measure not in MEASURES:
                raise ForbiddenMeasure(
                    f"the record holds {measure!r}, which no rule set may read; allowed are {', '.join(sorted(MEASURES))}"
                )
            _exact(number, measure)


def _find(indicator: Indicator, record: Record) -> Finding:
    measures = record.measures.get(indicator.window, {})
    is_complete = record.is_complete.get(indicator.window, False)
    steps, is_high, is_open = [], False, False
    for limit in indicator.limits:
        figure, step = _figure(limit, measures)
        can_tell = figure is not None and (is_complete or (limit.of is None and limit.compare in GROWING))
        is_met = figure is not None and can_tell and _meets(figure, limit)
        is_high = is_high or is_met
        is_open = is_open or figure is None or (not is_met and not is_complete)
        steps.append(step)
    if is_high:
        return Finding(indicator.name, Level.HIGH, tuple(steps))
    if is_open:
        waits = [] if is_complete else [f"A whole {indicator.window.replace('_', ' ')} of data is not there yet."]
        return Finding(indicator.name, Level.NOT_YET_ASSESSABLE, (*steps, *waits))
    return Finding(indicator.name, Level.NOT_HIGH, tuple(steps))


def _figure(limit: Limit, measures: Mapping[str, Number]) -> tuple[Fraction | None, str]:
    """The number a limit compares, None when it is not known, and the working in words."""
    unknown = [name for name in (limit.measure, limit.of) if name is not None and name not in measures]
    if unknown:
        return None, f"{limit.words}: {' and '.join(unknown).replace('_', ' ')} not known."
    part = _exact(measures[limit.measure], limit.measure)
    if limit.of is None:
        return part, f"{limit.words}: {float(part):g}."
    whole = _exact(measures[limit.of], limit.of)
    if whole == 0:
        return None, f"{limit.words}: {limit.of.replace('_', ' ')} are zero, so there is no share."
    if part > whole:
        raise InputError(f"{limit.measure} is {part}, more than {limit.of}, {whole}: check both")
    return part / whole, f"{limit.words}: {float(part):g} of {float(whole):g}, {float(100 * part / whole):.1f} %."


def _meets(figure: Fraction, limit: Limit) -> bool:
    return {
        "at_least": figure >= limit.value,
        "more_than": figure > limit.value,
        "at_most": figure <= limit.value,
        "less_than": figure < limit.value,
    }[limit.compare]


def _exact(number: Any, name: str) -> Fraction:
    if isinstance(number, bool) or not isinstance(number, int | str | Decimal | Fraction):
        raise InputError(f"{name} is {number!r}; give a whole number, a Decimal or a text such as '0.15'")
    try:
        exact = Fraction(number)
    except ValueError:
        raise InputError(f"{name} is {number!r}, which is no number") from None
    if exact < 0:
        raise InputError(f"{name} is {number}; it cannot be negative")
    return exact
