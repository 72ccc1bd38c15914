"""The named cast: seven people whose tests read as stories, in two districts and a third that is nobody's business.

Dana directs the collaborative. Cora coordinates district North, Otto coordinates district South. Priya is principal of
North School; Theo teaches its section of mathematics; Lena is its liaison. The Ali family has a child in North and a
child in South. Ann analyzes for the collaborative; Pam manages
its programs and Pete teaches in them. Milo is a mentor and Cleo a counselor of North School; nobody is given to them
yet. Coco is a coach of North School and coaches nobody yet. Omar operates. Everybody and everything is invented.
North agreed to share its roster with the collaborative; South did not. West is no member.
"""

import datetime
import uuid

TODAY = datetime.date(2026, 11, 24)
LONG_AGO = datetime.date(2020, 7, 1)


def fixed(name: str) -> uuid.UUID:
    """The same id for the same name, in every run."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"commonground-test:{name}")


COLLABORATIVE, NORTH, SOUTH, WEST = (fixed(name) for name in ("collaborative", "north", "south", "west"))
NORTH_SCHOOL, NORTH_OTHER_SCHOOL, SOUTH_SCHOOL = (
    fixed(n) for n in ("north-school", "north-other-school", "south-school")
)
PEOPLE = {
    "dana": ("Dana Director", "director", COLLABORATIVE),
    "ann": ("Ann Analyst", "analyst", COLLABORATIVE),
    "omar": ("Omar Operator", "operator", COLLABORATIVE),
    "cora": ("Cora Coordinator", "coordinator", NORTH),
    "otto": ("Otto Coordinator", "coordinator", SOUTH),
    "priya": ("Priya Principal", "principal", NORTH_SCHOOL),
    "theo": ("Theo Teacher", "teacher", NORTH_SCHOOL),
    "lena": ("Lena Liaison", "liaison", NORTH_SCHOOL),
    "ali": ("Ali Family", "family", NORTH),
    "pam": ("Pam Programs", "program_manager", COLLABORATIVE),
    "pete": ("Pete Program Teacher", "program_teacher", COLLABORATIVE),
    "milo": ("Milo Mentor", "mentor", NORTH_SCHOOL),
    "cleo": ("Cleo Counselor", "counselor", NORTH_SCHOOL),
    "coco": ("Coco Coach", "coach", NORTH_SCHOOL),
}
# One person for every role that sees nothing but *Today* yet.
ONLY_TODAY = {
    "sven": ("Sven Superintendent", "superintendent", NORTH),
    "inga": ("Inga Interpreter", "interpreter", NORTH_SCHOOL),
    "max": ("Max Magnet", "magnet_officer", COLLABORATIVE),
    "pia": ("Pia Development", "pd_organizer", COLLABORATIVE),
    "bea": ("Bea Business", "business_manager", COLLABORATIVE),
    "boris": ("Boris Board", "board_member", NORTH),
    "cyrus": ("Cyrus Council", "council_member", NORTH),
    "paul": ("Paul Partner", "college_partner", COLLABORATIVE),
    "stella": ("Stella Student", "student", NORTH),
}
DANA, ANN, OMAR, CORA, OTTO, PRIYA, THEO, LENA, ALI, PAM, PETE, MILO, CLEO, COCO = (
    fixed(f"person-{key}") for key in PEOPLE
)
# Students: two in Theo's section at North School, one new there, one at North's other school, one in South.
AMINA, BJORN, CHUE, DEE, ELIA = (fixed(f"student-{n}") for n in ("amina", "bjorn", "chue", "dee", "elia"))
SECTION = fixed("section-mathematics")
TEACHER = fixed("staff-theo")
GUARDIAN_NORTH, GUARDIAN_SOUTH = fixed("guardian-north"), fixed("guardian-south")


def address(key: str) -> str:
    return f"{key}@example.org"


def build(dsn: str) -> None:
    """Write the cast into an empty migrated database, as its superuser."""
    import psycopg

    with psycopg.connect(dsn) as connection:
        run = connection.execute
        for pk, kind, name, state_id, owner in (
            (COLLABORATIVE, "collaborative", "Valley Collaborative", None, None),
            (NORTH, "district", "North", "9001-01", None),
            (SOUTH, "district", "South", "9002-01", None),
            (WEST, "district", "West", "9003-01", None),
            (NORTH_SCHOOL, "school", "North School", "9001-01-010", NORTH),
            (NORTH_OTHER_SCHOOL, "school", "North Other School", "9001-01-020", NORTH),
            (SOUTH_SCHOOL, "school", "South School", "9002-01-010", SOUTH),
        ):
            run(
                "insert into core_organization (id, kind, name, state_id, owner_id, source_id, file, invented)"
                " values (%s, %s, %s, %s, %s, %s, '', true)",
                [pk, kind, name, state_id, owner, name if owner else None],
            )
        for district in (NORTH, SOUTH):
            run(
                "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
                " values (%s, %s, %s, 'member', %s)",
                [uuid.uuid4(), COLLABORATIVE, district, LONG_AGO],
            )
        for key, (name, role, organization) in {**PEOPLE, **ONLY_TODAY}.items():
            run(
                "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
                " values (%s, %s, %s, '!', '', true, true, now())",
                [fixed(f"person-{key}"), address(key), name],
            )
            run(
                "insert into core_rolegrant (id, person_id, role, organization_id, since) values (%s, %s, %s, %s, %s)",
                [uuid.uuid4(), fixed(f"person-{key}"), role, organization, LONG_AGO],
            )
        run(
            "insert into core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until,"
            " destroy_by, signed_on, signed_by) values (%s, %s, %s, %s, 'evaluation', 'Joint programs', %s, %s, %s, %s, 'X')",
            [
                uuid.uuid4(),
                NORTH,
                COLLABORATIVE,
                ["roster"],
                LONG_AGO,
                datetime.date(2099, 7, 1),
                datetime.date(2099, 8, 1),
                LONG_AGO,
            ],
        )
        for pk, owner, given, family, school, arrived in (
            (AMINA, NORTH, "Amina", "Ali", NORTH_SCHOOL, None),
            (BJORN, NORTH, "Bjørn", "Åsen", NORTH_SCHOOL, None),
            (CHUE, NORTH, "Chue", "Vang", NORTH_SCHOOL, "today"),
            (DEE, NORTH, "Dee", "O’Brien", NORTH_OTHER_SCHOOL, None),
            (ELIA, SOUTH, "Elia", "Ali", SOUTH_SCHOOL, None),
        ):
            _student(run, pk, owner, given, family, school, arrived)
        run(
            "insert into roster_section (id, owner_id, source_id, file, title, kind, school_id)"
            " values (%s, %s, 'mathematics', '', 'Mathematics 7', 'scheduled', %s)",
            [SECTION, NORTH, NORTH_SCHOOL],
        )
        for student in (AMINA, BJORN):
            run(
                "insert into roster_enrollment (id, owner_id, source_id, file, student_id, section_id, school_id)"
                " values (%s, %s, %s, '', %s, %s, %s)",
                [uuid.uuid4(), NORTH, f"enrollment-{student}", student, SECTION, NORTH_SCHOOL],
            )
        run(
            "insert into roster_staffmember (id, owner_id, source_id, file, given_name, family_name)"
            " values (%s, %s, 'theo', '', 'Theo', 'Teacher')",
            [TEACHER, NORTH],
        )
        run(
            "insert into roster_staffrole (id, owner_id, source_id, file, staff_id, school_id, role)"
            " values (%s, %s, 'theo', '', %s, %s, 'teacher')",
            [uuid.uuid4(), NORTH, TEACHER, NORTH_SCHOOL],
        )
        run(
            "insert into roster_teaching (id, owner_id, source_id, file, staff_id, section_id, school_id)"
            " values (%s, %s, 'theo-mathematics', '', %s, %s, %s)",
            [uuid.uuid4(), NORTH, TEACHER, SECTION, NORTH_SCHOOL],
        )
        for guardian, owner, child in ((GUARDIAN_NORTH, NORTH, AMINA), (GUARDIAN_SOUTH, SOUTH, ELIA)):
            run(
                "insert into roster_guardian (id, owner_id, source_id, file, given_name, family_name, home_language)"
                " values (%s, %s, 'ali', '', 'Asha', 'Ali', 'so')",
                [guardian, owner],
            )
            run(
                "insert into roster_guardianship (id, owner_id, source_id, file, guardian_id, student_id)"
                " values (%s, %s, 'ali', '', %s, %s)",
                [uuid.uuid4(), owner, guardian, child],
            )
            run(
                "insert into roster_link (id, owner_id, person_id, guardian_id, since) values (%s, %s, %s, %s, %s)",
                [uuid.uuid4(), owner, ALI, guardian, LONG_AGO],
            )
        run(
            "insert into roster_link (id, owner_id, person_id, staff_id, since) values (%s, %s, %s, %s, %s)",
            [uuid.uuid4(), NORTH, THEO, TEACHER, LONG_AGO],
        )


def _student(run, pk, owner, given, family, school, arrived) -> None:
    from commonground.apps.roster.names import name_key

    run(
        "insert into roster_student (id, owner_id, source_id, file, given_name, family_name, name_key, grade, enabled,"
        " home_language) values (%s, %s, %s, '', %s, %s, %s, '07', true, 'so')",
        [pk, owner, given, given, family, name_key(f"{family} {given}")],
    )
    run(
        "insert into roster_demographics (id, owner_id, source_id, file, student_id, sex) values (%s, %s, %s, '', %s, 'female')",
        [uuid.uuid4(), owner, given, pk],
    )
    run(
        "insert into roster_schoolenrollment (id, owner_id, source_id, file, student_id, school_id, grade, arrived_on)"
        " values (%s, %s, %s, '', %s, %s, '07', case when %s then cg.today() end)",
        [uuid.uuid4(), owner, f"{given}:school", pk, school, arrived == "today"],
    )
