"""Lists of choices in one go: a template for each of two hundred schools cost more than the page around them."""

from html import escape
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


class QuickSelect(forms.Select):
    """The list that Django writes, for choices without groups."""

    # Pairs already: Django would look at each of them again.
    choices: Any = ()

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


class QuickChoiceField(forms.ChoiceField):
    """A field whose choices are pairs of key and label; `choices` may be set once more for each form."""

    widget = QuickSelect

    @property
    def choices(self) -> Any:
        return self._choices

    @choices.setter
    def choices(self, pairs: Any) -> None:
        self._choices = self.widget.choices = list(pairs)
