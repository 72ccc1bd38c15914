"""How mail leaves: only outward, only over TLS, with a password that no copy of the database tells."""

import socket

import pytest
from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.models import Invitation, MailSettings, Person
from commonground.apps.core.people import invitations, mail
from commonground.apps.core.people.mail import MailRefused, checked_address
from commonground.store.secrets import unseal

pytestmark = pytest.mark.database


def typed(**changes):
    return {
        "host": "smtp.example.org",
        "port": "587",
        "security": "starttls",
        "username": "us",
        "password": "quiet-otter-lamp",
        "sender": "no-reply@example.org",
    } | changes


@pytest.fixture
def names(monkeypatch):
    """A small address book in place of the network's."""
    book = {"smtp.example.org": ["93.184.216.34"]}

    def look_up(host, port, **_rest):
        addresses = book.get(host) or ([host] if host[:1].isdigit() or ":" in host else [])
        if not addresses:
            raise OSError("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(mail.socket, "getaddrinfo", look_up)
    return book


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.9",
        "169.254.169.254",
        "fe80::1%eth0",
        "fd00::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
def test_a_server_inside_the_network_is_refused_whatever_it_is_called(names, address):
    names["inside.example.org"] = [address]
    for addresses in ([address], ["93.184.216.34", address]):
        names["inside.example.org"] = addresses
        with pytest.raises(MailRefused, match="inside the network"):
            checked_address("inside.example.org", 587)


def test_a_server_outside_is_reached_at_the_address_that_was_checked(names):
    assert checked_address("smtp.example.org", 587) == "93.184.216.34"


@pytest.mark.parametrize("port", [22, 80, 5432, 8000])
def test_a_port_that_is_not_mails_is_refused(names, port):
    with pytest.raises(MailRefused, match="25, 465, 587 or 2525"):
        checked_address("smtp.example.org", port)


def test_a_name_that_nobody_has_is_said(names):
    with pytest.raises(MailRefused, match="No server has this name"):
        checked_address("nowhere.example.org", 587)


def test_the_operator_may_name_a_server_inside(names, settings):
    names["mail.local"] = ["10.0.0.5"]
    settings.INSIDE_MAIL_HOSTS = {"mail.local:1025"}

    assert checked_address("mail.local", 1025) == "10.0.0.5"
    with pytest.raises(MailRefused):
        checked_address("mail.local", 25)


def test_saved_encrypted_and_never_shown(world, names, databases):
    from django.db import connection

    dana = signed_in(world.address("dana"))

    assert dana.post("/people/mail/", typed()).status_code == 302

    assert unseal(MailSettings.objects.get().sealed_password) == "quiet-otter-lamp"
    rows = databases.execute(
        "select row_to_json(m)::text from core_mailsettings m", database=connection.settings_dict["NAME"]
    )
    assert "quiet-otter-lamp" not in str(rows)
    assert b"quiet-otter-lamp" not in dana.get("/people/mail/").content


def test_an_empty_password_keeps_the_stored_one_only_for_the_same_server(world, names):
    """A changed server name must never be sent the password of the one before."""
    names["other.example.org"] = ["93.184.216.35"]
    dana = signed_in(world.address("dana"))
    dana.post("/people/mail/", typed())

    dana.post("/people/mail/", typed(password="", sender="new@example.org"))
    assert unseal(MailSettings.objects.get().sealed_password) == "quiet-otter-lamp"
    dana.post("/people/mail/", typed(password="", host="other.example.org"))

    assert MailSettings.objects.get().sealed_password == ""


def test_a_refused_server_is_said_at_its_field_and_not_saved(world, names):
    names["inside.example.org"] = ["127.0.0.1"]

    answer = signed_in(world.address("omar")).post("/people/mail/", typed(host="inside.example.org"))

    assert answer.status_code == 422
    assert b"inside the network" in answer.content
    assert not MailSettings.objects.exists()


def test_only_director_and_operator_set_mail_up(world):
    for key in ("cora", "priya", "ali", "ann"):
        assert signed_in(world.address(key)).get("/people/mail/").status_code == 403


def test_an_invitation_by_mail_holds_a_link_and_no_name(world, monkeypatch):
    sent = []
    monkeypatch.setattr(invitations, "send_mail", lambda **one: sent.append(one))
    Person.objects.filter(pk=world.CORA).update(is_active=False, language="es")

    assert invitations.mail_invitation(person_id=world.CORA, now=timezone.now())

    assert sent[0]["to"] == world.address("cora")
    assert "/account/link/" in sent[0]["text"]
    assert "Abra este enlace" in sent[0]["text"]
    for name in ("Cora", "North", "coordinator"):
        assert name not in sent[0]["text"] + sent[0]["subject"]
    assert Invitation.objects.get().mailed_at is not None


def test_mail_that_does_not_leave_is_noted_with_the_invitation(world):
    assert not invitations.mail_invitation(person_id=world.CORA, now=timezone.now())

    assert Invitation.objects.get().trouble == "unset"
