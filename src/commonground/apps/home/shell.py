"""What the frame of every page shows: who is signed in, as what, and the nouns of that role."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.web.shell import Noun, Shell

NOUNS = (
    ("today", _("Today"), "home:today", "sun", Permission.SEE_TODAY),
    ("districts", _("Districts"), "measures:districts", "map", Permission.SEE_DISTRICTS),
    ("students", _("Students"), "home:students", "backpack", Permission.SEE_STUDENTS),
    ("caseload", _("Caseload"), "mentoring:caseload", "person-walking", Permission.SEE_CASELOAD),
    ("programs", _("Programs"), "programs:offerings", "compass", Permission.SEE_PROGRAMS),
    ("data", _("Data"), "intake:batches", "inbox", Permission.SEE_BATCH_COUNTS),
    ("agreements", _("Agreements"), "home:agreements", "shield-check", Permission.SEE_AGREEMENTS),
    ("families", _("Families"), "families:families", "person-heart", Permission.SERVE_FAMILIES),
    ("caseloads", _("Caseloads"), "mentoring:caseloads", "person-walking", Permission.GIVE_CASELOADS),
    ("own_coaching", _("Your coaching"), "coaching:own", "chat-text", Permission.SEE_OWN_COACHING),
    ("coaching", _("Coaching"), "coaching:coaches", "chat-text", Permission.SEE_COACHES),
    ("corrections", _("Corrections"), "families:corrections", "pencil", Permission.SEE_OWN_CHILDREN),
    ("collaborative", _("Collaborative"), "governance:begin", "diagram-2", Permission.LEAD_COLLABORATIVE),
    ("people", _("People"), "people:people", "people", Permission.MANAGE_PEOPLE),
    ("emergencies", _("Emergency access"), "people:emergencies", "shield-exclamation", Permission.SEE_EMERGENCIES),
    ("looked", _("Who looked"), "home:who-looked", "eye", Permission.SEE_WHO_LOOKED),
)
# Pages that stand under another noun than their own name begins with.
UNDER = {
    **{
        f"governance:{page}": "home:agreements"
        for page in ("agreement", "write-agreement", "sign-agreement", "end-agreement", "notices", "give-notice")
    },
    **{
        f"governance:{page}": "home:agreements"
        for page in ("leavings", "leaving", "ask-leaving", "keepings", "keeping", "place-hold")
    },
    **{f"governance:{page}": "people:emergencies" for page in ("incidents", "file-incident", "packet", "packet-told")},
    **{
        f"people:{page}": "people:people"
        for page in (
            "add",
            "role",
            "roles",
            "mail",
            "providers",
            "add-provider",
            "provider",
            "try-provider",
            "remove-provider",
        )
    },
    **{f"people:{page}": "people:emergencies" for page in ("approve-emergency", "close-emergency")},
    **{f"families:{page}": "families:families" for page in ("print-sheet", "asked", "answer")},
    **{f"mentoring:{page}": "mentoring:caseload" for page in ("notes", "note", "strike-note")},
    **{f"mentoring:{page}": "mentoring:caseloads" for page in ("beside", "end")},
    "coaching:end": "coaching:coaches",
    **{f"coaching:{page}": "coaching:own" for page in ("together", "goal", "cycle", "entry", "strike")},
    "home:student": "home:students",
    "home:who-looked-file": "home:who-looked",
}


def is_current(place: str, noun: str) -> bool:
    """Whether the page called `place` stands under this noun: the same page, or any other of an app with one noun."""
    place = UNDER.get(place, place)
    app = noun.split(":")[0]
    alone = sum(name.split(":")[0] == app for _key, _label, name, _icon, _permission in NOUNS) == 1
    return place == noun or (alone and place not in UNDER.values() and place.split(":")[0] == app)


def shell(request: Request) -> dict[str, Any]:
    """The frame, for every template."""
    grants = getattr(request, "grants", ())
    first = grants[0] if grants else None
    is_family = bool(grants) and not any(grant.is_staff for grant in grants)
    person = request.user if getattr(request, "user", None) is not None and request.user.is_authenticated else None
    place = request.resolver_match.view_name if request.resolver_match else ""
    nouns = tuple(
        Noun(key=key, label=str(label), url=reverse(name), icon=icon, current=is_current(place, name))
        for key, label, name, icon, permission in NOUNS
        if person is not None and not request.must_add_factor and may(request, permission)
    )
    emergencies = getattr(request, "emergencies", ())
    frame = Shell(
        emergency=" ".join(
            gettext(
                "You see records of %(district)s until %(time)s. Every look is recorded, and the district reads it."
            )
            % {"district": one.district.name, "time": time_format(timezone.localtime(one.until), "TIME_FORMAT")}
            for one in emergencies
        ),
        person_name=person.name if person else "",
        role_title=str(first.role.title) if first else "",
        organization_name=first.organization_name if first else "",
        nouns=nouns,
        is_family=is_family,
        demonstration=bool(settings.DEMONSTRATION_CODE),
        language=get_language() or "en",
        account_url=reverse("mfa_index") if person else "",
        sign_out_url=reverse("account_logout") if person else "",
    )
    return {"shell": frame, "demonstration": frame.demonstration}
