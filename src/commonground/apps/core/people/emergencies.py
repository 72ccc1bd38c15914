"""Emergency access (break-glass): asking, approving and closing it, and telling the district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.categories import category_name
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import BreakGlass, Organization, Person, RoleGrant
from commonground.apps.core.people.mail import MailRefused, send_mail
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import Grant, held_at, may
from commonground.apps.core.requests import Request
from commonground.store.jobs import defer

OPENED = ("roster", "contact", "staff")
SHOWN = 50


class EmergencyForm(forms.Form):
    """Which district, which records, and why."""

    district = forms.ModelChoiceField(
        label=gettext_lazy("District"), queryset=Organization.objects.none(), empty_label=None
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Which records"),
        choices=lambda: [(one, category_name(one)) for one in OPENED],
        widget=forms.CheckboxSelectMultiple,
        initial=["roster"],
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=20,
        max_length=500,
        help_text=gettext_lazy("20 characters or more, without any child’s name. The district reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = (  # type: ignore[attr-defined]
            Organization.objects.districts().filter(memberships__isnull=False).distinct().order_by("name")
        )


@dataclass(frozen=True)
class Emergency:
    """An emergency access as a page shows it. state: asked, open, over or lapsed (asked, and never approved)."""

    row: BreakGlass
    state: str
    words: str
    may_approve: bool
    may_close: bool


def emergencies_of(grants: Sequence[Grant]) -> QuerySet[BreakGlass]:
    """Those the acting person asked, approves, or whose district they coordinate."""
    houses = held_at(grants, "operator", "director")
    operators = RoleGrant.objects.filter(role="operator", organization_id__in=houses).values("person_id")
    return BreakGlass.objects.filter(Q(person_id__in=operators) | Q(district_id__in=held_at(grants, "coordinator")))


def listed(grants: Sequence[Grant], *, person_id: UUID, now: datetime) -> list[Emergency]:
    """The newest first. One query."""
    rows = (
        emergencies_of(grants)
        .select_related("person", "district", "approved_by", "closed_by")
        .order_by("-asked_at")[:SHOWN]
    )
    approves = any(grant.role.key in {"operator", "director"} for grant in grants)
    return [_shown(row, person_id=person_id, approves=approves, now=now) for row in rows]


def _shown(row: BreakGlass, *, person_id: UUID, approves: bool, now: datetime) -> Emergency:
    is_old = (now - row.asked_at).total_seconds() > 86_400
    if row.closed_at or (row.until and row.until <= now):
        state = "over"
    elif row.until:
        state = "open"
    else:
        state = "lapsed" if is_old else "asked"
    words = ", ".join(map(category_name, row.categories))
    return Emergency(
        row, state, words, approves and state == "asked" and row.person_id != person_id, state in {"asked", "open"}
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_EMERGENCIES)
def emergencies(request: Request) -> HttpResponse:
    """Who was let in where, why and until when; an operator asks here."""
    asks = may(request, Permission.ASK_EMERGENCY)
    form = EmergencyForm(request.POST or None) if asks else None
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and form.is_bound and form.is_valid():
        try:
            made = ask_database(
                "ask_break_glass",
                form.cleaned_data["district"].pk,
                form.cleaned_data["categories"],
                form.cleaned_data["reason"],
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            record_event(
                EventKind.BREAK_GLASS_ASKED,
                person_id=request.user.pk,
                organization_id=form.cleaned_data["district"].pk,
                about=str(made),
            )
            messages.success(request, _("Asked. A second person approves it: another operator, or the director."))
            return redirect("people:emergencies")
    page = {"rows": listed(request.grants, person_id=request.user.pk, now=timezone.now()), "form": form}
    return render(request, "core/people/emergencies.html", page, status=422 if form and form.errors else 200)


@require_POST
@needs(Permission.APPROVE_EMERGENCY)
def approve(request: Request, pk: UUID) -> HttpResponse:
    """Let the operator in for four hours, and tell the district."""
    return _decide(request, pk, "approve_break_glass", EventKind.BREAK_GLASS_APPROVED)


@require_POST
@needs(Permission.SEE_EMERGENCIES)
def close(request: Request, pk: UUID) -> HttpResponse:
    """Close it at once."""
    return _decide(request, pk, "close_break_glass", EventKind.BREAK_GLASS_CLOSED)


def _decide(request: Request, pk: UUID, function: str, kind: EventKind) -> HttpResponse:
    found = emergencies_of(request.grants).filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        ask_database(function, pk)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("people:emergencies")
    record_event(kind, person_id=request.user.pk, organization_id=found.district_id, about=str(pk))
    if kind is EventKind.BREAK_GLASS_APPROVED:
        defer("core.mail-emergency", break_glass_id=pk)
        messages.success(request, _("Open for four hours. The district is told."))
    else:
        messages.success(request, _("Closed. Nothing of it can be seen any more."))
    return redirect("people:emergencies")


def tell_district(*, break_glass_id: UUID) -> int:
    """Mail the district's coordinators that somebody was let in, without any name; how many mails left."""
    found = BreakGlass.objects.filter(pk=break_glass_id).first()
    if found is None:
        return 0
    grants = RoleGrant.objects.in_force(timezone.localdate()).filter(
        role="coordinator", organization_id=found.district_id
    )
    left = 0
    for person in Person.objects.filter(pk__in=grants.values("person_id"), is_active=True):
        with override(person.language or settings.LANGUAGE_CODE):
            try:
                send_mail(
                    to=person.email,
                    subject=_("Emergency access to your district’s records"),
                    text=_(
                        "An operator was let in to records of your district for four hours.\n\n"
                        "Sign in to read who, why and what they looked at, and to close it at once:\n%(link)s"
                    )
                    % {"link": f"{settings.PUBLIC_ADDRESS}{reverse('people:emergencies')}"},
                )
            except MailRefused:
                continue
        left += 1
    return left
