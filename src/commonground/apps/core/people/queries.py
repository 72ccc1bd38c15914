"""Who works here, as a director or coordinator sees it, and what they may give whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.categories import category_name
from commonground.apps.core.giving import OWNER_AT, gives
from commonground.apps.core.models import Invitation, Membership, Organization, RoleGrant
from commonground.apps.core.models.dated import DatedQuerySet
from commonground.apps.core.queries import Grant
from commonground.apps.core.roles import ROLES, Role

STATES: dict[str, str | Promise] = {
    "now": gettext_lazy("Works here today"),
    "later": gettext_lazy("Begins later"),
    "waiting": gettext_lazy("Has not opened the invitation"),
    "bare": gettext_lazy("Has no second step"),
    "ended": gettext_lazy("Has ended"),
}
KIND_NAMES: dict[str, str | Promise] = {kind.value: kind.label for kind in Organization.Kind}


@dataclass(frozen=True)
class Places:
    """Where the acting person may give roles: the organizations of own grants, and what else those reach."""

    here: frozenset[UUID]
    houses: frozenset[UUID]
    districts: frozenset[UUID]
    members: frozenset[UUID]

    def organizations(self) -> QuerySet[Organization]:
        """Everything where something may be given: own organizations, own schools, member districts."""
        return Organization.objects.filter(
            Q(pk__in=self.here | self.members) | Q(owner_id__in=self.districts), ended_on=None
        ).order_by("kind", "name")

    def grants(self) -> DatedQuerySet[RoleGrant]:
        """The roles that the acting person answers for: at own organizations and schools, and members' coordinators."""
        return RoleGrant.objects.filter(
            Q(organization_id__in=self.here)
            | Q(organization__owner_id__in=self.districts)
            | Q(organization_id__in=self.members, role="coordinator")
        )


def places_of(grants: Sequence[Grant], *, today: date) -> Places:
    """Where the person may give roles today. One query for a director, none for a coordinator."""
    owning = [grant for grant in grants if OWNER_AT.get(grant.organization_kind) == grant.role.key]
    houses = {grant.organization_id for grant in owning if grant.role.key == "director"}
    districts = {grant.organization_id for grant in owning if grant.organization_kind == "district"}
    members: set[UUID] = set()
    if houses:
        joined = Membership.objects.in_force(today).filter(collaborative_id__in=houses)
        members = set(joined.values_list("organization_id", flat=True))
    return Places(
        frozenset(grant.organization_id for grant in owning),
        frozenset(houses),
        frozenset(districts),
        frozenset(members),
    )


def roles_to_give(organization: Organization, places: Places) -> list[Role]:
    """The roles that may be given at this organization, families' aside: those come with a printed code."""
    found = []
    for one in gives():
        if one.kind != organization.kind or one.role == "family":
            continue
        reaches = {
            "here": organization.pk in places.here,
            "parts": organization.owner_id in places.districts,
            "first": organization.pk in places.members,
        }
        if reaches[one.reach] and ROLES[one.role] not in found:
            found.append(ROLES[one.role])
    return found


@dataclass(frozen=True)
class Colleague:
    """One role of one person. has_second_step: a passkey or an app. invitation: the last one, None when never invited."""

    grant: RoleGrant
    role: Role
    has_second_step: bool
    invitation: Invitation | None
    today: date

    @property
    def last_day(self) -> date | None:
        """The last day on which the role is held, None without end."""
        return self.grant.until and self.grant.until - timedelta(days=1)

    @property
    def is_open(self) -> bool:
        return self.grant.person.is_active

    @property
    def state(self) -> str:
        """One of STATES, the first that wants a look."""
        if self.grant.until and self.grant.until <= self.today:
            return "ended"
        if not self.grant.person.is_active:
            return "waiting" if self.grant.person.last_login is None else "closed"
        if self.grant.since > self.today:
            return "later"
        return "now" if self.has_second_step or not self.role.is_staff or self.grant.person.is_invented else "bare"


def colleagues(
    places: Places, *, today: date, letters: str = "", role: str = "", place: str = "", state: str = ""
) -> list[Colleague]:
    """Staff by name, with every role that the acting person answers for. Two queries.

    letters: the beginning of a word of the name or of the address. place: an organization's id. state: one of STATES;
    without one, everybody whose role has not ended.
    """
    grants = places.grants().filter(role__in=[key for key, one in ROLES.items() if one.is_staff])
    if letters:
        grants = grants.filter(
            Q(person__name__istartswith=letters)
            | Q(person__name__icontains=f" {letters}")
            | Q(person__email__istartswith=letters)
        )
    if role:
        grants = grants.filter(role=role)
    if place:
        grants = grants.filter(organization_id=place)
    if state != "ended":
        grants = grants.not_over(today)
    found = _as_colleagues(grants, today=today)
    return [one for one in found if not state or one.state == state]


def one_colleague(places: Places, grant_id: UUID, *, today: date) -> Colleague | None:
    """The role with this id, None where the acting person does not answer for it. Two queries."""
    found = _as_colleagues(places.grants().filter(pk=grant_id), today=today)
    return found[0] if found else None


def _as_colleagues(grants: QuerySet[RoleGrant], *, today: date) -> list[Colleague]:
    factor = Authenticator.objects.filter(user_id=OuterRef("person_id"), type__in=["totp", "webauthn"])
    rows = list(
        grants.select_related("person", "organization", "granted_by", "ended_by")
        .annotate(has_second_step=Exists(factor))
        .order_by("person__name", "person_id", "since")
    )
    last: dict[UUID, Invitation] = {}
    for invitation in Invitation.objects.filter(person_id__in={row.person_id for row in rows}).order_by("created_at"):
        if invitation.person_id:
            last[invitation.person_id] = invitation
    return [
        Colleague(row, ROLES[row.role], bool(vars(row)["has_second_step"]), last.get(row.person_id), today)
        for row in rows
        if row.role in ROLES
    ]


@dataclass(frozen=True)
class RoleWords:
    """A role as an administrator reads it. sees: sentences about what the database shows; empty where nothing."""

    role: Role
    held_at: tuple[str | Promise, ...]
    sees: tuple[str, ...]


def roles_in_words() -> list[RoleWords]:
    """Every role, in the order of the list of roles."""
    return [
        RoleWords(role, tuple(KIND_NAMES[kind] for kind in role.held_at), tuple(_sights(role)))
        for role in ROLES.values()
    ]


def _sights(role: Role) -> list[str]:
    forms = {
        "organization": _("of the own district: %(what)s"),
        "agreement": _("of districts whose agreement opens it: %(what)s"),
        "school": _("of the own school: %(what)s"),
        "teaching": _("of the own classes: %(what)s"),
        "guardianship": _("of the own children: %(what)s"),
        "arrivals": _("of students new to the own school: %(what)s"),
        "self": _("of oneself: %(what)s"),
        "caseload": _("of the students whom their district gives to this person, from a day to a day: %(what)s"),
        "coach": _("of the teachers whom their district gives to this person, from a day to a day: %(what)s"),
        "house": _("of coaches of the own organization: %(what)s"),
        "offering": _("of children registered for the own programs: %(what)s"),
        "program": _("of children with a seat in a program in which this person teaches, while it lasts: %(what)s"),
        "served": _("of children whom this person registered for their families: %(what)s"),
        "counts": _("of the own programs, as numbers alone: %(what)s"),
        "party": _("to which the own organization is a party: %(what)s"),
    }
    found: dict[str, list[str]] = {}
    for shows in role.shows:
        if shows.access == "read":
            found.setdefault(shows.form, []).append(category_name(shows.category))
    return [forms[form] % {"what": ", ".join(words)} for form, words in found.items()]
