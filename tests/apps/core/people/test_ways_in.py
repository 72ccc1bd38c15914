"""Who opens an account gets everything it holds: a way in is made by those alone who could have given all of that."""

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from tests.signing_in import signed_in, visitor

from commonground.apps.core.actions import LinkClosed, accept_invitation
from commonground.apps.core.asking import Refused
from commonground.apps.core.codes import new_code
from commonground.apps.core.models import Invitation, MailSettings, Organization, Person, RoleGrant
from commonground.apps.core.people import actions
from commonground.apps.core.people.invitations import mail_invitation
from commonground.store.walls import enter

pytestmark = pytest.mark.database
PASSWORD = "three herons at dawn"
NIA = "nia@example.org"


@pytest.fixture
def outside(world, databases):
    """A superuser's connection to the test's database."""
    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        yield run


def give(by, role, place, *, email=NIA):
    with enter(person=by, purpose="test"):
        return actions.give_role(
            email=email,
            name="Nia Berg",
            role=role,
            organization=Organization.objects.get(pk=place),
            since=timezone.localdate(),
            until=None,
            by=by,
        )


def sheet(by, person):
    with enter(person=by, purpose="test"):
        return actions.print_code(person=person, by=by, now=timezone.now())


def opened(token):
    return accept_invitation(
        digest=Invitation.digest_of(token), name="Nia", email=NIA, password=PASSWORD, now=timezone.now()
    )


def also(outside, person, role, place):
    """A role that came by another way, such as the operator's command."""
    outside.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (gen_random_uuid(), %s, %s, %s, '2020-01-01')",
        [person, role, place],
    )


def test_an_unopened_account_of_another_district_takes_no_role_and_keeps_its_sheet(world):
    theirs = give(world.OTTO, "coordinator", world.SOUTH)
    code = sheet(world.OTTO, theirs.person)

    with pytest.raises(Refused, match="nobody has shown"):
        give(world.CORA, "superintendent", world.NORTH)

    assert opened(code).pk == theirs.person_id
    assert not RoleGrant.objects.filter(person_id=theirs.person_id, organization_id=world.NORTH).exists()


def test_the_page_gives_no_code_for_somebody_elses_unopened_account(world):
    give(world.OTTO, "coordinator", world.SOUTH)

    answer = signed_in(world.address("cora")).post(
        f"/people/add/?place={world.NORTH}",
        {
            "email": NIA,
            "name": "N",
            "role": "superintendent",
            "since": timezone.localdate().isoformat(),
            "until": "",
            "way": "sheet",
        },
    )

    assert answer.status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("closed", ["OTTO", "DANA", "OMAR"])
def test_a_closed_account_of_another_house_takes_no_role(world, outside, closed):
    outside.execute("update core_person set is_active = false where id = %s", [getattr(world, closed)])

    with pytest.raises(Refused, match="nobody has shown"):
        give(world.CORA, "superintendent", world.NORTH, email=world.address(closed.lower()))


def test_a_way_in_to_an_account_that_holds_a_role_of_another_house_is_refused(world, outside):
    """Both districts gave it a role; neither may open the whole, and neither closes the other's invitation."""
    mine = give(world.CORA, "superintendent", world.NORTH)
    code = sheet(world.CORA, mine.person)
    also(outside, mine.person_id, "coordinator", world.SOUTH)

    answer = signed_in(world.address("cora")).post(f"/people/{mine.pk}/invite/", {"way": "sheet"}, follow=True)

    assert b"holds a role that is not yours to give" in answer.content
    assert Invitation.objects.get().token_digest == Invitation.digest_of(code)


def test_a_sheet_printed_before_another_house_gave_a_role_opens_nothing(world, outside):
    mine = give(world.CORA, "superintendent", world.NORTH)
    code = sheet(world.CORA, mine.person)
    also(outside, mine.person_id, "coordinator", world.SOUTH)

    with pytest.raises(LinkClosed):
        opened(code)

    assert Person.objects.get(pk=mine.person_id).is_active is False


def test_a_sheet_of_a_coordinator_who_has_left_opens_nothing(world, outside):
    code = sheet(world.CORA, give(world.CORA, "superintendent", world.NORTH).person)
    outside.execute("update core_rolegrant set until = %s where person_id = %s", [timezone.localdate(), world.CORA])

    with pytest.raises(LinkClosed):
        opened(code)


@pytest.mark.parametrize("person", ["THEO", "OTTO"])
def test_no_sheet_opens_an_open_account(world, person):
    with pytest.raises(Refused):
        sheet(world.CORA, Person.objects.get(pk=getattr(world, person)))


def test_a_colleagues_closed_account_is_opened_again_by_the_own_district(world, outside):
    outside.execute("update core_person set is_active = false, last_login = now() where id = %s", [world.PRIYA])

    assert opened(sheet(world.CORA, Person.objects.get(pk=world.PRIYA))).pk == world.PRIYA


def test_a_closed_account_that_sees_own_children_is_opened_by_no_sheet(world, outside):
    also(outside, world.PRIYA, "family", world.NORTH)
    outside.execute("update core_person set is_active = false, last_login = now() where id = %s", [world.PRIYA])
    priya = Person.objects.get(pk=world.PRIYA)

    with pytest.raises(Refused):
        sheet(world.CORA, priya)
    with pytest.raises(Refused), enter(person=world.CORA, purpose="test"):
        actions.invite_by_mail(person=priya, by=world.CORA)


def test_the_director_lets_in_the_first_coordinator_whom_she_named(world, outside):
    outside.execute(
        "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
        " values (gen_random_uuid(), %s, %s, 'member', '2020-01-01')",
        [world.COLLABORATIVE, world.WEST],
    )
    named = give(world.DANA, "coordinator", world.WEST)

    assert opened(sheet(world.DANA, named.person)).pk == named.person_id


def test_a_mail_leaves_a_colleagues_sheet_as_it_is(world, outside, monkeypatch):
    monkeypatch.setattr("commonground.apps.core.people.invitations.send_mail", lambda **_mail: None)
    mine = give(world.CORA, "superintendent", world.NORTH)
    code = sheet(world.CORA, mine.person)

    assert mail_invitation(person_id=mine.person_id, now=timezone.now())
    assert mail_invitation(person_id=mine.person_id, now=timezone.now())

    assert Invitation.objects.filter(used_at=None).count() == 2
    assert opened(code).pk == mine.person_id
    assert not Invitation.objects.filter(used_at=None).exists(), "an open account has no second way in"


# Whose an address is


def test_a_familys_account_takes_no_role_of_staff(world):
    """Families choose any address; nobody has shown that it is theirs."""
    with pytest.raises(Refused, match="family signs in"):
        give(world.CORA, "superintendent", world.NORTH, email=world.address("ali"))


def test_an_account_that_another_district_let_in_by_paper_takes_no_role(world):
    opened(sheet(world.OTTO, give(world.OTTO, "superintendent", world.SOUTH).person))

    with pytest.raises(Refused, match="nobody has shown"):
        give(world.CORA, "coordinator", world.NORTH)


def test_an_account_opened_by_a_mailed_link_takes_a_role_of_another_district(world, monkeypatch):
    sent = []
    monkeypatch.setattr("commonground.apps.core.people.invitations.send_mail", lambda **mail: sent.append(mail))
    theirs = give(world.OTTO, "superintendent", world.SOUTH)
    mail_invitation(person_id=theirs.person_id, now=timezone.now())
    opened(sent[0]["text"].split("/account/link/")[1].split("/")[0])

    assert give(world.CORA, "coordinator", world.NORTH).person_id == theirs.person_id


def test_who_opens_an_invitation_keeps_the_address_that_was_invited(world):
    code = sheet(world.CORA, give(world.CORA, "superintendent", world.NORTH).person)

    accept_invitation(
        digest=Invitation.digest_of(code), name="N", email="otto2@example.org", password=PASSWORD, now=timezone.now()
    )

    assert Person.objects.filter(email=NIA, is_active=True).exists()
    assert not Person.objects.filter(email="otto2@example.org").exists()


def test_the_operators_command_gives_no_role_to_a_familys_account(world):
    from commonground.apps.core.actions import AddressTaken, give_role
    from commonground.apps.core.roles import ROLES

    with pytest.raises(AddressTaken, match="family signs in"):
        give_role(
            email=world.address("ali"),
            name="",
            role=ROLES["coordinator"],
            organization=Organization.objects.get(pk=world.NORTH),
            now=timezone.now(),
        )


def test_a_wrong_code_is_still_wrong(world):
    assert MailSettings.objects.count() == 0
    assert visitor().post("/people/code/", {"code": new_code()}).status_code == 422
