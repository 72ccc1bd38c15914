"""Grades as the files name them (CEDS codes of OneRoster) and as people say them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

# In the order of a child's years.
GRADES = ("IT", "PR", "EC", "PK", "TK", "KG", *(f"{number:02d}" for number in range(1, 13)), "13", "PS", "UG", "Other")


NAMES = {
    "IT": gettext_lazy("infants and toddlers"),
    "PR": gettext_lazy("preschool"),
    "EC": gettext_lazy("early childhood"),
    "PK": gettext_lazy("prekindergarten"),
    "TK": gettext_lazy("transitional kindergarten"),
    "KG": gettext_lazy("kindergarten"),
    "UG": pgettext_lazy("grade", "ungraded"),
}


def grade_name(code: str | None) -> str:
    """The grade in a sentence, such as "grade 7"; the code itself where we know no words, empty without one.

    >>> grade_name("07")
    'grade 7'
    """
    if not code:
        return ""
    if code in NAMES:
        return str(NAMES[code])
    return _("grade %(number)s") % {"number": int(code)} if code.isdecimal() else code


def grade_order(code: str | None) -> tuple[int, str]:
    """Sorts grades as children pass through them; unknown codes at the end."""
    return (GRADES.index(code) if code in GRADES else len(GRADES), code or "")
