"""A mentor of Willmar in the demonstration, with a few invented children there and, by an agreement of its own, one of New London."""

from datetime import datetime, timedelta

from django.utils import timezone

from commonground.apps.core.models import Agreement, Organization, Person, RoleGrant
from commonground.apps.mentoring import actions
from commonground.apps.roster.models import Student
from commonground.demonstration.cast import HOST, NEIGHBOR
from commonground.store.database import as_migrator
from commonground.store.walls import enter

MENTOR = ("mentor@example.org", "Signe Haugland")
GRADE = "07"
CHILDREN = {HOST: 3, NEIGHBOR: 1}
TALKED_ABOUT = (
    "We met for the first time and looked at the week: mathematics is hard on Mondays, the band is the best part."
)
NEXT_STEP = "Ask the mathematics teacher about the Monday help hour."


def build_caseload(*, collaborative: Organization, coordinators: dict[Organization, Person], now: datetime) -> None:
    """Give the children through the actions of the app, each as the coordinator of its own district.

    coordinators: one for each member district. Across district lines the mentor's role is at the collaborative.
    """
    today = timezone.localdate(now)
    districts = {district.state_id: district for district in coordinators}
    with as_migrator():
        email, name = MENTOR
        mentor = Person.objects.create_user(email, name=name, is_invented=True)
        grants = {
            state_id: RoleGrant.objects.create(person=mentor, role="mentor", organization=place, since=today)
            for state_id, place in ((HOST, districts[HOST]), (NEIGHBOR, collaborative))
        }
        Agreement.objects.create(
            owner=districts[NEIGHBOR],
            collaborative=collaborative,
            categories=["roster", "contact"],
            ground=Agreement.Ground.SCHOOL_OFFICIAL,
            purpose="Mentors of the collaborative beside students whom the district gives to them",
            since=today,
            until=today + timedelta(400),
            destroy_by=today + timedelta(500),
            signed_on=today,
            signed_by="The superintendent (invented)",
        )
    for state_id, count in CHILDREN.items():
        district = districts[state_id]
        coordinator = coordinators[district]
        with enter(person=coordinator.pk, purpose="demonstration"):
            children = Student.objects.current().filter(owner=district, grade=GRADE).order_by("digest", "pk")
            for child in children[:count]:
                actions.give_child(
                    student=child, grant_id=grants[state_id].pk, since=today, last_day=None, by=coordinator.pk
                )
    with enter(person=mentor.pk, purpose="demonstration"):
        first = Student.objects.filter(owner=districts[HOST]).order_by("digest", "pk").first()
        if first is not None:
            said = actions.Said(today, TALKED_ABOUT, NEXT_STEP)
            actions.write_note(student=first, said=said, by=mentor.pk)
