"""What a coordinator chooses to give a teacher to a coach, and what the two write."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.coaching.actions import Said
from commonground.apps.coaching.models import Entry
from commonground.apps.core.models import RoleGrant
from commonground.apps.core.people.forms import DayInput


class GiveTeacherForm(forms.Form):
    """Who coaches which teacher, from which day to which."""

    teacher = forms.ChoiceField(label=_("Teacher"))
    coach = forms.ChoiceField(label=_("Coach"))
    since = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Without one it goes on until you end it, or until one of the two roles ends."),
    )

    def __init__(
        self, *args: Any, teachers: Sequence[RoleGrant], coaches: Sequence[RoleGrant], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for field, grants in (("teacher", teachers), ("coach", coaches)):
            names = [(str(one.pk), f"{one.person.name}, {one.organization.name}") for one in grants]
            self.fields[field].choices = [("", _("Choose")), *names]  # type: ignore[attr-defined]
        self.fields["since"].initial = today

    @property
    def teacher_grant_id(self) -> UUID:
        return UUID(self.cleaned_data["teacher"])

    @property
    def coach_grant_id(self) -> UUID:
        return UUID(self.cleaned_data["coach"])


class EntryForm(forms.Form):
    """What coach or teacher writes: what it is, when it was, what it was, and what comes next."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=[("", _("Choose")), *Entry.Kind.choices])
    day = forms.DateField(label=_("Day"), widget=DayInput())
    said = forms.CharField(
        label=_("What you want to reach, saw, tried or talked about"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    next_step = forms.CharField(
        label=_("The next step, and who takes it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def words(self) -> Said:
        return Said(**{name: self.cleaned_data[name] for name in EntryForm.base_fields})


class NewEntryForm(EntryForm):
    """token: what the entry will be known by; a form that is sent twice writes one."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid4()
