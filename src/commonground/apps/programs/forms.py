"""What people send to the pages of programs."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.forms import LettersForm
from commonground.apps.core.models import Organization, Person
from commonground.apps.programs.actions import CareFacts, Form, OfferingFacts, Signature
from commonground.apps.programs.kinds import Kind
from commonground.apps.programs.models import Care, Day, MealsAnswer, Offering, Registration, Ride, Session
from commonground.apps.programs.queries import FamilyChild

DAY = {"type": "date"}
TIME = {"type": "time"}
NEEDED = {"required": gettext_lazy("Fill this in.")}


def _text(label: Any, *, needed: bool = True, help_text: Any = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=needed,
        max_length=300,
        help_text=help_text,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs=attributes),
    )


def _day(label: Any, *, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, error_messages=NEEDED, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )


class OfferingForm(forms.Form):
    """An offering with the seats kept for each member district.

    ends_from: the earliest last day that it may be given, None for any.
    """

    title = _text(gettext_lazy("Name"))
    place = _text(gettext_lazy("Place"))
    starts_on = _day(gettext_lazy("First day"))
    ends_on = _day(gettext_lazy("Last day"))
    capacity = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=2000, error_messages=NEEDED)
    opens_on = _day(gettext_lazy("Registration opens"))
    closes_on = _day(
        gettext_lazy("Registration closes"), help_text=gettext_lazy("The last day on which families may register.")
    )
    release_on = _day(
        gettext_lazy("Kept seats open to all"),
        help_text=gettext_lazy("From this day on, seats kept for a district that nobody took go to all districts."),
    )
    contact = _text(
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


class RegistrationForm(forms.Form):
    """The family's part of a registration: whom to call, who signs, what the family agrees to."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    contact_name = _text(gettext_lazy("Whom we call first"), autocomplete="name")
    contact_phone = _text(gettext_lazy("Telephone number"), type="tel", autocomplete="tel", inputmode="tel")
    other_name = _text(gettext_lazy("Whom we call next"), needed=False)
    other_phone = _text(gettext_lazy("That person’s telephone number"), needed=False, type="tel", inputmode="tel")
    picked_up_by = _text(
        gettext_lazy("Who may take the child home"),
        needed=False,
        help_text=gettext_lazy("Names, besides you. Leave it empty if the child goes home alone or by bus."),
    )
    signer = _text(
        gettext_lazy("Your name, as signature"),
        help_text=gettext_lazy("By writing your name you sign for what you ticked above."),
        autocomplete="name",
    )

    def __init__(self, *arguments: Any, kind: Kind, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kind = kind
        self.fields["token"].initial = uuid4()
        for consent in kind.consents:
            self.fields[f"consent-{consent.key}"] = forms.BooleanField(
                label=str(consent.words),
                required=consent.is_needed,
                error_messages={"required": _("Without this your child cannot take part.")},
            )

    def consent_fields(self) -> list[forms.BoundField]:
        """The boxes to tick, in the order of the kind."""
        return [self[f"consent-{consent.key}"] for consent in self.kind.consents]

    def form(self, *, language: str, today: date) -> Form:
        """The form as it came in, from a family."""
        return self._form(Registration.Way.FAMILY, language=language, signed_on=today)

    def _form(
        self, way: Registration.Way, *, language: str, signed_on: date, paper_dated_on: date | None = None
    ) -> Form:
        data = self.cleaned_data
        consents = {consent.key: bool(data[f"consent-{consent.key}"]) for consent in self.kind.consents}
        return Form(data["token"], way, language, Signature(data["signer"], signed_on, consents), paper_dated_on)


class StaffRegistrationForm(RegistrationForm):
    """The same for staff who write it down for a family, on the telephone or from a paper form."""

    from_paper = forms.BooleanField(label=gettext_lazy("The family signed a paper form"), required=False)
    paper_dated_on = forms.DateField(
        label=gettext_lazy("Date on the paper form"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )

    def __init__(self, *arguments: Any, today: date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.today = today
        self.fields["signer"].label = _("Who signed, or agreed on the telephone")
        self.fields["signer"].help_text = ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("from_paper") and not found.get("paper_dated_on") and "paper_dated_on" not in self.errors:
            self.add_error("paper_dated_on", _("Enter the date that stands on the paper form."))
        if found.get("paper_dated_on") and found["paper_dated_on"] > self.today:
            self.add_error("paper_dated_on", _("This day has not come yet. Enter the date on the paper form."))
        return found

    def form(self, *, language: str, today: date) -> Form:
        """The form as it came in, by way of staff."""
        dated = self.cleaned_data["paper_dated_on"] if self.cleaned_data["from_paper"] else None
        way = Registration.Way.PAPER if dated else Registration.Way.STAFF
        return self._form(way, language=language, signed_on=dated or today, paper_dated_on=dated)


def _ride_choices(rides: Iterable[Ride]) -> list[tuple[str, str]]:
    words = _("%(name)s from %(stop)s, leaves %(leaves)s, back %(returns)s")
    return [
        ("", _("The family brings the child")),
        *(
            (
                str(ride.pk),
                words
                % {
                    "name": ride.name,
                    "stop": ride.stop,
                    "leaves": f"{ride.leaves_at:%H:%M}",
                    "returns": f"{ride.returns_at:%H:%M}",
                },
            )
            for ride in rides
        ),
    ]


class MealsForm(forms.Form):
    """The question about school meals, which nobody must answer."""

    meals = forms.ChoiceField(
        label=gettext_lazy("Does this child get free or reduced-price school meals?"),
        choices=MealsAnswer.Answer.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "The program reports how many of its children do; that is why we ask. Only this child’s guardians see the answer:"
            " no page shows it to the school, the teachers or the program, and only totals are counted. It has no part in who"
            " gets a seat."
        ),
    )


class ChildForm(MealsForm):
    """One child's part: whether it takes part, what to know about its health, how it comes, meals where the kind asks."""

    takes_part = forms.BooleanField(required=False)
    allergies = _text(gettext_lazy("Allergies"), needed=False)
    medicines = _text(gettext_lazy("Medicines during the day"), needed=False)
    needs = _text(gettext_lazy("Anything else that helps us care for the child"), needed=False)
    ride = forms.ChoiceField(label=gettext_lazy("How the child comes"), required=False)

    def __init__(
        self, data: Any, *, child: FamilyChild, rides: Iterable[Ride], asks_meals: bool, by_staff: bool = False
    ) -> None:
        super().__init__(data, prefix=str(child.student.pk))
        self.child = child
        if not asks_meals:
            del self.fields["meals"]
        elif by_staff:
            self.fields["meals"].help_text = _(
                "Only if the family wishes to say it. You cannot read it again afterwards: only the family can, and only"
                " totals are counted. It has no part in who gets a seat."
            )
        self.fields["takes_part"].label = f"{child.student.full_name}, {child.grade}"
        self.fields["ride"].choices = _ride_choices(rides)  # type: ignore[attr-defined]

    def care(self, family: dict[str, Any]) -> CareFacts:
        """What those in charge must know of this child. family: the cleaned data of the family's part."""
        mine = self.cleaned_data
        shared = {name: family[name] for name in ("contact_name", "contact_phone", "other_name", "other_phone")}
        return CareFacts(
            **shared,
            picked_up_by=family["picked_up_by"],
            allergies=mine["allergies"],
            medicines=mine["medicines"],
            needs=mine["needs"],
            ride_id=UUID(mine["ride"]) if mine["ride"] else None,
        )


class CareForm(forms.Form):
    """What those in charge must know of a registered child, to be changed.

    care: what stands there; None for those who write down what a family tells and may not read it: what they leave empty
    stays as it is.
    """

    contact_name = _text(gettext_lazy("Whom we call first"))
    contact_phone = _text(gettext_lazy("Telephone number"), type="tel", inputmode="tel")
    other_name = _text(gettext_lazy("Whom we call next"), needed=False)
    other_phone = _text(gettext_lazy("That person’s telephone number"), needed=False, type="tel", inputmode="tel")
    picked_up_by = _text(gettext_lazy("Who may take the child home"), needed=False)
    allergies = _text(gettext_lazy("Allergies"), needed=False)
    medicines = _text(gettext_lazy("Medicines during the day"), needed=False)
    needs = _text(gettext_lazy("Anything else that helps us care for the child"), needed=False)
    ride = forms.ChoiceField(label=gettext_lazy("How the child comes"), required=False)

    AS_IT_IS = "keep"

    def __init__(self, data: Any, *, care: Care | None, rides: Iterable[Ride]) -> None:
        known = {name: getattr(care, name) for name in self.base_fields if name != "ride"} if care else {}
        super().__init__(data, initial=known | {"ride": str(care.ride_id or "") if care else self.AS_IT_IS})
        self.care = care
        self.fields["ride"].choices = [  # type: ignore[attr-defined]
            *([] if care else [(self.AS_IT_IS, _("Leave it as it is"))]),
            *_ride_choices(rides),
        ]
        if care is None:
            self.fields["contact_name"].required = self.fields["contact_phone"].required = False

    def changed(self) -> dict[str, str | None]:
        """The facts that are to be written, by their names on `CareFacts`."""
        data = dict(self.cleaned_data)
        ride = data.pop("ride")
        if self.care is None:
            written: dict[str, str | None] = {name: words for name, words in data.items() if words}
            return written if ride == self.AS_IT_IS else written | {"ride_id": ride or None}
        written = {name: words for name, words in data.items() if words != getattr(self.care, name)}
        return written if ride == str(self.care.ride_id or "") else written | {"ride_id": ride or None}

    @classmethod
    def words(cls) -> dict[str, Any]:
        """What each fact is called, by its name on `CareFacts`."""
        return {"ride_id" if name == "ride" else name: field.label for name, field in cls.base_fields.items()}


class ChildSearchForm(LettersForm):
    label = gettext_lazy("Find the child by name")


class AssignmentForm(forms.Form):
    """Who teaches, from which day to which."""

    person = forms.ChoiceField(label=gettext_lazy("Program teacher"))
    since = _day(gettext_lazy("First day"))
    last_day = _day(gettext_lazy("Last day"))

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
