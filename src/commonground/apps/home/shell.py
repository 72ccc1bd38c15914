"""What the frame of every page shows: who is signed in, as what, and the nouns of that role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy as _

from commonground.apps.core.permissions import Permission as P
from commonground.apps.core.queries import may
from commonground.web.shell import Noun, Shell

NOUNS = (
    ("today", _("Today"), "home:today", "house", P.SEE_TODAY),
    ("students", _("Students"), "roster:students", "people", P.SEE_STUDENTS),
    ("data", _("Data"), "intake:batches", "inbox", P.SEE_BATCH_COUNTS),
    ("agreements", _("Agreements"), "home:agreements", "shield", P.SEE_AGREEMENTS),
    ("looked", _("Who looked"), "home:who-looked", "eye", P.SEE_WHO_LOOKED),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame, for every template."""
    grants = getattr(request, "grants", ())
    first = grants[0] if grants else None
    is_family = bool(grants) and not any(grant.is_staff for grant in grants)
    person = request.user if getattr(request, "user", None) is not None and request.user.is_authenticated else None
    place = request.resolver_match.view_name if request.resolver_match else ""
    nouns = tuple(
        Noun(key=key, label=label, url=reverse(name), icon=icon, current=place.split("-")[0] == name.split("-")[0])
        for key, label, name, icon, permission in NOUNS
        if person is not None and may(request, permission)
    )
    frame = Shell(
        person_name=person.name if person else "",
        role_title=str(first.role.title) if first else "",
        organization_name=first.organization_name if first else "",
        nouns=nouns,
        is_family=is_family,
        demonstration=bool(settings.DEMONSTRATION_CODE),
        language=get_language() or "en",
    )
    return {"shell": frame, "demonstration": frame.demonstration}
