"""What a coordinator types to have a district's records destroyed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ArrivedForm(forms.Form):
    """The number in the last part of the export: whoever types it has the file, and opened it."""

    number = forms.CharField(
        label=_("The number in number.txt"),
        help_text=_(
            "Unpack the whole file and open number.txt: eight digits. Without it the file did not arrive whole."
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class AskForm(forms.Form):
    """The district's name, letter for letter, so that nobody does this by one press; and why there is no export, if none."""

    name = forms.CharField(
        label=_("Type the name of your district"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    without = forms.CharField(
        label=_("Why you go without an export"),
        help_text=_("20 characters or more. Not needed once somebody of your district typed the number of the export."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, district: str, is_saved: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.district = district
        if is_saved:
            del self.fields["without"]

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if typed.strip() != self.district:
            raise forms.ValidationError(_("This is not the name of the district as it stands on this page."))
        return typed
