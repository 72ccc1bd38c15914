"""What a coordinator types to give a child to somebody, and what is written about a meeting."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.forms import LettersForm, OnceForm
from commonground.apps.core.models import RoleGrant
from commonground.apps.core.people.forms import DayInput
from commonground.apps.mentoring.actions import Said
from commonground.apps.mentoring.models import Note


class CaseloadSearchForm(LettersForm):
    label = _("Name of the person or the child begins with")


class GiveForm(forms.Form):
    """Who walks beside the child, from which day to which."""

    holder = forms.ChoiceField(label=_("Who walks beside the child?"))
    since = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Without one it goes on until you end it, or until the role ends."),
    )

    def __init__(self, *args: Any, grants: Sequence[RoleGrant], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (str(one.pk), f"{one.person.name}, {one.get_role_display()}, {one.organization.name}") for one in grants
        ]
        self.fields["holder"].choices = [("", _("Choose")), *names]  # type: ignore[attr-defined]
        self.fields["since"].initial = today

    @property
    def grant_id(self) -> UUID:
        return UUID(self.cleaned_data["holder"])


class NoteForm(forms.Form):
    """A meeting: the day, what was talked about, what comes next, and who reads it."""

    met_on = forms.DateField(label=_("Day of the meeting"), widget=DayInput())
    talked_about = forms.CharField(
        label=_("What you talked about"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    next_step = forms.CharField(
        label=_("The next step"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    reach = forms.ChoiceField(label=_("Who reads it?"), choices=Note.Reach, widget=forms.RadioSelect)

    def said(self) -> Said:
        return Said(**{name: self.cleaned_data[name] for name in NoteForm.base_fields})


class NewNoteForm(OnceForm, NoteForm):
    pass
