"""What people send to intake's pages."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.intake import receiving
from commonground.apps.intake.models import Batch
from commonground.web.files import LimitedFileField

Status = Batch.Status


class SendForm(forms.Form):
    """A district's export, and which of the sender's districts it is for."""

    district = forms.ChoiceField(label=_("District"))
    file = LimitedFileField(
        most=receiving.LARGEST_FILE_BYTES,
        too_large=_("The file is larger than 2 GB. Export one district at a time."),
        label=_("The export"),
        help_text=_(
            "One zip archive in OneRoster 1.1 or 1.2, as your student information system makes it. Public enrollment tables"
            " of the state and files of district borders come in by the same door."
        ),
        error_messages={
            "required": _("Choose the file to send."),
            "empty": _("The file is empty. Export it again and send the new one."),
        },
    )

    def __init__(self, *arguments: Any, districts: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["district"].choices = districts  # type: ignore[attr-defined]
        if len(districts) == 1:
            self.fields["district"].widget = forms.HiddenInput()
            self.fields["district"].initial = districts[0][0]


class HistoryFilterForm(forms.Form):
    """Which files the history shows; what is no choice is left out, never an error."""

    STATES = (Status.CHECKED, Status.APPLIED, Status.REFUSED, Status.UNDONE, Status.DISCARDED, Status.FAILED)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *((s.value, s.label) for s in STATES)]
    )
    district = forms.ChoiceField(label=_("District"), required=False)

    def __init__(self, data: Any, *, districts: list[tuple[UUID, str]], **options: Any) -> None:
        super().__init__(data, **options)
        if len(districts) > 1:
            choices = [("", _("All districts")), *((str(pk), name) for pk, name in districts)]
            self.fields["district"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["district"]

    def wanted(self) -> dict[str, Any]:
        """Arguments of `queries.history`."""
        self.is_valid()
        district = self.cleaned_data.get("district")
        return {"status": self.cleaned_data.get("state", ""), "owner_id": UUID(district) if district else None}


class DecideForm(forms.Form):
    """A decision about all held rows of one cause."""

    code = forms.CharField(max_length=100)
    file = forms.CharField(max_length=300, required=False)
    choice = forms.CharField(max_length=40)
