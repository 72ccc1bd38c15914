"""Which groups of answers may be shown so that nobody's can be worked out."""

from collections.abc import Mapping
from dataclasses import dataclass

from commonground.engine.values import Explanation, InputError, Result, whole_number

CHARTS, OPEN_TEXT = 5, 10


@dataclass(frozen=True, slots=True)
class ShownGroups:
    """Groups in the order given. shown: may be shown alone. hidden: shown only as one merged group, if at all.

    empty: nobody answered, which tells nothing about anybody. merged_count: answers in the merged group; None when even
    all hidden groups together stay below the threshold, and then nothing else than the shown may be derivable: no total.
    """

    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    empty: tuple[str, ...]
    merged_count: int | None


def shown_groups(answers: Mapping[str, int], *, threshold: int = CHARTS) -> Result:
    """Which groups of one question may be shown when their total is known: a `ShownGroups`.

    answers: how many answered, by group. A group below the threshold is hidden; then the next smallest group is hidden
    with it until the hidden ones are at least two and together reach the threshold, so that subtracting the shown ones
    from the total reveals nobody. This is for one table; across tables and releases use `engine.disclosure`.
    Raises InputError for counts that are missing, negative or not whole, or a threshold below 2.
    Source: the remainder rule of Panorama and Tivian.

    >>> shown_groups({"A": 4, "B": 12, "C": 31}).value.shown
    ('C',)
    """
    if threshold < 2:
        raise InputError(f"threshold is {threshold}; a group of one is always a person")
    for name, count in answers.items():
        if count is None or count != int(count) or count < 0:
            raise InputError(f"{name}: the number of answers is {count}; it must be a whole number from 0")
    filled = sorted((name for name, count in answers.items() if count > 0), key=lambda name: answers[name])
    hidden = [name for name in filled if answers[name] < threshold]
    while hidden and len(hidden) < len(filled) and (len(hidden) < 2 or _sum(answers, hidden) < threshold):
        hidden.append(filled[len(hidden)])
    total = _sum(answers, hidden)
    value = ShownGroups(
        shown=tuple(name for name, count in answers.items() if count > 0 and name not in hidden),
        hidden=tuple(name for name in answers if name in hidden),
        empty=tuple(name for name, count in answers.items() if count == 0),
        merged_count=total if total >= threshold and len(hidden) > 1 else None,
    )
    explanation = Explanation(
        what="Which groups of answers may be shown.",
        inputs={"groups": len(answers), "threshold": threshold},
        steps=(
            f"{len(value.shown)} groups are shown, {len(value.hidden)} hidden or merged",
            "below the threshold a group is hidden, and the next smallest until two or more reach it together",
        ),
        rule="remainder-rule",
        source="academy.panoramaed.com, article 10713958783252; support.tivian.com, article 49086",
    )
    return Result(value, explanation)


def may_show_open_text(responses: int, *, threshold: int = OPEN_TEXT) -> Result:
    """Whether free-text answers may be read: True when at least so many people wrote one.

    Raises InputError for a number that is no whole number from 0, or a threshold below 2. Source: The Learning Bar, OurSchool, article 227815307.

    >>> may_show_open_text(9).value, may_show_open_text(10).value
    (False, True)
    """
    whole_number(responses, name="the number of responses")
    whole_number(threshold, name="threshold", least=2)
    explanation = Explanation(
        what="Whether free-text answers may be shown.",
        inputs={"responses": responses, "threshold": threshold},
        steps=(f"{responses} {'reach' if responses >= threshold else 'do not reach'} {threshold}",),
        rule="open-text-threshold",
        source="ourschool.thelearningbar.com, article 227815307",
    )
    return Result(responses >= threshold, explanation)


def _sum(answers: Mapping[str, int], names: list[str]) -> int:
    return sum(answers[name] for name in names)
