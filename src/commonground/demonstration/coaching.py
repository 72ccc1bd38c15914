"""An instructional coach of the collaborative in the demonstration, to whom two districts give a teacher each."""

from datetime import datetime

from django.utils import timezone

from commonground.apps.coaching.actions import give_teacher
from commonground.apps.core.models import Organization, Person, RoleGrant
from commonground.store.database import as_migrator
from commonground.store.walls import enter

COACH = ("coach@example.org", "Ragna Sorvari")
TEACHERS = ("teacher@example.org", "program.teacher2@example.org")


def build_coaching(*, collaborative: Organization, coordinators: dict[Organization, Person], now: datetime) -> None:
    """Give the teachers through the action of the app, each as the coordinator of its own district."""
    today = timezone.localdate(now)
    by_district = {district.pk: person for district, person in coordinators.items()}
    with as_migrator():
        email, name = COACH
        person = Person.objects.create_user(email, name=name, is_invented=True)
        coach = RoleGrant.objects.create(person=person, role="coach", organization=collaborative, since=today)
        grants = list(
            RoleGrant.objects.filter(person__email__in=TEACHERS, role="teacher").select_related("organization")
        )
    for grant in grants:
        coordinator = by_district[grant.organization.owner_id or grant.organization_id]
        with enter(person=coordinator.pk, purpose="demonstration"):
            give_teacher(
                teacher_grant_id=grant.pk, coach_grant_id=coach.pk, since=today, last_day=None, by=coordinator.pk
            )
