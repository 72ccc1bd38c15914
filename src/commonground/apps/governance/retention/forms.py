"""What a coordinator types about how long records are kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.governance.retention.classes import CLASSES

MOST_DAYS = 36_525


class DaysForm(forms.Form):
    """For how many days a class is kept. least: the fewest that it may be."""

    def __init__(self, *arguments: Any, least: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["days"] = forms.IntegerField(label=_("Days"), min_value=least, max_value=MOST_DAYS)


class HoldForm(forms.Form):
    """What must not be destroyed, and why."""

    data_class = forms.ChoiceField(
        label=_("What"),
        choices=lambda: [("", _("everything")), *((key, one.name) for key, one in CLASSES.items() if one.days)],
        required=False,
    )
    number = forms.CharField(
        label=_("Student’s number in the district’s file"),
        help_text=_("Leave it empty to hold the records of all students."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("20 characters or more, without any child’s name: the case or the letter."),
        min_length=20,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
