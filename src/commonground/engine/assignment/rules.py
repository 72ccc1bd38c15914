"""A board's written rules, turned into priorities and reserved seats; nothing outside a short list can be read.

The compiler knows ten facts about an application. Race, ethnicity, name, language and birthplace are not among them:
there is no field to put them in, and a rule that asks for one is refused by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from commonground.engine.assignment.market import Applicant, Market, market_of
from commonground.engine.assignment.programs import Program
from commonground.engine.assignment.secured import secure_seats
from commonground.engine.values import InputError, whole_number

Comparison = Literal["is", "is one of", "is this program", "is this school", "at least", "at most"]

FORBIDDEN = frozenset(
    {"race", "ethnicity", "ethnic", "color", "name", "language", "birthplace", "national_origin", "nationality"}
    | {"country", "citizenship", "immigration", "religion", "gender", "sex", "disability"}
)


class ForbiddenInput(InputError):
    """A rule or an application carries something that must not decide who gets a seat."""


@dataclass(frozen=True, slots=True)
class Application:
    """Everything about one application that a rule may read.

    pseudonym: from `pseudonym`, never a name or a state id. choices: program names, best first. grade: the grade
    entered. home_district, home_area: where the family lives; an area's facts are the same for all who live there.
    socioeconomic_tier: of the small area, 1 for the least advantaged, None when unknown. sibling_schools,
    staff_schools: where a sibling is enrolled, where a parent works. current_school: the school attended now;
    current_theme: its theme. secured_program: the program in which a seat is already the applicant's own.
    in_integration_plan: the application belongs to an approved achievement and integration plan (Minn. Stat. 124D.03).
    family: the same text for siblings who apply together, None for no one.
    """

    pseudonym: str
    choices: tuple[str, ...]
    grade: str | None = None
    home_district: str | None = None
    home_area: str | None = None
    socioeconomic_tier: int | None = None
    sibling_schools: frozenset[str] = frozenset()
    staff_schools: frozenset[str] = frozenset()
    current_school: str | None = None
    current_theme: str | None = None
    secured_program: str | None = None
    in_integration_plan: bool = False
    family: str | None = None


READABLE = frozenset(one.name for one in fields(Application)) - {"pseudonym", "choices", "family"}


def application_from(record: Mapping[str, Any]) -> Application:
    """An application from a record. Raises ForbiddenInput when the record carries anything a rule may not read.

    Raises InputError for a record without a pseudonym.

    >>> application_from({"pseudonym": "7f3a", "choices": ["arts"], "home_district": "Willmar"}).home_district
    'Willmar'
    """
    known = {one.name for one in fields(Application)}
    for name in record:
        if name not in known:
            raise _refusal(name, where="the record of an application")
    values = dict(record)
    values["choices"] = tuple(values.get("choices", ()))
    for name in ("sibling_schools", "staff_schools"):
        values[name] = frozenset(values.get(name, ()))
    if not values.get("pseudonym"):
        raise InputError("an application has no pseudonym; make one with pseudonym(secret, identifier)")
    return Application(**values)


def _refusal(name: str, *, where: str) -> ForbiddenInput:
    words = set(name.lower().replace("-", "_").split("_"))
    if words & FORBIDDEN or name.lower() in FORBIDDEN:
        return ForbiddenInput(f"{where} names {name!r}, which must not decide who gets a seat; leave it out")
    allowed = ", ".join(sorted(READABLE))
    return ForbiddenInput(f"{where} names {name!r}, which no rule can read; use one of: {allowed}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on an application. All conditions of a rule must hold; a rule without conditions holds for everyone.

    attribute: one of `READABLE`. comparison: "is", "is one of", "at least", "at most" with a value, or "is this
    program", "is this school" without one: true when the attribute names (or contains) the program applied to or its
    school. Only a socioeconomic tier is "at least" or "at most" a number. A fact that is not known (None) meets no condition.
    """

    attribute: str
    comparison: Comparison = "is"
    value: Any = None

    def __post_init__(self) -> None:
        if self.attribute not in READABLE:
            raise _refusal(self.attribute, where="a rule")
        if self.comparison not in ("is", "is one of", "is this program", "is this school", "at least", "at most"):
            raise InputError(f"comparison {self.comparison!r} is unknown; see Condition")
        if self.comparison in ("at least", "at most"):
            # Everything else is a text, and as texts grade "10" comes before grade "3".
            if self.attribute != "socioeconomic_tier":
                raise InputError(f'{self.attribute} has no order; write "is" or "is one of"')
            whole_number(self.value, name=f"{self.attribute} {self.comparison}")
        if (self.value is None) != self.comparison.startswith("is this"):
            raise InputError(
                f"{self.attribute} {self.comparison}: {'give a value' if self.value is None else 'no value'}"
            )

    def holds(self, application: Application, program: Program) -> bool:
        """Whether the application meets the condition at this program."""
        fact = getattr(application, self.attribute)
        if fact is None:
            return False
        if self.comparison.startswith("is this"):
            wanted = program.name if self.comparison == "is this program" else program.place
            return wanted in fact if isinstance(fact, frozenset) else bool(fact == wanted)
        if self.comparison == "is":
            return self.value in fact if isinstance(fact, frozenset) else bool(fact == self.value)
        if self.comparison == "is one of":
            return bool(fact & set(self.value)) if isinstance(fact, frozenset) else fact in self.value
        return bool(fact >= self.value if self.comparison == "at least" else fact <= self.value)

    def __str__(self) -> str:
        words = self.attribute.replace("_", " ")
        return f"{words} {self.comparison}" + ("" if self.value is None else f" {self.value}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A priority, a category or a requirement, with the reason for which the board made it.

    label: what families read, such as "sibling at the school". purpose: why it exists; it is kept and published.
    when: conditions that must all hold. programs: names it applies to, None for all.
    """

    label: str
    purpose: str
    when: tuple[Condition, ...] = ()
    programs: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not self.purpose.strip():
            raise InputError(f"rule {self.label!r} states no purpose; say in a sentence why the board made it")

    def holds(self, application: Application, program: Program) -> bool:
        """Whether the rule applies to this application at this program."""
        applies = self.programs is None or program.name in self.programs
        return applies and all(condition.holds(application, program) for condition in self.when)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything the board decided.

    requirements: all that apply must hold, or the program may not take the applicant.
    priorities: in order; the first that holds gives the class (0, 1, ...); when none holds, the class after the last.
    categories: label = the category that a program's blocks reserve seats for.
    Raises InputError for rules without a version: the sealed notice names it.
    """

    version: str
    requirements: tuple[Rule, ...] = ()
    priorities: tuple[Rule, ...] = ()
    categories: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if not self.version:
            raise InputError("the rules have no version; name one, such as the day of the board's decision")

    def as_text(self) -> dict[str, Any]:
        """The rules as plain words, for the sealed notice and for families."""
        return {
            "version": self.version,
            **{
                kind: [
                    {
                        "label": rule.label,
                        "purpose": rule.purpose,
                        "when": [str(condition) for condition in rule.when],
                        "programs": sorted(rule.programs) if rule.programs is not None else "all",
                    }
                    for rule in getattr(self, kind)
                ]
                for kind in ("requirements", "priorities", "categories")
            },
        }


def rule_book_from(document: Mapping[str, Any]) -> RuleBook:
    """A rule book from plain data (as read from YAML or JSON), in the shape of `RuleBook.as_text` with conditions as
    lists: [attribute, comparison] or [attribute, comparison, value].

    Raises ForbiddenInput when a rule asks for race, ethnicity, name, language, birthplace or anything else that is not
    readable; InputError for a rule without a purpose or a key that means nothing.

    >>> rule_book_from({"version": "1", "priorities": [
    ...     {"label": "x", "purpose": "y", "when": [["ethnicity", "is", "z"]]}]})
    Traceback (most recent call last):
        ...
    commonground.engine.assignment.rules.ForbiddenInput: a rule names 'ethnicity', which must not decide who gets a seat; leave it out
    """
    unknown = set(document) - {"version", "requirements", "priorities", "categories"}
    if unknown:
        raise InputError(f"a rule book has no part called {sorted(unknown)[0]!r}")
    if not document.get("version"):
        raise InputError("a rule book needs a version, such as the date the board adopted it")

    def rules(kind: str) -> tuple[Rule, ...]:
        return tuple(_rule_from(one) for one in document.get(kind, ()))

    return RuleBook(str(document["version"]), rules("requirements"), rules("priorities"), rules("categories"))


def _rule_from(record: Mapping[str, Any]) -> Rule:
    unknown = set(record) - {"label", "purpose", "when", "programs"}
    if unknown:
        raise InputError(f"a rule has no part called {sorted(unknown)[0]!r}; it has label, purpose, when, programs")
    programs = record.get("programs", "all")
    return Rule(
        label=str(record.get("label", "")),
        purpose=str(record.get("purpose", "")),
        when=tuple(Condition(*condition) for condition in record.get("when", ())),
        programs=None if programs == "all" else frozenset(programs),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A market with the rule that decided each entry.

    market: ready to run. labels: for class number c, what it means. read: the attributes the rules looked at.
    """

    market: Market
    labels: tuple[str, ...]
    read: frozenset[str]
    rules: Mapping[str, Any] = field(default_factory=dict)


def compile_rules(book: RuleBook, applications: Sequence[Application], programs: Sequence[Program]) -> Compiled:
    """The market that these rules make of these applications.

    An applicant may be taken by a program that serves the grade entered and whose requirements hold. Secured seats are
    kept (see `secure_seats`). Raises InputError for unknown programs and for an application that asks for a grade the
    program does not serve.

    >>> from commonground.engine.assignment import Program
    >>> sibling = Rule("sibling", "Families stay together.", (Condition("sibling_schools", "is this school"),))
    >>> asked = [Application("7f3a", ("arts",)), Application("91bc", ("arts",), sibling_schools=frozenset({"arts"}))]
    >>> compiled = compile_rules(RuleBook("1", priorities=(sibling,)), asked, [Program("arts", 1)])
    >>> compiled.labels, compiled.market.classes.tolist()
    (('sibling', 'everyone else'), [[1], [0]])
    """
    offered = {program.name: program for program in programs}
    applicants = [_applicant(book, application, offered) for application in applications]
    secured = {one.pseudonym: one.secured_program for one in applications if one.secured_program is not None}
    people, places = secure_seats(applicants, programs, secured)
    rules = (*book.requirements, *book.priorities, *book.categories)
    return Compiled(
        market=market_of(people, places),
        labels=(*(rule.label for rule in book.priorities), "everyone else"),
        read=frozenset(condition.attribute for rule in rules for condition in rule.when),
        rules=book.as_text(),
    )


def _applicant(book: RuleBook, application: Application, offered: Mapping[str, Program]) -> Applicant:
    classes: dict[str, int] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for wanted in application.choices:
        program = offered.get(wanted)
        if program is None:
            continue  # market_of says which name is unknown
        if program.grade is not None and application.grade is not None and program.grade != application.grade:
            raise InputError(
                f"applicant {application.pseudonym!r} enters grade {application.grade} and asks for {wanted!r}, which "
                f"serves grade {program.grade}; ask for the same school in the right grade"
            )
        required = (rule for rule in book.requirements if rule.programs is None or wanted in rule.programs)
        may_be_taken = all(rule.holds(application, program) for rule in required)
        first = (rank for rank, rule in enumerate(book.priorities) if rule.holds(application, program))
        classes[wanted] = next(first, len(book.priorities)) if may_be_taken else -1
        categories[wanted] = tuple(rule.label for rule in book.categories if rule.holds(application, program))
    return Applicant(application.pseudonym, application.choices, categories, classes, application.family)
