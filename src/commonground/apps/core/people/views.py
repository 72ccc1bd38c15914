"""Pages about colleagues: who holds which role until when, letting people in, and how mail leaves."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs, open_to_all
from commonground.apps.core.asking import Refused
from commonground.apps.core.codes import count_miss, has_missed_too_often, remember_way_in, shown_code, way_in
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Invitation, MailSettings, Person
from commonground.apps.core.people import actions
from commonground.apps.core.people.forms import (
    CodeForm,
    ColleagueSearchForm,
    LastDayForm,
    MailForm,
    PeopleFilterForm,
    PersonForm,
    PlaceForm,
)
from commonground.apps.core.people.mail import MailRefused, checked_address, send_mail
from commonground.apps.core.people.queries import (
    Colleague,
    colleagues,
    one_colleague,
    places_of,
    roles_in_words,
    roles_to_give,
)
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may, open_invitation
from commonground.apps.core.requests import Request


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def people(request: Request) -> HttpResponse:
    """Colleagues by name, with role, days, last sign-in and second step. Letters of a name are sent, never in an address."""
    today = timezone.localdate()
    places = places_of(request.grants, today=today)
    form = PeopleFilterForm(request.GET, organizations=places.organizations())
    letters_form = ColleagueSearchForm(request.POST or None)
    letters = letters_form.cleaned_data["letters"].strip() if letters_form.is_valid() else ""
    page = {
        "form": form,
        "letters_form": letters_form,
        "letters": letters,
        "found": colleagues(places, today=today, letters=letters, **form.wanted()),
        "narrowed": bool(letters or any(request.GET.get(name) for name in form.fields)),
        "may_set_up_mail": may(request, Permission.SET_UP_MAIL),
    }
    return render(request, "core/people/people.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def add_person(request: Request) -> HttpResponse:
    """Give a role to somebody, new or known, and let new people in. Where comes first: it decides which roles there are."""
    today = timezone.localdate()
    places = places_of(request.grants, today=today)
    organizations = places.organizations()
    place_form = PlaceForm(request.GET or None, organizations=organizations)
    if not place_form.is_valid():
        if organizations.count() != 1:
            unasked = PlaceForm(organizations=organizations)
            return render(
                request, "core/people/choose_place.html", {"form": unasked if not request.GET else place_form}
            )
        place = organizations.get()
    else:
        place = place_form.cleaned_data["place"]
    has_mail = MailSettings.objects.exists()
    roles = roles_to_give(place, places)
    form = PersonForm(request.POST or None, roles=roles, today=today, has_mail=has_mail)
    if form.is_bound and form.is_valid():
        try:
            grant = actions.give_role(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                organization=place,
                since=form.cleaned_data["since"],
                until=form.first_day_after,
                by=request.user.pk,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return let_in(request, grant.person, form.cleaned_data["way"])
    page = {"form": form, "place": place, "roles": roles, "single": organizations.count() == 1}
    return render(request, "core/people/add_person.html", page, status=422 if form.errors else 200)


def let_in(request: Request, person: Person, way: str, *, back: str = "people:people") -> HttpResponse:
    """The answer after a role was given: a sheet to print, or the list again. back: the name of that list's page."""
    if person.is_active:
        messages.success(request, _("The role is given. The account was open already."))
        return redirect(back)
    try:
        if way != "mail":
            return _sheet(request, person, back=back)
        actions.invite_by_mail(person=person, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The link leaves by mail in a moment. The list says whether it did."))
    return redirect(back)


def _sheet(request: Request, person: Person, *, back: str) -> HttpResponse:
    code = actions.print_code(person=person, by=request.user.pk, now=timezone.now())
    page = {
        "person": person,
        "code": shown_code(code),
        "address": settings.PUBLIC_ADDRESS.split("://", 1)[-1],
        "days": actions.SHEET_DAYS,
        "back": reverse(back),
    }
    return render(request, "core/people/sheet.html", page)


def _colleague_or_404(request: Request, pk: UUID) -> Colleague:
    today = timezone.localdate()
    found = one_colleague(places_of(request.grants, today=today), pk, today=today)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PEOPLE)
def role(request: Request, pk: UUID) -> HttpResponse:
    """One role of one person: its days, which can be changed, and the way in."""
    found = _colleague_or_404(request, pk)
    form = LastDayForm(request.POST or None)
    if form.is_bound and form.is_valid():
        last = form.first_day_after
        held_until = found.grant.until
        try:
            if last and (held_until is None or last < held_until):
                actions.end_role(grant=found.grant, last_day=last, by=request.user.pk)
            elif last != held_until:
                actions.extend_role(grant=found.grant, until=last, by=request.user.pk)
        except Refused as refused:
            form.add_error("last_day", str(refused))
        else:
            messages.success(request, _("The last day is changed."))
            return redirect("people:role", pk=pk)
    return _role_page(request, found, form)


def _role_page(request: Request, found: Colleague, form: LastDayForm, problem: str = "") -> HttpResponse:
    page: dict[str, Any] = {
        "one": found,
        "form": form,
        "problem": problem,
        "has_mail": MailSettings.objects.exists(),
        "may_undo": found.grant.ended_by_id == request.user.pk and found.state == "ended",
    }
    return render(request, "core/people/role.html", page, status=422 if form.errors or problem else 200)


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def end_role(request: Request, pk: UUID) -> HttpResponse:
    """The role ends now: nothing that it opened can be seen any more, on any page, from the next request on."""
    found = _colleague_or_404(request, pk)
    try:
        actions.end_role(grant=found.grant, last_day=timezone.localdate(), by=request.user.pk)
    except Refused as refused:
        return _role_page(request, found, LastDayForm(), problem=str(refused))
    messages.success(request, _("The role has ended. You can take that back on this page until tomorrow."))
    return redirect("people:role", pk=pk)


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def reopen_role(request: Request, pk: UUID) -> HttpResponse:
    """Take the end back."""
    found = _colleague_or_404(request, pk)
    try:
        actions.reopen_role(grant=found.grant, by=request.user.pk)
    except Refused as refused:
        return _role_page(request, found, LastDayForm(), problem=str(refused))
    messages.success(request, _("The role is held again, as before."))
    return redirect("people:role", pk=pk)


@require_POST
@needs(Permission.MANAGE_PEOPLE)
def invite_again(request: Request, pk: UUID) -> HttpResponse:
    """A new link or sheet for somebody who has not come in yet; the one before opens nothing any more."""
    found = _colleague_or_404(request, pk)
    if found.state not in {"waiting", "later"} or found.grant.person.is_active:
        return _role_page(request, found, LastDayForm(), problem=_("This account is open already."))
    return let_in(request, found.grant.person, "mail" if request.POST.get("way") == "mail" else "sheet")


@require_GET
@needs(Permission.MANAGE_PEOPLE)
def roles(request: Request) -> HttpResponse:
    """What each role is for, where it is held, and what it lets the database show."""
    return render(request, "core/people/roles.html", {"roles": roles_in_words()})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@needs(Permission.SET_UP_MAIL)
def mail(request: Request) -> HttpResponse:
    """The mail server: saved when it may be reached from here."""
    server = MailSettings.objects.first()
    form = MailForm(request.POST or None, instance=server)
    if form.is_bound and form.is_valid():
        try:
            checked_address(form.cleaned_data["host"], form.cleaned_data["port"])
        except MailRefused as refused:
            form.add_error("port" if refused.word == "port" else "host", str(refused))
        else:
            actions.save_mail_settings(typed=form.cleaned_data, by=request.user.pk, now=timezone.now())
            messages.success(request, _("The mail server is saved. Send yourself a test mail."))
            return redirect("people:mail")
    page = {"form": form, "server": server, "to": request.user.email}
    return render(request, "core/people/mail.html", page, status=422 if form.errors else 200)


@require_POST
@needs(Permission.SET_UP_MAIL)
def test_mail(request: Request) -> HttpResponse:
    """Send a test mail to the person's own address, now, and say what became of it."""
    server = get_object_or_404(MailSettings)
    try:
        send_mail(
            to=request.user.email,
            subject=_("Test of Commonground’s mail"),
            text=_("This mail shows that Commonground can send mail. Nothing else is to be done."),
        )
    except MailRefused as refused:
        page = {"form": MailForm(instance=server), "server": server, "to": request.user.email, "problem": str(refused)}
        return render(request, "core/people/mail.html", page, status=422)
    server.tested_at = timezone.now()
    server.save(update_fields=["tested_at"])
    record_event(EventKind.MAIL_TESTED, person_id=request.user.pk)
    messages.success(request, _("The test mail has left. Look into your inbox."))
    return redirect("people:mail")


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def come_in(request: Request) -> HttpResponse:
    """Type the code of a printed sheet; what it opens comes next."""
    form, status = CodeForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if has_missed_too_often(request):
            form.add_error(None, _("Too many codes were wrong. Wait five minutes and try once more."))
            status = 429
        elif form.is_valid():
            remember_way_in(request, form.cleaned_data["code"])
            invitation = open_invitation(way_in(request), now=timezone.now())
            if invitation is not None:
                return redirect(_door(invitation))
            count_miss(request)
            form.add_error("code", _("No open sheet has this code. It may have been used, or be older than 30 days."))
    return render(request, "core/people/come_in.html", {"form": form}, status=status)


def _door(invitation: Invitation) -> str:
    return "core:way-in" if invitation.person_id else "families:open"
