"""Pages of measures."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.measures.drawings import draw_gaps, draw_map, lineage
from commonground.apps.measures.forms import BaseForm
from commonground.apps.measures.queries import districts_page


@never_cache
@require_GET
@needs(Permission.SEE_DISTRICTS)
def districts(request: Request) -> HttpResponse:
    """Which member districts are racially isolated by our count, and beside whom."""
    form = BaseForm(request.GET)
    page = districts_page(request.grants, base=form.wanted, on=timezone.localdate())
    context = {
        "page": page,
        "form": form,
        "map": draw_map(page),
        "gaps": draw_gaps(page),
        "lines": lineage(page),
        "names": ", ".join(member.name for member in page.isolated),
    }
    return render(request, "measures/districts.html", context)
