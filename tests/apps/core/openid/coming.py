"""Coming in by an organization’s own sign-in: Theo of North, his provider, and a browser that goes there and back."""

import datetime
import http.client
import uuid
from urllib.parse import urlsplit

from django.utils import timezone

from commonground.apps.core.models import Event, Invitation, Person


def leave(client, pk, **typed):
    """The address at the provider where the browser goes on."""
    answer = client.post(f"/account/with/{pk}/", typed)
    assert answer.status_code == 200, answer.content.decode()
    return answer.context["address"]


def at_provider(address):
    """Where the provider sends the browser back to: path and query."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


def arrive(client, back):
    """What the browser shows when it comes back: a refusal stands at an address without the answer."""
    answer = client.get(back)
    if answer.status_code == 302 and answer.url.startswith("/account/from/"):
        assert "?" not in answer.url
        return client.get(answer.url)
    return answer


def come(client, pk, **typed):
    """What answers when somebody chooses the button and comes back."""
    return arrive(client, at_provider(leave(client, pk, **typed)))


def who(client):
    return client.get("/", follow=True).context["shell"].person_name


def reasons():
    return [one["why"] for one in Event.objects.filter(kind="account.sign_in_failed").values_list("detail", flat=True)]


def refused(client, answer, why):
    """Nobody is signed in, for this reason, and not a word of the provider's stands on the page."""
    assert answer.status_code == 422
    assert "raw words" not in answer.content.decode()
    assert reasons() == [why]
    assert who(client) == ""


def invited(databases, world, key, *, days=7, role="teacher", place=None):
    """Somebody who was invited and has not come in yet."""
    from django.db import connection

    person = Person.objects.create_user(f"{key}@example.org", name=key, is_active=False)
    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values ('{uuid.uuid4()}', '{person.pk}', '{role}', '{place or world.NORTH_SCHOOL}', '2020-07-01')",
        database=connection.settings_dict["NAME"],
    )
    now = timezone.now()
    Invitation.objects.create(
        person=person,
        token_digest=uuid.uuid4().hex,
        created_at=now - datetime.timedelta(days=30),
        expires_at=now + datetime.timedelta(days=days),
    )
    return person
