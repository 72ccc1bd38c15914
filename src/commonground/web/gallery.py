"""Invented content for the component gallery: every component in every state."""

from typing import Any

from django.http import HttpRequest

from commonground.web.shell import Noun, Shell

NOUNS = [
    ("today", "Today", "sun"),
    ("districts", "Districts", "map"),
    ("disparities", "Disparities", "bar-chart-steps"),
    ("plan", "Plan", "journal-check"),
    ("programs", "Programs", "compass"),
    ("data", "Data", "inbox"),
]


def gallery(request: HttpRequest) -> dict[str, Any]:
    """The values that the gallery page draws."""
    nouns = tuple(
        Noun(key=key, label=label, url="#" + key, icon=icon, current=key == "today") for key, label, icon in NOUNS
    )
    return {
        "shell": Shell(
            person_name="Anna Wieland",
            role_title="director",
            organization_name="West Central collaborative",
            nouns=nouns,
            demonstration=True,
        ),
        "lines": ["One", "Two"],
        "names": ["Send", "Check", "Apply"],
    }
