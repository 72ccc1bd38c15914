"""The categories of data: what a wall guards, what a role shows, what an agreement opens. One table of their words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Category:
    """name: in a list of categories. holds: what stands in it, "" where no agreement opens it. counted: what an agreement
    that names it lets be counted, without a name and without small numbers, "" for nothing.

    `holds` goes on a sentence about a district: "sees of South: which days its students attended".
    """

    name: str | Promise
    holds: str | Promise = ""
    counted: str | Promise = ""


CATEGORIES: dict[str, Category] = {
    "roster": Category(
        _("students"), _("name, date of birth, grade, school, classes, home language and group of its students")
    ),
    "attendance": Category(_("attendance"), _("which days its students attended")),
    "behavior": Category(_("behavior"), _("behavior records of its students")),
    "results": Category(_("results"), _("course and test results of its students")),
    "support": Category(_("support plans"), _("support plans and services of its students")),
    "contact": Category(_("families’ contacts"), _("names, telephone numbers and addresses of its families")),
    "caseload": Category(_("caseloads")),
    "notes": Category(_("notes")),
    "coaching": Category(_("what coach and teacher write to each other")),
    "coached": Category(_("who coaches whom")),
    "staff": Category(_("staff"), _("names, schools and roles of its staff")),
    "health": Category(
        _("health and emergency facts"),
        _("health and emergency facts of registered students, on the days of a program"),
    ),
    "registration": Category(
        _("registrations"),
        _("who is registered for shared programs"),
    ),
    # A family's own answer: no agreement opens a row of it, and no role but the family's reads one.
    "meals": Category(
        _("free and reduced-price meals"),
        counted=_("how many children with a seat get free or reduced-price meals, as their families said"),
    ),
    "correction": Category(_("corrections that families ask for")),
    "agreement": Category(_("agreements")),
    "incident": Category(_("incidents")),
    "program": Category(_("programs")),
    "disclosure": Category(_("who looked")),
    "audit": Category(_("what changed")),
}


def category_name(key: str) -> str:
    """The category in a list, the key itself where nobody named it."""
    return str(CATEGORIES[key].name) if key in CATEGORIES else key


def category_holds(key: str) -> str:
    """What stands in the category, its name where no agreement opens it."""
    return str(CATEGORIES[key].holds) or category_name(key) if key in CATEGORIES else key


def category_shared(key: str) -> str:
    """What an agreement that names the category opens, or lets be counted."""
    found = CATEGORIES.get(key)
    return str(found.counted) if found and found.counted and not found.holds else category_holds(key)
