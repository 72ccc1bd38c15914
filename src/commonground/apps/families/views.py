"""Pages for families: coming in, asking for a correction; and the coordinator's side of both."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs, open_to_all
from commonground.apps.core.actions import LinkClosed
from commonground.apps.core.codes import count_miss, has_missed_too_often, shown_code, way_in
from commonground.apps.core.models import Organization
from commonground.apps.core.people.actions import SHEET_DAYS
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import grants_today, has_second_factor, held_at, open_invitation
from commonground.apps.core.requests import Request
from commonground.apps.core.views import WITH_PASSWORD
from commonground.apps.families import actions
from commonground.apps.families.forms import AnswerForm, ComeInForm, CorrectionForm, FamilySearchForm
from commonground.apps.families.models import Correction
from commonground.apps.families.queries import district_corrections, families_of, listed, own_corrections
from commonground.apps.roster.models import Guardian
from commonground.apps.roster.queries import own_children


@require_http_methods(["GET", "POST"])
@needs(Permission.SERVE_FAMILIES)
def families(request: Request) -> HttpResponse:
    """Guardians by their children's names, and which have an account. Letters are sent, never in an address."""
    districts = held_at(request.grants, "coordinator")
    schools = Organization.objects.schools().filter(owner_id__in=districts).order_by("name")
    form = FamilySearchForm(request.POST or None, schools=schools)
    asked = form.cleaned_data if form.is_valid() else {}
    school = asked.get("school")
    rows = families_of(
        districts, letters=asked.get("letters", ""), school_id=school.pk if school else None, now=timezone.now()
    )
    return render(request, "families/families.html", {"form": form, "rows": rows, "narrowed": bool(asked)})


@require_POST
@needs(Permission.SERVE_FAMILIES)
def print_sheet(request: Request, pk: UUID) -> HttpResponse:
    """A new sheet for this guardian, in the language of the home where pages exist in it."""
    guardian = get_object_or_404(Guardian, pk=pk, owner_id__in=held_at(request.grants, "coordinator"), ended_on=None)
    known = {code for code, _name in settings.LANGUAGES}
    home = (guardian.home_language or "").split("-", 1)[0]
    language = home if home in known else settings.LANGUAGE_CODE
    code = actions.print_family_code(guardian=guardian, language=language, by=request.user.pk, now=timezone.now())
    page = {
        "guardian": guardian,
        "district": Organization.objects.get(pk=guardian.owner_id).name,
        "code": shown_code(code),
        "address": settings.PUBLIC_ADDRESS.split("://", 1)[-1],
        "days": SHEET_DAYS,
        "back": reverse("families:families"),
        "sheet_language": language,
    }
    with override(language):
        return render(request, "families/sheet.html", page)


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def come_in(request: Request) -> HttpResponse:
    """Choose a phone number or an address and a password, and see the own children; or add them to the account one has."""
    if request.user.is_authenticated:
        return render(request, "families/sign_out_first.html")
    now = timezone.now()
    if has_missed_too_often(request):
        return render(request, "core/link_closed.html", status=429)
    invitation = open_invitation(way_in(request), now=now)
    if invitation is None or invitation.guardian_id is None:
        count_miss(request)
        return render(request, "core/link_closed.html", status=404)
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    language = (get_language() if chosen else invitation.language) or settings.LANGUAGE_CODE
    with override(language):
        form, status = ComeInForm(request.POST or None), 200
        if form.is_bound and form.is_valid():
            try:
                person = actions.come_in(
                    digest=way_in(request),
                    email=form.cleaned_data["email"],
                    phone=form.cleaned_data["phone"],
                    name=form.cleaned_data["name"],
                    password=form.cleaned_data["password"],
                    language=language,
                    now=now,
                )
            except LinkClosed:
                return render(request, "core/link_closed.html", status=404)
            except actions.WrongPassword as wrong:
                count_miss(request)
                form.add_error("password", str(wrong))
            else:
                del request.session["way_in"]
                # Staff, and whoever has a second step, sign in as always: a sheet replaces no factor.
                if has_second_factor(person.pk) or any(grant.is_staff for grant in grants_today(person.pk)):
                    return redirect("account_login")
                login(request, person, backend=WITH_PASSWORD)
                return redirect("home:today")
        if form.errors:
            status = 422
        page = {"form": form, "district": invitation.district, "sheet_language": language}
        return render(request, "families/come_in.html", page, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_CHILDREN)
def corrections(request: Request) -> HttpResponse:
    """Ask the district to correct something, and read what it answered."""
    form = CorrectionForm(request.POST or None, children=own_children())
    if form.is_bound and form.is_valid():
        made = actions.ask_correction(
            student=form.student,
            about=form.cleaned_data["about"],
            words=form.cleaned_data["words"],
            by=request.user.pk,
            now=timezone.now(),
        )
        messages.success(
            request,
            _("Your district has it, and answers by %(day)s.") % {"day": date_format(made.due_on, "DATE_FORMAT")},
        )
        return redirect("families:corrections")
    page = {"form": form, "asked": own_corrections(today=timezone.localdate())}
    return render(request, "families/corrections.html", page, status=422 if form.errors else 200)


@require_GET
@needs(Permission.SERVE_FAMILIES)
def asked(request: Request) -> HttpResponse:
    """What families have asked the district to correct, the soonest due first."""
    rows = district_corrections(held_at(request.grants, "coordinator"), today=timezone.localdate())
    return render(request, "families/asked.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@needs(Permission.SERVE_FAMILIES)
def answer(request: Request, pk: UUID) -> HttpResponse:
    """One correction, and the district's answer."""
    found = get_object_or_404(Correction, pk=pk, owner_id__in=held_at(request.grants, "coordinator"))
    form, problem = AnswerForm(request.POST or None), ""
    if form.is_bound and form.is_valid():
        try:
            actions.answer_correction(
                correction_id=found.pk,
                outcome=form.cleaned_data["outcome"],
                answer=form.cleaned_data["answer"],
                by=request.user.pk,
                now=timezone.now(),
            )
        except actions.AlreadyAnswered as answered:
            problem = str(answered)
        else:
            messages.success(request, _("The family reads the answer in its account."))
            return redirect("families:asked")
    page = {
        "one": listed(Correction.objects.filter(pk=found.pk), today=timezone.localdate())[0],
        "form": form,
        "problem": problem,
    }
    return render(request, "families/answer.html", page, status=422 if form.errors else 409 if problem else 200)
