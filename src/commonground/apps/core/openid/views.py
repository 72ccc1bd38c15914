"""Signing in by way of a provider, and connecting the account there with the own one here."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from allauth.mfa.base import views as second_factor
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs, open_to_all
from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.codes import count_miss, has_missed_too_often
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import IdentityProvider, Person
from commonground.apps.core.openid import actions
from commonground.apps.core.openid.journey import Arrival, begin, finish
from commonground.apps.core.openid.queries import providers_to_choose, ways_of
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import says_second_step
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request

WITH_PASSWORD = "allauth.account.auth_backends.AuthenticationBackend"  # noqa: S105 - the path of a class
# Nobody's guess: they count towards no limit.
BLAMELESS = {"silent", "stopped", "certificate", "name", "often"}
# Why the last answer was refused, in the session: one word.
REFUSED = "openid_refused"


def sign_in(request: HttpRequest) -> HttpResponse:
    """django-allauth's page, with a button for each provider."""
    page: Any = account.LoginView.as_view(extra_context={"providers": providers_to_choose()})
    response: HttpResponse = page(request)
    return response


def security(request: Request) -> HttpResponse:
    """django-allauth's page of the second factors, with the providers that may open the account."""
    ways = ways_of(request.user.pk) if request.user.is_authenticated and not request.must_add_factor else []
    page: Any = second_factor.IndexView.as_view(extra_context={"ways": ways})
    response: HttpResponse = page(request)
    return response


@open_to_all
@never_cache
@require_POST
def sign_in_with(request: Request, pk: UUID) -> HttpResponse:
    """Go on to the provider. A page in between leads there: forms of ours are sent to nobody else."""
    provider = get_object_or_404(IdentityProvider.objects.shown(), pk=pk)
    if request.user.is_authenticated:
        return redirect("home:today")
    if has_missed_too_often(request) or not ratelimit.consume(request, action="login"):
        return _refused(request, provider, SignInRefused("often"))
    return _leave(request, provider, next_path=_own_path(request, request.POST.get("next", "")))


@require_POST
@needs(Permission.SEE_TODAY)
@reauthentication_required
def connect(request: Request, pk: UUID) -> HttpResponse:
    """Go on to the provider to show which account there is the own one."""
    provider = get_object_or_404(IdentityProvider.objects.shown(), pk=pk)
    if not ask_database("may_come_by", provider.pk):
        return _refused(request, provider, SignInRefused("nobody"))
    return _leave(request, provider, connects=str(request.user.pk))


@require_POST
@needs(Permission.SEE_TODAY)
@reauthentication_required
def disconnect(request: Request, pk: UUID) -> HttpResponse:
    """The account there opens this one no more."""
    try:
        actions.disconnect(provider_id=pk, person=request.user)
    except (Refused, actions.OnlyWayIn) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The account there no longer opens this one. You can connect it again."))
    return redirect("mfa_index")


@open_to_all
@never_cache
@require_GET
def sign_in_from(request: Request, pk: UUID) -> HttpResponse:
    """Where the provider sends people back to: checked, then signed in or connected. Without an answer: why it was refused."""
    provider = get_object_or_404(IdentityProvider.objects.shown(), pk=pk)
    if not request.GET:
        return _refused(request, provider, SignInRefused(request.session.get(REFUSED, "state")))
    try:
        return _arrive(request, provider)
    except SignInRefused as refused:
        if refused.word not in BLAMELESS:
            count_miss(request)
        detail = {"way": "openid", "provider": str(provider.pk), "why": refused.word}
        record_event(EventKind.SIGN_IN_FAILED, person_id=refused.person_id, detail=detail)
        # The answer stands in the address, which browsers keep; the sentence gets one without.
        request.session[REFUSED] = refused.word
        return redirect("core:sign-in-from", pk=pk)


def _arrive(request: Request, provider: IdentityProvider) -> HttpResponse:
    if has_missed_too_often(request):
        raise SignInRefused("often")
    arrival = finish(request, provider, request.GET, now=timezone.now())
    if arrival.connects is not None:
        return _connected(request, provider, arrival)
    if request.user.is_authenticated:
        return redirect("home:today")
    person = actions.welcome(provider=provider, claims=arrival.claims)
    record_event(EventKind.IDENTITY_USED, person_id=person.pk, detail={"provider": str(provider.pk)})
    return _let_in(request, provider, person, arrival)


def _let_in(request: Request, provider: IdentityProvider, person: Person, arrival: Arrival) -> HttpResponse:
    """Signed in until the browser closes; the second step comes next, unless the operator trusts the provider's own."""
    request.session.set_expiry(0)
    if provider.issuer in settings.SECOND_STEP_ISSUERS and says_second_step(arrival.claims):
        login(request, person, backend=WITH_PASSWORD)
        request.session["second_factor"] = True
        return redirect(arrival.next_path or "home:today")
    record_authentication(request, person, "openid", provider=str(provider.pk))
    response: HttpResponse = perform_login(request, person, redirect_url=arrival.next_path or None)
    return response


def _connected(request: Request, provider: IdentityProvider, arrival: Arrival) -> HttpResponse:
    if not request.user.is_authenticated or str(request.user.pk) != arrival.connects:
        raise SignInRefused("state")
    try:
        actions.connect(provider=provider, claims=arrival.claims, person=request.user)
    except Refused as refused:
        detail = {"way": "openid", "provider": str(provider.pk), "why": refused.word}
        record_event(EventKind.SIGN_IN_FAILED, person_id=request.user.pk, detail=detail)
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The account is connected. From now on you can sign in with it."))
    return redirect("mfa_index")


def _leave(
    request: Request, provider: IdentityProvider, *, connects: str | None = None, next_path: str = ""
) -> HttpResponse:
    try:
        address = begin(request, provider, now=timezone.now(), connects=connects, next_path=next_path)
    except SignInRefused as refused:
        return _refused(request, provider, refused)
    page = {"provider": provider, "address": address, "host": urlsplit(address).hostname}
    return render(request, "core/openid/leaving.html", page)


def _refused(request: Request, provider: IdentityProvider, refused: SignInRefused) -> HttpResponse:
    page = {"provider": provider, "problem": str(refused)}
    return render(request, "core/openid/refused.html", page, status=429 if refused.word == "often" else 422)


def _own_path(request: Request, wanted: str) -> str:
    """The path where the person wanted to go, empty unless it is our own."""
    is_own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_own else ""
