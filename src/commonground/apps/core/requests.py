"""A request as our own middleware hands it to a view."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from commonground.apps.core.models import BreakGlass, Person
    from commonground.apps.core.queries import Grant


class Request(HttpRequest):
    """grants: what the person may act as today, none when signed out. must_add_factor: staff without a second factor.

    emergencies: emergency accesses that are open to this person at this moment.
    """

    user: "Person"
    grants: "tuple[Grant, ...]"
    emergencies: "tuple[BreakGlass, ...]"
    must_add_factor: bool
    htmx: "HtmxDetails"
