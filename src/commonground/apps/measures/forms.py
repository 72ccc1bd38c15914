"""How the page of districts is counted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.measures.models import Letter
from commonground.engine.law.states.mn.isolation_rules import Base


class BaseForm(forms.Form):
    """Which grades count; what is not a choice is the rule's usual base, never an error."""

    base = forms.ChoiceField(
        label=_("Grades counted"),
        required=False,
        choices=[("PK-12", _("Early childhood to grade 12")), ("K-12", _("Kindergarten to grade 12"))],
    )

    def __init__(self, data: Any) -> None:
        super().__init__({"base": data.get("base") if data.get("base") in ("PK-12", "K-12") else "PK-12"})

    @property
    def wanted(self) -> Base:
        """The base that was asked for."""
        return "K-12" if self.data["base"] == "K-12" else "PK-12"


class LetterForm(forms.Form):
    """What the state's letter says of a member."""

    district = forms.ChoiceField(label=_("District"))
    decision = forms.ChoiceField(label=_("The state’s decision"), choices=Letter.Decision.choices)
    dated_on = forms.DateField(
        label=_("Date on the letter"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Write the date that stands on the letter.")},
    )

    def __init__(self, data: Any = None, *, districts: Sequence[tuple[str, str]], today: date) -> None:
        super().__init__(data, prefix="letter")
        self.today = today
        self.fields["district"].choices = districts  # type: ignore[attr-defined]

    def clean_dated_on(self) -> date:
        """A letter cannot come from a day that has not been."""
        found: date = self.cleaned_data["dated_on"]
        if found > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return found
