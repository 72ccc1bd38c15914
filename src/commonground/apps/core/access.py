"""The one line that says what a view needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request

View = Callable[..., HttpResponse]


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Only people one of whose roles allows one of these; others get the *denied* page. Signed out: the sign-in page.

    The decorated view says what it needs in `view.needs`, which the permission sweep reads.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(may(request, permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.needs = permissions  # type: ignore[attr-defined]
        return checked

    return decorate


def open_to_all(view: View) -> View:
    """A page for everybody, signed in or not; declared so that the sweep knows it was meant."""
    view.needs = ()  # type: ignore[attr-defined]
    return view
