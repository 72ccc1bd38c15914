"""Somebody leaves: sessions, links and jobs show nothing from that moment on, by hand or by the clock."""

import datetime

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from tests.signing_in import signed_in, visitor

from commonground.apps.core.actions import invite
from commonground.apps.core.models import Invitation, Organization, Person, RoleGrant
from commonground.apps.core.people import actions
from commonground.apps.core.people.invitations import mail_invitation
from commonground.apps.roster.models import Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def leave(world, databases):
    """Ends every role of a person from a day on, as time would."""
    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        yield lambda person, day: run.execute(
            "update core_rolegrant set until = %s where person_id = %s", [day, person]
        )


def students(person, *, role="web", day=None):
    with enter(person=person, purpose="test", role=role):
        if day:
            connection.cursor().execute("select set_config('cg.clock', %s, true)", [day.isoformat()])
        return Student.objects.count()


def test_an_open_session_ends_at_the_next_page(world, leave):
    cora = signed_in(world.address("cora"))
    assert cora.get("/students/").status_code == 200

    leave(world.CORA, timezone.localdate())

    assert cora.get("/students/").url == "/account/closed/"
    assert "_auth_user_id" not in cora.session
    assert cora.get("/students/").url.startswith("/account/sign-in/")


@pytest.mark.parametrize("role", ["web", "job", "loader", "report"])
def test_by_the_clock_pages_and_jobs_show_nothing_from_the_day_on(world, leave, role):
    last = timezone.localdate() + datetime.timedelta(days=10)
    leave(world.CORA, last)

    assert students(world.CORA, role=role, day=last - datetime.timedelta(days=1)) == 4
    assert students(world.CORA, role=role, day=last) == 0


def test_a_closed_account_shows_nothing_whatever_its_roles(world):
    Person.objects.filter(pk=world.CORA).update(is_active=False)

    assert students(world.CORA) == students(world.CORA, role="job") == 0


def test_links_of_somebody_who_keeps_no_role_are_closed(world):
    with enter(person=world.CORA, purpose="test"):
        grant = actions.give_role(
            email="nia@example.org",
            name="Nia Berg",
            role="superintendent",
            organization=Organization.objects.get(pk=world.NORTH),
            since=timezone.localdate(),
            until=None,
            by=world.CORA,
        )
        token = invite(person=grant.person, now=timezone.now())
    assert visitor().get(f"/account/link/{token}/", follow=True).status_code == 200

    with enter(person=world.CORA, purpose="test"):
        actions.end_role(grant=grant, last_day=timezone.localdate(), by=world.CORA)

    assert visitor().get(f"/account/link/{token}/", follow=True).status_code == 404
    assert not mail_invitation(person_id=grant.person_id, now=timezone.now())
    assert not Invitation.objects.filter(person=grant.person).exists()


def test_who_keeps_another_role_stays_signed_in(world, leave):
    cora, now = signed_in(world.address("cora")), timezone.now()
    Invitation.objects.create(
        person_id=world.CORA,
        token_digest="the mailed link that shows whose the address is",
        created_at=now,
        expires_at=now + datetime.timedelta(days=7),
        mailed_at=now,
        used_at=now,
    )
    with enter(person=world.DANA, purpose="test"):
        actions.give_role(
            email=world.address("cora"),
            name="",
            role="board_member",
            organization=Organization.objects.get(pk=world.COLLABORATIVE),
            since=timezone.localdate(),
            until=None,
            by=world.DANA,
        )
    with connection.cursor():
        assert RoleGrant.objects.filter(person_id=world.CORA).count() == 2

    assert cora.get("/").status_code == 200
