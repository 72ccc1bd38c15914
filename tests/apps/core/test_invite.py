"""`commonground invite`: the operator opens the door for a colleague."""

import pytest
from tests.authenticator_app import with_second_step
from tests.signing_in import opened, visitor

from commonground.apps.core.models import Person, RoleGrant
from commonground.cli import main

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"


def link(capsys):
    return capsys.readouterr().out.strip().split("http://localhost:8000")[1]


def open_with(address, email):
    return opened(visitor(), address, {"name": "Nia Berg", "email": email, "password": PASSWORD})


def test_a_colleague_comes_in_with_a_role_at_a_district(world, capsys):
    assert main(["invite", "nia@example.org", "--name", "Nia Berg", "--role", "coordinator", "--at", "9002-01"]) == 0
    assert Person.objects.get(email="nia@example.org").is_active is False

    assert open_with(link(capsys), "nia@example.org").status_code == 302

    grant = RoleGrant.objects.get(person__email="nia@example.org")
    assert (grant.role, grant.organization_id, grant.until) == ("coordinator", world.SOUTH, None)
    assert Person.objects.get(email="nia@example.org").is_active is True


def test_who_has_lost_the_password_gets_a_new_link_and_keeps_the_roles(world, capsys):
    assert main(["invite", "Cora@example.org"]) == 0

    assert open_with(link(capsys), "cora@example.org").status_code == 302
    assert RoleGrant.objects.filter(person_id=world.CORA).count() == 1


def test_a_role_given_twice_is_held_once(world):
    for _ in range(2):
        assert main(["invite", "nia@example.org", "--role", "analyst"]) == 0

    assert RoleGrant.objects.filter(person__email="nia@example.org").count() == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody@example.org"], "No account has this address"),
        (["x@example.org", "--role", "wizard"], "There is no role called wizard. There are: director"),
        (["x@example.org", "--role", "coordinator", "--at", "1111-11"], "No organization here has the id 1111-11"),
        (["x@example.org", "--role", "coordinator"], "is not a role at Valley Collaborative"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(world, capsys, arguments, says):
    before = Person.objects.count()

    assert main(["invite", *arguments]) == 1

    assert says in capsys.readouterr().err
    assert Person.objects.count() == before


def test_an_address_of_another_account_cannot_be_taken_over(world, capsys):
    main(["invite", "nia@example.org", "--role", "analyst"])

    answer = open_with(link(capsys), "cora@example.org")

    assert answer.status_code == 302
    assert Person.objects.get(pk=world.CORA).password == "!"
    assert Person.objects.filter(email="nia@example.org", is_active=True).exists()


def test_a_link_replaces_the_password_and_never_the_second_step(world, capsys):
    with_second_step(world.CORA)
    main(["invite", "cora@example.org"])

    answer = open_with(link(capsys), "cora@example.org")

    assert (answer.status_code, answer.url) == (302, "/account/sign-in/")
    assert answer.wsgi_request.user.is_authenticated is False


def test_who_has_lost_phone_and_codes_sets_up_a_new_second_step(world, capsys):
    from allauth.mfa.models import Authenticator

    with_second_step(world.CORA)
    main(["invite", "cora@example.org", "--forget-second-step"])

    client = visitor()
    opened(client, link(capsys), {"name": "Cora", "email": "cora@example.org", "password": PASSWORD})

    assert client.get("/").url == "/account/security/"
    assert not Authenticator.objects.exists()
