"""How a list of students is narrowed."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.apps.roster.grades import GRADES, grade_name
from commonground.apps.roster.models import Section
from commonground.apps.roster.queries import StudentFilter
from commonground.web.choices import QuickChoiceField


class StudentFilterForm(forms.Form):
    """By school, grade and class; what is not a choice is left out, never an error.

    search: names a search of this session, so that no child's name stands in an address.
    """

    school = QuickChoiceField(label=_("School"), required=False)
    section = QuickChoiceField(label=_("Class"), required=False)
    grade = QuickChoiceField(label=_("Grade"), required=False)
    search = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(
        self, data: Any, *, schools: Iterable[tuple[UUID, str]], sections: Sequence[Section], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self._choose("school", _("All schools"), [(str(pk), name) for pk, name in schools])
        self._choose("section", _("All classes"), [(str(section.pk), section.title) for section in sections])
        self._choose("grade", _("All grades"), [(code, grade_name(code)) for code in GRADES[2:18]])

    def _choose(self, name: str, everything: Any, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.fields[name].choices = [("", everything), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def wanted(self, *, letters: str) -> StudentFilter:
        """What the list shows."""
        self.is_valid()
        school, section = self.cleaned_data.get("school"), self.cleaned_data.get("section")
        return StudentFilter(
            letters=letters,
            school_id=UUID(school) if school else None,
            section_id=UUID(section) if section else None,
            grade=self.cleaned_data.get("grade", ""),
        )
