"""Who is registered, cared for and present: what belongs to the child's own district."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonground.apps.programs.models.offerings import Day, Offering, Ride
from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import RelatedWrite, Wall


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
