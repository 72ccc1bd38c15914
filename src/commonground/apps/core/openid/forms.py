"""What a coordinator or director types about the organization's own sign-in."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import IdentityProvider, Organization
from commonground.apps.core.openid.discovery import WELL_KNOWN
from commonground.apps.core.openid.fetching import is_fit

DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")
# Where anybody has an address: no organization can speak for them.
EVERYBODYS = {
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "aol.com",
}
MOST_DOMAINS = 20


class ProviderForm(forms.Form):
    """A provider. The secret is never shown again."""

    organization = forms.ChoiceField(label=_("Whose people"))
    name = forms.CharField(
        label=_("Name on the button"),
        max_length=60,
        help_text=_("As your people call it, such as: North district account."),
    )
    issuer = forms.CharField(
        label=_("Issuer’s address"),
        max_length=500,
        help_text=_("Begins with https://. Your provider’s page for OpenID Connect says it."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    domains = forms.CharField(
        label=_("Email domains it speaks for"),
        required=False,
        max_length=2000,
        help_text=_(
            "With commas. Who has an account here with a confirmed address there gets in by it. Empty: everybody connects the account once by hand."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=500,
        help_text=_("Your provider gives it when you register Commonground there. Can wait."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=2000,
        help_text=_("Kept encrypted, and never shown again. Empty: the one that is stored stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    is_on = forms.BooleanField(label=_("Show the button on the sign-in page"), required=False)

    def __init__(
        self,
        *args: Any,
        organizations: Sequence[Organization],
        provider: IdentityProvider | None = None,
        **kwargs: Any,
    ) -> None:
        """organizations: where the person may decide. provider: the one that is changed, None for a new one."""
        if provider is not None:
            kwargs["initial"] = {
                "name": provider.name,
                "issuer": provider.issuer,
                "domains": ", ".join(provider.domains),
                "client_id": provider.client_id,
                "is_on": provider.is_on,
            }
        super().__init__(*args, **kwargs)
        self.organizations = {str(one.pk): one for one in organizations}
        choices = [(key, one.name) for key, one in self.organizations.items()]
        self.fields["organization"].choices = choices  # type: ignore[attr-defined]
        if provider is not None or len(choices) == 1:
            del self.fields["organization"]
        if provider is None:
            del self.fields["is_on"]  # nobody should meet a button that was never tried

    def clean_issuer(self) -> str:
        """The issuer, also where somebody pasted the address of what it says about itself."""
        issuer = str(self.cleaned_data["issuer"]).strip().removesuffix(WELL_KNOWN)
        if not is_fit(issuer) or "?" in issuer:
            raise forms.ValidationError(
                _("An address begins with https://, names a server, and has no user name, question mark or # in it.")
            )
        return issuer

    def clean_domains(self) -> list[str]:
        """The domains in small letters, each once."""
        typed = str(self.cleaned_data["domains"]).lower().replace(";", ",")
        found = list(dict.fromkeys(one.strip().lstrip("@") for one in typed.split(",") if one.strip()))
        for one in found:
            if not DOMAIN.match(one):
                raise forms.ValidationError(_("A domain looks like example.org. Put commas between several."))
            if one in EVERYBODYS:
                raise forms.ValidationError(_("Anybody can have an address at %(domain)s."), params={"domain": one})
        if len(found) > MOST_DOMAINS:
            raise forms.ValidationError(_("No more than 20 domains."))
        return found

    def clean_client_id(self) -> str:
        return str(self.cleaned_data["client_id"]).strip()

    def clean_client_secret(self) -> str:
        return str(self.cleaned_data["client_secret"]).strip()
