"""*Today* for every role, students, agreements, who looked; and the front page for everybody else."""

import secrets
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from commonground.apps.core.access import needs, open_to_all
from commonground.apps.core.actions import record_looks
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.forms import LettersForm
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import held_at, may
from commonground.apps.core.requests import Request
from commonground.apps.core.spreadsheets import csv_answer
from commonground.apps.governance.queries.agreements import agreements_page
from commonground.apps.home.forms import StudentFilterForm
from commonground.apps.home.listed import student_lines
from commonground.apps.home.queries.looks import who_looked as looks_page
from commonground.apps.home.queries.parts import parts_of_today
from commonground.apps.home.queries.student import student_page
from commonground.apps.mentoring.queries import own_lines
from commonground.apps.roster.queries import list_students, own_sections, schools_in, sight, students_with_category

SEARCHES_KEPT = 20
LINES_IN_FILE = 10_000


@open_to_all
@never_cache
@require_GET
def today(request: Request) -> HttpResponse:
    """What needs this person now; signed out, what Commonground is and where to sign in."""
    if not request.user.is_authenticated:
        return render(request, "home/front.html")
    parts = parts_of_today(request.grants, person_id=request.user.pk, now=timezone.now())
    named = [pair for part in parts for pair in part.named]
    record_looks(
        person_id=request.user.pk, grants=request.grants, students=named, page="home:today", now=timezone.now()
    )
    todos = [todo for part in parts for todo in part.todos]
    page = {
        "parts": parts,
        "todo_count": len(todos),
        "the_todo": todos[0] if len(todos) == 1 else None,
        "now": timezone.localtime(),
    }
    return render(request, "home/today.html", page)


@require_GET
@needs(Permission.SEE_AGREEMENTS)
def agreements(request: Request) -> HttpResponse:
    """What each agreement of the person's organizations opens today."""
    page = agreements_page(request.grants, today=timezone.localdate())
    allowed = {
        "may_write": may(request, Permission.WRITE_AGREEMENTS),
        "may_give_notices": may(request, Permission.GIVE_NOTICES),
    }
    return render(request, "home/agreements.html", {"page": page} | allowed)


@require_GET
@needs(Permission.SEE_WHO_LOOKED)
def who_looked(request: Request) -> HttpResponse:
    """The disclosure log as far as the person may read it, newest first."""
    before = request.GET.get("before", "")
    page = looks_page(request.grants, before=int(before) if before.isdecimal() and len(before) < 19 else None)
    return render(request, "home/who_looked.html", {"page": page, "is_first": not before})


@require_GET
@needs(Permission.SEE_WHO_LOOKED)
def who_looked_file(request: Request) -> HttpResponse:
    """The same as a file, up to ten thousand lines. That it was made is recorded."""
    page = looks_page(request.grants, most=LINES_IN_FILE)
    record_event(
        EventKind.EXPORT_MADE, person_id=request.user.pk, about="home:who-looked", detail={"lines": len(page.rows)}
    )
    head = [_("When"), _("Child"), _("Who"), _("Role"), _("Organization"), _("What was seen"), _("Purpose")]
    rows = (
        (
            timezone.localtime(look.at).isoformat(sep=" ", timespec="minutes"),
            look.child,
            look.who,
            look.role,
            look.organization,
            look.page,
            look.purpose,
        )
        for look in page.rows
    )
    return csv_answer(head, rows, name="who-looked")


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_STUDENTS)
def students(request: Request) -> HttpResponse:
    """The students that exist for the person, by name, narrowed by school, class, grade and beginning of the name."""
    if request.method == "POST":
        return _begin_search(request)
    seen = sight()
    form = StudentFilterForm(request.GET, schools=schools_in(seen), sections=own_sections())
    letters = request.session.get("searches", {}).get(request.GET.get("search", ""), "")
    page = list_students(seen, form.wanted(letters=letters), after=_uuid_or_none(request.GET.get("after")))
    record_looks(
        person_id=request.user.pk,
        grants=request.grants,
        students=[(row.student.owner_id, row.student.pk) for row in page.rows],
        page="home:students",
        now=timezone.now(),
    )
    context = {
        "page": page,
        "lines": student_lines(page.rows, with_district=len(seen.owner_ids) > 1),
        "form": form,
        "letters": letters,
        "search_form": LettersForm(initial={"letters": letters}),
        "next_url": _with(request, after=str(page.next_after)) if page.next_after else "",
        "first_url": _with(request, after=None) if request.GET.get("after") else "",
        "everything_url": reverse("home:students"),
        "narrowed": bool(letters or any(request.GET.get(name) for name in ("school", "section", "grade"))),
    }
    context["fit_count"] = None if page.next_after or page.is_cut or request.GET.get("after") else len(page.rows)
    template = "home/students.html#rows" if request.htmx else "home/students.html"
    return render(request, template, context)


def _begin_search(request: Request) -> HttpResponse:
    """Remember the letters in the session and go on with a name for them that says nothing."""
    form = LettersForm(request.POST)
    letters = form.cleaned_data["letters"].strip() if form.is_valid() else ""
    asked = {name: value for name in ("school", "section", "grade") if (value := request.POST.get(name, ""))}
    if letters:
        token = secrets.token_urlsafe(6)
        searches = request.session.get("searches", {})
        kept = dict(list(searches.items())[-SEARCHES_KEPT + 1 :])
        request.session["searches"] = kept | {token: letters}
        asked["search"] = token
    return redirect(f"{reverse('home:students')}?{urlencode(asked)}" if asked else reverse("home:students"))


def _with(request: Request, **changes: str | None) -> str:
    """The address of this page with other parameters; None leaves one out."""
    asked: dict[str, Any] = request.GET.dict() | changes
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require_GET
@needs(Permission.SEE_STUDENTS, Permission.SEE_OWN_CHILDREN)
def student(request: Request, pk: UUID) -> HttpResponse:
    """One student: what is known, which file and line said it, who can see it, who has looked."""
    found = get_object_or_404(students_with_category().select_related("owner"), pk=pk)
    record_looks(
        person_id=request.user.pk,
        grants=request.grants,
        students=[(found.owner_id, found.pk)],
        page="home:student",
        now=timezone.now(),
        category=found.category,
    )
    page = student_page(found, today=timezone.localdate(), with_looks=may(request, Permission.SEE_WHO_LOOKED))
    context = {
        "page": page,
        "may_see_lineage": may(request, Permission.SEE_LINEAGE),
        "may_list": may(request, Permission.SEE_STUDENTS),
        "may_see_looks": may(request, Permission.SEE_WHO_LOOKED),
        "may_give": found.owner_id in held_at(request.grants, "coordinator"),
        "is_beside": may(request, Permission.SEE_CASELOAD)
        and own_lines(person_id=request.user.pk, today=timezone.localdate()).filter(student_id=found.pk).exists(),
    }
    return render(request, "home/student.html", context)
