"""What a director types to make a collaborative."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Membership, Organization
from commonground.apps.core.people.forms import DayInput, PersonForm


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
