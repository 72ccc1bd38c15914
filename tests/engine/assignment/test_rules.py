"""The rule compiler reads what may decide a seat, and nothing else."""

import dataclasses

import pytest

from commonground.engine.assignment import (
    Applicant,
    Application,
    Block,
    Condition,
    ForbiddenInput,
    Program,
    Rule,
    RuleBook,
    application_from,
    compile_rules,
    deferred_acceptance,
    rule_book_from,
    secure_seats,
    with_ceilings,
    with_reserves,
)
from commonground.engine.assignment.rules import FORBIDDEN, READABLE
from commonground.engine.values import InputError

PROGRAMS = [
    with_reserves("arts 6", 3, {"member districts": 1}, grade="6", school="arts"),
    Program("stem 6", 2, grade="6", school="stem"),
]
BOOK = {
    "version": "2027-01-15",
    "requirements": [
        {"label": "lives in a member district", "purpose": "The agreement serves members.", "programs": ["stem 6"],
         "when": [["home_district", "is one of", ["Willmar", "Spicer"]]]},
    ],
    "priorities": [
        {"label": "sibling at the school", "purpose": "Families stay together.", "when": [["sibling_schools", "is this school"]]},
        {"label": "tier 1 or 2", "purpose": "Opportunity.", "when": [["socioeconomic_tier", "at most", 2]]},
    ],
    "categories": [
        {"label": "member districts", "purpose": "Seats for members.", "when": [["home_district", "is", "Willmar"]]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["race", "ethnicity", "first_name", "home_language", "birthplace", "Race", "area_race_share", "student-name"],
)
def test_what_must_not_decide_is_refused_by_name(name):
    with pytest.raises(ForbiddenInput, match="must not decide who gets a seat"):
        Condition(name, "is", "x")
    with pytest.raises(ForbiddenInput, match="must not decide who gets a seat"):
        application_from({"pseudonym": "a", "choices": [], name: "x"})
    with pytest.raises(ForbiddenInput, match="must not decide who gets a seat"):
        rule_book_from({"version": "1", "priorities": [{"label": "l", "purpose": "p", "when": [[name, "is", "x"]]}]})


def test_an_application_has_no_room_for_what_must_not_decide():
    names = {field.name for field in dataclasses.fields(Application)}

    assert not any(set(name.split("_")) & FORBIDDEN for name in names)
    assert names > READABLE
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(Application("a", ()), "race", "x")


def test_anything_unheard_of_is_refused_with_what_can_be_used():
    with pytest.raises(ForbiddenInput, match="no rule can read; use one of: current_school"):
        Condition("shoe_size", "is", 40)
    with pytest.raises(ForbiddenInput, match="'pseudonym', which no rule can read"):
        Condition("pseudonym", "is", "x")


def test_rules_become_classes_and_categories():
    people = [
        Application("a", ("arts 6", "stem 6"), "6", home_district="Willmar", sibling_schools=frozenset({"arts"})),
        Application("b", ("arts 6", "stem 6"), "6", home_district="Elsewhere", socioeconomic_tier=2),
        Application("c", ("stem 6",), home_district="Spicer", socioeconomic_tier=3),
    ]

    compiled = compile_rules(rule_book_from(BOOK), people, PROGRAMS)

    assert compiled.market.classes.tolist() == [[0, 2], [1, -1], [2, 0]]
    assert compiled.market.members.tolist() == [[1, 0], [0, 0], [0, 0]]
    assert compiled.labels == ("sibling at the school", "tier 1 or 2", "everyone else")
    assert compiled.read == {"home_district", "sibling_schools", "socioeconomic_tier"}
    assert compiled.rules["priorities"][1]["when"] == ["socioeconomic tier at most 2"]
    assert compiled.rules["requirements"][0]["programs"] == ["stem 6"]
    assert compiled.rules["categories"][0]["programs"] == "all"


@pytest.mark.parametrize(
    ("condition", "application", "expected"),
    [
        (Condition("home_area", "is", "7"), {"home_area": "7"}, True),
        (Condition("home_area", "is", "7"), {}, False),
        (Condition("staff_schools", "is", "arts"), {"staff_schools": frozenset({"arts"})}, True),
        (Condition("staff_schools", "is one of", ("x", "arts")), {"staff_schools": frozenset({"arts"})}, True),
        (Condition("staff_schools", "is one of", ("x",)), {"staff_schools": frozenset({"arts"})}, False),
        (Condition("secured_program", "is this program"), {"secured_program": "arts 6"}, True),
        (Condition("current_school", "is this school"), {"current_school": "arts"}, True),
        (Condition("current_school", "is this school"), {"current_school": "stem"}, False),
        (Condition("socioeconomic_tier", "at least", 3), {"socioeconomic_tier": 3}, True),
        (Condition("socioeconomic_tier", "at least", 3), {"socioeconomic_tier": 2}, False),
        (Condition("in_integration_plan", "is", True), {"in_integration_plan": True}, True),
        (Condition("in_integration_plan", "is", True), {}, False),
    ],
)
def test_each_comparison(condition, application, expected):
    assert condition.holds(Application("a", (), **application), PROGRAMS[0]) is expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Condition("home_area", "resembles", "7"), "comparison 'resembles' is unknown"),
        (lambda: Condition("home_area", "is"), "give a value"),
        (lambda: Condition("current_school", "is this school", "arts"), "no value"),
        (lambda: Rule("sibling", " "), "'sibling' states no purpose"),
        (lambda: application_from({"choices": []}), "no pseudonym"),
        (lambda: rule_book_from({"version": "1", "quotas": []}), "no part called 'quotas'"),
        (lambda: rule_book_from({"priorities": []}), "needs a version"),
        (
            lambda: rule_book_from({"version": "1", "priorities": [{"label": "l", "purpose": "p", "weight": 2}]}),
            "no part called 'weight'",
        ),
        (
            lambda: compile_rules(RuleBook("1"), [Application("a", ("arts 6",), "5")], PROGRAMS),
            "enters grade 5 and asks for 'arts 6', which serves grade 6",
        ),
        (lambda: compile_rules(RuleBook("1"), [Application("a", ("art",))], PROGRAMS), "not among the programs"),
    ],
)
def test_a_rule_that_says_too_little_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_secured_seat_is_kept_unless_something_better_comes():
    # a holds a seat at stem and wants arts; b has a better number and takes the one seat at arts. a stays at stem even
    # though c and d, who want stem, both have better numbers.
    people = [
        Application("a", ("arts",), secured_program="stem"),
        Application("b", ("arts",)),
        Application("c", ("stem",)),
        Application("d", ("stem",)),
    ]
    programs = [Program("arts", 1), Program("stem", 2)]
    market = compile_rules(RuleBook("1"), people, programs).market

    kept = deferred_acceptance(market, [3, 0, 1, 2])
    moved = deferred_acceptance(market, [0, 3, 1, 2])

    assert kept.by_name == {"a": "stem", "b": "arts", "c": "stem", "d": None}
    assert moved.by_name == {"a": "arts", "b": None, "c": "stem", "d": "stem"}
    assert kept.certificate.holds
    assert moved.certificate.holds


def test_a_holder_may_stay_where_newcomers_may_not():
    people, programs = secure_seats(
        [Applicant("a", ("arts", "stem"), classes={"arts": -1})],
        [Program("arts", 1), Program("stem", 1)],
        {"a": "arts"},
    )

    assert people[0].classes["arts"] == 0
    assert people[0].choices == ("arts", "stem")
    assert programs[1].blocks == (Block(1),)


@pytest.mark.parametrize(
    ("programs", "secured", "message"),
    [
        ([Program("arts", 1)], {"b": "arts"}, "'b' is not among the applicants"),
        ([Program("arts", 1)], {"a": "stem"}, "'stem' is not among the programs"),
        ([with_reserves("arts", 1, {"north": 1})], {"a": "arts"}, "fewer open seats"),
        ([Program("arts", 1, (Block(1, "north", "empty"),))], {"a": "arts"}, "fewer open seats"),
        ([with_ceilings("arts", 1, {})], {"a": "arts"}, "fewer open seats"),
    ],
)
def test_a_secured_seat_that_cannot_be_kept_is_refused(programs, secured, message):
    with pytest.raises(InputError, match=message):
        secure_seats([Applicant("a", ("arts",))], programs, secured)


def test_only_a_tier_has_an_order():
    with pytest.raises(InputError, match="grade has no order"):
        Condition("grade", "at least", "3")
    with pytest.raises(InputError, match="socioeconomic_tier at most is 'two'; give a whole number"):
        Condition("socioeconomic_tier", "at most", "two")


def test_rules_without_a_version_are_refused():
    with pytest.raises(InputError, match="the rules have no version"):
        RuleBook("")


def test_a_record_becomes_an_application_with_lists_as_sets():
    found = application_from({"pseudonym": "a", "choices": ["arts"], "sibling_schools": ["arts", "arts"]})

    assert found == Application("a", ("arts",), sibling_schools=frozenset({"arts"}))
