"""The mixing page in words and as a chart."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.measures.presenting import column_words, origin_line
from commonground.apps.measures.queries.mixing import DRAWS, Mixing
from commonground.web import charts

BAND_NAMES: dict[str, str | Promise] = {
    "all": gettext_lazy("All grades"),
    "K-5": gettext_lazy("K–5"),
    "6-8": gettext_lazy("6–8"),
    "9-12": gettext_lazy("9–12"),
}


def band_words(key: str) -> str:
    """What a band of grades is called."""
    return str(BAND_NAMES[key])


def mixing_lines(page: Mixing) -> tuple[str, ...]:
    """Where the numbers come from and how they were made."""
    return (*(origin_line(origin, of=names) for origin, names in page.origins), *mixing_notes(page))


def mixing_notes(page: Mixing) -> tuple[str, ...]:
    """How the numbers were made."""
    return (
        *(
            (_("Early childhood is always counted here: without it, its races in other districts could be worked out"),)
            if page.has_all_grades
            else ()
        ),
        _("Theil’s H, split by levels: Theil 1971; Mora and Ruiz-Castillo 2011. Exposure: Bell 1954; Lieberson 1981"),
        _(
            "By chance: the mean of %(draws)s random deals of the same students to the same seats; between sections the exact mean of all deals (Cortese, Falk and Cohen 1976)"
        )
        % {"draws": DRAWS},
        _("A student in six sections counts one sixth in each"),
    )


def mixing_finding(page: Mixing) -> str:
    """The heading: where most of the separation lies."""
    if not page.bands:
        return _("Nothing can be compared yet")
    first = page.bands[0].steps[0]
    if first.is_mostly_chance:
        return _("Between districts students are about as mixed as chance would have it")
    if first.share > 0.5:
        return _("Most separation lies between districts, not inside them")
    return _("Most separation lies inside districts, not between them")


def draw_steps(page: Mixing) -> charts.Chart | None:
    """How far students are apart between districts and between schools, by grades; None where nothing can be compared."""
    if not page.bands:
        return None
    whole = page.bands[0]
    first = whole.steps[0]
    words = _("%(share)s of the separation of all grades lies between districts.") % {
        "share": charts.Unit.SHARE.text(first.share, decimals=0)
    }
    entries = []
    for band in page.bands:
        district, school = band.steps[:2]
        together = district.h + school.h
        note = _("%(share)s between districts") % {
            "share": charts.Unit.SHARE.text(district.h / together if together else 0, decimals=0)
        }
        entries.append(
            charts.Bar(
                band_words(band.key), (district.h, school.h), note=note, expected=district.by_chance + school.by_chance
            )
        )
    return charts.bars(
        entries,
        parts=(_("between districts"), _("between schools in a district")),
        decimals=3,
        telling=charts.Telling(
            key="steps",
            title=_("Where students are apart"),
            subtitle=_("Separation by race (Theil’s H: 0 is fully mixed, 1 is fully apart)."),
            label=words,
            words=words
            + " "
            + _("Programs that cross district lines can move that part; schedules inside one school cannot."),
            caption=_("Theil’s H by grades and level"),
            lines=mixing_lines(page),
        ),
    )


def example(page: Mixing) -> str:
    """One cell of the matrix in a sentence: the group that meets white students least, beside what an even spread gives."""
    if "white" not in page.groups:
        return ""
    white = page.groups.index("white")
    others = [row for row in page.rows if row.group != "white"]
    if not others:
        return ""
    row = min(others, key=lambda one: one.shares[white])
    return _(
        "For an average student of the group “%(group)s”, %(met)s of the students at the own school are white. "
        "If every school had the mix of all members together, it would be %(even)s."
    ) % {
        "group": column_words(row.group),
        "met": charts.Unit.SHARE.text(row.shares[white]),
        "even": charts.Unit.SHARE.text(page.shares[white]),
    }
