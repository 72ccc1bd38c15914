"""Grades as the files name them (CEDS codes of OneRoster) and as people say them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

# In the order of a child's years.
YEARS = ("IT", "PR", "EC", "PK", "TK", "KG", *(f"{number:02d}" for number in range(1, 14)))
GRADES = (*YEARS, "PS", "UG", "Other")

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


def rising_grade(code: str | None) -> str | None:
    """The grade that a child enters after the summer; None after grade 12 and where there is no next grade.

    >>> rising_grade("KG"), rising_grade("05"), rising_grade("12")
    ('01', '06', None)
    """
    if code == "KG":
        return "01"
    return f"{int(code) + 1:02d}" if code and code.isdecimal() and int(code) < 12 else None


def grade_order(code: str | None) -> tuple[int, str]:
    """Sorts grades as children pass through them; unknown codes at the end."""
    return (GRADES.index(code) if code in GRADES else len(GRADES), code or "")


def is_one_higher(after: str | None, *, before: str | None) -> bool:
    """Whether a child went up as children do in a year. Below kindergarten any step up is one: nobody passes them all.

    >>> is_one_higher("KG", before="EC"), is_one_higher("02", before="KG")
    (True, False)
    """
    if before not in YEARS or after not in YEARS:
        return False
    start, end = YEARS.index(before), YEARS.index(after)
    return start < end <= max(start + 1, YEARS.index("KG"))
