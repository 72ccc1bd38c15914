"""Teachers given to coaches, as a coordinator gives them, and what the two write."""

import uuid

import pytest
from django.utils import timezone
from tests.apps.mentoring.conftest import DAY, becomes, outside  # noqa: F401 - fixtures and helpers

from commonground.apps.coaching import actions
from commonground.apps.coaching.models import Coaching
from commonground.apps.core.models import RoleGrant
from commonground.store.walls import enter


def role(person, key):
    """The latest role of this kind that the person was given."""
    return RoleGrant.objects.filter(person_id=person, role=key).order_by("-since").first().pk


def give(teacher, coach, *, by, since=None, last_day=None, as_coach=None):
    """The new line: the coach works with the teacher, by their roles of these names."""
    with enter(person=by, purpose="test"):
        return actions.give_teacher(
            teacher_grant_id=role(teacher, "teacher"),
            coach_grant_id=as_coach or role(coach, "coach"),
            since=since or timezone.localdate(),
            last_day=last_day,
            by=by,
        )


def end(line, *, by):
    with enter(person=by, purpose="test"):
        actions.end_coaching(line=Coaching.objects.get(pk=line), by=by)


@pytest.fixture
def coached(world):
    """Coco coaches Theo, given by Cora."""
    return give(world.THEO, world.COCO, by=world.CORA)


def write(line, *, by, said="We looked at who answers.", step="", kind="talk", day=None, made=None, about=None, **more):
    """The new entry of one of the two. more: of a goal, its measure and last day."""
    with enter(person=by, purpose="test"):
        return actions.write_entry(
            line=Coaching.objects.get(pk=line),
            said=actions.Said(kind, day or timezone.localdate(), said, step, **more),
            entry_id=made or uuid.uuid4(),
            by=by,
            about_id=about,
        )


def met(run, line, *, teachers, day, kind="talk"):
    """As many entries of as many teachers, as if each had been coached by this line's coach."""
    run.execute(
        "insert into coaching_entry (id, owner_id, coaching_id, teacher_id, coach_id, author_id, kind, day, said, next_step,"
        " written_at) select gen_random_uuid(), c.owner_id, c.id, p.id, r.person_id, r.person_id, %s, %s, 'x', '', now()"
        " from coaching_coaching c join core_rolegrant r on r.id = c.coach_grant_id"
        " cross join (select id from core_person order by id limit %s) p where c.id = %s",
        [kind, day, teachers, line],
    )
