"""What a coordinator chooses to give a teacher to a coach."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

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
