"""How far the first run has come: read from what is there, so that it can be left and gone on with at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.events import EventKind
from commonground.apps.core.models import Event, MailSettings, Membership, Organization, RoleGrant
from commonground.apps.governance.queries.members import led_districts, memberships_of


@dataclass(frozen=True)
class Step:
    """One step. place: name of its page. is_done: nothing is left to do there."""

    title: str | Promise
    why: str | Promise
    place: str
    action: str | Promise
    is_done: bool


@dataclass(frozen=True)
class Beginning:
    """The steps in order. current: 1 for the first that is not done, len(steps) + 1 when all are."""

    steps: tuple[Step, ...]

    @property
    def current(self) -> int:
        return next((place for place, step in enumerate(self.steps, 1) if not step.is_done), len(self.steps) + 1)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def titles(self) -> list[str]:
        return [str(step.title) for step in self.steps]


def beginning(house: Organization, *, today: date) -> Beginning:
    """The steps of this collaborative. Six queries."""
    kinds = set(
        Event.objects.filter(organization_id=house.pk, kind__in=[EventKind.HOUSE_NAMED, EventKind.MAIL_LEFT_OUT])
        .values_list("kind", flat=True)
        .distinct()
    )
    has_members = memberships_of(house, on=today).exists()
    led = led_districts(house, on=today) if has_members else []
    return Beginning(
        (
            Step(
                _("Name"),
                _("What your collaborative is called, on every page and paper."),
                "governance:name",
                _("Name it"),
                EventKind.HOUSE_NAMED in kinds or has_members,
            ),
            Step(
                _("Districts"),
                _("Which districts belong to it, since when, and on which terms."),
                "governance:members",
                _("Choose districts"),
                has_members,
            ),
            Step(
                _("Mail"),
                _("Whether invitations leave by mail, or on paper."),
                "governance:mail",
                _("Decide"),
                EventKind.MAIL_LEFT_OUT in kinds or MailSettings.objects.exists(),
            ),
            Step(
                _("Owners"),
                _("Who coordinates each district. They alone decide who sees its children."),
                "governance:owners",
                _("Name them"),
                bool(led) and all(one.grant is not None for one in led),
            ),
        )
    )


def unfinished_houses(house_ids: Sequence[UUID], *, today: date) -> bool:
    """Whether one of these collaboratives has no member, or a member district that nobody leads. One query."""
    joined = Membership.objects.not_over(today).filter(collaborative_id=OuterRef("pk"))
    leads = RoleGrant.objects.not_over(today).filter(role="coordinator", organization_id=OuterRef("organization_id"))
    unled = joined.of_members().filter(~Exists(leads), organization__kind=Organization.Kind.DISTRICT)
    return Organization.objects.filter(~Exists(joined) | Exists(unled), pk__in=house_ids).exists()
