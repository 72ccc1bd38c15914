"""The page on which a state's whole enrollment file is run: read, judged and shown in one request, and nothing kept."""

from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.measures.forms import LARGEST_STATE_FILE_BYTES, StateFileForm
from commonground.apps.measures.state_file import pairs_in, read_tables, state_pictures
from commonground.apps.measures.state_told import heading_of, told_pictures, write_pictures
from commonground.engine.law.states.mn.enrollment import both_ways
from commonground.engine.values import InputError
from commonground.facts import neighbors
from commonground.formats import Refused
from commonground.formats.archives import Limits
from commonground.formats.problems import PROBLEMS

# More than thirty years of a state; with it the memory of one request stays bounded.
MOST_ROWS = 400_000
UNPACKED = Limits(file_size=LARGEST_STATE_FILE_BYTES, total_size=LARGEST_STATE_FILE_BYTES)
SECONDS_TO_WAIT = 10
_turn = BoundedSemaphore(1)  # one file at a time in each process


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_DISTRICTS)
def state_file(request: Request) -> HttpResponse:
    """Run a state's file: who is isolated and identifiable by it, predicted. Nothing of the file is kept."""
    form = StateFileForm(request.POST, request.FILES) if request.method == "POST" else StateFileForm()
    if not form.is_bound:
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    if not _turn.acquire(timeout=SECONDS_TO_WAIT):
        return _show(
            request, form, wrong=_("Another file is being run just now"), remedy=_("Try again in a minute."), status=503
        )
    try:
        answer = _answer(form)
    except Refused as refused:
        return _show(request, form, status=422, **_refusal(refused, form))
    except InputError as error:
        return _show(request, form, wrong=_("This file cannot be counted"), reason=f"{error}.", status=422)
    finally:
        _turn.release()
    return _show(request, form, **answer)


def _answer(form: StateFileForm) -> dict[str, Any]:
    file, borders = form.cleaned_data["file"], form.cleaned_data["borders"]
    pairs = pairs_in(Path(borders.temporary_file_path())) if borders else neighbors()
    tables = read_tables([Path(file.temporary_file_path())], limits=UNPACKED, most_rows=MOST_ROWS)
    asked = {name: form.cleaned_data[name] for name in ("rule", "base", "classifications")}
    found = state_pictures(tables.years, borders=both_ways(pairs), **asked)
    years, rule = told_pictures(found), next(iter(found.years.values())).rule
    return {
        "name": file.name,
        "borders": borders.name if borders else "",
        "years": years,
        "rule": rule,
        "classifications": ", ".join(sorted(rule.classifications or ())),
        "left_out": tables.left_out[0],
        "heading": heading_of(years),
        "download": write_pictures(years),
    }


def _refusal(refused: Refused, form: StateFileForm) -> dict[str, Any]:
    """The sentence of the refusal, and where in the file it stands, under the name the person gave it."""
    problem, upload = PROBLEMS[refused.code], form.cleaned_data["file"]
    stored = Path(upload.temporary_file_path()).name
    inside = refused.file not in ("", stored, stored.removesuffix(".gz"))
    return {
        "wrong": _(problem.wrong).format(column=refused.column),
        "remedy": _(problem.remedy).format(column=refused.column),
        "where": refused.file if inside else upload.name,
        "line": refused.line,
        "column": refused.column,
    }


def _show(request: Request, form: StateFileForm, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "measures/state_file.html", {"form": form, **more}, status=status)
