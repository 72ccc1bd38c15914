"""What needs a person now, for each role that works for a collaborative, a district or the system itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.events import EventKind
from commonground.apps.core.models import Agreement, DisclosureLine, Event, Membership, Organization, Person, RoleGrant
from commonground.apps.core.queries import Grant
from commonground.apps.core.roles import ROLES
from commonground.apps.home.queries.todos import Todo, agreement_todos, batch_todos, held_todo
from commonground.apps.intake.effects import ROSTER
from commonground.apps.intake.models import Batch
from commonground.apps.measures.models import CountedFile

MOST_OPEN = 30  # open batches that are shown
MOST_LOOKS = 1_000  # looks are counted up to here
LAST_DAY, LAST_WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Number:
    """A figure with where it comes from. value None: `reason` says why it is not known."""

    label: str
    value: int | None
    lines: tuple[str, ...] = ()
    reason: str = ""
    n: str = ""

    @property
    def shown(self) -> str | None:
        """The value as the reader's language writes numbers."""
        return None if self.value is None else number_format(self.value, force_grouping=True)


@dataclass(frozen=True)
class Member:
    """A district of the collaborative: until when it shares its roster, None when it does not, and its last file."""

    name: str
    standing: str
    shares_until: date | None
    students: int | None
    applied_at: datetime | None
    batch_id: UUID | None
    batch_number: int | None

    @property
    def shown_students(self) -> str:
        return "" if self.students is None else number_format(self.students, force_grouping=True)


@dataclass(frozen=True)
class CollaborativeToday:
    todos: tuple[Todo, ...]
    figures: tuple[Number, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class DistrictToday:
    todos: tuple[Todo, ...]
    figures: tuple[Number, ...]
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True)
class SystemToday:
    todos: tuple[Todo, ...]
    figures: tuple[Number, ...]


def standing_students(applied: Mapping[UUID, Batch]) -> dict[UUID, int | None]:
    """How many students each owner has after its last applied batch, as counted when it was applied. One query.

    A batch from before counting tells it by its own effects; a file of changes does not hold everybody: None.
    """
    counted = CountedFile.objects.filter(kind=CountedFile.Kind.ROSTER, batch_id__in=[b.pk for b in applied.values()])
    known = dict(counted.values_list("batch_id", "students"))
    return {owner: known.get(batch.pk) or _students_in(batch) for owner, batch in applied.items()}


def _students_in(batch: Batch) -> int | None:
    effect = batch.summary.get("effects", {}).get("student")
    if not effect or batch.summary.get("is_delta"):
        return None
    count: int = effect["new"] + effect["changed"] + effect["back"] + effect["unchanged"]
    return count


def batch_line(batch: Batch, *, district: str) -> str:
    """Where a number of a district comes from."""
    return _("%(district)s, batch %(number)s: %(file)s, applied %(day)s") % {
        "district": district,
        "number": batch.number,
        "file": batch.label,
        "day": date_format(timezone.localtime(batch.applied_at), "DATETIME_FORMAT") if batch.applied_at else "",
    }


def _batches(owner_ids: Sequence[UUID]) -> tuple[dict[UUID, Batch], list[Batch]]:
    """The last applied roster of each owner, and the newest open ones. Two queries."""
    mine = Batch.objects.filter(owner_id__in=owner_ids)
    rosters = mine.applied().filter(format=ROSTER)
    applied = {b.owner_id: b for b in rosters.order_by("owner_id", "-number").distinct("owner_id")}
    done = [Batch.Status.APPLIED, Batch.Status.UNDONE, Batch.Status.DISCARDED]
    newest_open = list(mine.exclude(status__in=done).defer("summary").order_by("-sent_at", "-number")[:MOST_OPEN])
    is_newer = [b for b in newest_open if b.owner_id not in applied or b.number > applied[b.owner_id].number]
    return applied, list(_without_old_refusals(is_newer))


def _without_old_refusals(newest_first: Iterable[Batch]) -> Iterator[Batch]:
    """What was refused, or stopped, before something newer came from the same district asks for nothing any more."""
    seen: set[UUID] = set()
    for batch in newest_first:
        if batch.owner_id not in seen or batch.status not in {Batch.Status.REFUSED, Batch.Status.FAILED}:
            yield batch
        seen.add(batch.owner_id)


def collaborative_today(grants: Sequence[Grant], *, now: datetime) -> CollaborativeToday:
    """For director and analyst: what blocks the numbers, and who shares what. Seven queries."""
    today = timezone.localdate(now)
    houses = [grant.organization_id for grant in grants]
    memberships = (
        Membership.objects.in_force(today)
        .of_members()
        .filter(collaborative_id__in=houses)
        .select_related("organization")
        .order_by("organization__name")
    )
    districts = {m.organization_id: m for m in memberships if m.organization.kind == Organization.Kind.DISTRICT}
    names = {pk: m.organization.name for pk, m in districts.items()}
    agreements = list(Agreement.objects.filter(collaborative_id__in=houses, owner_id__in=names).order_by("until"))
    sharing = {a.owner_id: a for a in agreements if _shares_roster(a, today)}
    applied, still_open = _batches(list(names))
    schools = Organization.objects.schools().filter(owner_id__in=names).count()
    standing = standing_students(applied)
    members = tuple(_member(m, sharing.get(pk), applied.get(pk), standing.get(pk)) for pk, m in districts.items())
    todos = [
        *agreement_todos(agreements, names=names, today=today),
        *batch_todos(still_open, districts=names, can_apply=False),
        *_closed_districts([names[pk] for pk in names if pk not in sharing]),
        *_silent_districts([names[pk] for pk in names if pk in sharing and pk not in applied]),
    ]
    known = [m for m in members if m.students is not None]
    lines = tuple(batch_line(applied[pk], district=names[pk]) for pk in names if pk in applied)
    figures = (
        Number(_("Member districts"), len(districts), (_("Memberships in force today"),)),
        Number(_("Schools"), schools, lines or (_("Schools come from the districts’ own files"),)),
        Number(
            _("Students"),
            sum(m.students or 0 for m in known) if known else None,
            lines,
            reason="" if known else _("No district that shares its roster has sent a file yet."),
            n=ngettext("%(known)s of %(all)s district", "%(known)s of %(all)s districts", len(members))
            % {"known": len(known), "all": len(members)},
        ),
    )
    return CollaborativeToday(tuple(todos), figures, members)


def _shares_roster(agreement: Agreement, on: date) -> bool:
    """Whether it opens the district's roster on this day. One for a program alone opens what the program needs."""
    is_in_force = bool(agreement.signed_on and agreement.signed_on <= on and agreement.since <= on < agreement.until)
    return is_in_force and "roster" in agreement.categories


def _member(membership: Membership, agreement: Agreement | None, batch: Batch | None, students: int | None) -> Member:
    return Member(
        name=membership.organization.name,
        standing=membership.get_standing_display(),
        shares_until=agreement.until if agreement else None,
        students=students,
        applied_at=batch.applied_at if batch else None,
        batch_id=batch.pk if batch else None,
        batch_number=batch.number if batch else None,
    )


def _closed_districts(names: Sequence[str]) -> list[Todo]:
    if not names:
        return []
    title = ngettext(
        "%(count)s district does not share its roster", "%(count)s districts do not share their rosters", len(names)
    ) % {"count": len(names)}
    why = _("No agreement in force opens the roster of: %(districts)s.") % {"districts": ", ".join(names)}
    return [Todo("shield-lock", title, why, reverse("home:agreements"), _("See agreements"))]


def _silent_districts(names: Sequence[str]) -> list[Todo]:
    if not names:
        return []
    title = ngettext("%(count)s district has sent no file", "%(count)s districts have sent no file", len(names)) % {
        "count": len(names)
    }
    why = _("Their numbers are missing everywhere: %(districts)s.") % {"districts": ", ".join(names)}
    return [Todo("inbox", title, why, reverse("intake:batches"), _("See files"))]


def district_today(grants: Sequence[Grant], *, now: datetime) -> DistrictToday:
    """For a coordinator: the district's files, what it shares, and who looked at its children. Seven queries."""
    today = timezone.localdate(now)
    names = {grant.organization_id: grant.organization_name for grant in grants}
    applied, still_open = _batches(list(names))
    kept = Agreement.objects.filter(owner_id__in=names, destroy_by__gte=today)
    agreements = list(kept.select_related("collaborative").order_by("until"))
    schools = Organization.objects.schools().filter(owner_id__in=names).count()
    todos = [
        *batch_todos(still_open, districts=names, can_apply=True),
        *(todo for pk, name in names.items() for todo in held_todo(applied.get(pk), district=name)),
        *agreement_todos(agreements, names=names, today=today),
    ]
    if not applied and not still_open:
        title, why = _("Send the first file of your district"), _("A OneRoster export, as a zip file or folder.")
        todos.append(Todo("upload", title, why, reverse("intake:batches"), _("Send a file"), now=True))
    lines = tuple(batch_line(batch, district=names[batch.owner_id]) for batch in applied.values())
    counts = [count for count in standing_students(applied).values() if count is not None]
    return DistrictToday(
        tuple(todos),
        (
            Number(
                _("Students"),
                sum(counts) if counts else None,
                lines,
                reason="" if counts else _("No full file has been applied yet."),
            ),
            Number(_("Schools"), schools, lines or (_("Schools come from your own files"),)),
            _looks_of_the_week(list(names), now=now),
        ),
        tuple(one for one in agreements if one.until > today),
    )


def _looks_of_the_week(owner_ids: Sequence[UUID], *, now: datetime) -> Number:
    lines = DisclosureLine.objects.filter(owner_id__in=owner_ids, at__gt=now - LAST_WEEK).values("number")[:MOST_LOOKS]
    count = len(lines)
    return Number(
        _("Looks from outside this week"),
        count,
        (_("The disclosure log: named children seen by people of other organizations"),),
        n=_("and more") if count == MOST_LOOKS else "",
    )


def system_today(*, now: datetime) -> SystemToday:
    """For an operator: whether the system is well. No child. Five queries."""
    kinds = [EventKind.SIGN_IN_FAILED, EventKind.LOOK_REFUSED]
    happened = dict(
        Event.objects.filter(kind__in=kinds, at__gt=now - LAST_DAY).values_list("kind").annotate(count=Count("number"))
    )
    ledger = Event.objects.filter(kind__startswith="ledger.").order_by("-number").first()
    jobs = _jobs()
    working = RoleGrant.objects.in_force(timezone.localdate(now)).filter(
        role__in=[role.key for role in ROLES.values() if role.is_staff]
    )
    staff = Person.objects.filter(is_active=True, pk__in=working.values("person_id"))
    bare = staff.filter(is_invented=False).exclude(authenticator__type__in=["totp", "webauthn"]).count()
    todos = []
    if ledger is not None and ledger.kind == EventKind.LEDGER_BROKEN:
        why = _("Lines were changed outside the program. Compare with last night’s backup.")
        todos.append(Todo("shield-exclamation", _("A ledger does not match its chain"), why, now=True))
    if jobs.get("failed"):
        title = ngettext("%(count)s job failed", "%(count)s jobs failed", jobs["failed"]) % {"count": jobs["failed"]}
        todos.append(Todo("tools", title, _("The log of the worker says why."), now=True))
    if bare:
        title = ngettext("%(count)s colleague has no second step", "%(count)s colleagues have no second step", bare)
        why = _("They are asked for it at their next sign-in and see nothing before.")
        todos.append(Todo("key", title % {"count": bare}, why))
    verified = date_format(timezone.localtime(ledger.at), "DATETIME_FORMAT") if ledger else ""
    ledgers = (_("Chains last verified: %(day)s") % {"day": verified},) if ledger else (_("Not verified yet"),)
    day = (_("The event ledger, last 24 hours"),)
    return SystemToday(
        tuple(todos),
        (
            Number(_("Failed sign-ins"), happened.get(EventKind.SIGN_IN_FAILED, 0), day),
            Number(_("Refused looks"), happened.get(EventKind.LOOK_REFUSED, 0), day),
            Number(_("Jobs waiting"), jobs.get("todo", 0), (_("The job queue, now"),)),
            Number(_("Staff accounts"), staff.count(), ledgers),
        ),
    )


def _jobs() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select status::text, count(*) from procrastinate_jobs where status in ('todo', 'failed') group by 1"
        )
        return dict(cursor.fetchall())
