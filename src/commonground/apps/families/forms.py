"""What families type to come in, and to ask for a correction; and what the district answers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.forms import LettersForm
from commonground.apps.core.models import Organization, Person
from commonground.apps.core.telephones import phone_key
from commonground.apps.families.models import Correction
from commonground.apps.roster.models import Student


class FamilySearchForm(LettersForm):
    """Whose family: letters of the child's name, and the school."""

    label = _("Child’s name begins with")
    school = forms.ModelChoiceField(
        label=_("School"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("All schools"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools  # type: ignore[attr-defined]


class ComeInForm(forms.Form):
    """How the family signs in from now on: an address or a telephone number, and a password."""

    contact = forms.CharField(
        label=_("Your phone number or your email"),
        max_length=254,
        help_text=_("You sign in with it. Nothing is sent to it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        label=_("What shall we call you?"),
        max_length=100,
        required=False,
        help_text=_("Leave it empty if you like, or if you have an account already."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("15 characters or more. A few words in a row are easy to remember."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def clean(self) -> dict[str, Any]:
        """The contact as `email` or `phone`, and the password checked against it."""
        typed = super().clean() or {}
        contact = str(typed.get("contact", "")).strip()
        if "contact" in typed:
            typed["email"], typed["phone"] = (contact, None) if "@" in contact else ("", phone_key(contact))
            if typed["email"]:
                try:
                    forms.EmailField().clean(typed["email"])
                except forms.ValidationError:
                    self.add_error("contact", _("Type the whole email, such as name@example.org."))
            elif typed["phone"] is None:
                self.add_error("contact", _("Type all 10 digits of the number, or an email."))
        if password := typed.get("password"):
            try:
                validate_password(password, Person(email=contact, name=contact))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return typed


class CorrectionForm(forms.Form):
    """What is wrong about which child, and what is right."""

    child = forms.ChoiceField(label=_("Which child?"), widget=forms.RadioSelect)
    about = forms.ChoiceField(label=_("What is wrong?"), choices=Correction.About, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What is right?"),
        max_length=1000,
        help_text=_("In your own words and language."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, children: Iterable[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = {str(one.pk): one for one in children}
        self.fields["child"].choices = [(pk, one.full_name) for pk, one in self.children.items()]  # type: ignore[attr-defined]
        if len(self.children) == 1:
            self.fields["child"].initial = next(iter(self.children))

    @property
    def student(self) -> Student:
        return self.children[self.cleaned_data["child"]]


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What has become of it?"),
        choices=[
            (Correction.Outcome.CORRECTED, _("Corrected in our own system: it comes with the next file")),
            (Correction.Outcome.KEPT, _("Left as it is")),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer to the family"),
        max_length=1000,
        help_text=_("They read it in their account. When nothing changes, say why and whom they can ask."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
