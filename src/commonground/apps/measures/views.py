"""Pages of measures: who is isolated, who is where, who meets whom, and where each number comes from."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.measures.actions import record_exemption, record_letter
from commonground.apps.measures.drawings import draw_gaps, draw_map, lineage
from commonground.apps.measures.forms import ExemptionForm, LetterForm, PictureForm
from commonground.apps.measures.presenting import origin_words, year_words
from commonground.apps.measures.queries.isolation import DistrictsPage, MemberFinding, districts_page
from commonground.apps.measures.queries.members import Member
from commonground.apps.measures.queries.sources import COUNTED, source_of


@never_cache
@require_GET
@needs(Permission.SEE_DISTRICTS)
def districts(request: Request) -> HttpResponse:
    """Which member districts are racially isolated by our count, and beside whom."""
    form = PictureForm(request.GET)
    page = _page(request, form)
    return _show(request, page, form=form)


@never_cache
@require_POST
@needs(Permission.RECORD_LETTER)
def letters(request: Request) -> HttpResponse:
    """Write down what the state's letter says of a member."""
    form = PictureForm(request.GET)
    page = _page(request, form)
    letter = _letter_form(request, page, sent=True)
    if letter is None or not letter.is_valid():
        return _show(request, page, form=form, letter_form=letter, status=422)
    member = _member(page, letter.cleaned_data["district"])
    record_letter(
        collaborative_id=_house(request, member),
        district_id=member.id,
        decision=letter.cleaned_data["decision"],
        dated_on=letter.cleaned_data["dated_on"],
        by=request.user.pk,
    )
    messages.success(request, _("The state’s decision about %(district)s is recorded.") % {"district": member.name})
    return redirect("measures:districts")


@never_cache
@require_POST
@needs(Permission.RECORD_LETTER)
def exemptions(request: Request) -> HttpResponse:
    """Write down what people judged about a member that is isolated only through American Indian students."""
    form = PictureForm(request.GET)
    page = _page(request, form)
    judgment = _exemption_form(request, page, sent=True)
    if judgment is None or not judgment.is_valid():
        return _show(request, page, form=form, exemption_form=judgment, status=422)
    member = _member(page, judgment.cleaned_data["district"])
    record_exemption(
        collaborative_id=_house(request, member),
        district_id=member.id,
        school_year=page.decided_for,
        applies=judgment.cleaned_data["applies"] == "yes",
        reason=judgment.cleaned_data["reason"].strip(),
        by=request.user.pk,
    )
    messages.success(request, _("The judgment about %(district)s is recorded.") % {"district": member.name})
    return redirect(f"{request.path.rsplit('exemptions/', 1)[0]}?{request.GET.urlencode()}#exemption")


@never_cache
@require_GET
@needs(Permission.SEE_DISTRICTS)
def source(request: Request, pk: UUID) -> HttpResponse:
    """The file and the lines from which a number was counted; never a value."""
    what = request.GET.get("of", "")
    found = source_of(
        pk,
        grants=request.grants,
        on=timezone.localdate(),
        district_id=request.GET.get("district", "")[:7],
        what=what if what in COUNTED else COUNTED[0],
    )
    if found is None:
        raise Http404
    years = ", ".join(year_words(year) for year in found.counted.school_years)
    return render(request, "measures/source.html", {"source": found, "what": what, "years": years})


def _page(request: Request, form: PictureForm) -> DistrictsPage:
    page = districts_page(
        request.grants, base=form.wanted_base, on=timezone.localdate(), rule=form.wanted_rule, year=form.wanted_year
    )
    form.offer(page.years)
    return page


def _houses(request: Request) -> set[UUID]:
    """The collaboratives whose letters and judgments the person records."""
    return {grant.organization_id for grant in request.grants if Permission.RECORD_LETTER in grant.role.may}


def _house(request: Request, member: Member) -> UUID:
    """Of the collaboratives of a member the first one that the person directs; a district may be in several."""
    return next(house for house in member.house_ids if house in _houses(request))


def _member(page: DistrictsPage, district: str) -> Member:
    return next(member for member in page.all_members if str(member.id) == district)


def _letter_form(request: Request, page: DistrictsPage, *, sent: bool = False) -> LetterForm | None:
    """The form for those who may record letters; None for others, and without any member of theirs."""
    houses = _houses(request)
    choices = [(str(one.id), one.name) for one in page.all_members if houses & set(one.house_ids)]
    if not may(request, Permission.RECORD_LETTER) or not choices:
        return None
    return LetterForm(request.POST if sent else None, districts=choices, today=timezone.localdate())


def _exemption_form(request: Request, page: DistrictsPage, *, sent: bool = False) -> ExemptionForm | None:
    """The form for those who may record judgments; None for others, and where no judgment is due."""
    houses = _houses(request)
    choices = [(str(one.member.id), one.name) for one in page.candidates if houses & set(one.member.house_ids)]
    if not may(request, Permission.RECORD_LETTER) or not choices:
        return None
    return ExemptionForm(request.POST if sent else None, districts=choices)


def _show(
    request: Request,
    page: DistrictsPage,
    *,
    form: PictureForm,
    letter_form: LetterForm | None = None,
    exemption_form: ExemptionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = page.isolated_by_letter if page.is_official else page.isolated
    context = {
        "page": page,
        "form": form,
        "letter_form": letter_form or _letter_form(request, page),
        "exemption_form": exemption_form or _exemption_form(request, page),
        "map": draw_map(page),
        "gaps": draw_gaps(page),
        "lines": lineage(page),
        "names": ", ".join(member.name for member in shown),
        "rows": [(member, origin_words(member.origin), _neighbor_words(member)) for member in page.members],
        "outsiders": [(one, origin_words(one.origin)) for one in page.outsiders],
        "decided_for": year_words(page.decided_for),
        "query": request.GET.urlencode(),
    }
    return render(request, "measures/districts.html", context, status=status)


def _neighbor_words(member: MemberFinding) -> str:
    """Where the neighbor's counts come from, where that is not where the member's own do."""
    return "" if member.neighbor_origin == member.origin else origin_words(member.neighbor_origin)
