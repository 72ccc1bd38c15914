"""A code that opens an account stands in no address of a form and in no line of the log."""

import io
import logging
import logging.config

import pytest
from django.conf import settings
from django.test import Client
from tests.signing_in import visitor

from commonground.apps.core.codes import new_code

pytestmark = pytest.mark.database


@pytest.fixture
def log(monkeypatch):
    """What the site's own handler writes."""
    written = io.StringIO()
    configured = logging.config.DictConfigurator(settings.LOGGING)
    configured.configure()
    console = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    monkeypatch.setattr(console, "stream", written)
    return written


def test_a_link_that_opens_nothing_is_not_logged_with_its_token(world, log):
    token = new_code()

    answer = visitor().get(f"/account/link/{token}/", follow=True)

    assert answer.status_code == 404
    assert answer.redirect_chain == [("/account/link/", 302)]
    assert "/account/link/" in log.getvalue()
    assert token not in log.getvalue()


def test_a_failed_post_is_not_logged_with_its_token(world, log):
    token, strict = new_code(), Client(SERVER_NAME="localhost", enforce_csrf_checks=True)

    assert visitor().post(f"/account/link/{token}/", {"name": "x"}).status_code == 405
    assert strict.post(f"/account/link/{token}/", {"name": "x"}).status_code in {403, 405}
    assert visitor().post(f"/families/come-in/{token}/", {"name": "x"}).status_code == 404

    assert "(hidden)" in log.getvalue()
    assert token not in log.getvalue()


def test_the_session_keeps_no_code(world, databases):
    from django.contrib.sessions.models import Session

    token = new_code()
    visitor().get(f"/account/link/{token}/")

    kept = [one.get_decoded() for one in Session.objects.all()]
    assert kept
    assert token not in str(kept)
