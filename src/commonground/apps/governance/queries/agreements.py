"""Agreements in plain words: what each opens to whom, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commonground.apps.core.categories import CATEGORIES, category_holds, category_shared
from commonground.apps.core.models import Agreement, Membership, Organization
from commonground.apps.core.queries import Grant, held_at
from commonground.apps.core.roles import HOUSES, ROLES, Role
from commonground.apps.governance.models import AgreementFile, RemindersOff

# Days before a last day on which those who answer for an agreement are reminded; from the first on it ends soon.
REMINDED = (60, 30, 7)
ENDS_SOON = timedelta(days=REMINDED[0])
IN_FORCE = frozenset({"in_force", "ends_soon"})

# The forms of access that need an agreement when they cross a district line.
OPENED_BY = frozenset({"agreement", "offering", "program"})


def shareable() -> list[tuple[str, str | Promise]]:
    """The categories that an agreement may open, or let be counted."""
    return [
        (key, category.holds or _("%(what)s (counted, naming nobody)") % {"what": category.counted})
        for key, category in CATEGORIES.items()
        if category.holds or category.counted
    ]


def own_agreements(grants: Sequence[Grant]) -> QuerySet[Agreement]:
    """Agreements of which an organization of the acting person is a party."""
    mine = held_at(grants, "director", "analyst", "coordinator")
    return Agreement.objects.filter(Q(owner_id__in=mine) | Q(collaborative_id__in=mine)).select_related(
        "owner", "collaborative", "written_by", "ended_by"
    )


def parties_to(grants: Sequence[Grant], *, on: date) -> list[tuple[Organization, Organization]]:
    """Pairs of district and collaborative between which the acting person may write an agreement. One query."""
    houses, districts = held_at(grants, "director"), held_at(grants, "coordinator")
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
    """last_day: the last day on which it opens something. opens: one sentence for each role that sees something by it.

    is_quiet: nobody is mailed before its last days.
    """

    agreement: Agreement
    state: str
    last_day: date
    opens: tuple[str, ...]
    file: AgreementFile | None
    may_sign: bool
    may_keep: bool
    may_end: bool
    may_switch: bool
    is_quiet: bool

    @property
    def is_open(self) -> bool:
        return self.state in IN_FORCE


def agreement_page(agreement: Agreement, grants: Sequence[Grant], *, today: date) -> AgreementPage:
    """One agreement as its party sees it. Two queries."""
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
        may_switch=signs or directs,
        is_quiet=RemindersOff.objects.filter(agreement=agreement).exists(),
    )


def state_of(agreement: Agreement, today: date) -> str:
    """Where an agreement stands on a day: ended, unsigned, later, ends_soon or in_force."""
    if agreement.until <= today:
        return "ended"
    if not agreement.signed_on or agreement.signed_on > today:
        return "unsigned"
    if agreement.since > today:
        return "later"
    return "ends_soon" if agreement.until <= today + ENDS_SOON else "in_force"


def is_followed(agreement: Agreement, others: Sequence[Agreement]) -> bool:
    """Whether a signed agreement of the same parties goes on with everything that this one opens."""
    return any(
        other.owner_id == agreement.owner_id
        and other.collaborative_id == agreement.collaborative_id
        and other.signed_on
        and other.since <= agreement.until < other.until
        and set(agreement.categories) <= set(other.categories)
        for other in others
    )


def opened_to(role: Role, agreement: Agreement) -> list[str]:
    """The categories of the agreement that it opens to the role.

    From the same table that the database's scope functions read, so that the words cannot say less than is open.
    """
    forms = set(OPENED_BY)
    if agreement.ground not in Agreement.BESIDE_CHILDREN:
        forms -= {"offering", "program"}
    elif is_given_children(role):
        forms.add("caseload")
    opened = {shows.category for shows in role.shows if shows.access == "read" and shows.form in forms}
    return [category for category in agreement.categories if category in opened]


def is_given_children(role: Role) -> bool:
    """Whether a district may give its children one by one to who holds the role at a collaborative."""
    return bool({*role.held_at} & {*HOUSES}) and role.reads("roster", "caseload")


def sentences(agreement: Agreement) -> list[str]:
    """Until when which role of the collaborative sees what of the district, and what is counted."""
    words = {
        "day": date_format(agreement.until - timedelta(days=1), "DATE_FORMAT"),
        "house": agreement.collaborative.name,
        "district": agreement.owner.name,
    }
    one_by_one = _(
        "Until %(day)s the role %(role)s at %(house)s sees of those students alone whom %(district)s gives to this"
        " person, with notes about meetings: %(what)s."
    )
    return [
        (
            one_by_one
            if is_given_children(role)
            else _("Until %(day)s the role %(role)s at %(house)s sees of %(district)s: %(what)s.")
        )
        % (words | {"role": role.title, "what": "; ".join(map(category_holds, seen))})
        for role in ROLES.values()
        if (seen := opened_to(role, agreement))
    ] + [
        _("Until %(day)s %(house)s counts of %(district)s, once for each program and naming nobody: %(what)s.")
        % (words | {"what": CATEGORIES[category].counted})
        for category in agreement.categories
        if category in CATEGORIES and CATEGORIES[category].counted
    ]


def of_party(grants: Sequence[Grant], pk: UUID) -> Agreement | None:
    """The agreement with this id, None where the acting person's organizations are no party."""
    return own_agreements(grants).filter(pk=pk).first()


@dataclass(frozen=True)
class Opened:
    """One agreement in a list. state: as `state_of`. opens: what it holds. roles: those that see all of it.

    given: roles that see it only of those children whom the district gives to them.
    """

    agreement: Agreement
    state: str
    opens: tuple[str, ...]
    roles: tuple[str | Promise, ...]
    given: tuple[str | Promise, ...]

    @property
    def is_open(self) -> bool:
        return self.state in IN_FORCE


@dataclass(frozen=True)
class AgreementsPage:
    """agreements: in force first, then by district. without: members that share nothing today."""

    agreements: tuple[Opened, ...]
    without: tuple[str, ...]

    @property
    def open_count(self) -> int:
        return sum(one.is_open for one in self.agreements)


def agreements_page(grants: Sequence[Grant], *, today: date) -> AgreementsPage:
    """The agreements of the acting person's organizations. Two queries."""
    opened = [_opened(one, today) for one in own_agreements(grants)]
    order = ["in_force", "ends_soon", "later", "unsigned", "ended"]
    opened.sort(key=lambda one: (order.index(one.state), one.agreement.owner.name, one.agreement.since))
    sharing = {one.agreement.owner_id for one in opened if one.is_open}
    houses = set(held_at(grants, "director", "analyst"))
    return AgreementsPage(tuple(opened), tuple(_without(houses, sharing, today)))


def _opened(agreement: Agreement, today: date) -> Opened:
    seeing = [role for role in ROLES.values() if opened_to(role, agreement)]
    return Opened(
        agreement=agreement,
        state=state_of(agreement, today),
        opens=tuple(map(category_shared, agreement.categories)),
        roles=tuple(role.title for role in seeing if not is_given_children(role)),
        given=tuple(role.title for role in seeing if is_given_children(role)),
    )


def _without(houses: set[UUID], sharing: set[UUID], today: date) -> list[str]:
    members = (
        Membership.objects.in_force(today)
        .of_members()
        .filter(collaborative_id__in=houses, organization__kind=Organization.Kind.DISTRICT)
        .exclude(organization_id__in=sharing)
        .order_by("organization__name")
    )
    return list(members.values_list("organization__name", flat=True))
