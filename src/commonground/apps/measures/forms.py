"""What people choose and write on the pages of measures."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

from commonground.apps.measures.models import Letter
from commonground.apps.measures.presenting import year_words
from commonground.apps.measures.queries.composition import PROGRAMS, Asked, Composition
from commonground.apps.measures.queries.mixing import Mixing
from commonground.engine.law.states.mn.isolation_rules import Base
from commonground.web.choices import QuickChoiceField
from commonground.web.files import LimitedFileField

RULES = ("mn-3535", "mn-3535-2013")
MOST_LETTERS = 2_000  # of a reason
LARGEST_STATE_FILE_BYTES = 64 << 20
LARGEST_BORDERS_BYTES = 4 << 20
CLASSIFICATIONS = r"^[0-9]{1,3}(\s*,\s*[0-9]{1,3})*$"  # of the state's schools, in the digits that stand in its files


def _base_field() -> forms.ChoiceField:
    return QuickChoiceField(
        label=_("Grades counted"),
        required=False,
        choices=[("PK-12", _("Early childhood to grade 12")), ("K-12", _("Kindergarten to grade 12"))],
    )


def _rule_field() -> forms.ChoiceField:
    return QuickChoiceField(
        label=_("Rule"),
        required=False,
        choices=[("mn-3535", _("3535.0110, in force")), ("mn-3535-2013", _("As counted for 2012–13"))],
    )


class PictureForm(forms.Form):
    """Which counts, and by which rule; what is not a choice is the usual one, never an error."""

    year = QuickChoiceField(label=_("Enrollment"), required=False)
    base = _base_field()
    rule = _rule_field()

    def __init__(self, data: Any) -> None:
        year = str(data.get("year", ""))
        self.wanted_year = int(year) if year.isdecimal() and 1990 < int(year) < 2200 else None
        self.wanted_base: Base = "K-12" if data.get("base") == "K-12" else "PK-12"
        self.wanted_rule: str = data.get("rule") if data.get("rule") in RULES else RULES[0]
        super().__init__({"base": self.wanted_base, "rule": self.wanted_rule, "year": str(self.wanted_year or "")})


def offer_years(form: forms.Form, years: Sequence[int]) -> None:
    """The school years that can be chosen, by the calendar year in which each ends: those of which there are counts."""
    form.fields["year"].choices = [  # type: ignore[attr-defined]
        ("", _("Newest of each district")),
        *((str(year), year_words(year)) for year in years),
    ]


class LetterForm(forms.Form):
    """What the state's letter says of a member."""

    district = QuickChoiceField(label=_("District"))
    decision = QuickChoiceField(label=_("The state’s decision"), choices=Letter.Decision.choices)
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
    """What people judged about a member or school that is isolated or identifiable only through American Indian students."""

    place = QuickChoiceField(label=_("District or school"))
    applies = QuickChoiceField(
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

    def __init__(self, data: Any = None, *, places: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, prefix="exemption")
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class CompositionForm(forms.Form):
    """Which students, told apart by what; what is not a choice is the usual one, never an error."""

    what = QuickChoiceField(
        label=_("Students by"),
        required=False,
        choices=[
            ("race", _("Race")),
            ("meals", _("Free or reduced meals")),
            ("english", _("English learners")),
            ("special", _("Special education")),
        ],
    )
    by = QuickChoiceField(
        label=_("One line for each"),
        required=False,
        choices=[("place", _("District or school")), ("grade", _("Grade")), ("year", _("School year"))],
    )
    district = QuickChoiceField(label=_("District"), required=False)
    school = QuickChoiceField(label=_("School"), required=False)
    year = QuickChoiceField(label=_("Enrollment"), required=False)
    base = _base_field()

    def __init__(self, data: Any) -> None:
        sent = {name: str(data.get(name, "")) for name in ("what", "by", "district", "school", "year", "base")}
        picture = PictureForm(data)
        self.asked = Asked(
            what=sent["what"] if sent["what"] in ("race", *PROGRAMS) else "race",
            by=sent["by"] if sent["by"] in ("place", "grade", "year") else "place",
            district=sent["district"],
            school=sent["school"],
            year=picture.wanted_year,
            base=picture.wanted_base,
        )
        super().__init__({**asdict(self.asked), "year": str(self.asked.year or "")})

    def offer(self, page: Composition) -> None:
        """What can be chosen on this page."""
        self.fields["district"].choices = [  # type: ignore[attr-defined]
            ("", _("All members")),
            *((member.state_id, member.name) for member in page.members),
        ]
        if page.schools:
            self.fields["school"].choices = [("", _("All schools")), *page.schools]  # type: ignore[attr-defined]
        else:
            del self.fields["school"]
        if page.what != "race":
            # Public tables tell these from kindergarten on, by place.
            del self.fields["by"], self.fields["base"]
        offer_years(self, page.years)


class MixingForm(forms.Form):
    """Which counts; what is not a choice is the usual one, never an error."""

    year = QuickChoiceField(label=_("Enrollment"), required=False)
    base = _base_field()

    def __init__(self, data: Any) -> None:
        picture = PictureForm(data)
        self.wanted_year, self.wanted_base = picture.wanted_year, picture.wanted_base
        super().__init__({"base": self.wanted_base, "year": str(self.wanted_year or "")})

    def offer(self, page: Mixing) -> None:
        """What can be chosen on this page."""
        if page.has_all_grades:
            del self.fields["base"]
            self.wanted_base = "PK-12"
        offer_years(self, page.years)


class StateFileForm(forms.Form):
    """A state's enrollment file, and how it is counted."""

    file = LimitedFileField(
        most=LARGEST_STATE_FILE_BYTES,
        too_large=_("The file is larger than 64 MB."),
        label=_("The state’s enrollment file"),
        help_text=_(
            "A table of Minnesota’s enrollment by school, grade and race, of one year or several, as the state publishes it;"
            " packed (zip, gz) or not. Up to 64 MB."
        ),
        error_messages={"required": _("Choose the file to run."), "empty": _("The file is empty. Choose another one.")},
    )
    rule = _rule_field()
    base = _base_field()
    classifications = forms.CharField(
        label=_("Schools counted, where not those of the rule"),
        required=False,
        max_length=200,
        validators=[
            validators.RegexValidator(CLASSIFICATIONS, _("Write numbers with commas between them, such as 10, 20, 33."))
        ],
        help_text=_("The state’s classifications, such as 10, 20, 33. Without one, those that the rule counts."),
    )
    borders = LimitedFileField(
        most=LARGEST_BORDERS_BYTES,
        too_large=_("The file is larger than 4 MB."),
        label=_("Borders, where not those of 2016"),
        required=False,
        help_text=_(
            "A table (CSV) with the columns id and neighbor_id, up to 4 MB. Without one, Minnesota’s borders of 2016 are used."
        ),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["rule"].required = self.fields["base"].required = True

    def clean_classifications(self) -> list[str] | None:
        """The classifications asked for, None for those of the rule."""
        return re.findall(r"[0-9]+", self.cleaned_data["classifications"]) or None
