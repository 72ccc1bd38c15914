"""What people type to sign in and to look after their account."""

from typing import Any
from uuid import uuid4

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Person
from commonground.apps.core.telephones import address_of_phone, phone_key


def _plain(form: forms.BaseForm, **labels: Any) -> None:
    """Labels above the fields in our words, and no placeholder that repeats them."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name in labels:
            field.label = labels[name]
        if isinstance(field.widget, forms.PasswordInput):
            field.help_text = ""


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            max_length=254, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
        )
        self.order_fields(["login", "password", "remember"])
        _plain(self, login=_("Email or phone"), password=_("Password"), remember=_("This is my own phone or computer"))

    def clean_login(self) -> str:
        """The address of the account, also where somebody typed the telephone number that it is signed in to with."""
        typed = str(self.cleaned_data["login"]).strip()
        if "@" in typed:
            return typed
        person = Person.objects.filter(phone=phone_key(typed)).first() if phone_key(typed) else None
        return person.email if person else address_of_phone(typed)


class ConfirmPasswordForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, password=_("Password"))


class NewPasswordForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, oldpassword=_("Password now"), password1=_("New password"), password2=_("New password, once more"))
        self.fields["password1"].help_text = _("15 characters or more. A few words in a row are easy to remember.")


class _OnceForm(forms.Form):
    """A form whose code of an app opens once, as long as the code is good (RFC 6238, section 5.2).

    The library remembers a used code for one step; ours is good for as many as the tolerance allows.
    """

    def clean_code(self) -> str:
        steps = 2 * mfa.TOTP_TOLERANCE + 1
        typed = "".join(filter(str.isalnum, self.cleaned_data["code"]))
        used = f"app-code.used?{self.user.pk}&{typed}"  # type: ignore[attr-defined]
        if cache.get(used):
            # Judged by the library like any wrong code: counted, recorded, and no count begins anew.
            self.cleaned_data["code"] = ""
        code: str = super().clean_code()  # type: ignore[misc]
        if not cache.add(used, "y", timeout=steps * mfa.TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_OnceForm, AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code=_("Code from your app, or a recovery code"))


class ConfirmCodeForm(_OnceForm, ReauthenticateByCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code=_("Code from your app, or a recovery code"))


class FirstCodeForm(_OnceForm, ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code=_("Code your app shows now"))
        self.fields["code"].help_text = _("6 digits. It changes every 30 seconds.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class PasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, name=_("Name of this passkey"), passwordless=_("Sign in with this passkey alone"))
        self.fields["passwordless"].help_text = _("Your device asks for your finger, face or PIN.")


class PasskeyNameForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, name=_("Name of this passkey"))


class DemonstrationForm(forms.Form):
    """Which invented person, and the code of this run."""

    code = forms.CharField(
        label=_("Sign-in code"),
        help_text=_("6 digits. It stands in the terminal where the demonstration was started."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "12"}),
    )
    email = forms.EmailField(widget=forms.HiddenInput, required=False)

    def clean_code(self) -> str:
        """The code without blanks, as people paste it."""
        code = "".join(self.cleaned_data["code"].split())
        if not (code.isdigit() and len(code) == 6):
            raise forms.ValidationError(_("Enter all 6 digits of the code."))
        return code

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if not email:
            raise forms.ValidationError(_("Choose a person below."))
        return email


class OnceForm(forms.Form):
    """token: what is written will be known by it, so that a form that is sent twice writes once."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid4()


class LettersForm(forms.Form):
    """The beginning of a name. Sent in the body: a person's name belongs into no address and no log. label: of the field."""

    label: str | Promise = _("Find by name")
    letters = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search", "class": "form-control"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["letters"].label = str(self.label)


class InvitationForm(forms.Form):
    """What the first owner, or anybody invited, chooses."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("You sign in with it. Nothing is sent to it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("15 characters or more. A few words in a row are easy to remember."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who was invited keeps the address: it is how others know whom they give a role.
        if self.initial.get("email"):
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("You sign in with it.")

    def clean(self) -> dict[str, Any]:
        """Check the password against name and address too. Raises ValidationError at the password."""
        typed = super().clean() or {}
        if password := typed.get("password"):
            try:
                validate_password(password, Person(email=typed.get("email", ""), name=typed.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return typed
