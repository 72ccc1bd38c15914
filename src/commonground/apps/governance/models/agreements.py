"""The signed paper of an agreement."""

from django.conf import settings
from django.db import models

from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class AgreementFile(WalledRow):
    """The signed paper of an agreement: the row here, the file in the data folder, both for its parties only.

    digest: SHA-256 of the file, in hexadecimal, by which a changed file is noticed.
    """

    agreement = models.ForeignKey("core.Agreement", on_delete=models.PROTECT, related_name="+")
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    wall = Wall("agreement", agreement="agreement_id", written_by=("web",))

    class Meta:
        constraints = [models.UniqueConstraint("owner", "agreement", name="agreement_file_once")]

    def __str__(self) -> str:
        return f"file of {self.agreement_id}"
