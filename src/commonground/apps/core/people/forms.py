"""What a director or coordinator types to let people in, and to set up mail."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.codes import typed_code
from commonground.apps.core.forms import LettersForm
from commonground.apps.core.models import MailSettings, Organization
from commonground.apps.core.people.queries import STATES
from commonground.apps.core.roles import ROLES, Role

MOST_YEARS = 10


class DayInput(forms.DateInput):
    """A day, picked or typed."""

    input_type = "date"

    def __init__(self, **attributes: Any) -> None:
        super().__init__(attrs=attributes, format="%Y-%m-%d")


class PeopleFilterForm(forms.Form):
    """Which people are listed: shared as an address, so no name stands in it."""

    role = forms.ChoiceField(label=_("Role"), required=False)
    place = forms.ChoiceField(label=_("Where"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, organizations: Iterable[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = [(role.key, role.title) for role in ROLES.values() if role.is_staff]
        self.fields["role"].choices = [("", _("All roles")), *staff]  # type: ignore[attr-defined]
        places = [(str(one.pk), one.name) for one in organizations]
        self.fields["place"].choices = [("", _("Everywhere")), *places]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All who have not ended")), *STATES.items()]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, str]:
        """The choices that are known; others say nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class ColleagueSearchForm(LettersForm):
    label = _("Name or email begins with")


class PlaceForm(forms.Form):
    """Where the person will work: asked first, because it decides which roles there are."""

    place = forms.ModelChoiceField(label=_("Where"), queryset=Organization.objects.none(), empty_label=None)

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = organizations  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """A person, a role from a day to a day, and the way in."""

    WAYS = [
        ("mail", _("Send a link by mail")),
        ("sheet", _("Print a sheet with a code")),
    ]
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email"), help_text=_("They sign in with it."))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    since = forms.DateField(label=_("First day"), widget=DayInput())
    until = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput(), help_text=_("Empty: until somebody ends it.")
    )
    way = forms.ChoiceField(label=_("How they come in"), widget=forms.RadioSelect, choices=WAYS, initial="sheet")

    def __init__(self, *args: Any, roles: Iterable[Role], today: date, has_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["role"].choices = [(role.key, role.title) for role in roles]  # type: ignore[attr-defined]
        self.fields["since"].initial = today
        if not has_mail:
            self.fields["way"].choices = self.WAYS[1:]  # type: ignore[attr-defined]
            self.fields["way"].help_text = _("No mail server has been set up, so links are printed.")

    def clean(self) -> dict[str, Any]:
        """Days in order, the first today or later."""
        typed = super().clean() or {}
        since, until = typed.get("since"), typed.get("until")
        if since and since < self.today:
            self.add_error("since", _("A role begins today or later."))
        if since and until and until < since:
            self.add_error("until", _("The last day comes before the first."))
        return typed

    @property
    def first_day_after(self) -> date | None:
        """The day from which the role is no longer held: the day after the last one that was typed."""
        return _day_after(self.cleaned_data["until"])


class LastDayForm(forms.Form):
    """The last day of a role that somebody holds."""

    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput(), help_text=_("Empty: until somebody ends it.")
    )

    @property
    def first_day_after(self) -> date | None:
        return _day_after(self.cleaned_data["last_day"])


def _day_after(day: date | None) -> date | None:
    return day and day + timedelta(days=1)


class MailForm(forms.ModelForm):
    """The mail server. The password is never shown again."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted, and never shown again. Empty: the one that is stored stays."),
    )

    class Meta:
        model = MailSettings
        fields = ("host", "port", "security", "username", "sender")
        labels = {
            "host": _("Mail server"),
            "port": _("Port"),
            "security": _("Encryption"),
            "username": _("User name"),
            "sender": _("Sender’s address"),
        }
        help_texts = {"host": _("A name such as smtp.example.org. Your provider’s page says which.")}
        widgets = {"host": forms.TextInput, "username": forms.TextInput(attrs={"autocomplete": "off"})}

    field_order = ("host", "port", "security", "username", "password", "sender")

    def clean_host(self) -> str:
        return str(self.cleaned_data["host"]).strip().lower()


class CodeForm(forms.Form):
    """The code of a printed sheet."""

    code = forms.CharField(
        label=_("Code on your sheet"),
        max_length=40,
        help_text=_("12 letters and digits, such as K7TM-3QXP-9HDW. Small letters and missing dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """The code without dashes and blanks."""
        code = typed_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(
                _("Enter all 12 letters and digits. A sheet has no O, I, L, U, 0 or 1, because they look alike.")
            )
        return code
