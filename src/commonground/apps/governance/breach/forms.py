"""What an operator or director types about an incident, and a district about its families."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.asking import sentence
from commonground.apps.core.categories import category_name
from commonground.apps.core.models import Agreement, Organization, Person
from commonground.apps.core.people.forms import DayInput
from commonground.apps.core.roles import ROLES
from commonground.apps.governance.breach.queries import REACHABLE, agreements_of

ONE_MINUTE = timedelta(minutes=1)


class MomentInput(forms.DateTimeInput):
    """A day and a time, picked or typed."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(label=label, help_text=help_text, widget=MomentInput())


class IncidentForm(forms.Form):
    """What happened, from when to when, through what, and when it was found."""

    house = forms.ModelChoiceField(label=_("For"), queryset=Organization.objects.none(), empty_label=None)
    said = forms.CharField(
        label=_("What happened"),
        min_length=20,
        max_length=2000,
        help_text=_("20 characters or more, without any child’s name. Each district that it touches reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    began_at = _moment(_("From"), _("The first moment at which records could be opened; earlier rather than later."))
    ended_at = _moment(_("Until"), _("When it was over: the account closed, the role ended."))
    found_at = _moment(_("Found"), _("The clock of 72 hours runs from it."))
    account = forms.EmailField(
        label=_("Account, by its email"), required=False, help_text=_("Through whose account, if it was one.")
    )
    role = forms.ChoiceField(label=_("Role"), required=False, help_text=_("Only what this role opened."))
    agreement = forms.ModelChoiceField(
        label=_("Agreement"),
        queryset=Agreement.objects.none(),
        required=False,
        help_text=_("Only what this agreement opened."),
    )
    categories = forms.MultipleChoiceField(
        label=_("What could be seen"),
        choices=lambda: [(one, category_name(one)) for one in REACHABLE],
        widget=forms.CheckboxSelectMultiple,
        initial=list(REACHABLE),
        error_messages={"required": _("Check at least one.")},
    )

    def __init__(self, *args: Any, houses: QuerySet[Organization], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["house"].queryset = houses  # type: ignore[attr-defined]
        self.fields["agreement"].queryset = agreements_of(houses)  # type: ignore[attr-defined]
        self.fields["agreement"].label_from_instance = _agreement_words  # type: ignore[attr-defined]
        roles = [(role.key, role.title) for role in ROLES.values()]
        self.fields["role"].choices = [("", _("Any role")), *roles]  # type: ignore[attr-defined]
        self.fields["agreement"].empty_label = _("Any agreement, or none")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Moments in order, and at least one way in. The account is None where no address was given."""
        typed = super().clean() or {}
        began, ended, found = (typed.get(name) for name in ("began_at", "ended_at", "found_at"))
        if ended and ended <= self.now:
            # A minute is typed, and all of it is meant.
            typed["ended_at"] = ended = min(ended + ONE_MINUTE, self.now)
        if began and ended and ended < began:
            self.add_error("ended_at", _("It ended before it began."))
        elif ended and ended > self.now:
            self.add_error("ended_at", _("Close what is open first: this is later than now."))
        if found and ((began and found < began) or found > self.now):
            self.add_error("found_at", _("It is found after it began, and not later than now."))
        if "account" in typed and not (typed["account"] or typed.get("role") or typed.get("agreement")):
            self.add_error("account", _("Give an account, a role or an agreement: through what were records opened?"))
        if not self.errors:
            typed["account"] = self._account(typed["account"])
        return typed

    def _account(self, address: str) -> Person | None:
        """Looked up last, so that an unknown account is answered at the moment, and as, the database answers a foreign one."""
        found = Person.objects.filter(email__iexact=address).first() if address else None
        if address and found is None:
            self.add_error("account", sentence("no_account"))
        return found


def _agreement_words(agreement: Agreement) -> str:
    return f"{agreement.owner.name}, {agreement.collaborative.name}: {agreement.purpose}"[:120]


class ToldForm(forms.Form):
    told_on = forms.DateField(label=_("Day on which the families were told"), widget=DayInput())
