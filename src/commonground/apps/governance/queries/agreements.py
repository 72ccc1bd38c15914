"""One agreement in plain words: what it opens to whom, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.models import Agreement, Membership, Organization
from commonground.apps.core.queries import Grant
from commonground.apps.core.roles import ROLES
from commonground.apps.governance.models import AgreementFile

# What each category holds, as a sentence goes on: "sees of the students of Y …".
SEEN: dict[str, str | Promise] = {
    "roster": gettext_lazy("name, date of birth, grade, school, classes, home language and group of its students"),
    "attendance": gettext_lazy("which days its students attended"),
    "behavior": gettext_lazy("behavior records of its students"),
    "results": gettext_lazy("course and test results of its students"),
    "support": gettext_lazy("support plans and services of its students"),
    "contact": gettext_lazy("names, telephone numbers and addresses of its families"),
    "staff": gettext_lazy("names, schools and roles of its staff"),
    "health": gettext_lazy("health and emergency facts of registered students, on the days of a program"),
    "registration": gettext_lazy("who is registered for shared programs"),
}


def shareable() -> list[tuple[str, str | Promise]]:
    """The categories that an agreement may open."""
    return list(SEEN.items())


def own_agreements(grants: Sequence[Grant]) -> QuerySet[Agreement]:
    """Agreements of which an organization of the acting person is a party."""
    mine = {grant.organization_id for grant in grants if grant.role.key in {"director", "analyst", "coordinator"}}
    return Agreement.objects.filter(Q(owner_id__in=mine) | Q(collaborative_id__in=mine)).select_related(
        "owner", "collaborative", "written_by", "ended_by"
    )


def parties_to(grants: Sequence[Grant], *, on: date) -> list[tuple[Organization, Organization]]:
    """Pairs of district and collaborative between which the acting person may write an agreement. One query."""
    houses = {grant.organization_id for grant in grants if grant.role.key == "director"}
    districts = {grant.organization_id for grant in grants if grant.role.key == "coordinator"}
    joined = (
        Membership.objects.not_over(on)
        .filter(organization__kind=Organization.Kind.DISTRICT)
        .filter(Q(collaborative_id__in=houses) | Q(organization_id__in=districts))
        .select_related("organization", "collaborative")
        .order_by("organization__name")
    )
    return [(one.organization, one.collaborative) for one in joined]


@dataclass(frozen=True)
class AgreementPage:
    """last_day: the last day on which it opens something. opens: one sentence for each role that sees something by it."""

    agreement: Agreement
    state: str
    last_day: date
    opens: tuple[str, ...]
    file: AgreementFile | None
    may_sign: bool
    may_keep: bool
    may_end: bool


def agreement_page(agreement: Agreement, grants: Sequence[Grant], *, today: date) -> AgreementPage:
    """One agreement as its party sees it. One query."""
    signs = any(g.role.key == "coordinator" and g.organization_id == agreement.owner_id for g in grants)
    directs = any(g.role.key == "director" and g.organization_id == agreement.collaborative_id for g in grants)
    state = state_of(agreement, today)
    return AgreementPage(
        agreement=agreement,
        state=state,
        last_day=agreement.until - timedelta(days=1),
        opens=tuple(sentences(agreement)),
        file=AgreementFile.objects.filter(agreement=agreement).first(),
        may_sign=signs and state == "unsigned",
        may_keep=signs and bool(agreement.signed_on),
        may_end=(signs or directs) and state != "ended",
    )


def state_of(agreement: Agreement, today: date) -> str:
    """ended, unsigned, later or in_force."""
    if agreement.until <= today:
        return "ended"
    if not agreement.signed_on or agreement.signed_on > today:
        return "unsigned"
    return "later" if agreement.since > today else "in_force"


def sentences(agreement: Agreement) -> list[str]:
    """Until when which role of the collaborative sees what of the district.

    From the same table that the database's scope functions read, so that the words cannot say less than is open.
    """
    day = date_format(agreement.until - timedelta(days=1), "DATE_FORMAT")
    found = []
    for role in ROLES.values():
        seen = [
            str(SEEN.get(category, category))
            for category in agreement.categories
            if any(s.category == category and s.access == "read" and s.form in OPENED_BY for s in role.shows)
        ]
        if seen:
            found.append(
                _("Until %(day)s the role %(role)s at %(house)s sees of %(district)s: %(what)s.")
                % {
                    "day": day,
                    "role": role.title,
                    "house": agreement.collaborative.name,
                    "district": agreement.owner.name,
                    "what": "; ".join(seen),
                }
            )
    return found


# The forms of access that need an agreement when they cross a district line.
OPENED_BY = frozenset({"agreement", "offering", "program"})


def of_party(grants: Sequence[Grant], pk: UUID) -> Agreement | None:
    """The agreement with this id, None where the acting person's organizations are no party."""
    return own_agreements(grants).filter(pk=pk).first()
