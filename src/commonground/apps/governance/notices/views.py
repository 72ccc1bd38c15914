"""Pages about the yearly notice: the school years, the notice on paper, and that it was given out."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.models import Organization
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import own_districts
from commonground.apps.core.requests import Request
from commonground.apps.governance.notices import queries
from commonground.apps.governance.notices.actions import RecordedAlready, record_given
from commonground.apps.governance.notices.forms import GivenForm
from commonground.apps.governance.papers import chosen_language, complete_languages
from commonground.apps.measures.queries.counts import school_year_of


def _years(request: Request, *, sent: GivenForm | None = None, key: tuple[UUID, int] | None = None) -> HttpResponse:
    today = timezone.localdate()
    years = queries.years_of(list(own_districts(request.grants)), today=today)
    rows = []
    for one in years:
        is_sent = (one.district.pk, one.ends_in) == key
        form = sent if is_sent and sent else GivenForm(ends_in=one.ends_in, today=today)
        form.auto_id = f"{one.district.pk}-{one.ends_in}-%s"
        rows.append((one, form))
    page = {
        "rows": rows,
        "languages": complete_languages(),
        "current": school_year_of(today),
        "waiting": [one for one in years if one.ends_in == school_year_of(today) and not one.given],
        "form": sent,
    }
    return render(request, "governance/notices.html", page, status=422 if sent is not None else 200)


@require_GET
@needs(Permission.GIVE_NOTICES)
def notices(request: Request) -> HttpResponse:
    """The notice of each school year: to print, and when it went to families."""
    return _years(request)


def _own_or_404(request: Request, pk: UUID, ends_in: int) -> Organization:
    district = get_object_or_404(own_districts(request.grants), pk=pk)
    if not queries.FIRST_YEAR <= ends_in <= school_year_of(timezone.localdate()):
        raise Http404
    return district


@require_GET
@needs(Permission.GIVE_NOTICES)
def notice(request: Request, pk: UUID, ends_in: int) -> HttpResponse:
    """The notice on paper, in a language whose pages are complete; it says what holds today."""
    district = _own_or_404(request, pk, ends_in)
    language = chosen_language(request.GET.get("language") or get_language())
    with override(language.code):
        page = {
            "page": queries.notice_page(district, ends_in, today=timezone.localdate()),
            "sheet_language": language,
            "printed_at": timezone.localtime(),
        }
        return render(request, "governance/notice.html", page)


@require_POST
@needs(Permission.GIVE_NOTICES)
def give(request: Request, pk: UUID, ends_in: int) -> HttpResponse:
    """Record when and how the notice went to families."""
    district = _own_or_404(request, pk, ends_in)
    form = GivenForm(request.POST, ends_in=ends_in, today=timezone.localdate())
    if form.is_valid():
        try:
            record_given(
                district=district, ends_in=ends_in, **form.cleaned_data, by=request.user.pk, now=timezone.now()
            )
        except RecordedAlready as recorded:
            form.add_error(None, str(recorded))
        else:
            messages.success(request, _("Recorded. It stands on this page."))
            return redirect("governance:notices")
    return _years(request, sent=form, key=(pk, ends_in))
