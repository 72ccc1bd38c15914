"""Two coordinators who confirm for a district are two people: neither let the other in, nobody like them let both in.

The named cast: Cora coordinates North, named by the operator; Nell and Ben coordinate it too. Dana directs the house.
"""

import itertools
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.governance.leavers import NELL, second_coordinator
from tests.world import LONG_AGO, fixed

from commonground.apps.core.asking import Refused, ask_database
from commonground.store.walls import enter

pytestmark = pytest.mark.database
BEN = fixed("person-ben")
PROVIDER = str(fixed("provider"))


@pytest.fixture
def three(world, databases, arrange):
    """Cora, Nell and Ben coordinate North, each named by the operator."""
    second_coordinator(databases, world)
    coordinator(arrange, world, BEN)
    return world


def coordinator(run, world, pk):
    run(
        "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
        " values (%s, %s, 'Ben Coordinator', '!', '', true, true, now())",
        [pk, f"{pk}@example.org"],
    )
    run(
        "insert into core_rolegrant (id, person_id, role, organization_id, since) values (%s, %s, 'coordinator', %s, %s)",
        [uuid.uuid4(), pk, world.NORTH, LONG_AGO],
    )


def gave(run, giver, *takers):
    for taker in takers:
        run("update core_rolegrant set granted_by_id = %s where person_id = %s", [giver, taker])


def let_in(run, maker, person, *, used="now()"):
    """The account's code was printed by this person, and used or not."""
    run(
        "insert into core_invitation (id, person_id, token_digest, made_by_id, language, created_at, expires_at, used_at, trouble)"
        f" values (gen_random_uuid(), %s, %s, %s, '', '2020-01-01', now() + interval '1 day', {used}, '')",
        [person, uuid.uuid4().hex, maker],
    )


def came_by_provider(run, person, *, saved_by, way="address"):
    """The account was first opened by a sign-in that this person had set up."""
    for kind, who, detail in (
        ("provider.saved", saved_by, f'{{"provider": "{PROVIDER}"}}'),
        ("account.identity_linked", person, f'{{"provider": "{PROVIDER}", "way": "{way}"}}'),
    ):
        run(
            "insert into core_event (kind, person_id, about, detail, at) values (%s, %s, '', %s, now() - interval '1 hour')",
            [kind, who, detail],
        )


def apart(world, one, other):
    """Whether the two may confirm together: the same, whoever of them asks."""
    answers = set()
    for asks, confirms in ((one, other), (other, one)):
        with enter(person=confirms, purpose="test"):
            answers.add(ask_database("coordinate_apart", asks, world.NORTH))
    (answer,) = answers
    return answer


def test_three_whom_the_operator_named_stand_apart(three):
    assert all(apart(three, *pair) for pair in itertools.combinations((three.CORA, NELL, BEN), 2))


def test_a_colleague_of_a_colleague_is_the_same_hand(three, arrange):
    gave(arrange, three.CORA, NELL)
    gave(arrange, NELL, BEN)

    assert not apart(three, three.CORA, BEN)
    with enter(person=three.CORA, purpose="test"):
        leaving = ask_database("begin_leaving", three.NORTH)
        ask_database("ask_leaving", leaving, "Everything stands in our own system.")
    with pytest.raises(Refused) as refused, enter(person=BEN, purpose="test"):
        ask_database("confirm_leaving", leaving)
    assert refused.value.word == "not_apart"


@pytest.mark.parametrize("ended", [False, True])
def test_two_whom_the_same_coordinator_let_in_are_the_same_hand(three, arrange, ended):
    gave(arrange, three.CORA, NELL, BEN)
    if ended:
        arrange("update core_rolegrant set until = cg.today() where person_id = %s", [three.CORA])

    assert not apart(three, NELL, BEN)


def test_two_to_whom_the_director_gave_it_stand_apart(three, arrange):
    """Who sets a house up names many coordinators, and is none."""
    gave(arrange, three.DANA, NELL, BEN)

    assert apart(three, NELL, BEN)


@pytest.mark.parametrize(
    ("maker", "used", "stand_apart"),
    [("CORA", "now()", False), ("CORA", "null", True), ("DANA", "now()", True)],
)
def test_whose_code_the_other_printed_is_the_same_hand(three, arrange, maker, used, stand_apart):
    let_in(arrange, getattr(three, maker), BEN, used=used)

    assert apart(three, three.CORA, BEN) is stand_apart
    assert apart(three, three.CORA, NELL)


@pytest.mark.parametrize(
    ("saved_by", "way", "opened", "stand_apart"),
    [
        ("CORA", "address", None, False),
        ("CORA", "address", "now()", False),  # opened again later
        ("CORA", "address", "'2020-02-02'", True),  # the account was open already, by its own link
        ("CORA", "settings", None, True),  # connected by the person, signed in
        ("DANA", "address", None, True),
    ],
)
def test_whose_account_the_others_own_sign_in_opened_is_the_same_hand(
    three,
    arrange,
    saved_by,
    way,
    opened,
    stand_apart,
):
    came_by_provider(arrange, BEN, saved_by=getattr(three, saved_by), way=way)
    if opened:
        let_in(arrange, None, BEN, used=opened)

    assert apart(three, three.CORA, BEN) is stand_apart


@pytest.mark.parametrize(("days", "counts"), [(None, False), (6, False), (7, True)])
def test_an_account_counts_seven_days_after_somebody_first_signed_in_to_it(three, arrange, days, counts):
    arrange("update core_person set is_invented = false where id = %s", [BEN])
    if days is not None:
        arrange(
            "insert into core_event (kind, person_id, about, detail, at)"
            " values ('account.signed_in', %s, '', '{}', cg.moment() - %s * interval '1 day')",
            [BEN, days],
        )

    assert apart(three, three.CORA, BEN) is counts


def test_stand_apart_are_exactly_those_whose_lines_never_meet(three, arrange):
    """Against lines walked by hand, for any way in which six could have let each other in."""
    six = [three.CORA, NELL, BEN, *(fixed(f"person-{number}") for number in range(3))]
    for pk in six[3:]:
        coordinator(arrange, three, pk)

    def line(giver_of, person):
        found = set()
        while person is not None and person not in found:
            found.add(person)
            person = giver_of[person]
        return found

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.none() | st.integers(0, 5), min_size=6, max_size=6))
    def check(givers):
        giver_of = {
            person: None if giver is None or six[giver] == person else six[giver]
            for person, giver in zip(six, givers, strict=True)
        }
        for person, giver in giver_of.items():
            gave(arrange, giver, person)
        for one, other in itertools.combinations(six, 2):
            ((answer,),) = arrange("select cg.are_two_people(%s, %s, '{coordinator}')", [one, other])
            assert answer is line(giver_of, one).isdisjoint(line(giver_of, other))

    check()
