"""What a coordinator types when the yearly notice has gone to families."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.people.forms import DayInput
from commonground.apps.governance.models import Notice


class GivenForm(forms.Form):
    """When and how it was given out. A day of the school year, not later than today."""

    given_on = forms.DateField(label=_("Day on which it went to families"), widget=DayInput())
    way = forms.ChoiceField(label=_("How"), choices=Notice.Way, widget=forms.RadioSelect)

    def __init__(self, *args: Any, ends_in: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = date(ends_in - 1, 7, 1), min(date(ends_in, 6, 30), today)
        self.fields["given_on"].initial = self.last

    def clean_given_on(self) -> date:
        day: date = self.cleaned_data["given_on"]
        if not self.first <= day <= self.last:
            raise forms.ValidationError(_("Choose a day of this school year that is not after today."))
        return day
