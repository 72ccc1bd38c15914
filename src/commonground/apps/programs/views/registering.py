"""Registering children: by the family on its phone, or by staff for a family and from paper; giving a seat back."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.programs import queries
from commonground.apps.programs.actions import (
    NotShared,
    NotYours,
    OfferingClosed,
    change_care,
    register_children,
    withdraw,
)
from commonground.apps.programs.forms.registering import (
    CareForm,
    ChildForm,
    ChildSearchForm,
    MealsForm,
    RegistrationForm,
    StaffRegistrationForm,
)
from commonground.apps.programs.meals import answer_meals, asked_of, meals_answers
from commonground.apps.programs.models import Care, Offering, Registration, Seat
from commonground.apps.programs.views.framing import districts_of, frame, offering_or_404, record_named


@require_http_methods(["GET", "POST"])
@needs(Permission.REGISTER_CHILDREN)
def register(request: Request, pk: UUID) -> HttpResponse:
    """The registration form: a family's own children, or children that staff find by name."""
    offering = offering_or_404(request, pk)
    if may(request, Permission.SEE_OWN_CHILDREN):
        return _register_own(request, offering)
    return _register_for_family(request, offering)


def _register_own(request: Request, offering: Offering) -> HttpResponse:
    family = queries.family_children(offering, today=timezone.localdate())
    if _was_saved(request, family):
        return redirect("programs:offering", pk=offering.pk)
    children = [child for child in family if child.may_register]
    guardian = queries.own_guardian()
    initial = {
        "contact_name": guardian.full_name if guardian else "",
        "contact_phone": (guardian.sms or guardian.phone or "") if guardian else "",
    }
    form = RegistrationForm(request.POST or None, initial=initial, kind=offering.described)
    child_forms = _child_forms(request, offering, children, sent=request.method == "POST")
    if len(child_forms) == 1 and request.method == "GET":
        child_forms[0].initial["takes_part"] = True
    if request.method == "POST" and _saved(request, offering, form, child_forms):
        return redirect("programs:offering", pk=offering.pk)
    page = frame(request, offering, "programs:offering") | {
        "form": form,
        "child_forms": child_forms,
        "left": queries.seats_left(offering, districts=districts_of(request)),
        "is_open": offering.is_open(timezone.localdate()),
    }
    return render(request, "programs/register.html", page, status=422 if form.errors else 200)


def _register_for_family(request: Request, offering: Offering) -> HttpResponse:
    """Search and form are one page: what was typed stays while the child is looked for."""
    today = timezone.localdate()
    letters = ChildSearchForm(request.POST or None)
    words = letters.cleaned_data["letters"].strip() if letters.is_valid() else ""
    is_sent = request.method == "POST" and "find" not in request.POST
    found = queries.find_children(offering, words)
    if is_sent and _was_saved(request, found):
        return redirect("programs:register", pk=offering.pk)
    children = [child for child in found if child.may_register]
    form = StaffRegistrationForm(request.POST if is_sent else None, kind=offering.described, today=today)
    child_forms = _child_forms(request, offering, children, sent=is_sent, by_staff=True)
    if is_sent and _saved(request, offering, form, child_forms):
        return redirect("programs:register", pk=offering.pk)
    page = frame(request, offering, "programs:offering") | {
        "form": form,
        "letters_form": ChildSearchForm(initial={"letters": words}),
        "letters": words,
        "child_forms": child_forms,
        "registered": [child for child in found if not child.may_register and child.listed],
        "served": queries.served(offering, by=request.user.pk),
        "left": queries.seats_left(offering, districts=districts_of(request)),
        "is_open": offering.opens_on <= today <= offering.ends_on,
        "for_family": True,
        "most": queries.MOST_FOUND,
    }
    return render(request, "programs/register.html", page, status=422 if form.errors else 200)


def _child_forms(
    request: Request, offering: Offering, children: list[queries.FamilyChild], *, sent: bool, by_staff: bool = False
) -> list[ChildForm]:
    rides, asked = list(queries.rides_of(offering)), asked_of(offering, on=timezone.localdate())
    data = request.POST if sent else None
    return [
        ChildForm(data, child=child, rides=rides, asks_meals=child.student.owner_id in asked, by_staff=by_staff)
        for child in children
    ]


def _was_saved(request: Request, children: Sequence[queries.FamilyChild]) -> bool:
    """Whether the children ticked are all registered: the form came in before, and whoever sent it had no answer."""
    ticked = [one for one in children if request.POST.get(f"{one.student.pk}-takes_part")]
    registrations = [one.listed.registration for one in ticked if one.listed and not one.may_register]
    if not registrations or len(registrations) < len(ticked):
        return False
    _tell(request, registrations)
    return True


def _tell(request: Request, registrations: list[Registration]) -> None:
    """Say what became of the registrations."""
    states = set(Seat.objects.filter(registration__in=registrations).values_list("state", flat=True))
    if states == {Seat.State.SEATED}:
        messages.success(request, _("Registered, with a seat."))
    else:
        messages.success(request, _("Registered, on the waiting list. This page shows the place."))


def _saved(request: Request, offering: Offering, form: RegistrationForm, child_forms: list[ChildForm]) -> bool:
    """Whether the registration was taken; else the form says why not."""
    today = timezone.localdate()
    taking_part = [one for one in child_forms if one.is_valid() and one.cleaned_data["takes_part"]]
    if not form.is_valid():
        return False
    if not taking_part:
        form.add_error(None, _("Choose the child who takes part."))
        return False
    try:
        registrations = register_children(
            offering=offering,
            form=form.form(language=get_language() or "en", today=today),
            children=[(one.child.student, one.care(form.cleaned_data)) for one in taking_part],
            meals={one.child.student.pk: one.cleaned_data.get("meals", "") for one in taking_part},
            by=request.user.pk,
            now=timezone.now(),
        )
    except (OfferingClosed, NotShared, NotYours) as refused:
        form.add_error(None, str(refused))
        return False
    _tell(request, registrations)
    return True


@require_http_methods(["GET", "POST"])
@needs(Permission.REGISTER_CHILDREN)
def care(request: Request, pk: UUID) -> HttpResponse:
    """What those in charge must know of a registered child: changed by the family, or by who wrote it down for one."""
    found = get_object_or_404(Registration.objects.select_related("student", "owner", "offering__owner"), pk=pk)
    if not queries.may_change([found], category="health"):
        raise Http404
    known = Care.objects.filter(registration=found).select_related("written_by").first()
    form = CareForm(request.POST or None, care=known, rides=queries.rides_of(found.offering))
    if form.is_valid() and _care_saved(request, found, form):
        return redirect("programs:care", pk=pk)
    record_named(request, [found], page="programs:care")
    page = frame(request, found.offering, "programs:offering") | {
        "child": found.student,
        "form": form,
        "care": known,
        "changes": queries.care_changes(found, CareForm.words()),
        "back": "programs:offering" if may(request, Permission.SEE_OWN_CHILDREN) else "programs:register",
    }
    return render(request, "programs/care.html", page, status=422 if form.errors else 200)


def _care_saved(request: Request, registration: Registration, form: CareForm) -> bool:
    """Whether the facts were taken; else the form says why not."""
    changed = form.changed()
    if not changed:
        messages.info(request, _("Nothing was changed."))
        return True
    try:
        change_care(registration=registration, facts=changed, by=request.user.pk)
    except NotYours as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("Changed. Those in charge read it from now on."))
    return True


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_CHILDREN)
def meals(request: Request, pk: UUID) -> HttpResponse:
    """What the acting family says about the school meals of a registered child, if it wishes to."""
    found = get_object_or_404(Registration.objects.select_related("student", "offering__owner"), pk=pk)
    known = meals_answers([found]).get(found.pk)
    is_asked = known or found.owner_id in asked_of(found.offering, on=timezone.localdate())
    if not (found.offering.described.asks_meals and is_asked and queries.may_change([found], category="meals")):
        raise Http404
    form = MealsForm(request.POST or None, initial={"meals": known.answer if known else ""})
    if form.is_valid():
        if form.cleaned_data["meals"]:
            answer_meals(answers={found: form.cleaned_data["meals"]}, by=request.user.pk, now=timezone.now())
            messages.success(request, _("Saved. Only this child’s guardians see the answer."))
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect("programs:offering", pk=found.offering_id)
    page = frame(request, found.offering, "programs:offering") | {"child": found.student, "form": form}
    return render(request, "programs/meals.html", page, status=422 if form.errors else 200)


@require_POST
@needs(Permission.REGISTER_CHILDREN)
def give_back(request: Request, pk: UUID) -> HttpResponse:
    """Take a child out: the seat goes to whoever is next."""
    registration = get_object_or_404(Registration, pk=pk)
    try:
        withdraw(registration=registration, by=request.user.pk)
    except NotYours as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken back. The seat goes to whoever is next; you can register again."))
    return redirect("programs:offering", pk=registration.offering_id)


@require_GET
@needs(Permission.SEE_REGISTRATIONS)
def registrations(request: Request, pk: UUID) -> HttpResponse:
    """The registered children that exist for the person: with a seat, and waiting in their order."""
    offering = offering_or_404(request, pk)
    rows = queries.listed(queries.registrations_of(offering).select_related("entered_by"))
    record_named(request, (one.registration for one in rows), page="programs:registrations")
    page = frame(request, offering, "programs:registrations") | {
        "seated": [one for one in rows if one.state == Seat.State.SEATED],
        "waiting": sorted((one for one in rows if one.state == Seat.State.WAITING), key=lambda one: one.place or 0),
        "withdrawn": [one for one in rows if one.state == Seat.State.WITHDRAWN],
        "may_register": may(request, Permission.REGISTER_CHILDREN),
    }
    return render(request, "programs/registrations.html", page)
