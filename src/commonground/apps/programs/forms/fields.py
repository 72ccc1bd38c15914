"""Fields that several forms of programs share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

DAY = {"type": "date"}
TIME = {"type": "time"}
NEEDED = {"required": gettext_lazy("Fill this in.")}


def text_field(label: Any, *, needed: bool = True, help_text: Any = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=needed,
        max_length=300,
        help_text=help_text,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs=attributes),
    )


def day_field(label: Any, *, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, error_messages=NEEDED, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
