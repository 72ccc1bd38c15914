"""How a list of students is narrowed."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from uuid import UUID

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from commonground.apps.roster.grades import GRADES, grade_name
from commonground.apps.roster.models import Section
from commonground.apps.roster.queries import StudentFilter


class QuickSelect(forms.Select):
    """The same list of choices in one go: a template for each of two hundred schools cost more than the students."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        options = "\n".join(
            f'<option value="{escape(str(key))}"{" selected" if str(key) in chosen else ""}>{escape(str(label))}</option>'
            for key, label in self.choices
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt({"name": name} | self.build_attrs(self.attrs, attrs)),
            mark_safe(options),  # noqa: S308 - every part of it is escaped
        )


class StudentFilterForm(forms.Form):
    """By school, grade and class; what is not a choice is left out, never an error.

    search: names a search of this session, so that no child's name stands in an address.
    """

    school = forms.ChoiceField(label=_("School"), required=False, widget=QuickSelect)
    section = forms.ChoiceField(label=_("Class"), required=False, widget=QuickSelect)
    grade = forms.ChoiceField(label=_("Grade"), required=False, widget=QuickSelect)
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
