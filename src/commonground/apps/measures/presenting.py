"""Words that several pages of measures share: school years, groups, and where counts come from."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.measures.queries.counts import Origin
from commonground.engine.law.states.mn.isolation_rules import GRADES

GROUP_NAMES: dict[str, str | Promise] = {
    "american_indian": gettext_lazy("American Indian"),
    "asian": gettext_lazy("Asian"),
    "black": gettext_lazy("Black"),
    "hispanic": gettext_lazy("Hispanic"),
    "pacific_islander": gettext_lazy("Pacific Islander"),
    "two_or_more": gettext_lazy("Two or more races"),
    "white": gettext_lazy("White"),
}


_BEFORE = {later: earlier for earlier, later in pairwise(GRADES[2:])}  # EC and PK are no years of one school

PROGRAM_NAMES: dict[str, str | Promise] = {
    "meals": gettext_lazy("Free or reduced meals"),
    "english": gettext_lazy("English learners"),
    "special": gettext_lazy("Special education"),
}


def column_words(key: str) -> str:
    """The name of a group, or of a program."""
    return str({**GROUP_NAMES, **PROGRAM_NAMES}.get(key, key))


def span_of(grades: Sequence[str]) -> str:
    """Grades as people write them: those that follow each other as one.

    >>> span_of(["EC", "KG", "01", "02", "05"])
    'EC, KG–02, 05'
    """
    runs: list[list[str]] = []
    for grade in grades:
        if runs and runs[-1][-1] == _BEFORE.get(grade):
            runs[-1].append(grade)
        else:
            runs.append([grade])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def tabs_of(current: str) -> list[tuple[str, str, bool]]:
    """The pages about districts: name, address, whether it is the current one."""
    pages = (("districts", _("Isolation")), ("composition", _("Who is where")), ("mixing", _("Who meets whom")))
    return [(name, reverse(f"measures:{key}"), key == current) for key, name in pages]


def year_words(year: int) -> str:
    """A school year as people write it.

    >>> year_words(2018)
    '2017–18'
    """
    return f"{year - 1}–{year % 100:02d}"


def origin_words(origin: Origin) -> str:
    """Where a district's counts come from, in a few words."""
    year = year_words(origin.school_year) if origin.school_year else ""
    if origin.kind == "roster" and origin.counted:
        return _("roster of %(day)s") % {"day": date_format(localtime(origin.counted.applied_at), "MONTH_DAY_FORMAT")}
    if origin.kind == "table":
        return _("public table, %(year)s") % {"year": year} if year else _("public table, no year named")
    return _("public counts, %(year)s") % {"year": year} if year else ""


def origin_line(origin: Origin, *, of: str) -> str:
    """Where a district's counts come from, in a sentence. of: whose counts."""
    year = year_words(origin.school_year) if origin.school_year else ""
    values = {"of": of, "year": year}
    if origin.counted is None:
        return _("%(of)s: the state’s public enrollment table, %(year)s, as it ships with Commonground") % values
    values |= {
        "file": origin.counted.label,
        "number": str(origin.counted.number),
        "day": date_format(localtime(origin.counted.applied_at), "DATETIME_FORMAT"),
    }
    if origin.kind == "roster":
        return _("%(of)s: students of the roster in %(file)s, file %(number)s, applied %(day)s") % values
    return _("%(of)s: the public table in %(file)s, file %(number)s, school year %(year)s, applied %(day)s") % values


@lru_cache(maxsize=1024)
def source_address(origin: Origin, *, district_id: str = "", base: str = "PK-12", rule: str = "") -> str:
    """The page of the lines from which a district's numbers were counted, "" for counts that ship.

    district_id: state id, whose rows of a public table are asked. base, rule: by which they were counted.
    """
    if not origin.counted:
        return ""
    asked = {
        "district": district_id,
        "year": origin.school_year if origin.kind == "table" else None,
        "base": base if base != "PK-12" else "",
        "rule": rule,
    }
    return reverse("measures:source", args=[origin.counted.pk], query={key: one for key, one in asked.items() if one})


def sources_of(
    places: Iterable[tuple[Origin, str]], *, district_id: str = "", base: str = "PK-12", rule: str = ""
) -> list[tuple[str, str]]:
    """Each file once with all whose counts come from it: the sentence, and the address of its page, "" for none.

    district_id, base, rule: as `source_address` takes them.
    """
    names: dict[Origin, list[str]] = {}
    for origin, name in places:
        names.setdefault(origin, []).append(name)
    return [
        (
            origin_line(origin, of=", ".join(of)),
            source_address(origin, district_id=district_id, base=base, rule=rule),
        )
        for origin, of in names.items()
    ]
