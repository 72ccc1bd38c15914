"""The classes of data by how long they are kept. The days stand in `retention_scope.sql` too: there the database obeys them,
here they are told; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Nothing is destroyed sooner: one person's change must be seen by others before it takes effect.
LEAST = 30


@dataclass(frozen=True)
class DataClass:
    """What is kept for how many days after what. days None, after "": not ended by time. categories: of walls, "" beside them.

    source: the rule it follows; "" where it is our own default, which the district may change. least: the fewest days that it
    may say.
    """

    name: str | Promise
    after: str | Promise
    days: int | None
    categories: tuple[str, ...]
    why: str | Promise
    source: str = ""
    least: int = LEAST

    @property
    def may_change(self) -> bool:
        return self.days is not None and not self.source


CLASSES: Mapping[str, DataClass] = {
    "health": DataClass(
        _("Health and emergency facts, and what families agreed to"),
        _("the last day of the program"),
        30,
        ("health",),
        _("Needed while the child is there, and for what comes up in the weeks after."),
    ),
    "meals": DataClass(
        _("What families said about school meals"),
        _("the last day of the program"),
        30,
        ("meals",),
        _("It is counted once, when registration has closed, and of no use after that."),
    ),
    "attendance": DataClass(
        _("Attendance of programs"),
        _("the last day of the program"),
        1095,
        ("attendance",),
        _("Plans run for three years and are judged by it."),
        "MDE, plan template: term of three years",
    ),
    "registration": DataClass(
        _("Registrations and seats"),
        _("the last day of the program"),
        1095,
        ("registration", "program"),
        _("Plans run for three years and are judged by it."),
        "MDE, plan template: term of three years",
    ),
    "contact": DataClass(
        _("Families’ names, telephones and addresses"),
        _("the day they were last in the district’s file"),
        365,
        ("contact",),
        _("Nobody calls a family whose child has left; the district’s own system has the record."),
    ),
    "roster": DataClass(
        _("Students who left, and their schools and classes"),
        _("the day they were last in the district’s file"),
        1825,
        ("roster",),
        _("So that a child who comes back is known. The district’s own system has the record."),
    ),
    "staff": DataClass(
        _("Staff who left"),
        _("the day they were last in the district’s file"),
        1825,
        ("staff",),
        _("So that it can be said who taught whom."),
    ),
    "correction": DataClass(
        _("Corrections that families asked for"),
        _("the day of the answer"),
        1095,
        ("correction",),
        _("So that a family and the district can look up what was answered."),
    ),
    "notes": DataClass(
        _("Notes of mentors, counselors and liaisons"),
        _("the day of the meeting"),
        1095,
        ("notes",),
        _("For as long as somebody walks beside a child, and whoever takes over."),
    ),
    "caseload": DataClass(
        _("Who walked beside which child"),
        _("the last day of it"),
        1095,
        ("caseload",),
        _("So that it can be said who knew a child, and when."),
    ),
    "coaching": DataClass(
        _("What coaches and teachers write to each other"),
        _("the day it tells of, or a goal’s last day"),
        1095,
        ("coaching",),
        _("For as long as the teacher wants to look back at it."),
    ),
    "coached": DataClass(
        _("Who coached which teacher"),
        _("the last day of it"),
        1095,
        ("coached",),
        _("So that it can be said who was coached, and for how long."),
    ),
    "incident": DataClass(
        _("Packets about incidents"),
        _("the day the incident was filed, once families were told"),
        2190,
        ("incident",),
        _("For as long as somebody may still ask what happened."),
        least=2190,
    ),
    "hold": DataClass(
        _("Legal holds that have ended"),
        _("the day of their end"),
        2190,
        (),
        _("So that it can be shown why something was kept."),
        least=2190,
    ),
    "files": DataClass(
        _("Files as they were sent"),
        _("the day they were sent"),
        730,
        (),
        _("To look up where a row came from; the district has the file."),
    ),
    "audit": DataClass(
        _("What changed rows said before"),
        _("the day of the change"),
        1825,
        ("audit",),
        _("That a row changed, when and by whom, stays; what it said is taken out."),
        least=1825,
    ),
    "disclosure": DataClass(
        _("Who from outside looked at which child"),
        "",
        None,
        ("disclosure",),
        _("It is kept as long as the child’s record; afterwards of the child a random number is left."),
        "34 CFR 99.32(a)(2)",
    ),
    "agreement": DataClass(
        _("Agreements, their papers and notices to families"),
        "",
        None,
        ("agreement",),
        _("They show what opened records, and when. They name no child."),
    ),
}
