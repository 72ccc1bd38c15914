"""What people send about an offering: its facts, staff, days and buses."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.models import Organization, Person
from commonground.apps.programs.actions import OfferingFacts
from commonground.apps.programs.forms.fields import NEEDED, TIME, day_field, text_field
from commonground.apps.programs.models import Day, Offering, Ride, Session


class OfferingForm(forms.Form):
    """An offering with the seats kept for each member district.

    ends_from: the earliest last day that it may be given, None for any.
    """

    title = text_field(gettext_lazy("Name"))
    place = text_field(gettext_lazy("Place"))
    starts_on = day_field(gettext_lazy("First day"))
    ends_on = day_field(gettext_lazy("Last day"))
    capacity = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=2000, error_messages=NEEDED)
    opens_on = day_field(gettext_lazy("Registration opens"))
    closes_on = day_field(
        gettext_lazy("Registration closes"), help_text=gettext_lazy("The last day on which families may register.")
    )
    release_on = day_field(
        gettext_lazy("Kept seats open to all"),
        help_text=gettext_lazy("From this day on, seats kept for a district that nobody took go to all districts."),
    )
    contact = text_field(
        gettext_lazy("Whom families ask"),
        help_text=gettext_lazy("An office and its telephone number; families see it."),
    )

    def __init__(
        self, *arguments: Any, districts: Sequence[Organization], ends_from: date | None = None, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.districts = districts
        self.ends_from = ends_from
        for district in districts:
            self.fields[f"kept-{district.pk}"] = forms.IntegerField(
                label=district.name, min_value=0, max_value=2000, required=False
            )

    def kept_fields(self) -> list[forms.BoundField]:
        """The fields for kept seats, one for each district."""
        return [self[f"kept-{district.pk}"] for district in self.districts]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        self._in_order(found, "starts_on", "ends_on", _("The last day is before the first."))
        self._in_order(found, "opens_on", "closes_on", _("Registration closes before it opens."))
        self._in_order(found, "closes_on", "ends_on", _("Registration closes after the last day."), at="closes_on")
        if self.ends_from and found.get("ends_on") and found["ends_on"] < self.ends_from:
            self.add_error("ends_on", _("The last day cannot be moved into the past. To end early, choose today."))
        return found

    def _in_order(self, found: dict[str, Any], first: str, last: str, words: str, *, at: str = "") -> None:
        if found.get(first) and found.get(last) and found[first] > found[last]:
            self.add_error(at or last, words)

    def facts(self) -> OfferingFacts:
        """What was said, once it is valid."""
        return OfferingFacts(**{name: self.cleaned_data[name] for name in OfferingFacts.__dataclass_fields__})

    def kept(self) -> dict[UUID, int]:
        """Seats kept by district."""
        return {district.pk: self.cleaned_data.get(f"kept-{district.pk}") or 0 for district in self.districts}


def offering_initial(offering: Offering) -> dict[str, Any]:
    """What the form shows of an offering that exists."""
    found = {name: getattr(offering, name) for name in OfferingFacts.__dataclass_fields__}
    return found | {f"kept-{one.district_id}": one.seats for one in offering.guarantees.all()}


class AssignmentForm(forms.Form):
    """Who teaches, from which day to which."""

    person = forms.ChoiceField(label=gettext_lazy("Program teacher"))
    since = day_field(gettext_lazy("First day"))
    last_day = day_field(gettext_lazy("Last day"))

    def __init__(self, *arguments: Any, people: Iterable[Person], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["person"].choices = [(str(one.pk), f"{one.name}, {one.email}") for one in people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("since") and found.get("last_day") and found["since"] > found["last_day"]:
            self.add_error("last_day", _("The last day is before the first."))
        return found


class DayForm(forms.ModelForm):
    """Times, place and theme of a day."""

    class Meta:
        model = Day
        fields = ("begins_at", "ends_at", "place", "theme", "is_field_experience")
        labels = {
            "begins_at": gettext_lazy("Begins"),
            "ends_at": gettext_lazy("Ends"),
            "place": gettext_lazy("Place"),
            "theme": gettext_lazy("Theme"),
            "is_field_experience": gettext_lazy("Field experience"),
        }
        widgets = {
            "begins_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "ends_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "place": forms.TextInput,
            "theme": forms.Select,
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        themes = self.instance.offering.described.themes
        self.fields["theme"].widget.choices = [("", _("No theme")), *themes]

    def clean(self) -> dict[str, Any]:
        return _times_in_order(self, super().clean() or {}, "begins_at", "ends_at")


class SessionForm(forms.ModelForm):
    """A part of a day."""

    class Meta:
        model = Session
        fields = ("begins_at", "ends_at", "title", "place")
        labels = {
            "begins_at": gettext_lazy("Begins"),
            "ends_at": gettext_lazy("Ends"),
            "title": gettext_lazy("What happens"),
            "place": gettext_lazy("Where"),
        }
        widgets = {
            "begins_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "ends_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "title": forms.TextInput,
            "place": forms.TextInput,
        }

    def clean(self) -> dict[str, Any]:
        return _times_in_order(self, super().clean() or {}, "begins_at", "ends_at")


class RideForm(forms.ModelForm):
    """A bus, where children get on, and when."""

    class Meta:
        model = Ride
        fields = ("name", "stop", "leaves_at", "returns_at", "phone")
        labels = {
            "name": gettext_lazy("Bus"),
            "stop": gettext_lazy("Where children get on"),
            "leaves_at": gettext_lazy("Leaves"),
            "returns_at": gettext_lazy("Is back"),
            "phone": gettext_lazy("Telephone number of the bus"),
        }
        widgets = {
            "leaves_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "returns_at": forms.TimeInput(attrs=TIME, format="%H:%M"),
            "name": forms.TextInput,
            "stop": forms.TextInput,
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }

    def clean(self) -> dict[str, Any]:
        return _times_in_order(self, super().clean() or {}, "leaves_at", "returns_at")


def _times_in_order(form: forms.ModelForm, found: dict[str, Any], first: str, last: str) -> dict[str, Any]:
    if found.get(first) and found.get(last) and found[first] >= found[last]:
        form.add_error(last, _("This is not after the beginning."))
    return found
