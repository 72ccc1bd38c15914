"""What each agreement opens today, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Agreement, Membership, Organization
from commonground.apps.core.queries import Grant
from commonground.apps.core.roles import ROLES

ENDS_SOON = timedelta(days=60)

CATEGORY_WORDS: dict[str, str | Promise] = {
    "roster": _("Students by name, with date of birth, grade, school, classes, home language and group"),
    "attendance": _("Attendance day by day"),
    "behavior": _("Behavior records"),
    "results": _("Course and test results"),
    "support": _("Support plans and services"),
    "contact": _("Families’ names, telephone numbers and addresses"),
    "notes": _("Notes of mentors and liaisons"),
    "coaching": _("Coaching of teachers"),
    "staff": _("Staff by name, with school and role"),
    "health": _("Health and emergency facts"),
    "registration": _("Registrations for shared programs"),
}


@dataclass(frozen=True)
class Opened:
    """One agreement of a district with a collaborative. state: in_force, ends_soon, later, unsigned or ended."""

    agreement: Agreement
    district: str
    collaborative: str
    state: str
    opens: tuple[str | Promise, ...]
    roles: tuple[str | Promise, ...]

    @property
    def is_open(self) -> bool:
        return self.state in {"in_force", "ends_soon"}


@dataclass(frozen=True)
class AgreementsPage:
    """agreements: in force first, then by district. without: members that share nothing today."""

    agreements: tuple[Opened, ...]
    without: tuple[str, ...]

    @property
    def open_count(self) -> int:
        return sum(one.is_open for one in self.agreements)


def agreements_page(grants: Sequence[Grant], *, today: date) -> AgreementsPage:
    """The agreements of the acting person's organizations. Two or three queries."""
    mine = {grant.organization_id for grant in grants} | {grant.owner_id for grant in grants}
    agreements = Agreement.objects.filter(Q(owner_id__in=mine) | Q(collaborative_id__in=mine)).select_related(
        "owner", "collaborative"
    )
    opened = [_opened(one, today) for one in agreements]
    sharing = {one.agreement.owner_id for one in opened if one.is_open}
    order = ["in_force", "ends_soon", "later", "unsigned", "ended"]
    return AgreementsPage(
        tuple(sorted(opened, key=lambda one: (order.index(one.state), one.district, one.agreement.since))),
        tuple(_without(mine, sharing, today)),
    )


def _opened(agreement: Agreement, today: date) -> Opened:
    roles = {
        role.key: role.title
        for role in ROLES.values()
        for shows in role.shows
        if shows.form == "agreement" and shows.category in agreement.categories
    }
    return Opened(
        agreement=agreement,
        district=agreement.owner.name,
        collaborative=agreement.collaborative.name,
        state=state_of(agreement, today),
        opens=tuple(CATEGORY_WORDS.get(category, category) for category in agreement.categories),
        roles=tuple(roles.values()),
    )


def state_of(agreement: Agreement, today: date) -> str:
    """Where an agreement stands on a day."""
    if not agreement.signed_on or agreement.signed_on > today:
        return "unsigned"
    if agreement.until <= today:
        return "ended"
    if agreement.since > today:
        return "later"
    return "ends_soon" if agreement.until <= today + ENDS_SOON else "in_force"


def _without(mine: set[UUID], sharing: set[UUID], today: date) -> list[str]:
    members = (
        Membership.objects.in_force(today)
        .of_members()
        .filter(collaborative_id__in=mine, organization__kind=Organization.Kind.DISTRICT)
        .exclude(organization_id__in=sharing)
        .order_by("organization__name")
    )
    return list(members.values_list("organization__name", flat=True))
