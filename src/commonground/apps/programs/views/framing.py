"""What the pages of one offering share: which offering, its tabs, and the line in the disclosure log."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.apps.core.actions import record_looks
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.programs.models import Offering, Registration
from commonground.apps.programs.queries import may_see


def offering_or_404(request: Request, pk: UUID) -> Offering:
    """The offering, where it is one of the bodies that the person's organizations belong to."""
    offering = get_object_or_404(Offering.objects.select_related("owner"), pk=pk)
    if not may_see(offering, request.grants, today=timezone.localdate()):
        raise Http404
    return offering


def own_offering_or_404(request: Request, pk: UUID, permission: Permission) -> Offering:
    """The offering, where a role of the person at the organization that runs it allows this."""
    offering = offering_or_404(request, pk)
    if not runs(request, offering, permission):
        raise Http404
    return offering


def districts_of(request: Request) -> set[UUID]:
    """The districts for whose children the person may register: the family's own, or where the person works."""
    return {grant.owner_id for grant in request.grants if Permission.REGISTER_CHILDREN in grant.role.may}


def runs(request: Request, offering: Offering, permission: Permission) -> bool:
    """Whether a role of the person at the organization that runs the offering allows this."""
    return any(grant.organization_id == offering.owner_id and permission in grant.role.may for grant in request.grants)


def frame(request: Request, offering: Offering, place: str) -> dict[str, Any]:
    """Offering and tabs for the template. place: the name of the page that is shown."""
    entries = [
        (_("Registration"), "programs:offering", may(request, Permission.SEE_PROGRAMS)),
        (_("Registered children"), "programs:registrations", may(request, Permission.SEE_REGISTRATIONS)),
        (_("Days and buses"), "programs:days", runs(request, offering, Permission.MANAGE_PROGRAMS)),
        (_("Staff"), "programs:staff", runs(request, offering, Permission.MANAGE_PROGRAMS)),
        (_("Attendance"), "programs:attendance", runs(request, offering, Permission.TAKE_ATTENDANCE)),
        (_("Counts"), "programs:counts", runs(request, offering, Permission.COUNT_PROGRAMS)),
        (_("Paper"), "programs:paper", runs(request, offering, Permission.SEE_CARE)),
    ]
    return {
        "offering": offering,
        "tabs": [(words, reverse(name, args=[offering.pk]), name == place) for words, name, shown in entries if shown],
        "today": timezone.localdate(),
    }


def record_named(request: Request, registrations: Iterable[Registration], *, page: str) -> None:
    """Write a line for every named child of another district on the page."""
    record_looks(
        person_id=request.user.pk,
        grants=request.grants,
        students=[(one.owner_id, one.student_id) for one in registrations],
        page=page,
        now=timezone.now(),
        category="registration",
    )
