"""What happened to records and whose: the incident for who found it, a packet for each district that it touches."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class IncidentFacts(models.Model):
    """What was found out. said: in the words of who filed it, without a child's name.

    account, role, agreement: through whom, in which role, under which agreement records were opened; None and "" leave it
    open, one of them stands. categories: what could have been seen. began_at, ended_at: when. found_at: the law's clocks
    run from it.
    """

    said = models.TextField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, blank=True, default="")
    agreement = models.ForeignKey("core.Agreement", null=True, on_delete=models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    found_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Incident(IncidentFacts, WalledRow):
    """An incident as its collaborative keeps it. Written by `cg.file_incident`, which compiles the packets with it."""

    wall = Wall("incident", written_by=(), by_functions=("insert",))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(said=""), name="incident_says_something"),
            models.CheckConstraint(condition=Q(began_at__lte=F("ended_at")), name="incident_in_order"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | ~Q(role="") | Q(agreement__isnull=False),
                name="incident_names_a_way_in",
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class Packet(IncidentFacts, WalledRow):
    """The incident as one district reads it, as it was when it was filed: only that district's coordinator may open it.

    days: looks by day, as `[{"day": "2026-11-20", "looks": 3, "students": 2}]`. seen_count: students whose records were
    opened. reached_count: others that could have been. told_on: the day the families were told, None before.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="packets")
    house = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    days = models.JSONField(default=list)
    seen_count = models.PositiveIntegerField()
    reached_count = models.PositiveIntegerField()
    told_on = models.DateField(null=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    wall = Wall("incident", written_by=(), by_functions=("insert", "update"), crosses=("incident_id", "house_id"))

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "id", name="packet_within_owner"),
            models.UniqueConstraint("owner", "incident", name="packet_once"),
        ]

    def __str__(self) -> str:
        return f"packet {self.pk}"


class PacketLine(WalledRow):
    """One student of the packet. looks: times the record was opened from outside the district; changes: times it was changed.

    pages: what was opened, as the disclosure log calls it. reached: categories that could have been seen. first_at,
    last_at: of looks and changes, None without any.
    """

    packet = within(Packet, related_name="lines")
    student = within(Student, related_name="+")
    looks = models.PositiveIntegerField()
    changes = models.PositiveIntegerField()
    pages = ArrayField(models.TextField())
    reached = ArrayField(models.CharField(max_length=20))
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    wall = Wall("incident", written_by=(), by_functions=("insert",), kept=False)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "packet", "student", name="packet_line_once")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.packet_id}"
