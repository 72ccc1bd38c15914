"""Codes of an authenticator app: typed a little late or by a clock a little wrong, and never twice."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from tests.authenticator_app import PERIOD, code_of, with_second_step
from tests.signing_in import visitor

from commonground.apps.core.models import Event, Person

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"
# The last tenth of a second in which the app shows a code.
TURN = 1_800_000_000 - 0.1


@pytest.fixture
def clock(monkeypatch):
    """Set the clock by which codes are judged; everything else keeps the time."""

    def set_to(moment: float) -> None:
        monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: moment)

    return set_to


@pytest.fixture
def cora(world):
    """Cora's password and app: the secret that the app keeps."""
    person = Person.objects.get(pk=world.CORA)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return with_second_step(world.CORA)


def signs_in_with(code: str) -> bool:
    """Whether Cora comes in with her password and this code."""
    client = visitor()
    client.post("/account/sign-in/", {"login": "cora@example.org", "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code})
    return client.get("/students/").status_code == 200


def test_codes_follow_the_published_example():
    # RFC 6238, appendix B: secret "12345678901234567890", time 59 s, the last six of 94287082.
    assert code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59) == "287082"


@pytest.mark.parametrize(("late", "comes_in"), [(0, True), (PERIOD, True), (-PERIOD, True), (2 * PERIOD, False)])
def test_a_code_is_good_for_one_step_before_and_after_its_own(cora, clock, late, comes_in):
    # RFC 6238, section 5.2: the next code appears while somebody still types the last one.
    clock(TURN)

    assert signs_in_with(code_of(cora, at=TURN - late)) is comes_in


def test_an_app_is_taken_with_the_code_it_showed_a_moment_ago(world, clock):
    person = Person.objects.get(pk=world.CORA)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    client = visitor()
    client.post("/account/sign-in/", {"login": "cora@example.org", "password": PASSWORD})
    page = client.get("/account/security/app/")
    code = code_of(page.context["form"].secret, at=TURN)
    clock(TURN + 1)

    answer = client.post("/account/security/app/", {"code": code}, follow=True)

    assert b"Keep these codes somewhere safe" in answer.content


def test_a_code_opens_once_as_long_as_it_is_good(cora, clock):
    from allauth.mfa.models import Authenticator

    code = code_of(cora, at=TURN)
    clock(TURN)
    assert signs_in_with(code)

    clock(TURN + 1)
    # What the library remembers for the one step it reckons with has passed.
    cache.delete(Authenticator.objects.get().wrap()._get_used_cache_key(code))

    assert not signs_in_with(code)
    assert not signs_in_with(f" {code[:3]} {code[3:]}")


def test_a_used_code_counts_as_a_wrong_one_and_does_not_begin_the_count_anew(cora, clock):
    from allauth.mfa.models import Authenticator

    code = code_of(cora, at=TURN)
    clock(TURN)
    assert signs_in_with(code)
    cache.delete(Authenticator.objects.get().wrap()._get_used_cache_key(code))
    failed = Event.objects.filter(kind="account.sign_in_failed").count()

    clock(TURN + 1)
    client = visitor()
    client.post("/account/sign-in/", {"login": "cora@example.org", "password": PASSWORD})
    for typed in ("000000", "000001", "000002", "000003", code):
        client.post(reverse("mfa_authenticate"), {"code": typed})

    assert Event.objects.filter(kind="account.sign_in_failed").count() == failed + 5
    # Five have failed: even the right one waits.
    assert not signs_in_with(code_of(cora, at=TURN + 1))
