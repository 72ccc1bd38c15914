"""What families and staff send about a child: registering it, school meals, emergency facts, finding it."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.forms import LettersForm
from commonground.apps.programs.actions import CareFacts, Form, Signature
from commonground.apps.programs.forms.fields import DAY, text_field
from commonground.apps.programs.kinds import Kind
from commonground.apps.programs.models import Care, MealsAnswer, Registration, Ride
from commonground.apps.programs.queries import FamilyChild


class RegistrationForm(forms.Form):
    """The family's part of a registration: whom to call, who signs, what the family agrees to."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    contact_name = text_field(gettext_lazy("Whom we call first"), autocomplete="name")
    contact_phone = text_field(gettext_lazy("Telephone number"), type="tel", autocomplete="tel", inputmode="tel")
    other_name = text_field(gettext_lazy("Whom we call next"), needed=False)
    other_phone = text_field(gettext_lazy("That person’s telephone number"), needed=False, type="tel", inputmode="tel")
    picked_up_by = text_field(
        gettext_lazy("Who may take the child home"),
        needed=False,
        help_text=gettext_lazy("Names, besides you. Leave it empty if the child goes home alone or by bus."),
    )
    signer = text_field(
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
    allergies = text_field(gettext_lazy("Allergies"), needed=False)
    medicines = text_field(gettext_lazy("Medicines during the day"), needed=False)
    needs = text_field(gettext_lazy("Anything else that helps us care for the child"), needed=False)
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

    contact_name = text_field(gettext_lazy("Whom we call first"))
    contact_phone = text_field(gettext_lazy("Telephone number"), type="tel", inputmode="tel")
    other_name = text_field(gettext_lazy("Whom we call next"), needed=False)
    other_phone = text_field(gettext_lazy("That person’s telephone number"), needed=False, type="tel", inputmode="tel")
    picked_up_by = text_field(gettext_lazy("Who may take the child home"), needed=False)
    allergies = text_field(gettext_lazy("Allergies"), needed=False)
    medicines = text_field(gettext_lazy("Medicines during the day"), needed=False)
    needs = text_field(gettext_lazy("Anything else that helps us care for the child"), needed=False)
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
