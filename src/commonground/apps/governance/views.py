"""Pages about the collaborative: the first run, its members, and who leads them."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import MailSettings, Organization
from commonground.apps.core.people import actions
from commonground.apps.core.people.views import let_in
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.governance.forms import FindForm, JoinForm, NameForm, OwnerForm
from commonground.apps.governance.queries.begin import beginning
from commonground.apps.governance.queries.members import could_join, house_of, led_districts, memberships_of

HouseView = Callable[..., HttpResponse]


def of_own_house(view: HouseView) -> HouseView:
    """Hands the collaborative that the person directs to the view; none is *not found*."""

    @wraps(view)
    def with_house(request: Request, *args: object, **kwargs: object) -> HttpResponse:
        house = house_of(request.grants)
        if house is None:
            raise Http404
        return view(request, house, *args, **kwargs)

    return with_house


@require_GET
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def begin(request: Request, house: Organization) -> HttpResponse:
    """What is done and what comes next, to go on with at any time."""
    return render(
        request, "governance/begin.html", {"house": house, "begun": beginning(house, today=timezone.localdate())}
    )


def _go_on(house: Organization) -> HttpResponse:
    """To the next step that is not done."""
    step = beginning(house, today=timezone.localdate()).next_step
    return redirect(step.place if step else "governance:begin")


@require_http_methods(["GET", "POST"])
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def name(request: Request, house: Organization) -> HttpResponse:
    """What the collaborative is called."""
    form = NameForm(request.POST or None, initial={"name": house.name})
    if form.is_bound and form.is_valid():
        actions.name_house(house=house, name=form.cleaned_data["name"], by=request.user.pk)
        return _go_on(house)
    begun = beginning(house, today=timezone.localdate())
    page = {"form": form, "house": house, "begun": begun}
    return render(request, "governance/name.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def members(request: Request, house: Organization) -> HttpResponse:
    """Who belongs to the collaborative; find others in the state's list by name or number, check them, add them."""
    today = timezone.localdate()
    find_form = FindForm(request.GET)
    letters = find_form.cleaned_data["q"].strip() if find_form.is_valid() else ""
    form = JoinForm(request.POST or None, today=today)
    problem = ""
    if form.is_bound and form.is_valid():
        places = list(form.cleaned_data["places"])
        try:
            for place in places:
                actions.join_house(
                    house=house,
                    place=place,
                    standing=form.cleaned_data["standing"],
                    since=form.cleaned_data["since"],
                    by=request.user.pk,
                )
        except Refused as refused:
            problem = str(refused)
        else:
            said = ngettext("%(count)s organization is added.", "%(count)s organizations are added.", len(places))
            messages.success(request, said % {"count": len(places)})
            return redirect("governance:members")
    page = {
        "house": house,
        "find_form": find_form,
        "letters": letters,
        "form": form,
        "problem": problem,
        "found": could_join(house, letters, on=today),
        "checked": set(request.POST.getlist("places")),
        "members": memberships_of(house, on=today),
        "begun": beginning(house, today=today),
    }
    return render(request, "governance/members.html", page, status=422 if form.errors or problem else 200)


@require_POST
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def end_membership(request: Request, house: Organization, pk: UUID) -> HttpResponse:
    """The organization no longer belongs from today on, and its agreements end; what they opened is closed at once."""
    membership = get_object_or_404(memberships_of(house, on=timezone.localdate()), pk=pk)
    actions.leave_house(house=house, place=membership.organization, last_day=timezone.localdate(), by=request.user.pk)
    messages.success(
        request,
        _(
            "It no longer belongs, and its agreements have ended. Added again below, it shares nothing before it signs anew."
        ),
    )
    return redirect("governance:members")


@require_http_methods(["GET", "POST"])
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def mail(request: Request, house: Organization) -> HttpResponse:
    """Whether mail leaves; without a mail server everybody comes in by a printed sheet."""
    if request.method == "POST":
        record_event(EventKind.MAIL_LEFT_OUT, person_id=request.user.pk, organization_id=house.pk)
        return _go_on(house)
    page = {
        "house": house,
        "begun": beginning(house, today=timezone.localdate()),
        "server": MailSettings.objects.first(),
    }
    return render(request, "governance/mail.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.LEAD_COLLABORATIVE)
@of_own_house
def owners(request: Request, house: Organization) -> HttpResponse:
    """Who coordinates each member district: the first one is named here, all others by the district itself."""
    today, has_mail = timezone.localdate(), MailSettings.objects.exists()
    form = OwnerForm(request.POST or None, has_mail=has_mail)
    led = led_districts(house, on=today)
    if form.is_bound and form.is_valid():
        district = next((one.district for one in led if one.district.pk == form.cleaned_data["district"]), None)
        if district is None:
            raise Http404
        try:
            grant = actions.give_role(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role="coordinator",
                organization=district,
                since=today,
                until=None,
                by=request.user.pk,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return let_in(request, grant.person, form.cleaned_data["way"], back="governance:owners")
    rows = [(one, _form_of(one.district, form, has_mail=has_mail)) for one in led]
    page = {"house": house, "rows": rows, "form": form, "begun": beginning(house, today=today)}
    return render(request, "governance/owners.html", page, status=422 if form.errors else 200)


def _form_of(district: Organization, sent: OwnerForm, *, has_mail: bool) -> OwnerForm:
    """The form of this district: the one that was sent, with its errors, or an empty one."""
    if sent.is_bound and str(sent.data.get("district")) == str(district.pk):
        sent.auto_id = f"{district.pk}-%s"
        return sent
    return OwnerForm(has_mail=has_mail, initial={"district": district.pk}, auto_id=f"{district.pk}-%s")
