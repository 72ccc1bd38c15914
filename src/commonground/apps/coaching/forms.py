"""What a coordinator chooses to give a teacher to a coach, and what the two write."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.coaching.actions import Said
from commonground.apps.coaching.models import Entry
from commonground.apps.core.forms import OnceForm
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


VISITS = [one for one in Entry.Kind.choices if one[0] not in (Entry.Kind.GOAL, Entry.Kind.REFLECTION)]
REFLECTION = (Entry.Kind.REFLECTION.value, Entry.Kind.REFLECTION.label)


class EntryForm(forms.Form):
    """What coach or teacher writes: what it is, when it was, what it was, and what comes next. Goals have their own form."""

    kind = forms.ChoiceField(label=_("What is it?"))
    day = forms.DateField(label=_("Day"), widget=DayInput())
    said = forms.CharField(
        label=_("What you saw, tried or talked about"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    next_step = forms.CharField(
        label=_("The next step"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    step_by = forms.ChoiceField(
        label=_("Who takes it?"), choices=[("", _("Nobody yet")), *Entry.Taker.choices], required=False
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str | Promise]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Choose")), *kinds]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].widget, self.fields["kind"].initial = forms.HiddenInput(), kinds[0][0]

    def words(self) -> Said:
        return Said(**{name: self.cleaned_data[name] for name in EntryForm.base_fields})


class GoalForm(forms.Form):
    """A goal for a cycle: what students shall do, how the two will see it, from which day to which."""

    said = forms.CharField(
        label=_("What do you want students to do?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    measure = forms.CharField(
        label=_("How will you see it?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In your own words: what you look for, or count."),
    )
    day = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), required=False, widget=DayInput())

    def words(self) -> Said:
        return Said(kind=Entry.Kind.GOAL, **{name: self.cleaned_data[name] for name in GoalForm.base_fields})


class NewEntryForm(OnceForm, EntryForm):
    """about: the entry on which the teacher looks back."""

    about = forms.UUIDField(widget=forms.HiddenInput, required=False)


class NewGoalForm(OnceForm, GoalForm):
    pass


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Entry.Outcome.choices)
