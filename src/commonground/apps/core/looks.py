"""What the disclosure log calls the pages that name children, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: dict[str, str | Promise] = {
    "home:students": _("A list of students"),
    "home:student": _("The student’s page"),
    "home:today": _("Today"),
    "mentoring:caseload": _("The own caseload"),
    "mentoring:notes": _("Notes about a student"),
    "programs:registrations": _("The list of children registered for a program"),
    "programs:attendance": _("The attendance list of a program"),
    "programs:paper": _("A printed list of a program"),
}


def page_words(page: str) -> str:
    """The page in words, its name where nobody gave it any."""
    return str(PAGES.get(page, page))
