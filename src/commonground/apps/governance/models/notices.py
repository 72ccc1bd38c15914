"""The yearly notice to families: that a district has given it out, when and how."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class Notice(WalledRow):
    """The district's notice of one school year was given out (34 CFR 99.7).

    ends_in: the calendar year in which the school year ends. What the notice says comes from the live tables each time.
    """

    class Way(models.TextChoices):
        MAIL = "mail", _("by mail, to every home")
        HANDED = "handed", _("on paper, with every child")
        EMAIL = "email", _("by email, to every family")
        ENROLLED = "enrolled", _("with the papers for enrolling")
        OTHER = "other", _("in another way")

    ends_in = models.PositiveSmallIntegerField()
    given_on = models.DateField()
    way = models.CharField(max_length=20, choices=Way)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    wall = Wall("agreement", written_by=("web",))

    class Meta:
        constraints = [models.UniqueConstraint("owner", "ends_in", "given_on", "way", name="notice_once")]

    def __str__(self) -> str:
        return f"notice of {self.ends_in}"
