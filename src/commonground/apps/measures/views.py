"""Pages of measures: who is isolated, who is where, who meets whom, and where each number comes from."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.measures.actions import record_exemption, record_letter
from commonground.apps.measures.composed import draw_composition, finding, line_words, notes_of, write_composition
from commonground.apps.measures.drawings import draw_gaps, draw_map, notes, places
from commonground.apps.measures.forms import (
    CompositionForm,
    ExemptionForm,
    LetterForm,
    MixingForm,
    PictureForm,
    offer_years,
)
from commonground.apps.measures.mixed import band_words, draw_steps, example, mixing_finding, mixing_lines, mixing_notes
from commonground.apps.measures.presenting import (
    column_words,
    origin_words,
    source_address,
    sources_of,
    span_of,
    tabs_of,
    year_words,
)
from commonground.apps.measures.queries.composition import Composition, Line
from commonground.apps.measures.queries.composition import composition as compose
from commonground.apps.measures.queries.isolation import DistrictsPage, MemberFinding, districts_page
from commonground.apps.measures.queries.members import Member
from commonground.apps.measures.queries.mixing import mixing as mix
from commonground.apps.measures.queries.sources import COUNTED, Number, source_of
from commonground.engine.law.states.mn.isolation_rules import isolation_rule


@require_GET
@needs(Permission.SEE_DISTRICTS)
def districts(request: Request) -> HttpResponse:
    """Which member districts are racially isolated by our count, and beside whom."""
    form = PictureForm(request.GET)
    page = _page(request, form)
    return _show(request, page, form=form)


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
    asked = request.GET.urlencode()
    return redirect(reverse("measures:districts") + (f"?{asked}" if asked else ""))


@require_POST
@needs(Permission.RECORD_LETTER)
def exemptions(request: Request) -> HttpResponse:
    """Write down what people judged about a member that is isolated only through American Indian students."""
    form = PictureForm(request.GET)
    page = _page(request, form)
    judgment = _exemption_form(request, page, sent=True)
    if judgment is None or not judgment.is_valid():
        return _show(request, page, form=form, exemption_form=judgment, status=422)
    district, _slash, school = judgment.cleaned_data["place"].partition("/")
    member = _member(page, district)
    record_exemption(
        collaborative_id=_house(request, member),
        district_id=member.id,
        school=school,
        school_year=page.decided_for,
        applies=judgment.cleaned_data["applies"] == "yes",
        reason=judgment.cleaned_data["reason"].strip(),
        by=request.user.pk,
    )
    messages.success(request, _("The judgment about %(district)s is recorded.") % {"district": member.name})
    return redirect(f"{request.path.rsplit('exemptions/', 1)[0]}?{request.GET.urlencode()}#exemption")


@require_GET
@needs(Permission.SEE_DISTRICTS)
def source(request: Request, pk: UUID) -> HttpResponse:
    """The file and the lines from which a number was counted; never a value."""
    what, form = request.GET.get("of", ""), PictureForm(request.GET)
    day = date(form.wanted_year - 1, 10, 1) if form.wanted_year else timezone.localdate()
    rule = isolation_rule(form.wanted_rule, on=day, base=form.wanted_base)
    asked = Number(
        district=request.GET.get("district", "")[:7],
        what=what if what in COUNTED else COUNTED[0],
        year=form.wanted_year,
        base=form.wanted_base,
        classifications=rule.classifications,
    )
    found = source_of(pk, grants=request.grants, on=timezone.localdate(), asked=asked)
    if found is None:
        raise Http404
    years = ", ".join(year_words(year) for year in ([asked.year] if asked.year else found.counted.school_years))
    context = {"source": found, "what": what, "years": years, "base": dict(form.fields["base"].choices)[asked.base]}  # type: ignore[attr-defined]
    return render(request, "measures/source.html", context)


@require_GET
@needs(Permission.SEE_DISTRICTS)
def composition(request: Request) -> HttpResponse:
    """Which students are where."""
    form = CompositionForm(request.GET)
    page = compose(request.grants, form.asked, on=timezone.localdate())
    form.offer(page)
    context = {
        "page": page,
        "form": form,
        "chart": draw_composition(page),
        "notes": notes_of(page),
        "sources": sources_of(
            page.origins, district_id=page.district.state_id if page.district else "", base=form.asked.base
        ),
        "columns": [(group, column_words(group)) for group in page.columns],
        "rows": [(line, line_words(page, line), _cells(page, line)) for line in page.lines],
        "whole": _cells(page, page.whole) if page.whole else (),
        "tabs": tabs_of("composition"),
        "download": f"{reverse('measures:composition-file')}?{request.GET.urlencode()}",
        "finding": finding(page),
    }
    return render(request, "measures/composition.html", context)


def _cells(page: Composition, line: Line) -> list[tuple[int | None, float | None, bool]]:
    """Number, percent, and whether it is hidden, for each column."""
    cells = []
    for group in page.columns:
        share, is_hidden = line.share(group), group in line.groups and line.groups[group] is None
        cells.append((line.groups.get(group), None if share is None else 100 * share, is_hidden))
    return cells


@require_GET
@needs(Permission.SEE_DISTRICTS)
def composition_file(request: Request) -> HttpResponse:
    """The numbers of the page as a CSV file, with small ones hidden from everyone."""
    page = compose(request.grants, CompositionForm(request.GET).asked, on=timezone.localdate(), leaves=True)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="composition-by-{page.what}.csv"'
    write_composition(page, answer)
    record_event(
        EventKind.EXPORT_MADE,
        person_id=request.user.pk,
        organization_id=page.district.id if page.district else None,
        about="measures:composition",
        detail={"what": page.what, "by": page.by, "lines": len(page.lines)},
    )
    return answer


@require_GET
@needs(Permission.SEE_DISTRICTS)
def mixing(request: Request) -> HttpResponse:
    """Who meets whom, and where students are apart."""
    form = MixingForm(request.GET)
    page = mix(request.grants, on=timezone.localdate(), year=form.wanted_year, base=form.wanted_base)
    form.offer(page)
    context = {
        "page": page,
        "form": form,
        "chart": draw_steps(page),
        "finding": mixing_finding(page),
        "lines": mixing_lines(page),
        "notes": mixing_notes(page),
        "sources": sources_of(page.origins, base=form.wanted_base),
        "groups": [column_words(group) for group in page.groups],
        "shares": [100 * share for share in page.shares],
        "rows": [(column_words(one.group), one, [100 * share for share in one.shares]) for one in page.rows],
        "few": ", ".join(str(column_words(group)) for group in page.few),
        "bands": [(band_words(band.key), band) for band in page.bands],
        "worked": [(one, 100 * one.students / page.students) for one in page.worked],
        "example": example(page),
        "tabs": tabs_of("mixing"),
    }
    return render(request, "measures/mixing.html", context)


def _page(request: Request, form: PictureForm) -> DistrictsPage:
    page = districts_page(
        request.grants, base=form.wanted_base, on=timezone.localdate(), rule=form.wanted_rule, year=form.wanted_year
    )
    offer_years(form, page.years)
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
    choices = [(one.key, one.name) for one in page.candidates if houses & set(one.member.member.house_ids)]
    if not may(request, Permission.RECORD_LETTER) or not choices:
        return None
    return ExemptionForm(request.POST if sent else None, places=choices)


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
    sources, beside = sources_of(places(page), base=page.rule.base, rule=page.rule.name), notes(page)
    lines = (*(line for line, _address in sources), *beside)
    context = {
        "page": page,
        "form": form,
        "letter_form": letter_form or _letter_form(request, page),
        "exemption_form": exemption_form or _exemption_form(request, page),
        "map": draw_map(page, lines=lines),
        "gaps": draw_gaps(page, lines=lines),
        "lines": lines,
        "notes": beside,
        "sources": sources,
        "names": ", ".join(member.name for member in shown),
        "rows": [
            (member, origin_words(member.origin), _neighbor_words(member), _address(page, member))
            for member in page.members
        ],
        "school_rows": [
            (
                member,
                one,
                span_of(one.finding.grades),
                100 * float(one.finding.counted.share),
                100 * float(one.finding.district.share),
                100 * float(one.finding.gap or 0),
            )
            for member, one in page.schools
        ],
        "outsiders": [(one, origin_words(one.origin)) for one in page.outsiders],
        "decided_for": year_words(page.decided_for),
        "query": request.GET.urlencode(),
        "tabs": tabs_of("districts"),
    }
    return render(request, "measures/districts.html", context, status=status)


def _neighbor_words(member: MemberFinding) -> str:
    """Where the neighbor's counts come from, where that is not where the member's own do."""
    return "" if member.neighbor_origin == member.origin else origin_words(member.neighbor_origin)


def _address(page: DistrictsPage, member: MemberFinding) -> str:
    """Where the lines of a member's numbers are told, "" for counts that ship; which of the two is asked comes after it."""
    return source_address(member.origin, district_id=member.finding.id, base=page.rule.base, rule=page.rule.name)
