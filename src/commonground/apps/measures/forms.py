"""How the page of districts is counted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonground.engine.law.states.mn.isolation_rules import Base


class BaseForm(forms.Form):
    """Which grades count; what is not a choice is the rule's usual base, never an error."""

    base = forms.ChoiceField(
        label=_("Grades counted"),
        required=False,
        choices=[("PK-12", _("Early childhood to grade 12")), ("K-12", _("Kindergarten to grade 12"))],
    )

    def __init__(self, data: Any) -> None:
        super().__init__({"base": data.get("base") if data.get("base") in ("PK-12", "K-12") else "PK-12"})

    @property
    def wanted(self) -> Base:
        """The base that was asked for."""
        return "K-12" if self.data["base"] == "K-12" else "PK-12"
