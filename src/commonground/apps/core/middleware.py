"""Between the web server and a page: how long a session lasts, the second factor, and the way inside the walls."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.queries import grants_today, needs_second_factor, open_emergencies
from commonground.apps.core.requests import Request
from commonground.store.walls import enter

Next = Callable[[Request], HttpResponse]

# Pages that somebody may reach before the second factor is set up.
WITHOUT_SECOND_FACTOR = {"account_logout", "account_reauthenticate", "choose-language", "web:choose-theme"}


class WholePageSignIn:
    """Where a session has ended, a part that htmx asked for becomes the whole sign-in page, not a form in a table."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and response.status_code == 302:
            url = response.headers["Location"]
            if urlsplit(url).path == reverse(settings.LOGIN_URL):
                return HttpResponse(status=204, headers={"HX-Redirect": url})
        return response


class SessionLimits:
    """Ends staff sessions after 30 idle minutes or 12 hours, families' after 30 days (NIST SP 800-63B, AAL2)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(timezone.now().timestamp())
            started = request.session.setdefault("started_at", now)
            seen = request.session.get("seen_at", now)
            request.grants = grants_today(request.user.pk)
            request.emergencies = open_emergencies(request.user.pk, request.grants, now=timezone.now())
            if not request.grants:
                # Somebody who has left: the last role ended, by hand or by its day.
                logout(request)
                return redirect("account_inactive")
            is_staff = any(grant.is_staff for grant in request.grants)
            longest = settings.STAFF_ABSOLUTE_SECONDS if is_staff else settings.FAMILY_ABSOLUTE_SECONDS
            if now - started > longest or (is_staff and now - seen > settings.STAFF_IDLE_SECONDS):
                logout(request)
                return redirect(f"{reverse(settings.LOGIN_URL)}?ended=1")
            # Written at most once a minute, so that most pages only read.
            if now - seen >= 60 or "seen_at" not in request.session:
                request.session["seen_at"] = now
        else:
            request.grants, request.emergencies = (), ()
        return self.get_response(request)


class SecondFactor:
    """Staff without a passkey or a one-time code are led to set one up, and see nothing else before."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.must_add_factor = request.user.is_authenticated and needs_second_factor(request)
        if request.must_add_factor:
            name = resolve(request.path_info).view_name
            if not name.startswith("mfa_") and name not in WITHOUT_SECOND_FACTOR:
                return redirect("mfa_index")
        return self.get_response(request)


class EnterWalls:
    """Opens the transaction and acts as the signed-in person in it. Rolled back on every status of 500 and more.

    No browser and no proxy keeps what a signed-in person was shown. A look that was denied, or that found no such record,
    is recorded after the transaction, whatever became of it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with enter(person=request.user.pk, purpose=f"page {request.path_info[:60]}"):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        add_never_cache_headers(response)
        place = request.resolver_match
        if place is not None and (response.status_code == 403 or (response.status_code == 404 and place.kwargs)):
            record_event(EventKind.LOOK_REFUSED, person_id=request.user.pk, about=place.view_name)
        return response
