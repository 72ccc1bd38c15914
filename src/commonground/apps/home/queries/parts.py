"""*Today* put together: one part for each kind of work that a person does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.coaching.queries import own_coaches, own_teachers
from commonground.apps.core.queries import Grant
from commonground.apps.home.queries.duties import duties
from commonground.apps.home.queries.programs import managed_today, open_programs, taught_today
from commonground.apps.home.queries.schools import family_today, school_today, teacher_today
from commonground.apps.home.queries.today import collaborative_today, district_today, system_today
from commonground.apps.home.queries.todos import Todo
from commonground.apps.mentoring.queries import BESIDE, own_caseload

# Roles of a coaching relationship.
COACHED_OR_COACH = frozenset({"coach", "teacher"})


@dataclass(frozen=True)
class Part:
    """One part of the page. template: draws `data`. finding: what is true when nothing needs the person.

    named: owner and key of each student whom it names and who may be of another district.
    """

    template: str
    data: Any
    finding: str
    todos: tuple[Todo, ...] = ()
    named: tuple[tuple[UUID, UUID], ...] = ()


def parts_of_today(grants: Sequence[Grant], *, person_id: UUID, now: datetime) -> list[Part]:
    """What people and agreements ask first; then the parts for all roles that a person holds, in the order of roles."""
    asked = duties(grants, person_id=person_id, now=now)
    found = [Part("home/today/duties.html", asked, "", asked)] if asked else []
    for keys, make in _PARTS:
        held = [grant for grant in grants if grant.role.key in keys]
        if held:
            found.append(make(held, now))
    known = frozenset().union(*(keys for keys, _make in _PARTS))
    beside = [grant for grant in grants if grant.role.key in BESIDE]
    if beside:
        found += _caseload(person_id, now=now, is_all=not found)
    if any(grant.role.key in COACHED_OR_COACH for grant in grants):
        found += _coaching(person_id, now=now, is_all=not found)
    found += [_only_today(grant) for grant in grants if grant.role.key not in known.union(BESIDE, COACHED_OR_COACH)]
    return found


def _caseload(person_id: UUID, *, now: datetime, is_all: bool) -> list[Part]:
    """The children beside whom the person walks; nothing where there are none and other work is shown (`is_all` False)."""
    children = own_caseload(person_id=person_id, today=timezone.localdate(now))
    if not children and not is_all:
        return []
    count = len(children)
    words = ngettext("You walk beside %(count)s student", "You walk beside %(count)s students", count) % {
        "count": count
    }
    named = tuple((child.student.owner_id, child.student.pk) for child in children)
    finding = words if children else _("No student is on your caseload today")
    return [Part("home/today/caseload.html", children, finding, named=named)]


def _coaching(person_id: UUID, *, now: datetime, is_all: bool) -> list[Part]:
    """Whom the person coaches and by whom they are coached; nothing where there is neither and other work is shown."""
    today = timezone.localdate(now)
    data = {
        "teachers": own_teachers(person_id=person_id, today=today),
        "coaches": own_coaches(person_id=person_id, today=today),
    }
    if not any(data.values()) and not is_all:
        return []
    count = len(data["teachers"])
    words = ngettext("You coach %(count)s teacher", "You coach %(count)s teachers", count) % {"count": count}
    return [Part("home/today/coaching.html", data, words if count else _("You coach no teacher today"))]


def _only_today(grant: Grant) -> Part:
    """A role without pages of its own yet: what it is for, and what it will see."""
    return Part("home/today/role.html", grant, str(grant.role.title))


def _collaborative(grants: Sequence[Grant], now: datetime) -> Part:
    data = collaborative_today(grants, now=now)
    count = len(data.members)
    finding = ngettext("%(count)s district works together", "%(count)s districts work together", count) % {
        "count": count
    }
    return Part(
        "home/today/collaborative.html", data, finding if count else _("No district has joined yet"), data.todos
    )


def _district(grants: Sequence[Grant], now: datetime) -> Part:
    data = district_today(grants, now=now)
    return Part("home/today/district.html", data, _("Nothing waits for you"), data.todos)


def _principal(grants: Sequence[Grant], now: datetime) -> Part:
    data = school_today(grants, now=now, with_grades=True)
    finding = ngettext(
        "%(count)s student is at your school", "%(count)s students are at your school", data.student_count
    )
    return Part("home/today/school.html", data, finding % {"count": data.student_count})


def _liaison(grants: Sequence[Grant], now: datetime) -> Part:
    data = school_today(grants, now=now, with_grades=False)
    count = len(data.arrivals)
    finding = ngettext("%(count)s student is new at your schools", "%(count)s students are new at your schools", count)
    nobody = _("Nobody is new at your schools")
    return Part("home/today/school.html", data, finding % {"count": count} if count else nobody)


def _teacher(grants: Sequence[Grant], now: datetime) -> Part:
    data = teacher_today()
    count = len(data.sections)
    finding = ngettext("You teach %(count)s class", "You teach %(count)s classes", count) % {"count": count}
    return Part("home/today/teacher.html", data, finding if count else _("No class of yours is in the roster yet"))


def _family(grants: Sequence[Grant], now: datetime) -> Part:
    data = family_today()
    return Part("home/today/family.html", data, _("Your children"))


def _family_programs(grants: Sequence[Grant], now: datetime) -> Part:
    return Part("home/today/family_programs.html", open_programs(grants, now=now), "")


def _program_manager(grants: Sequence[Grant], now: datetime) -> Part:
    data = managed_today(grants, now=now)
    return Part("home/today/programs.html", data, _("Nothing waits for you"), data.todos)


def _program_teacher(grants: Sequence[Grant], now: datetime) -> Part:
    data = taught_today(grants, now=now)
    count = len(data.lines)
    finding = ngettext("You teach in %(count)s program", "You teach in %(count)s programs", count) % {"count": count}
    return Part("home/today/programs.html", data, finding if count else _("You teach in no program yet"), data.todos)


def _system(grants: Sequence[Grant], now: datetime) -> Part:
    data = system_today(now=now)
    return Part("home/today/system.html", data, _("The system is well"), data.todos)


_PARTS: tuple[tuple[frozenset[str], Callable[[Sequence[Grant], datetime], Part]], ...] = (
    (frozenset({"director", "analyst"}), _collaborative),
    (frozenset({"coordinator"}), _district),
    (frozenset({"principal"}), _principal),
    (frozenset({"liaison"}), _liaison),
    (frozenset({"teacher"}), _teacher),
    (frozenset({"program_manager"}), _program_manager),
    (frozenset({"program_teacher"}), _program_teacher),
    (frozenset({"family"}), _family),
    (frozenset({"family"}), _family_programs),
    (frozenset({"operator"}), _system),
)
