"""Every address of the site says what it needs, lets in exactly who has it, and tells nobody what others own."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.signing_in import signed_in, visitor
from tests.world import ONLY_TODAY

from commonground.apps.core.permissions import Permission
from commonground.apps.core.roles import ROLES

# Addresses of other people's views, which cannot declare what they need; each with the reason why it may be reached.
UNDECLARED = {
    "account_login": "signing in: for everybody",
    "account_logout": "signing out: for everybody",
    "account_inactive": "says that an account is closed: for everybody",
    "account_reauthenticate": "the own account: any signed-in person",
    "account_change_password": "the own account: any signed-in person",
    "mfa_index": "the own second factors: any signed-in person",
    "mfa_authenticate": "the second step of signing in: after the first",
    "mfa_reauthenticate": "the own account: any signed-in person",
    "mfa_activate_totp": "the own second factors: any signed-in person",
    "mfa_deactivate_totp": "the own second factors: any signed-in person",
    "mfa_view_recovery_codes": "the own second factors: any signed-in person",
    "mfa_generate_recovery_codes": "the own second factors: any signed-in person",
    "mfa_download_recovery_codes": "the own second factors: any signed-in person",
    "mfa_list_webauthn": "the own second factors: any signed-in person",
    "mfa_add_webauthn": "the own second factors: any signed-in person",
    "mfa_reauthenticate_webauthn": "the own account: any signed-in person",
    "mfa_login_webauthn": "signing in: for everybody",
    "mfa_remove_webauthn": "the own second factors: any signed-in person",
    "mfa_edit_webauthn": "the own second factors: any signed-in person",
    "web:choose-language": "stands behind core's own view of the same address",
    "web:choose-theme": "a cookie of this browser: for everybody",
    "web:design": "the component gallery, invented content only: for everybody",
}
PERSON_OF = {
    "director": "dana",
    "analyst": "ann",
    "coordinator": "cora",
    "principal": "priya",
    "teacher": "theo",
    "liaison": "lena",
    "family": "ali",
    "program_manager": "pam",
    "program_teacher": "pete",
    "mentor": "milo",
    "counselor": "cleo",
    "coach": "coco",
    "operator": "omar",
    **{role: key for key, (_name, role, _place) in ONLY_TODAY.items()},
}


def addresses(resolver=None, prefix="") -> Iterator[tuple[str, URLPattern]]:
    """Name and pattern of every address, in the order in which they are tried."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern, space)
        else:
            yield f"{prefix}{pattern.name}", pattern


ADDRESSES = dict(addresses())
DECLARED = {name: pattern for name, pattern in ADDRESSES.items() if hasattr(pattern.callback, "needs")}


def example(name: str, **ids) -> str:
    """An address with ids that nobody has, unless given."""
    kinds = ADDRESSES[name].pattern.converters
    nobody = {"UUIDConverter": uuid.uuid4(), "IntConverter": 999_999_999, "StringConverter": "nothing"}
    return reverse(name, kwargs={key: ids.get(key, nobody[type(kind).__name__]) for key, kind in kinds.items()})


def test_every_address_has_a_name():
    assert [pattern for name, pattern in addresses() if name.endswith("None")] == []


def test_every_address_declares_what_it_needs_or_is_listed_with_a_reason():
    undeclared = set(ADDRESSES) - set(DECLARED)

    assert undeclared == set(UNDECLARED)


def test_every_permission_is_had_by_a_role_and_needed_by_a_view():
    had = set().union(*(role.may for role in ROLES.values()))
    needed = set().union(*(pattern.callback.needs for pattern in DECLARED.values()))
    # Asked for inside a view: lineage is a part of the student's page.
    by_part = {
        Permission.SEE_LINEAGE,
        Permission.SEE_SYSTEM,
        Permission.CHANGE_OWN_LANGUAGE,
        Permission.ASK_EMERGENCY,
    }

    assert had == set(Permission)
    assert had - needed == by_part


def both(client, address) -> list[HttpResponse]:
    """The answers to asking and to sending, whichever of them the view takes."""
    answers = [client.get(address), client.post(address)]
    return [answer for answer in answers if answer.status_code != 405]


@pytest.mark.database
def test_signed_out_every_address_that_needs_something_leads_to_the_sign_in(world):
    client = visitor()

    for name, pattern in DECLARED.items():
        if pattern.callback.needs:
            for answer in both(client, example(name)):
                assert answer.status_code == 302, name
                assert answer.url.startswith("/account/sign-in/?next="), name


@pytest.mark.database
@pytest.mark.parametrize("role", PERSON_OF)
def test_each_role_reaches_exactly_what_it_may(world, role):
    client = signed_in(f"{PERSON_OF[role]}@example.org")

    for name, pattern in DECLARED.items():
        allowed = not pattern.callback.needs or bool(ROLES[role].may & set(pattern.callback.needs))
        for answer in both(client, example(name)):
            assert (answer.status_code != 403) is allowed, f"{role} at {name}: {answer.status_code}"
            assert answer.status_code < 500, f"{role} at {name}"


def test_the_cast_has_somebody_for_every_role():
    assert set(PERSON_OF) == set(ROLES)


# What differs between two answers and says nothing: nonces, tokens, reference codes, and the id that was asked for.
SAYS_NOTHING = re.compile(
    r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|csrfToken[^,]*'
    r'|<span class="num">[A-Z0-9]{3}-[A-Z0-9]{3}</span>|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
)


def told(answer: HttpResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """What an answer tells: status, body and headers without the parts that say nothing."""
    headers = [(key, SAYS_NOTHING.sub("", value)) for key, value in answer.items()]
    headers = [(key, "" if key in {"Content-Security-Policy", "Date", "Expires"} else value) for key, value in headers]
    return answer.status_code, SAYS_NOTHING.sub("", answer.content.decode()), headers


# Who is left to the drills by `tests/walls/test_sweep.py`, which asks for more as the others.
@pytest.mark.database
@pytest.mark.parametrize("person", ["otto", "ann", "priya", "lena"])
def test_another_owners_id_answers_exactly_like_a_missing_one(world, other_ids, person):
    client = signed_in(f"{person}@example.org")
    hidden = other_ids(person)
    asked = [name for name, pattern in DECLARED.items() if "pk" in pattern.pattern.converters]
    assert asked

    for name in asked:
        missing = [told(answer) for answer in both(client, example(name, pk=uuid.uuid4()))]
        for owned in hidden:
            ours = [told(answer) for answer in both(client, example(name, pk=owned))]
            assert ours == missing, f"{person} at {name}"


@pytest.fixture
def other_ids(world, databases):
    """One id of every table that exists and that the person may not see: a student, a batch, a guardian and so on."""
    import psycopg
    from django.db import connection

    from commonground.store.walls import PUBLIC, enter, walled_models

    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as outside:
        for owner in (world.NORTH, world.SOUTH):
            outside.execute(
                "insert into intake_batch (id, owner_id, number, format, version, status, label, size_bytes, digest, step,"
                " summary, sent_by_id, sent_at) values (gen_random_uuid(), %s, 1, '', '', 'checked', 'x.zip', 9, '', '',"
                " '{\"base\": []}', %s, now())",
                [owner, world.CORA if owner == world.NORTH else world.OTTO],
            )
        everything = {
            table: {row[0] for row in outside.execute(f"select id from {table}").fetchall()}
            for table, model in walled_models().items()
            if not model.wall.ledger and any(field.name == "id" for field in model._meta.fields)
        }

    def hidden(person):
        found = set()
        with enter(person=getattr(world, person.upper()), purpose="test"):
            for table, model in walled_models().items():
                if table in everything and model.wall.category != PUBLIC:
                    found |= set(sorted(everything[table] - set(model.objects.values_list("pk", flat=True)))[:1])
        return sorted(found)

    return hidden
