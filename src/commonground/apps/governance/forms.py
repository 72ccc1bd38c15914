"""What a director types to make a collaborative."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Agreement, Membership, Organization
from commonground.apps.core.people.forms import DayInput, PersonForm
from commonground.apps.governance.actions import MOST_BYTES, TOO_LARGE
from commonground.apps.governance.queries.agreements import shareable
from commonground.web.files import LimitedFileField


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the collaborative"),
        max_length=120,
        help_text=_("Such as West Central Collaborative. You can change it later."),
    )


class FindForm(forms.Form):
    q = forms.CharField(
        label=_("Find by name or number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "placeholder": _("Willmar, or 347")}),
    )


class JoinForm(forms.Form):
    """The organizations that were checked, and on which terms they belong from which day."""

    places = forms.ModelMultipleChoiceField(
        label=_("Organizations"),
        queryset=Organization.objects.none(),
        error_messages={"required": _("Check at least one.")},
    )
    standing = forms.ChoiceField(
        label=_("They belong as"), choices=Membership.Standing, initial="member", widget=forms.RadioSelect
    )
    since = forms.DateField(
        label=_("Since"), widget=DayInput(), help_text=_("The day the agreement between you began.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = today
        self.fields["places"].queryset = Organization.objects.filter(owner=None, ended_on=None).exclude(  # type: ignore[attr-defined]
            kind=Organization.Kind.COLLABORATIVE
        )


class OwnerForm(forms.Form):
    """Who coordinates one district, and how the invitation leaves."""

    district = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email"))
    way = forms.ChoiceField(
        label=_("How they come in"), choices=PersonForm.WAYS, initial="sheet", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, has_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_mail:
            self.fields["way"].choices = PersonForm.WAYS[1:]  # type: ignore[attr-defined]


class AgreementForm(forms.Form):
    """What a district would share: with whom, what, why, on which ground, from when to when."""

    parties = forms.ChoiceField(label=_("Between"))
    categories = forms.MultipleChoiceField(
        label=_("What is shared"),
        choices=shareable,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Check at least one.")},
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands beside every look in the log that families read."),
    )
    ground = forms.ChoiceField(label=_("Legal ground"), choices=Agreement.Ground, widget=forms.RadioSelect)
    since = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), widget=DayInput())
    destroy_by = forms.DateField(
        label=_("Copies destroyed by"),
        widget=DayInput(),
        help_text=_("FERPA asks for a period: 34 CFR 99.31(a)(6), 99.35."),
    )

    def __init__(self, *args: Any, parties: list[tuple[Organization, Organization]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = {f"{place.pk} {house.pk}": (place, house) for place, house in parties}
        self.fields["parties"].choices = [  # type: ignore[attr-defined]
            (key, _("%(district)s and %(house)s") % {"district": place.name, "house": house.name})
            for key, (place, house) in self.pairs.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        typed = super().clean() or {}
        since, last, gone = (typed.get(name) for name in ("since", "last_day", "destroy_by"))
        if since and last and last < since:
            self.add_error("last_day", _("The last day comes before the first."))
        if last and gone and gone <= last:
            self.add_error("destroy_by", _("Copies are destroyed after the last day."))
        return typed


class SignForm(forms.Form):
    """Who signed the paper, and when."""

    signed_by = forms.CharField(label=_("Signed for the district by"), max_length=200, help_text=_("Name and office."))
    house_signed_by = forms.CharField(label=_("Signed for the collaborative by"), max_length=200)
    signed_on = forms.DateField(label=_("Day of the last signature"), widget=DayInput())
    file = LimitedFileField(
        most=MOST_BYTES,
        too_large=TOO_LARGE,
        label=_("The signed paper"),
        required=False,
        help_text=_("A PDF of up to 10 MB."),
    )


class EndForm(forms.Form):
    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput(), help_text=_("The last day on which it opens something.")
    )
