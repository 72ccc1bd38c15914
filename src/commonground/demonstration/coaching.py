"""An instructional coach of the collaborative in the demonstration, to whom two districts give a teacher each; what they write."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from commonground.apps.coaching.actions import Said, give_teacher, write_entry
from commonground.apps.coaching.models import Coaching, Entry
from commonground.apps.core.models import Organization, Person, RoleGrant
from commonground.store.database import as_migrator
from commonground.store.walls import enter

COACH = ("coach@example.org", "Ragna Sorvari")
TEACHERS = ("teacher@example.org", "program.teacher2@example.org")
CYCLE = timedelta(weeks=6)
GOAL = "In every lesson each student explains one idea in a full sentence, to a partner or to the class."
MEASURE = "We count for one lesson how many do."
PLAN = "We looked at two lessons on ratios and chose where partners talk first: before the first worked example."
SEEN = (
    "Second hour, math. Nine of twenty-four explained something aloud. After the partner talk you waited, and three more"
    " did who had not spoken before."
)
NEXT_STEP = "Try sentence starters on the board. I teach the opening on Thursday, and you count."
REFLECTION = "The starters help most in the back rows. I call on volunteers too soon."


def build_coaching(*, collaborative: Organization, coordinators: dict[Organization, Person], now: datetime) -> None:
    """Give the teachers through the action of the app, each as the coordinator of its own district."""
    today = timezone.localdate(now)
    by_district = {district.pk: person for district, person in coordinators.items()}
    with as_migrator():
        email, name = COACH
        person = Person.objects.create_user(email, name=name, is_invented=True)
        coach = RoleGrant.objects.create(person=person, role="coach", organization=collaborative, since=today)
        grants = list(
            RoleGrant.objects.filter(person__email__in=TEACHERS, role="teacher").select_related(
                "organization", "person"
            )
        )
    for grant in grants:
        coordinator = by_district[grant.organization.owner_id or grant.organization_id]
        with enter(person=coordinator.pk, purpose="demonstration"):
            line = give_teacher(
                teacher_grant_id=grant.pk, coach_grant_id=coach.pk, since=today, last_day=None, by=coordinator.pk
            )
        if grant.person.email == TEACHERS[0]:
            _cycle(line, teacher=grant.person, coach=person, today=today)


def _cycle(line: UUID, *, teacher: Person, coach: Person, today: date) -> None:
    """A goal, planning, a lesson that the coach watched, and what the teacher takes from it."""
    goal = Said(Entry.Kind.GOAL, today, GOAL, measure=MEASURE, last_day=today + CYCLE)
    _write(line, goal, by=teacher)
    _write(line, Said(Entry.Kind.PLAN, today, PLAN, "I watch the second hour.", Entry.Taker.COACH), by=coach)
    seen = _write(line, Said(Entry.Kind.SEEN, today, SEEN, NEXT_STEP, Entry.Taker.BOTH), by=coach)
    _write(line, Said(Entry.Kind.REFLECTION, today, REFLECTION), by=teacher, about_id=seen)


def _write(line: UUID, said: Said, *, by: Person, about_id: UUID | None = None) -> UUID:
    with enter(person=by.pk, purpose="demonstration"):
        return write_entry(line=Coaching.objects.get(pk=line), said=said, entry_id=uuid4(), by=by.pk, about_id=about_id)
