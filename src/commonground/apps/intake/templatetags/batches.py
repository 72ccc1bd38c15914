"""What the templates of intake say of a batch."""

from django.template import Library

from commonground.apps.intake.folders import sent_name
from commonground.apps.intake.models import Batch

register = Library()


@register.filter
def of_batch(file: str, batch: Batch) -> str:
    """The name by which the sender knows a file of the batch."""
    return sent_name(batch, file)
