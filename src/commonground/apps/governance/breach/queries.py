"""Incidents as their house sees them, in counts; a packet as its district sees it, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from commonground.apps.core.categories import category_holds, category_name
from commonground.apps.core.events import EventKind
from commonground.apps.core.looks import page_words
from commonground.apps.core.models import Agreement, Event, Organization, Person
from commonground.apps.core.queries import Grant, held_at
from commonground.apps.core.roles import ROLES
from commonground.apps.governance.mailing import coordinators_of
from commonground.apps.governance.models import Incident, Packet, PacketLine
from commonground.apps.governance.models.breach import IncidentFacts
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import Guardian, Guardianship
from commonground.apps.roster.queries import schools_of
from commonground.engine.law import state

STATE = "mn"
ON_A_PAGE = 50
OPENERS_SHOWN = 20
SEEN, REACHED = "seen", "reached"
# Categories of which reach can be worked out: what is stored about children.
REACHABLE = ("roster", "contact", "notes", "registration", "attendance", "health", "meals")


def houses_of(grants: Sequence[Grant]) -> QuerySet[Organization]:
    """The collaboratives for which the acting person files incidents, by name."""
    return Organization.objects.filter(pk__in=held_at(grants, "director", "operator")).order_by("name")


def agreements_of(houses: QuerySet[Organization]) -> QuerySet[Agreement]:
    """Signed agreements through which records may have been opened."""
    signed = Agreement.objects.filter(collaborative__in=houses, signed_on__isnull=False)
    return signed.select_related("owner", "collaborative").order_by("owner__name", "since")


@dataclass(frozen=True)
class DistrictCount:
    """How many students of a district an incident touches. told_on: when its families were told, None before.

    seen_count, reached_count: None where they are fewer than the smallest count that is shown.
    """

    incident_id: UUID
    district_id: UUID
    district: str
    seen_count: int | None
    reached_count: int | None
    told_on: date | None


def counts_of(incidents: Sequence[UUID]) -> list[DistrictCount]:
    """Counts by district, by name, for those who answer for the incidents. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("select * from cg.incident_counts(%s::uuid[])", [list(incidents)])
        rows = cursor.fetchall()
    names = dict(Organization.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "name"))
    found = [DistrictCount(row[0], row[1], names.get(row[1], ""), *row[2:]) for row in rows]
    return sorted(found, key=lambda one: one.district)


def districts_of(incident_id: UUID) -> list[UUID]:
    """The districts that have a packet of an incident which the acting person filed. For jobs alone. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select * from cg.incident_districts(%s)", [incident_id])
        return [row[0] for row in cursor.fetchall()]


def way_words(facts: IncidentFacts, *, for_house: bool = False) -> str:
    """Through what records were opened, in words. for_house: an account by its address, as it was typed, not by name."""
    parts = []
    if facts.account is not None:
        name = facts.account.email if for_house else facts.account.name
        parts.append(_("the account of %(name)s") % {"name": name})
    if facts.role:
        title = ROLES[facts.role].title if facts.role in ROLES else facts.role
        parts.append(_("the role %(role)s") % {"role": title})
    if facts.agreement is not None:
        words = {"district": facts.agreement.owner.name, "house": facts.agreement.collaborative.name}
        parts.append(_("the agreement of %(district)s with %(house)s") % words)
    return ", ".join(parts)


@dataclass(frozen=True)
class ListedIncident:
    """An incident with its districts, in counts. by: when each district should know."""

    incident: Incident
    way: str
    categories: str
    by: datetime
    districts: tuple[DistrictCount, ...]


def incidents_of(grants: Sequence[Grant]) -> list[ListedIncident]:
    """The incidents of the acting person's collaboratives, the latest first. Three queries."""
    rows = list(
        Incident.objects.filter(owner__in=houses_of(grants))
        .select_related("account", "agreement__owner", "agreement__collaborative", "filed_by")
        .order_by("-filed_at")
    )
    counts = counts_of([row.pk for row in rows]) if rows else []
    return [
        ListedIncident(
            row,
            way_words(row, for_house=True),
            ", ".join(map(category_name, row.categories)),
            clock_of(row),
            tuple(one for one in counts if one.incident_id == row.pk),
        )
        for row in rows
    ]


def clock_of(facts: IncidentFacts) -> datetime:
    """When our own clock has run: 72 hours after it was found."""
    hours = state(STATE).rulebook.on("breach_clock_hours", timezone.localdate(facts.found_at)).value
    return facts.found_at + timedelta(hours=int(hours))


def own_packets(grants: Sequence[Grant]) -> QuerySet[Packet]:
    """The packets of the districts that the acting person coordinates, the latest first."""
    packets = Packet.objects.filter(owner_id__in=held_at(grants, "coordinator")).select_related(
        "owner", "house", "account", "agreement__owner", "agreement__collaborative", "filed_by", "told_by"
    )
    return packets.order_by("-filed_at")


@dataclass(frozen=True)
class Duty:
    """What is asked of the district. by: until when, None where the law names no day. source: where it stands."""

    words: str
    by: datetime | None
    source: str


@dataclass(frozen=True)
class Happened:
    """One line of the timeline. has_time: False where only the day is known."""

    at: datetime
    words: str
    has_time: bool = True


@dataclass(frozen=True)
class Opener:
    """Somebody who looked at the packet."""

    name: str
    at: datetime
    part: str


@dataclass(frozen=True)
class Touched:
    """One student of the packet, with schools and guardians. pages, reached: in words."""

    line: PacketLine
    schools: str
    guardians: tuple[Guardian, ...]
    pages: tuple[str, ...]
    reached: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the home, by name, each once."""
        codes = [guardian.home_language for guardian in self.guardians] or [self.line.student.home_language]
        return tuple(dict.fromkeys(language_name(code) for code in codes if code))

    @property
    def language_code(self) -> str | None:
        """The language in which the family is written to, None where nothing is known."""
        return next((one.home_language for one in self.guardians if one.home_language), self.line.student.home_language)


@dataclass(frozen=True)
class PacketPage:
    """A packet on the screen: facts, what is asked, what happened when, who opened it."""

    packet: Packet
    way: str
    categories: tuple[str, ...]
    clock: datetime
    is_late: bool
    duties: tuple[Duty, ...]
    happened: tuple[Happened, ...]
    openers: tuple[Opener, ...]


def packet_page(packet: Packet, *, now: datetime) -> PacketPage:
    """One packet, as the district's coordinator reads it. Three queries."""
    clock = clock_of(packet)
    return PacketPage(
        packet=packet,
        way=way_words(packet),
        categories=tuple(f"{category_name(one)}: {category_holds(one)}" for one in _reached(packet)),
        clock=clock,
        is_late=packet.told_on is None and clock < now,
        duties=tuple(_duties(packet, clock)),
        happened=tuple(_happened(packet)),
        openers=tuple(_openers(packet)),
    )


def _reached(packet: Packet) -> list[str]:
    """Categories that were within reach of at least one student. One query."""
    kinds = (
        "select distinct unnest(reached) from governance_packetline where owner_id = %s and packet_id = %s order by 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(kinds, [packet.owner_id, packet.pk])
        return [row[0] for row in cursor.fetchall()]


def _duties(packet: Packet, clock: datetime) -> list[Duty]:
    most = int(state(STATE).rulebook.on("breach_agencies_individuals", timezone.localdate(packet.found_at)).value)
    count = packet.seen_count + packet.reached_count
    found = [
        Duty(
            _(
                "Tell in writing every family whose child’s private data was opened, or is reasonably believed to have been:"
                " in the most expedient time possible and without unreasonable delay. The law names no hours; our own"
                " clock gives 72."
            ),
            clock,
            _("Minn. Stat. 13.055, subd. 2(a)"),
        ),
        Duty(
            _(
                "Say in the letter that a report will be prepared, how to see it, and that it can be had by mail or email."
                " The letters below do."
            ),
            None,
            _("Minn. Stat. 13.055, subd. 2(a)"),
        ),
        Duty(
            _(
                "Prepare the report when the investigation is complete: what was opened, of how many people, and what"
                " became of it."
            ),
            None,
            _("Minn. Stat. 13.055, subd. 2(b)"),
        ),
        Duty(
            _("Keep the looks in each child’s own log, which the family reads. They stand there already."),
            None,
            _("34 CFR 99.32"),
        ),
    ]
    if count > most:
        words = _("Tell the consumer reporting agencies too: more than %(most)s people are told at one time.")
        found.insert(
            2, Duty(words % {"most": number_format(most, force_grouping=True)}, clock, _("Minn. Stat. 13.055, subd. 5"))
        )
    return found


def _happened(packet: Packet) -> list[Happened]:
    found = [
        Happened(packet.began_at, _("From here on records could be opened")),
        Happened(packet.ended_at, _("From here on no longer")),
        Happened(packet.found_at, _("It was found")),
        Happened(packet.filed_at, _("It was filed, and this packet compiled")),
    ]
    for day in packet.days:
        words = _("Records opened: %(looks)s, of students: %(students)s") % day
        found.append(Happened(_noon(date.fromisoformat(day["day"])), words, has_time=False))
    if packet.told_on:
        found.append(Happened(_noon(packet.told_on), _("Families were told"), has_time=False))
    return sorted(found, key=lambda one: one.at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())


def _openers(packet: Packet) -> list[Opener]:
    parts = {"page": _("on the screen"), "letters": _("the letters"), "list": _("the list as a file")}
    events = list(
        Event.objects.filter(kind=EventKind.PACKET_OPENED, about=str(packet.pk)).order_by("-number")[:OPENERS_SHOWN]
    )
    people = Person.objects.filter(pk__in={one.person_id for one in events})
    names: dict[UUID | None, str] = dict(people.values_list("pk", "name"))
    return [Opener(names.get(one.person_id, ""), one.at, parts.get(one.detail.get("part", ""), "")) for one in events]


def lines_of(packet: Packet, which: str) -> QuerySet[PacketLine]:
    """The students whose records were opened or changed, or the others within reach; by name."""
    lines = PacketLine.objects.filter(owner_id=packet.owner_id, packet=packet).select_related("student")
    opened = lines.filter(first_at__isnull=False)
    chosen = opened if which == SEEN else lines.filter(first_at=None)
    return chosen.order_by(F("student__name_key"), "student_id")


def page_of_lines(packet: Packet, which: str, number: str | None) -> Page:
    """Fifty students. number: as the address gives it, the nearest page where it gives none."""
    return Paginator(lines_of(packet, which), ON_A_PAGE).get_page(number)


def touched(lines: Iterable[PacketLine]) -> tuple[Touched, ...]:
    """These students with schools, guardians and words. Three queries."""
    kept = list(lines)
    schools = schools_of([line.student for line in kept])
    ties = (
        Guardianship.objects.filter(
            owner_id__in={line.owner_id for line in kept},
            student_id__in=[line.student_id for line in kept],
            ended_on=None,
        )
        .select_related("guardian")
        .order_by("guardian__family_name", "guardian__given_name", "guardian_id")
    )
    guardians: dict[UUID, list[Guardian]] = {}
    for tie in ties:
        guardians.setdefault(tie.student_id, []).append(tie.guardian)
    return tuple(
        Touched(
            line,
            ", ".join(school.name for school in schools.get(line.student_id, ())),
            tuple(guardians.get(line.student_id, ())),
            tuple(page_words(page) for page in line.pages),
            tuple(map(category_name, line.reached)),
        )
        for line in kept
    )


def contacts_of(packet: Packet, *, today: date) -> tuple[Person, ...]:
    """Whom families ask. One query."""
    return tuple(coordinators_of([packet.owner_id], today=today))
