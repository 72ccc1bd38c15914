"""*Today* for every role, and the front page for everybody else."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commonground.apps.core.access import open_to_all
from commonground.apps.core.requests import Request


@open_to_all
def today(request: Request) -> HttpResponse:
    """What needs this person now; signed out, what Commonground is and where to sign in."""
    if not request.user.is_authenticated:
        return render(request, "home/front.html")
    return render(request, "home/today.html", {"day": timezone.localdate()})
