"""What people choose and write on the pages of measures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.measures.models import Letter
from commonground.apps.measures.presenting import year_words
from commonground.engine.law.states.mn.isolation_rules import Base

RULES = ("mn-3535", "mn-3535-2013")
MOST_LETTERS = 2_000  # of a reason


class PictureForm(forms.Form):
    """Which counts, and by which rule; what is not a choice is the usual one, never an error."""

    year = forms.ChoiceField(label=_("Enrollment"), required=False)
    base = forms.ChoiceField(
        label=_("Grades counted"),
        required=False,
        choices=[("PK-12", _("Early childhood to grade 12")), ("K-12", _("Kindergarten to grade 12"))],
    )
    rule = forms.ChoiceField(
        label=_("Rule"),
        required=False,
        choices=[("mn-3535", _("3535.0110, in force")), ("mn-3535-2013", _("As counted for 2012–13"))],
    )

    def __init__(self, data: Any) -> None:
        year = str(data.get("year", ""))
        self.wanted_year = int(year) if year.isdecimal() and 1990 < int(year) < 2200 else None
        self.wanted_base: Base = "K-12" if data.get("base") == "K-12" else "PK-12"
        self.wanted_rule: str = data.get("rule") if data.get("rule") in RULES else RULES[0]
        super().__init__({"base": self.wanted_base, "rule": self.wanted_rule, "year": str(self.wanted_year or "")})

    def offer(self, years: Sequence[int]) -> None:
        """The school years that can be chosen, by the calendar year in which each ends."""
        shown = sorted({*years, *([self.wanted_year] if self.wanted_year else [])}, reverse=True)
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            ("", _("Newest of each district")),
            *((str(year), year_words(year)) for year in shown),
        ]


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


class ExemptionForm(forms.Form):
    """What people judged about a member that is isolated only through American Indian students."""

    district = forms.ChoiceField(label=_("District"))
    applies = forms.ChoiceField(
        label=_("The judgment"),
        choices=[("yes", _("The exemption applies")), ("no", _("The exemption does not apply"))],
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Which programs meet these students’ needs, who chose freely, and what the parent committee said. No names."
        ),
        error_messages={"required": _("Write the reason. Without one the judgment cannot be understood later.")},
    )

    def __init__(self, data: Any = None, *, districts: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, prefix="exemption")
        self.fields["district"].choices = districts  # type: ignore[attr-defined]
