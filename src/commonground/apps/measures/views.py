"""Pages of measures."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.measures.actions import record_letter
from commonground.apps.measures.drawings import draw_gaps, draw_map, lineage
from commonground.apps.measures.forms import BaseForm, LetterForm
from commonground.apps.measures.queries import DistrictsPage, districts_page


@never_cache
@require_GET
@needs(Permission.SEE_DISTRICTS)
def districts(request: Request) -> HttpResponse:
    """Which member districts are racially isolated by our count, and beside whom."""
    form = BaseForm(request.GET)
    page = districts_page(request.grants, base=form.wanted, on=timezone.localdate())
    return _show(request, page, form=form, letter_form=_letter_form(request, page))


@never_cache
@require_POST
@needs(Permission.RECORD_LETTER)
def letters(request: Request) -> HttpResponse:
    """Write down what the state's letter says of a member."""
    page = districts_page(request.grants, base="PK-12", on=timezone.localdate())
    form = _letter_form(request, page, sent=True)
    if form is None or not form.is_valid():
        return _show(request, page, form=BaseForm({}), letter_form=form, status=422)
    district_id = UUID(form.cleaned_data["district"])
    member = next(one for one in page.members if one.organization.pk == district_id)
    record_letter(
        collaborative_id=member.collaborative_id,
        district_id=district_id,
        decision=form.cleaned_data["decision"],
        dated_on=form.cleaned_data["dated_on"],
        by=request.user.pk,
        now=timezone.now(),
    )
    messages.success(request, _("The state’s decision about %(district)s is recorded.") % {"district": member.name})
    return redirect("measures:districts")


def _letter_form(request: Request, page: DistrictsPage, *, sent: bool = False) -> LetterForm | None:
    """The form for those who may record letters; None for others, and without any member of theirs."""
    own = {g.organization_id for g in request.grants if Permission.RECORD_LETTER in g.role.may}
    choices = [(str(one.organization.pk), one.name) for one in page.members if one.collaborative_id in own]
    if not may(request, Permission.RECORD_LETTER) or not choices:
        return None
    return LetterForm(request.POST if sent else None, districts=choices, today=timezone.localdate())


def _show(
    request: Request, page: DistrictsPage, *, form: BaseForm, letter_form: LetterForm | None, status: int = 200
) -> HttpResponse:
    shown = page.isolated_by_letter if page.is_official else page.isolated
    context = {
        "page": page,
        "form": form,
        "letter_form": letter_form,
        "map": draw_map(page),
        "gaps": draw_gaps(page),
        "lines": lineage(page),
        "names": ", ".join(member.name for member in shown),
    }
    return render(request, "measures/districts.html", context, status=status)
