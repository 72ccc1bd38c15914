"""The roles people hold: a plain description, what they may do, and what the database shows them.

`shows` becomes rows of `core_rolescope` at every migration; the database's scope functions read those. Forms:
organization (records owned by the organization of the grant) · agreement (records that member organizations agreed to
share with the collaborative of the grant) · school (of the school of the grant) · teaching (the sections this person
teaches) · guardianship (own children) · arrivals (students new to the school of the grant) · self (own staff record) · offering (children registered for the offerings of the organization of the grant) ·
caseload (the children given to this person by this role, from a day to a day) ·
coach (the teachers given to this person by this role, from a day to a day) · house (what coaches of the organization of the grant do) ·
program (children with a seat in an offering in which this person teaches, while it lasts) · served (registrations this
person wrote down) · counts (numbers of the offerings of the organization of the grant).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.permissions import Permission


@dataclass(frozen=True)
class Shows:
    """One thing a role lets the database show."""

    category: str
    form: str
    access: str = "read"


@dataclass(frozen=True)
class Role:
    """A role as an administrator reads it. held_at: the kinds of organization it may be granted at."""

    key: str
    title: str | Promise
    description: str | Promise
    held_at: tuple[str, ...]
    may: frozenset[Permission]
    shows: tuple[Shows, ...] = ()
    is_staff: bool = True

    def reads(self, category: str, form: str) -> bool:
        """Whether the role reads this category by this form."""
        return Shows(category, form) in self.shows


EVERYONE = frozenset({Permission.SEE_TODAY, Permission.CHANGE_OWN_LANGUAGE})
HOUSES = ("collaborative", "joint_powers")

# Who runs programs: writes offerings, days, seats and staff of the own organization, and counts who takes part.
PROGRAMS_OF_THE_HOUSE = (
    Shows("program", "organization"),
    Shows("program", "organization", "write"),
    Shows("registration", "counts"),
)

# Who walks beside children: sees those of the own caseload, and writes notes that only others beside the child read.
CASELOAD = (
    *(Shows(category, "caseload") for category in ("roster", "contact", "caseload", "notes")),
    Shows("notes", "caseload", "write"),
)

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        Role(
            "director",
            _("Director of the collaborative"),
            _("Leads the collaborative. Sees children by name only where a district's agreement opens them."),
            ("collaborative", "joint_powers"),
            EVERYONE
            | {
                Permission.SEE_DISTRICTS,
                Permission.RECORD_LETTER,
                Permission.LEAD_COLLABORATIVE,
                Permission.SEE_EMERGENCIES,
                Permission.APPROVE_EMERGENCY,
                Permission.FILE_INCIDENTS,
                Permission.SEE_INCIDENTS,
                Permission.SEE_LEAVING,
                Permission.WRITE_AGREEMENTS,
                Permission.MANAGE_PEOPLE,
                Permission.SET_UP_MAIL,
                Permission.SEE_STUDENTS,
                Permission.SEE_BATCH_COUNTS,
                Permission.SEE_AGREEMENTS,
                Permission.SEE_LINEAGE,
                Permission.SEE_PROGRAMS,
                Permission.MANAGE_PROGRAMS,
                Permission.SEE_REGISTRATIONS,
                Permission.COUNT_PROGRAMS,
                Permission.SEE_COACHES,
            },
            (
                Shows("coached", "house"),
                Shows("roster", "agreement"),
                Shows("staff", "agreement"),
                Shows("contact", "agreement"),
                Shows("agreement", "party"),
                Shows("incident", "organization"),
                *PROGRAMS_OF_THE_HOUSE,
                Shows("registration", "offering"),
                Shows("attendance", "offering"),
            ),
        ),
        Role(
            "coordinator",
            _("District coordinator"),
            _(
                "Sends the district’s files, answers questions about them, and sees the district’s own students. Gives"
                " them to mentors, counselors and liaisons, whose notes no page shows to the coordinator."
            ),
            ("district",),
            EVERYONE
            | {
                Permission.SEE_DISTRICTS,
                Permission.SEE_STUDENTS,
                Permission.SEE_LINEAGE,
                Permission.SEE_AGREEMENTS,
                Permission.SEND_FILES,
                Permission.APPLY_BATCHES,
                Permission.SERVE_FAMILIES,
                Permission.SEE_EMERGENCIES,
                Permission.SEE_INCIDENTS,
                Permission.OPEN_PACKETS,
                Permission.GIVE_NOTICES,
                Permission.SEE_LEAVING,
                Permission.LEAVE,
                Permission.KEEP_RECORDS,
                Permission.WRITE_AGREEMENTS,
                Permission.SIGN_AGREEMENTS,
                Permission.MANAGE_PEOPLE,
                Permission.SEE_BATCH_COUNTS,
                Permission.SEE_WHO_LOOKED,
                Permission.SEE_PROGRAMS,
                Permission.REGISTER_CHILDREN,
                Permission.SEE_REGISTRATIONS,
                Permission.GIVE_CASELOADS,
                Permission.SEE_COACHES,
                Permission.GIVE_COACHES,
            },
            (
                *(
                    Shows(category, "organization", access)
                    for category in ("roster", "contact", "staff", "registration", "caseload", "coached")
                    for access in ("read", "write")
                ),
                Shows("attendance", "organization"),
                Shows("health", "served", "write"),
                Shows("meals", "served", "write"),
                Shows("agreement", "organization"),
                Shows("agreement", "organization", "write"),
                Shows("correction", "organization"),
                Shows("correction", "organization", "write"),
                Shows("disclosure", "organization"),
                Shows("incident", "organization"),
                Shows("audit", "organization"),
            ),
        ),
        Role(
            "analyst",
            _("Data analyst"),
            _("Explores and exports counts. Sees what the director sees and changes nothing."),
            ("collaborative", "joint_powers"),
            EVERYONE
            | {
                Permission.SEE_DISTRICTS,
                Permission.SEE_STUDENTS,
                Permission.SEE_BATCH_COUNTS,
                Permission.SEE_AGREEMENTS,
                Permission.SEE_LINEAGE,
                Permission.SEE_PROGRAMS,
                Permission.COUNT_PROGRAMS,
            },
            (Shows("roster", "agreement"), Shows("staff", "agreement"), Shows("registration", "counts")),
        ),
        Role(
            "principal",
            _("Principal"),
            _("Sees the students, families and staff of the own school."),
            ("school",),
            EVERYONE | {Permission.SEE_STUDENTS},
            (Shows("roster", "school"), Shows("contact", "school"), Shows("staff", "school")),
        ),
        Role(
            "teacher",
            _("Teacher"),
            _("Sees the students of the own sections."),
            ("school", "district"),
            EVERYONE | {Permission.SEE_STUDENTS, Permission.SEE_OWN_COACHING},
            (Shows("roster", "teaching"), Shows("staff", "self")),
        ),
        Role(
            "liaison",
            _("Cultural liaison"),
            _(
                "Welcomes families: sees the students new to the own schools, their families, how many speak what, and"
                " the students of the own caseload."
            ),
            ("school",),
            EVERYONE
            | {
                Permission.SEE_STUDENTS,
                Permission.SEE_CASELOAD,
                Permission.SEE_PROGRAMS,
                Permission.REGISTER_CHILDREN,
            },
            (
                *CASELOAD,
                Shows("roster", "arrivals"),
                Shows("contact", "arrivals"),
                Shows("registration", "arrivals", "write"),
                Shows("registration", "served"),
                Shows("registration", "served", "write"),
                Shows("health", "served", "write"),
                Shows("meals", "served", "write"),
            ),
        ),
        Role(
            "family",
            _("Family"),
            _("Sees the own children in every member district, their teachers, and who has looked."),
            ("district",),
            EVERYONE
            | {
                Permission.SEE_OWN_CHILDREN,
                Permission.SEE_WHO_LOOKED,
                Permission.SEE_PROGRAMS,
                Permission.REGISTER_CHILDREN,
            },
            (
                Shows("roster", "guardianship"),
                Shows("contact", "guardianship"),
                Shows("staff", "guardianship"),
                Shows("correction", "guardianship"),
                Shows("correction", "guardianship", "write"),
                Shows("disclosure", "guardianship"),
                Shows("attendance", "guardianship"),
                *(
                    Shows(category, "guardianship", access)
                    for category in ("registration", "health", "meals")
                    for access in ("read", "write")
                ),
            ),
            is_staff=False,
        ),
        Role(
            "superintendent",
            _("Superintendent"),
            _("Leads a district. Sees no child by name; will see the district’s plan, money and votes."),
            ("district",),
            EVERYONE,
        ),
        Role(
            "coach",
            _("Instructional coach"),
            _(
                "Coaches teachers: sees whom their district gave to this person, from a day to a day, and no child. Writes"
                " with each of them what only the two read."
            ),
            ("district", "school", *HOUSES),
            EVERYONE | {Permission.SEE_OWN_COACHING},
            (Shows("coached", "coach"), Shows("coaching", "coach")),
        ),
        Role(
            "mentor",
            _("Mentor"),
            _(
                "Walks beside a few students: sees those whom their district gave to this person, and their families’"
                " contacts, from a day to a day. Writes notes that only others beside the same student read."
            ),
            ("district", "school", *HOUSES),
            EVERYONE | {Permission.SEE_STUDENTS, Permission.SEE_CASELOAD},
            CASELOAD,
        ),
        Role(
            "counselor",
            _("Counselor"),
            _(
                "Advises students about courses and college: sees those whom the district gave to this person, and their"
                " families’ contacts. Writes notes that only others beside the same student read."
            ),
            ("district", "school"),
            EVERYONE | {Permission.SEE_STUDENTS, Permission.SEE_CASELOAD},
            CASELOAD,
        ),
        Role(
            "interpreter",
            _("Interpreter"),
            _("Interprets for families. Sees no record; will see the appointments asked for, without a child’s file."),
            ("district", "school", *HOUSES),
            EVERYONE,
        ),
        Role(
            "magnet_officer",
            _("Magnet enrollment officer"),
            _("Runs the rounds of magnet schools. Sees nothing yet; will see applications to the own schools."),
            ("district", *HOUSES),
            EVERYONE,
        ),
        Role(
            "pd_organizer",
            _("Professional development organizer"),
            _("Offers courses to staff. Sees no child; will see the colleagues who register."),
            ("district", *HOUSES),
            EVERYONE,
        ),
        Role(
            "business_manager",
            _("Business manager"),
            _("Keeps budgets, cost shares and purchases. Sees no child by name; will see money and counts."),
            ("district", *HOUSES),
            EVERYONE,
        ),
        Role(
            "board_member",
            _("Board member"),
            _("Votes for a district on the collaborative’s board. Sees no child by name; will see meetings and plans."),
            ("district", *HOUSES),
            EVERYONE,
        ),
        Role(
            "council_member",
            _("Council member"),
            _("Advises for families and communities. Sees no child by name; will see what was asked and what changed."),
            ("district", *HOUSES),
            EVERYONE,
        ),
        Role(
            "college_partner",
            _("College partner"),
            _("Proposes college courses and instructors. Sees nothing yet; will see the students registered with it."),
            ("partner", *HOUSES),
            EVERYONE,
        ),
        Role(
            "student",
            _("Student"),
            _("A student with an own account. Sees nothing yet; will see the own goals and progress."),
            ("district",),
            EVERYONE,
            is_staff=False,
        ),
        Role(
            "program_manager",
            _("Program manager"),
            _("Runs the programs of an organization: seats, staff, rosters. Sees the children registered for them."),
            ("district", "collaborative", "joint_powers"),
            EVERYONE
            | {
                Permission.SEE_PROGRAMS,
                Permission.MANAGE_PROGRAMS,
                Permission.SEE_REGISTRATIONS,
                Permission.SEE_CARE,
                Permission.TAKE_ATTENDANCE,
                Permission.COUNT_PROGRAMS,
            },
            (
                *PROGRAMS_OF_THE_HOUSE,
                Shows("registration", "offering"),
                Shows("health", "offering"),
                Shows("attendance", "offering"),
                Shows("attendance", "offering", "write"),
            ),
        ),
        Role(
            "program_teacher",
            _("Program teacher"),
            _("Teaches in a program: sees the students with a seat in it from its first day to its last."),
            ("district", "collaborative", "joint_powers"),
            EVERYONE | {Permission.SEE_PROGRAMS, Permission.SEE_CARE, Permission.TAKE_ATTENDANCE},
            (
                Shows("registration", "program"),
                Shows("health", "program"),
                Shows("attendance", "program"),
                Shows("attendance", "program", "write"),
            ),
        ),
        Role(
            "operator",
            _("Operator"),
            _(
                "Keeps the system running, backs it up and restores it. Sees no child, except in an emergency for four hours,"
                " with a reason, approved by a second person, before the district’s eyes."
            ),
            ("collaborative", "joint_powers"),
            EVERYONE
            | {
                Permission.SEE_SYSTEM,
                Permission.SET_UP_MAIL,
                Permission.SEE_EMERGENCIES,
                Permission.ASK_EMERGENCY,
                Permission.APPROVE_EMERGENCY,
                Permission.FILE_INCIDENTS,
                Permission.SEE_INCIDENTS,
            },
            (Shows("incident", "organization"),),
        ),
    )
}


def role_choices() -> list[tuple[str, str | Promise]]:
    """Roles as choices. A function, so that a new role needs no migration."""
    return [(role.key, role.title) for role in ROLES.values()]


def scopes() -> Iterator[tuple[str, str, str, str]]:
    """Every (role, category, form, access) that the database must know."""
    for role in ROLES.values():
        for shows in role.shows:
            yield role.key, shows.category, shows.form, shows.access
