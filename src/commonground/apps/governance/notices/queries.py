"""What the yearly notice of a district says, and for which school years it was given out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise

from commonground.apps.core.categories import category_name, category_shared
from commonground.apps.core.models import Agreement, Organization, Person
from commonground.apps.core.roles import ROLES
from commonground.apps.governance.mailing import coordinators_of
from commonground.apps.governance.models import Notice
from commonground.apps.governance.queries.agreements import opened_to
from commonground.apps.measures.presenting import year_words
from commonground.apps.measures.queries.counts import school_year_of
from commonground.apps.programs.models import Attendance, Offering, Registration
from commonground.apps.roster.models import Guardian, Student
from commonground.engine.law import state

STATE = "mn"
# Categories about children of which nothing is stored yet, so that the notice can say so.
NEVER_KEPT = ("behavior", "results", "support")
FIRST_YEAR = 2020


@dataclass(frozen=True)
class GivenYear:
    """One school year of one district. given: when and how the notice was given out, the first first."""

    district: Organization
    ends_in: int
    given: tuple[Notice, ...]

    @property
    def words(self) -> str:
        return year_words(self.ends_in)


def years_of(districts: Sequence[Organization], *, today: date) -> list[GivenYear]:
    """The current school year of each district and every recorded one, the latest first. One query."""
    found: dict[tuple[UUID, int], list[Notice]] = {(one.pk, school_year_of(today)): [] for one in districts}
    rows = Notice.objects.filter(owner__in=districts).select_related("recorded_by").order_by("given_on", "recorded_at")
    for row in rows:
        found.setdefault((row.owner_id, row.ends_in), []).append(row)
    by_id = {one.pk: one for one in districts}
    years = [GivenYear(by_id[pk], ends_in, tuple(given)) for (pk, ends_in), given in found.items()]
    return sorted(years, key=lambda one: (one.district.name, -one.ends_in))


def lacks_notice(today: date) -> Q:
    """Whether a district shares something today and has recorded no notice this school year; of organizations."""
    given = Notice.objects.filter(ends_in=school_year_of(today), owner_id=OuterRef("pk"))
    sharing = Agreement.objects.in_force(today).filter(owner_id=OuterRef("pk"))
    return Q(Exists(sharing), ~Exists(given))


@dataclass(frozen=True)
class SharedBy:
    """An agreement in force. holds: what it opens; roles: to whom. last_day: the last on which it opens something."""

    agreement: Agreement
    last_day: date
    holds: tuple[str, ...]
    roles: tuple[str | Promise, ...]


@dataclass(frozen=True)
class NoticePage:
    """The notice. kept: what is stored about the district's children, with how many. not_kept: categories without a row.

    answer_days: for a correction. shown_days: for showing a record. address: where a family types its code.
    """

    district: Organization
    year: str
    student_count: int
    family_count: int
    registered_count: int
    attended_count: int
    not_kept: tuple[str, ...]
    agreements: tuple[SharedBy, ...]
    programs: tuple[Offering, ...]
    contacts: tuple[Person, ...]
    answer_days: int
    shown_days: int
    address: str


def notice_page(district: Organization, ends_in: int, *, today: date) -> NoticePage:
    """What the notice says today. Inside the walls of the district's coordinator; seven queries."""
    agreements = (
        Agreement.objects.in_force(today)
        .filter(owner=district)
        .select_related("collaborative", "owner")
        .order_by("until")
    )
    registered = Registration.objects.filter(owner=district)
    programs = Offering.objects.not_over(today).filter(pk__in=registered.values("offering_id"))
    rules = state(STATE).rulebook
    return NoticePage(
        district=district,
        year=year_words(ends_in),
        student_count=Student.objects.current().filter(owner=district).count(),
        family_count=Guardian.objects.current().filter(owner=district).count(),
        registered_count=registered.values("student_id").distinct().count(),
        attended_count=Attendance.objects.filter(owner=district).values("registration_id").distinct().count(),
        not_kept=tuple(map(category_name, NEVER_KEPT)),
        agreements=tuple(_shared_by(one) for one in agreements),
        programs=tuple(programs.select_related("owner").order_by("starts_on")),
        contacts=tuple(coordinators_of([district.pk], today=today)),
        answer_days=int(rules.on("correction_answer_days", today).value),
        shown_days=int(rules.on("record_shown_days", today).value),
        address=settings.PUBLIC_ADDRESS.split("://", 1)[-1] + reverse("people:come-in"),
    )


def _shared_by(agreement: Agreement) -> SharedBy:
    return SharedBy(
        agreement=agreement,
        last_day=agreement.until - timedelta(days=1),
        holds=tuple(map(category_shared, agreement.categories)),
        roles=tuple(role.title for role in ROLES.values() if opened_to(role, agreement)),
    )
