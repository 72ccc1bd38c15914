"""Pages of whoever leads an organization: its own sign-in, tried before anybody depends on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import IdentityProvider, Organization
from commonground.apps.core.openid import actions
from commonground.apps.core.openid.fetching import checked_place
from commonground.apps.core.openid.forms import ProviderForm
from commonground.apps.core.openid.journey import return_address
from commonground.apps.core.openid.queries import providers_at
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.trying import try_provider
from commonground.apps.core.people.queries import places_of
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request


def _own_places(request: Request) -> frozenset[UUID]:
    """The organizations that the person leads, and for whose people the person may decide."""
    return places_of(request.grants, today=timezone.localdate()).here


def _own_or_404(request: Request, pk: UUID) -> IdentityProvider:
    return get_object_or_404(providers_at(_own_places(request)), pk=pk)


@require_GET
@needs(Permission.MANAGE_PEOPLE)
def providers(request: Request) -> HttpResponse:
    """The own organization's sign-in: what there is, and whether its button is shown."""
    return render(request, "core/openid/providers.html", {"providers": providers_at(_own_places(request))})


@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def add_provider(request: Request) -> HttpResponse:
    """A new provider, off until it was tried: the address for registering Commonground there comes with it."""
    places = list(Organization.objects.filter(pk__in=_own_places(request)).order_by("name"))
    form = ProviderForm(request.POST or None, organizations=places)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data.get("organization")
        place = form.organizations[chosen] if chosen else places[0]
        made = _save(request, form, place.pk, None)
        if made is not None:
            messages.success(request, _("The provider is saved. Nobody sees its button yet."))
            return redirect("people:provider", pk=made)
    return render(request, "core/openid/add_provider.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def provider(request: Request, pk: UUID) -> HttpResponse:
    """One provider: what is saved, the address it sends people back to, and the button that tries it."""
    found = _own_or_404(request, pk)
    form = ProviderForm(request.POST or None, organizations=[], provider=found)
    if form.is_bound and form.is_valid() and _save(request, form, found.organization_id, found.pk) is not None:
        messages.success(request, _("The provider is saved."))
        return redirect("people:provider", pk=pk)
    return _page(request, found, form, status=422 if form.errors else 200)


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def try_it(request: Request, pk: UUID) -> HttpResponse:
    """Ask the provider now, and say what it answered."""
    found = _own_or_404(request, pk)
    findings = try_provider(found)
    record_event(
        EventKind.PROVIDER_TRIED,
        person_id=request.user.pk,
        organization_id=found.organization_id,
        detail={"provider": str(found.pk), "worked": all(one.tone != "stop" for one in findings)},
    )
    return _page(request, found, ProviderForm(organizations=[], provider=found), findings=findings)


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def remove_provider(request: Request, pk: UUID) -> HttpResponse:
    """The provider goes, with every connection. First its button must be off."""
    found = _own_or_404(request, pk)
    try:
        actions.remove_provider(provider=found, by=request.user.pk)
    except Refused as refused:
        return _page(request, found, ProviderForm(organizations=[], provider=found), problem=str(refused), status=422)
    messages.success(request, _("The provider is removed. Everybody signs in with their password."))
    return redirect("people:providers")


def _save(request: Request, form: ProviderForm, organization_id: UUID, provider_id: UUID | None) -> UUID | None:
    """The saved provider's id; None when it was refused, which then stands at the form."""
    typed = {"is_on": False, **form.cleaned_data}
    try:
        checked_place(typed["issuer"])
        return actions.save_provider(
            provider_id=provider_id, organization_id=organization_id, typed=typed, by=request.user.pk
        )
    except SignInRefused as refused:
        form.add_error("issuer", str(refused))
    except Refused as refused:
        form.add_error("client_secret" if refused.word == "provider_bare" else None, str(refused))
    return None


def _page(
    request: Request, found: IdentityProvider, form: ProviderForm, *, status: int = 200, **rest: Any
) -> HttpResponse:
    page = {
        "provider": found,
        "form": form,
        "address": return_address(found),
        "connected": found.identities.count(),
        **rest,
    }
    return render(request, "core/openid/provider.html", page, status=status)
