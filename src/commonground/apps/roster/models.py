"""What a district's roster holds. Every row knows the batch, file and line it came from.

Keys within one owner are made by `store.walls`: (owner_id, student_id) and so on, so that no row of one district can
point into another. Names and units follow the OneRoster tables that `formats.oneroster` reads.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from commonground.store.rows import SourcedRow, WalledRow
from commonground.store.walls import PUBLIC, Wall

LOADER = ("loader",)


def within(to: str | type[models.Model], **options: Any) -> models.ForeignKey:
    """A foreign key that `store.walls` makes real, together with the owner."""
    return models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, **options)


def once(name: str) -> list[models.BaseConstraint]:
    """One row per source id of an owner, and a target for keys within one owner."""
    return [
        models.UniqueConstraint("owner", "source_id", name=f"{name}_once_per_source"),
        models.UniqueConstraint("owner", "id", name=f"{name}_within_owner"),
    ]


class RosterQuerySet(models.QuerySet):
    def current(self) -> "RosterQuerySet":
        """Rows that the latest accepted file of their source still holds."""
        return self.filter(ended_on=None)


class RosterRow(WalledRow, SourcedRow):
    objects = RosterQuerySet.as_manager()

    class Meta:
        abstract = True


class Term(RosterRow):
    title = models.TextField()
    kind = models.TextField()
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    school_year = models.TextField(null=True)
    parent_source_id = models.TextField(null=True)

    wall = Wall(PUBLIC, written_by=LOADER)

    class Meta:
        constraints = once("term")

    def __str__(self) -> str:
        return self.title


class Course(RosterRow):
    title = models.TextField()
    code = models.TextField(null=True)
    grades = models.TextField(null=True)
    subjects = models.TextField(null=True)
    school = within("core.Organization", null=True, related_name="+")

    wall = Wall(PUBLIC, written_by=LOADER)

    class Meta:
        constraints = once("course")

    def __str__(self) -> str:
        return self.title


class Section(RosterRow):
    title = models.TextField()
    code = models.TextField(null=True)
    kind = models.TextField()
    grades = models.TextField(null=True)
    subjects = models.TextField(null=True)
    location = models.TextField(null=True)
    periods = models.TextField(null=True)
    course = within(Course, null=True, related_name="sections")
    school = within("core.Organization", related_name="+")
    term_source_ids = models.TextField(null=True)

    wall = Wall("roster", school="school_id", section="id", written_by=LOADER)

    class Meta:
        constraints = once("section")

    def __str__(self) -> str:
        return self.title


class Named(models.Model):
    """The names of a person as the file gives them. A single name stands in `family_name`, the other is null."""

    given_name = models.TextField(null=True)
    middle_name = models.TextField(null=True)
    family_name = models.TextField(null=True)
    preferred_name = models.TextField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name in the order it is said."""
        return " ".join(part for part in (self.given_name, self.middle_name, self.family_name) if part)

    @property
    def listed_name(self) -> str:
        """The name as lists show it: family name first, where there are two."""
        said = " ".join(part for part in (self.given_name, self.middle_name) if part)
        return ", ".join(part for part in (self.family_name, said) if part)


def words_of(column: str) -> models.Func:
    """The words of a column of names, as `cg.students_called` looks for them."""
    words = models.Func(models.F(column), models.Value(" "), function="string_to_array")
    return models.Func(words, function="array_to_tsvector")


class Student(Named, RosterRow):
    name_key = models.TextField(default="")
    grade = models.TextField(null=True)
    local_number = models.TextField(null=True)
    state_number = models.TextField(null=True)
    email = models.TextField(null=True)
    home_language = models.TextField(null=True)
    enabled = models.BooleanField(default=True, null=True)

    wall = Wall("roster", student="id", registered="id", written_by=LOADER)

    class Meta:
        constraints = once("student")
        # Lists over several owners take each owner's first by this index and merge them: none over all owners is needed.
        indexes = [
            models.Index("owner", "name_key", "id", name="student_by_name"),
            GinIndex(words_of("name_key"), name="student_by_any_name"),
        ]


class Demographics(RosterRow):
    student = within(Student, related_name="demographics")
    birth_on = models.DateField(null=True)
    sex = models.TextField(null=True)
    american_indian = models.BooleanField(null=True)
    asian = models.BooleanField(null=True)
    black = models.BooleanField(null=True)
    pacific_islander = models.BooleanField(null=True)
    white = models.BooleanField(null=True)
    two_or_more = models.BooleanField(null=True)
    hispanic = models.BooleanField(null=True)

    wall = Wall("roster", student="student_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="demographics_once_per_source")]
        verbose_name_plural = "demographics"

    def __str__(self) -> str:
        return str(self.student_id)


class Guardian(Named, RosterRow):
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    sms = models.TextField(null=True)
    home_language = models.TextField(null=True)
    relation = models.TextField(null=True)

    wall = Wall("contact", guardian="id", written_by=LOADER)

    class Meta:
        constraints = once("guardian")


class Guardianship(RosterRow):
    guardian = within(Guardian, related_name="guardianships")
    student = within(Student, related_name="guardianships")

    wall = Wall("contact", guardian="guardian_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="guardianship_once_per_source")]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"


class StaffMember(Named, RosterRow):
    email = models.TextField(null=True)
    local_number = models.TextField(null=True)

    wall = Wall("staff", staff="id", written_by=LOADER)

    class Meta:
        constraints = once("staff")


class StaffRole(RosterRow):
    staff = within(StaffMember, related_name="roles")
    school = within("core.Organization", null=True, related_name="+")
    role = models.TextField()
    is_primary = models.BooleanField(null=True)

    wall = Wall("staff", staff="staff_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="staff_role_once_per_source")]

    def __str__(self) -> str:
        return self.role


class SchoolEnrollment(RosterRow):
    """A student's place at a school. arrived_on: the day of the batch that first brought it, null in a first batch."""

    student = within(Student, related_name="schools")
    school = within("core.Organization", related_name="+", db_index=False)  # the index of arrivals begins with it
    grade = models.TextField(null=True)
    is_primary = models.BooleanField(null=True)
    arrived_on = models.DateField(null=True)

    wall = Wall("roster", student="student_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="school_enrollment_once_per_source")]
        indexes = [models.Index("school", "arrived_on", name="school_enrollment_arrivals")]

    def __str__(self) -> str:
        return f"{self.student_id} at {self.school_id}"


class Enrollment(RosterRow):
    student = within(Student, related_name="enrollments")
    section = within(Section, related_name="enrollments")
    school = within("core.Organization", related_name="+", db_index=False)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    wall = Wall("roster", student="student_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="enrollment_once_per_source")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.section_id}"


class Teaching(RosterRow):
    staff = within(StaffMember, related_name="teaching")
    section = within(Section, related_name="teaching")
    school = within("core.Organization", related_name="+", db_index=False)
    is_primary = models.BooleanField(null=True)
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    wall = Wall("staff", staff="staff_id", written_by=LOADER)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "source_id", name="teaching_once_per_source")]

    def __str__(self) -> str:
        return f"{self.staff_id} teaches {self.section_id}"


class Link(WalledRow):
    """Says that an account is this guardian or this staff member of a district, from a day up to a day.

    One family's account may hold links into several districts: this is how a parent sees exactly the own children.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="links")
    guardian = within(Guardian, null=True, related_name="links")
    staff = within(StaffMember, null=True, related_name="links")
    since = models.DateField()
    until = models.DateField(null=True)

    wall = Wall("contact", guardian="guardian_id", staff="staff_id", written_by=("web",), by_functions=("update",))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(guardian=None) ^ Q(staff=None), name="link_is_one_of_two"),
            models.CheckConstraint(condition=Q(until=None) | Q(since__lt=F("until")), name="link_in_order"),
            models.UniqueConstraint("owner", "person", "guardian", "staff", "since", name="link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} is {self.guardian_id or self.staff_id}"
