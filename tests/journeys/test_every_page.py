"""Every page that can be opened by its address, full, empty, denied, missing and with an error, light and dark: axe and
the content security policy find nothing."""

import uuid

import pytest
from django.utils import timezone
from tests.journeys.browser import assert_accessible, assert_no_csp_violations
from tests.journeys.test_language import sign_in
from tests.openid_provider import Provider, saved
from tests.site import Site

from commonground.apps.core.models import Agreement
from commonground.apps.measures.queries.counts import school_year_of

pytestmark = [pytest.mark.browser, pytest.mark.database]

SIGNED_OUT = (
    "/",
    "/account/sign-in/",
    "/account/demonstration/",
    "/account/link/none/",
    "/account/closed/",
    "/people/code/",
    "/design/",
    "/account/from/{provider}/",
)
# Who opens what: the person of `tests/world.py`, and the state in which the page then is.
FULL = {
    "cora": (
        "/",
        "/agreements/",
        "/who-looked/",
        "/students/",
        "/students/{amina}/",
        "/data/",
        "/data/{batch}/",
        "/people/",
        "/people/add/",
        "/people/add/?place={north}",
        "/people/roles/",
        "/people/sign-in/",
        "/people/sign-in/add/",
        "/people/sign-in/{provider}/",
        "/people/emergencies/",
        "/families/",
        "/families/asked/",
        "/caseloads/",
        "/caseloads/students/{amina}/",
        "/collaborative/leaving/",
        "/collaborative/leaving/{north}/",
        "/collaborative/keeping/{north}/",
        "/collaborative/agreements/write/",
        "/collaborative/agreements/{agreement}/",
        "/collaborative/notices/",
        "/collaborative/notices/{north}/{school_year}/?language=es",
        "/collaborative/incidents/",
    ),
    "dana": (
        "/",
        "/agreements/",
        "/students/",
        "/data/{batch}/",
        "/data/{batch}/held/",
        "/districts/",
        "/districts/composition/",
        "/districts/composition/?by=grade",
        "/districts/composition/?what=meals",
        "/districts/mixing/",
        "/districts/state-file/",
        "/collaborative/",
        "/collaborative/name/",
        "/collaborative/members/",
        "/collaborative/mail/",
        "/collaborative/owners/",
        "/people/mail/",
    ),
    "theo": ("/", "/students/", "/account/security/", "/account/security/app/", "/account/password/"),
    "ali": ("/", "/who-looked/", "/families/corrections/", "/account/security/", "/account/security/passkeys/"),
    "lena": ("/", "/students/"),
    "milo": ("/", "/students/", "/caseloads/own/"),
    "omar": ("/", "/people/emergencies/", "/collaborative/incidents/", "/collaborative/incidents/file/"),
}
EMPTY = {
    "otto": ("/data/", "/who-looked/", "/people/sign-in/"),
    "cora": ("/students/?school={missing}", "/data/{batch}/held/?code=none"),
}
DENIED = {
    "ali": (
        "/data/",
        "/districts/",
        "/districts/composition/",
        "/districts/mixing/",
        "/districts/state-file/",
        "/students/",
    ),
    "omar": ("/students/", "/data/{batch}/", "/people/sign-in/"),
}
MISSING = {"otto": ("/data/{batch}/", "/people/sign-in/{provider}/", "/students/{amina}/", "/nowhere/")}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["signed out", "full", "empty", "denied", "missing", "error"])
def test_no_page_breaks_a_rule(state, theme, site: Site, world, after_first_file, open_page) -> None:
    known = {"amina": world.AMINA, "batch": after_first_file, "missing": uuid.uuid4(), "north": world.NORTH}
    known["school_year"] = school_year_of(timezone.localdate())
    known["agreement"] = Agreement.objects.get(owner_id=world.NORTH).pk
    known["provider"] = saved(Provider("https://login.example.org"), by=world.CORA, place=world.NORTH)
    people = {"full": FULL, "empty": EMPTY, "denied": DENIED, "missing": MISSING}.get(state, {})
    opened = 0
    for key, paths in people.items():
        page = open_page(theme=theme)
        sign_in(page, site, world.address(key))
        for path in paths:
            answer = page.goto(site.url + path.format(**known))
            assert answer is not None
            assert answer.status == {"denied": 403, "missing": 404}.get(state, 200), (key, path, answer.status)
            assert_accessible(page)
            assert_no_csp_violations(page)
            opened += 1
        page.context.close()
    if state == "signed out":
        page = open_page(theme=theme)
        for path in SIGNED_OUT:
            page.goto(site.url + path.format(**known))
            assert_accessible(page)
            assert_no_csp_violations(page)
            opened += 1
    if state == "error":
        page = open_page(theme=theme)
        sign_in(page, site, world.address("cora"))
        page.goto(f"{site.url}/data/")
        page.locator("form[enctype]").evaluate("form => form.noValidate = true")
        page.get_by_role("button", name="Send and check").click()
        page.locator("[aria-invalid=true]").wait_for()
        assert_accessible(page)
        assert_no_csp_violations(page)
        opened += 1
    assert opened
