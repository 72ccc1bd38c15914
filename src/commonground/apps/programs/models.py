"""Offerings with their days and seats, and who is registered, cared for and present.

An offering belongs to the body that runs it. A registration, and all that hangs on it, belongs to the child's own
district; it names the offering across owners. Who has a seat is decided by the database's own functions (`scope.sql`).
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commonground.apps.programs.kinds import Kind, kinds
from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import PUBLIC, RelatedWrite, Wall


class OfferingQuerySet(models.QuerySet["Offering"]):
    def not_over(self, on) -> "OfferingQuerySet":
        """Offerings whose last day is not past."""
        return self.filter(ends_on__gte=on)


class Offering(WalledRow):
    """A program at a time and place. Holds no person.

    grades: OneRoster codes of the grade that a child enters after the summer. closes_on: the last day for registering.
    release_on: from this day on, guaranteed seats that nobody took go to all districts. contact: whom families call.
    """

    kind = models.CharField(max_length=40)
    title = models.TextField()
    place = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    grades = ArrayField(models.CharField(max_length=10))
    capacity = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    release_on = models.DateField()
    contact = models.TextField()

    wall = Wall(PUBLIC, written_as="program", written_by=("web",))
    objects = OfferingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "id", name="offering_within_owner"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="offering_in_order"),
            models.CheckConstraint(condition=Q(opens_on__lte=F("closes_on")), name="offering_registration_in_order"),
            models.CheckConstraint(condition=Q(closes_on__lte=F("ends_on")), name="offering_closes_before_its_end"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="offering_has_seats"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def described(self) -> Kind:
        """What all offerings of this kind have in common."""
        return kinds()[self.kind]

    def is_open(self, on) -> bool:
        """Whether families may register on this day."""
        return self.opens_on <= on <= self.closes_on


class SeatGuarantee(WalledRow):
    """Seats kept for one district's children until the offering's release day."""

    offering = within(Offering, related_name="guarantees")
    district = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveSmallIntegerField()

    wall = Wall(PUBLIC, written_as="program", written_by=("web",), crosses=("district_id",))

    class Meta:
        constraints = [models.UniqueConstraint("owner", "offering", "district", name="seat_guarantee_once")]

    def __str__(self) -> str:
        return f"{self.seats} of {self.offering_id}"


class Day(WalledRow):
    """One day of an offering. theme: a key of the kind; "" for none."""

    offering = within(Offering, related_name="days")
    held_on = models.DateField()
    begins_at = models.TimeField()
    ends_at = models.TimeField()
    place = models.TextField()
    theme = models.CharField(max_length=40, blank=True, default="")
    is_field_experience = models.BooleanField(default=False)

    wall = Wall(PUBLIC, written_as="program", written_by=("web",))

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "id", name="day_within_owner"),
            models.UniqueConstraint("offering", "id", name="day_within_offering"),
            models.UniqueConstraint("owner", "offering", "held_on", name="day_once"),
            models.CheckConstraint(condition=Q(begins_at__lt=F("ends_at")), name="day_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on}"

    @property
    def theme_words(self) -> str:
        """The theme as people say it, "" for none."""
        return str(dict(self.offering.described.themes).get(self.theme, ""))


class Session(WalledRow):
    """A part of a day: what happens from when to when, and where."""

    day = within(Day, related_name="sessions")
    begins_at = models.TimeField()
    ends_at = models.TimeField()
    title = models.TextField()
    place = models.TextField(blank=True, default="")

    wall = Wall(PUBLIC, written_as="program", written_by=("web",))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(begins_at__lt=F("ends_at")), name="session_in_order")]

    def __str__(self) -> str:
        return self.title


class Ride(WalledRow):
    """A bus to the program and back: where children get on, when it leaves and when it is back there."""

    offering = within(Offering, related_name="rides")
    name = models.TextField()
    stop = models.TextField()
    leaves_at = models.TimeField()
    returns_at = models.TimeField()
    phone = models.TextField(blank=True, default="")

    wall = Wall(PUBLIC, written_as="program", written_by=("web",))

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "id", name="ride_within_owner"),
            models.CheckConstraint(condition=Q(leaves_at__lt=F("returns_at")), name="ride_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.stop}"


class Assignment(WalledRow):
    """Somebody teaches in an offering, from a day up to (not including) a day."""

    offering = within(Offering, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()

    wall = Wall("program", person="person_id", written_by=("web",))

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "offering", "person", name="assignment_once"),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="assignment_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.offering_id}"


class Registration(WalledRow):
    """A child asks to take part. Never changed; what became of it is the seat's.

    family_unit: children registered together, who wait and are seated together. grade: the one the child enters after
    the summer. way: how it came in; paper_dated_on: the date on the paper form. language: of the form as the family
    read it.
    """

    class Way(models.TextChoices):
        FAMILY = "family", _("By the family")
        STAFF = "staff", _("By staff, for the family")
        PAPER = "paper", _("From a paper form")

    student = within(Student, related_name="registrations")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="registrations")
    family_unit = models.UUIDField()
    grade = models.CharField(max_length=10)
    way = models.CharField(max_length=10, choices=Way)
    paper_dated_on = models.DateField(null=True)
    language = models.CharField(max_length=20)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    wall = Wall(
        "registration",
        registration="id",
        written_by=("web",),
        related_writes=(RelatedWrite("insert", through="student", column="student_id", signed="entered_by_id"),),
        crosses=("offering_id",),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "id", name="registration_within_owner"),
            models.UniqueConstraint("offering", "id", name="registration_within_offering"),
            models.UniqueConstraint("owner", "student", "offering", name="registration_once"),
            models.CheckConstraint(
                condition=Q(way="paper", paper_dated_on__isnull=False) | (~Q(way="paper") & Q(paper_dated_on=None)),
                name="registration_paper_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.offering_id}"


class Seat(WalledRow):
    """What became of a registration, decided by `cg.ask_for_seat` and `cg.give_back_seat` and by nothing else.

    number: which seat; one seat is one number, so that none can be given twice. received_at: what the order goes by.
    """

    class State(models.TextChoices):
        SEATED = "seated", _("Has a seat")
        WAITING = "waiting", _("On the waiting list")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    registration = within(Registration, related_name="seats")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(max_length=10, choices=State)
    number = models.PositiveSmallIntegerField(null=True)
    received_at = models.DateTimeField()
    seated_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    wall = Wall(
        "registration",
        registration="registration_id",
        written_by=(),
        by_functions=("insert", "update"),
        crosses=("offering_id",),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "registration", name="seat_once_per_registration"),
            models.UniqueConstraint("offering", "number", name="seat_given_once"),
            models.CheckConstraint(
                condition=Q(state="seated", number__gte=1, seated_at__isnull=False)
                | (~Q(state="seated") & Q(number=None)),
                name="seat_has_a_number_while_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} in {self.offering_id}"


class Care(WalledRow):
    """What those in charge must know to care for the child, and how it comes and goes. ride None: the family brings it."""

    registration = within(Registration, related_name="cares")
    contact_name = models.TextField()
    contact_phone = models.TextField()
    other_name = models.TextField(blank=True, default="")
    other_phone = models.TextField(blank=True, default="")
    allergies = models.TextField(blank=True, default="")
    medicines = models.TextField(blank=True, default="")
    needs = models.TextField(blank=True, default="")
    picked_up_by = models.TextField(blank=True, default="")
    ride = models.ForeignKey(Ride, null=True, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    wall = Wall(
        "health",
        registration="registration_id",
        as_a_whole=False,
        written_by=(),
        related_writes=(
            RelatedWrite("insert", through="registration", column="registration_id", signed="written_by_id"),
            RelatedWrite("update", through="registration", column="registration_id", signed="written_by_id"),
        ),
        by_functions=("update",),
        crosses=("ride_id",),
        sealed=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint("owner", "registration", name="care_once")]

    def __str__(self) -> str:
        return f"care for {self.registration_id}"


class ConsentGiven(WalledRow):
    """What a family agreed to or not, as it signed. Only added to: the latest line of a key counts."""

    registration = within(Registration, related_name="consents")
    key = models.CharField(max_length=40)
    is_given = models.BooleanField()
    signer = models.TextField()
    signed_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    wall = Wall(
        "health",
        registration="registration_id",
        as_a_whole=False,
        written_by=(),
        related_writes=(
            RelatedWrite("insert", through="registration", column="registration_id", signed="recorded_by_id"),
        ),
        sealed=True,
    )

    def __str__(self) -> str:
        return f"{self.key} for {self.registration_id}"


class Attendance(WalledRow):
    """Whether a registered child was there on a day, as last marked. marked_at: when the thumb was put down."""

    class Mark(models.TextChoices):
        PRESENT = "present", _("Present")
        LATE = "late", _("Late")
        ABSENT = "absent", _("Absent")

    registration = within(Registration, related_name="attendance")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+")
    day = models.ForeignKey(Day, on_delete=models.PROTECT, related_name="attendance")
    mark = models.CharField(max_length=10, choices=Mark)
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    wall = Wall(
        "attendance",
        registration="registration_id",
        written_by=(),
        related_writes=(
            RelatedWrite("insert", through="registration", column="registration_id", signed="marked_by_id"),
            RelatedWrite("update", through="registration", column="registration_id", signed="marked_by_id"),
        ),
        crosses=("offering_id", "day_id"),
    )

    class Meta:
        constraints = [models.UniqueConstraint("owner", "registration", "day", name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.mark} on {self.day_id}"
