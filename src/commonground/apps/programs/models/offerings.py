"""Offerings with their days, seats that are kept, buses and staff: what belongs to the body that runs them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from commonground.apps.programs.kinds import Kind, kinds
from commonground.apps.roster.models import within
from commonground.store.rows import WalledRow
from commonground.store.walls import PUBLIC, Wall


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

    def asks_meals(self, on) -> bool:
        """Whether families are asked about school meals on this day: what is said later would never be counted."""
        return self.described.asks_meals and on <= self.closes_on


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
