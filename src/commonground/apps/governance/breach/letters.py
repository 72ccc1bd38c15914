"""Letters to families of an incident: one for each student, in the language of the home where its pages are complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import override

from commonground.apps.core.categories import category_holds
from commonground.apps.core.looks import page_words
from commonground.apps.governance.breach.queries import Touched, contacts_of
from commonground.apps.governance.models import Packet
from commonground.apps.governance.papers import chosen_language
from commonground.web.languages import Language


@dataclass(frozen=True)
class Letter:
    """One letter, drawn in its language."""

    language: Language
    html: SafeString


def letters_to(packet: Packet, rows: Sequence[Touched], *, today: date) -> tuple[Letter, ...]:
    """A letter for each of these students. One query."""
    contacts = contacts_of(packet, today=today)
    address = settings.PUBLIC_ADDRESS.split("://", 1)[-1] + reverse("people:come-in")
    found = []
    for row in rows:
        language = chosen_language(row.language_code)
        with override(language.code):
            page = {
                "packet": packet,
                "one": row,
                "pages": [page_words(page) for page in row.line.pages],
                "holds": [category_holds(one) for one in row.line.reached],
                "contacts": contacts,
                "address": address,
                "today": today,
                "sheet_language": language,
            }
            found.append(Letter(language, render_to_string("governance/letter.html", page)))
    return tuple(found)
