from datetime import date

import pytest

from commonground.engine.disclosure import Attribute, Ledger, Release, ReleasedDifferently, cell
from commonground.engine.values import InputError

DAY = date(2026, 11, 1)
LEARNER = Attribute("learner", frozenset({"yes", "no"}), threshold=10)
GRADE = Attribute("grade", frozenset({"6", "7", "8"}))
SCHOOL = Attribute("school", frozenset({"Oak", "Elm", "Ash"}))


def yes(**where):
    return cell({"learner": "yes", **where})


def ledger_with(shown, *attributes):
    return Ledger((LEARNER, *attributes)).with_release(Release("first", DAY, shown, {}))


def test_a_filter_that_differs_by_a_few_children_from_an_earlier_table_is_blocked():
    # 40 learners in all were released. 36 in grades 6 and 7 would tell that grade 8 has 4.
    plan = ledger_with({yes(): 40}, GRADE).plan({yes(grade=["6", "7"]): 36}, name="two grades", on=DAY)

    assert plan.release.shown == {}
    assert plan.release.hidden == {yes(grade=["6", "7"]): 36}
    assert plan.is_safe


def test_a_filter_that_differs_by_enough_is_shown():
    plan = ledger_with({yes(): 40}, GRADE).plan({yes(grade=["6", "7"]): 25}, name="two grades", on=DAY)

    assert plan.release.shown == {yes(grade=["6", "7"]): 25}


def test_three_tables_together_are_held_against_each_other():
    # 60 in all, 25 at Oak: 35 at Elm and Ash together. Elm's 31 would leave 4 for Ash.
    ledger = ledger_with({yes(): 60}, SCHOOL)
    ledger = ledger.with_release(ledger.plan({yes(school="Oak"): 25}, name="Oak", on=DAY).release)

    plan = ledger.plan({yes(school="Elm"): 31}, name="Elm", on=DAY)

    assert plan.release.shown == {}
    assert ledger.with_release(plan.release).audit().leaks == ()


@pytest.mark.parametrize(("first", "hidden"), [("Elm", {"Oak", "Elm"}), ("Ash", {"Oak", "Ash"})])
def test_where_either_would_do_the_preferred_one_is_hidden(first, hidden):
    # Oak's 4 are few, and beside the 34 of all either Elm's 15 or Ash's 15 has to go.
    counts = {yes(): 34, yes(school="Oak"): 4, yes(school="Elm"): 15, yes(school="Ash"): 15}

    plan = Ledger((LEARNER, SCHOOL)).plan(counts, name="schools", on=DAY, prefer=[yes(school=first)])

    assert set(plan.release.hidden) == {yes(school=one) for one in hidden}


def test_a_leak_of_the_past_is_reported_not_hidden():
    # Somebody released 31 and 35 of the same schools: 4 at Ash.
    ledger = ledger_with({yes(school=["Elm", "Ash"]): 35, yes(school="Elm"): 31}, SCHOOL)

    (leak,) = ledger.audit().leaks
    plan = ledger.plan({yes(school="Oak"): 25}, name="Oak", on=DAY)

    assert (leak.cell.label, leak.low, leak.high) == ("learner yes, school Ash", 4, 4)
    assert not plan.is_safe
    assert plan.release.shown == {yes(school="Oak"): 25}


def test_what_was_hidden_in_one_table_and_shown_in_another_is_known():
    ledger = Ledger((LEARNER,)).with_release(Release("hidden", DAY, {}, {yes(): 12}))

    assert ledger.withheld == {yes(): 12}
    assert ledger.with_release(Release("shown", DAY, {yes(): 12}, {})).withheld == {}


def test_the_same_cell_with_another_count_is_refused():
    with pytest.raises(ReleasedDifferently, match="learner yes is 41, but 40 before"):
        ledger_with({yes(): 40}).plan({yes(): 41}, name="again", on=DAY)
    with pytest.raises(ReleasedDifferently, match="second: learner yes is 41"):
        ledger_with({yes(): 40}).with_release(Release("second", DAY, {yes(): 41}, {}))


def test_overlapping_filters_are_linked_by_a_count_that_nobody_sees():
    ledger = ledger_with({yes(grade=["6", "7"]): 30}, GRADE)

    plan = ledger.plan({yes(grade=["7", "8"]): 28}, name="other", on=DAY, unreleased={yes(grade="7"): 15})

    assert plan.release.shown == {yes(grade=["7", "8"]): 28}
    assert plan.release.hidden == {yes(grade="7"): 15}
    assert plan.is_safe


def test_a_fingerprint_depends_on_what_was_shown_not_on_its_order():
    one, other = yes(school="Oak"), yes(school="Elm")

    assert (
        Release("a", DAY, {one: 1, other: 2}, {}).fingerprint == Release("b", DAY, {other: 2, one: 1}, {}).fingerprint
    )
    assert Release("a", DAY, {one: 1}, {}).fingerprint != Release("a", DAY, {one: 2}, {}).fingerprint
    assert Release("a", DAY, {}, {one: 1}).fingerprint == Release("a", DAY, {}, {one: 2}).fingerprint


def test_an_empty_ledger_has_nothing_to_audit():
    with pytest.raises(InputError, match="nothing was released yet"):
        Ledger((LEARNER,)).audit()
