"""Pages about the account: the demonstration's sign-in, one-time links, the language."""

from allauth.account import views as account
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import open_to_all
from commonground.apps.core.actions import OWNER_ADDRESS, AddressTaken, LinkClosed, accept_invitation, change_language
from commonground.apps.core.codes import count_miss, has_missed_too_often, remember_way_in, way_in
from commonground.apps.core.demonstration_code import code_is_open
from commonground.apps.core.forms import DemonstrationForm, InvitationForm
from commonground.apps.core.models import Person
from commonground.apps.core.queries import (
    has_second_factor,
    has_too_many_failed_codes,
    invented_people,
    open_invitation,
)
from commonground.apps.core.requests import Request
from commonground.web import views as web_views
from commonground.web.languages import languages

WITH_PASSWORD = "allauth.account.auth_backends.AuthenticationBackend"  # noqa: S105 - the path of a class


@open_to_all
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def demonstration(request: Request) -> HttpResponse:
    """Sign in as an invented person with the code of this run. No such page where no demonstration runs."""
    if not code_is_open(request):
        raise Http404
    form = DemonstrationForm(request.POST or None)
    status = 200
    if form.is_bound:
        now = timezone.now()
        if has_too_many_failed_codes(now=now):
            form.add_error(None, _("Too many codes were wrong. Wait five minutes and try once more."))
            status = 429
        elif form.is_valid():
            person = authenticate(
                request, email=form.cleaned_data["email"], demonstration_code=form.cleaned_data["code"]
            )
            if person is not None:
                login(request, person)
                request.session["second_factor"] = True
                return redirect("home:today")
            form.add_error("code", _("This is not the code of this run. Copy the newest one from the terminal."))
            status = 422
        else:
            status = 422
    page = {"form": form, "people": invented_people(on=timezone.localdate())}
    return render(request, "core/demonstration.html", page, status=status)


@open_to_all
@never_cache
@require_GET
def open_link(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address, which logs and browsers keep, and go on to the form."""
    remember_way_in(request, token)
    return redirect("core:way-in")


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def use_way_in(request: Request) -> HttpResponse:
    """Choose name, address and password of an account by its one-time link, and be signed in."""
    now = timezone.now()
    if has_missed_too_often(request):
        return render(request, "core/link_closed.html", status=429)
    invitation = open_invitation(way_in(request), now=now)
    if invitation is None or invitation.person is None:
        count_miss(request)
        return render(request, "core/link_closed.html", status=404)
    if request.user.is_authenticated:
        return render(request, "core/sign_out_first.html")
    form = InvitationForm(request.POST or None, initial=_known_of(invitation.person))
    if form.is_bound and form.is_valid():
        try:
            person = accept_invitation(digest=way_in(request), now=now, **form.cleaned_data)
        except LinkClosed:
            return render(request, "core/link_closed.html", status=404)
        except AddressTaken as taken:
            form.add_error("email", str(taken))
        else:
            del request.session["way_in"]
            # A link replaces the password, never the second step of an account that has one.
            if has_second_factor(person.pk):
                return redirect("account_login")
            login(request, person, backend=WITH_PASSWORD)
            return redirect("home:today")
    page = {"form": form, "organization": invitation.person.grants.select_related("organization").first()}
    return render(request, "core/open_link.html", page, status=422 if form.errors else 200)


def _known_of(person: Person) -> dict[str, str]:
    """What the form already knows of somebody who was invited; nothing of the first owner."""
    return {} if person.email == OWNER_ADDRESS else {"name": person.name, "email": person.email}


@open_to_all
@require_POST
def choose_language(request: Request) -> HttpResponse:
    """Remember a language: with the person when signed in (recorded), in a cookie of this browser as well."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in languages():
        change_language(person=request.user, language=code)
    return web_views.choose_language(request)


@login_required
def change_password(request: Request) -> HttpResponse:
    """Change the own password. An account without one (an invented person's) has nothing to change here."""
    if not request.user.has_usable_password():
        return redirect("mfa_index")
    response: HttpResponse = account.password_change(request)
    return response
