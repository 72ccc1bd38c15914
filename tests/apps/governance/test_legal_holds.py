"""What a legal hold covers stays until it ends."""

import threading

import pytest
from django.db import connections
from django.utils import timezone
from tests.apps.governance.keeping import DAY, address, count, destroy_past, hold_everything, over, run_on, today
from tests.signing_in import signed_in
from tests.walls.test_every_policy import outside

from commonground.apps.governance.models import LegalHold
from commonground.apps.governance.retention import actions
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def test_a_hold_is_ended_by_who_placed_it_or_once_that_person_has_gone(house, databases):
    from tests.apps.governance.leavers import NELL, second_coordinator

    second_coordinator(databases, house)
    signed_in("cora@example.org").post(address(house, "hold"), {"reason": "A letter of the court"})
    with outside(databases) as run:
        held = run.execute("select id from governance_legalhold").fetchone()[0]
    nell, end = signed_in("nell@example.org"), f"/collaborative/keeping/holds/{held}/end/"

    assert b"End this hold" not in nell.get(address(house)).content
    refused = nell.post(end, follow=True)

    assert b"Whoever placed it ends it" in refused.content
    assert count(databases, "governance_legalhold", "ended_at is null") == 1
    with outside(databases) as run:
        run.execute("update core_rolegrant set until = cg.today() where person_id = %s", [house.CORA])
    nell.post(end)
    with outside(databases) as run:
        assert run.execute("select ended_by_id from governance_legalhold").fetchone() == (NELL,)


@pytest.mark.parametrize(
    ("data_class", "whose", "held"),
    [("", "all", True), ("health", "all", True), ("roster", "all", False), ("", "one", True)],
)
def test_a_legal_hold_keeps_what_it_covers_until_it_ends(house, databases, data_class, whose, held):
    with outside(databases) as run:
        student, owner = run.execute(
            "select r.student_id, r.owner_id from programs_care c join programs_registration r on r.id = c.registration_id"
        ).fetchone()
    coordinator = house.CORA if owner == house.NORTH else house.OTTO
    mine = f"registration_id in (select id from programs_registration where student_id = '{student}')"
    with enter(person=coordinator, purpose="test"):
        hold = actions.place_hold(
            place_id=owner,
            data_class=data_class,
            student_id=student if whose == "one" else None,
            reason="A letter of the court",
            by=coordinator,
            now=timezone.now(),
        )

    run_on(over(databases) + 31 * DAY)

    assert (count(databases, "programs_care", mine) > 0) is held
    with enter(person=coordinator, purpose="test"):
        actions.end_hold(hold=LegalHold.objects.get(pk=hold.pk), by=coordinator, now=timezone.now())
    run_on(over(databases) + 31 * DAY)
    assert count(databases, "programs_care", mine) == 0


def test_what_connects_a_held_students_guardians_with_their_accounts_stays(house, databases):
    """Ali is Amina's guardian; of the other students at North nobody is held."""
    with outside(databases) as run:
        run.execute(
            "update roster_link set since = '2019-08-01', until = '2020-01-31' where owner_id = %s", [house.NORTH]
        )
        others = run.execute(
            "select count(*) from roster_link l where owner_id = %s and not exists (select from roster_guardianship g"
            " where g.guardian_id = l.guardian_id and g.student_id = %s)",
            [house.NORTH, house.AMINA],
        ).fetchone()[0]
    with enter(person=house.CORA, purpose="test"):
        hold_everything(house, student_id=house.AMINA)
    ended = f"owner_id = '{house.NORTH}'"
    all_of_them = count(databases, "roster_link", ended)

    destroy_past(house.NORTH, "contact", today())

    assert count(databases, "roster_link", ended) == all_of_them - others > 0
    with outside(databases) as run:
        run.execute("update governance_legalhold set ended_at = now(), ended_by_id = placed_by_id")
    destroy_past(house.NORTH, "contact", today())
    assert count(databases, "roster_link", ended) == 0


def test_a_hold_that_is_being_placed_is_waited_for(house, databases):
    placed, go_on, gone = threading.Event(), threading.Event(), []
    past = over(databases) + 31 * DAY

    def place():
        with enter(person=house.CORA, purpose="test"):
            hold_everything(house)
            placed.set()
            assert go_on.wait(60)

    def destroy():
        gone.append(destroy_past(house.NORTH, "health", past))

    holder, destroyer = (threading.Thread(target=closing(task)) for task in (place, destroy))
    holder.start()
    assert placed.wait(60)
    destroyer.start()
    with outside(databases) as run:
        while destroyer.is_alive() and run.execute("select every(granted) from pg_locks").fetchone()[0]:
            pass
    go_on.set()
    holder.join(60)
    destroyer.join(60)

    assert gone == [{}]


def closing(task):
    def run():
        try:
            task()
        finally:
            connections.close_all()

    return run


@pytest.mark.parametrize(
    ("which", "kept"),
    [
        # Of Amina: her row, her seat, her guardian and what connects him, and a hold that the fixture took away. Chue and
        # Dee have seats too.
        (
            ("contact", "AMINA"),
            dict.fromkeys(
                ["roster_student", "programs_seat", "roster_guardian", "roster_link", "governance_legalhold"], 1
            ),
        ),
        # The class that seats belong to: of all three.
        (("registration", ""), {"programs_seat": 3}),
        (("health", ""), {}),
    ],
)
def test_what_changes_said_stays_where_a_hold_covers_what_they_are_about(house, databases, which, kept):
    with outside(databases) as run:
        for table in ("roster_student", "programs_seat", "roster_guardian", "roster_link"):
            run.execute(f"update {table} set owner_id = owner_id where owner_id = %s", [house.NORTH])
    with enter(person=house.CORA, purpose="test"):
        hold_everything(house, data_class=which[0], student_id=getattr(house, which[1]) if which[1] else None)

    destroy_past(house.NORTH, "audit", today() + 1826 * DAY)

    with outside(databases) as run:
        left = run.execute(
            "select table_name, count(*) from core_change where owner_id = %s and old is not null group by 1",
            [house.NORTH],
        ).fetchall()
    assert dict(left) == kept
