"""The map and the dot plot of the districts, with their words."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.measures.queries.counts import Origin
from commonground.apps.measures.queries.isolation import DistrictsPage
from commonground.facts import outlines
from commonground.web import charts


def places(page: DistrictsPage) -> list[tuple[Origin, str]]:
    """Whose counts come from which file."""
    return [(one.origin, one.name) for one in page.members] + [(one.origin, one.name) for one in page.outsiders]


def notes(page: DistrictsPage) -> tuple[str, ...]:
    """Where the borders and the rule come from."""
    return (
        _("Borders: %(file)s, file %(number)s") % {"file": page.borders.label, "number": page.borders.number}
        if page.borders
        else _("Borders: Census boundaries 2016; districts whose borders share a line"),
        *(
            (
                _("The borders in %(file)s, file %(number)s, do not name every member, so they are not used")
                % {"file": page.unused_borders.label, "number": page.unused_borders.number},
            )
            if page.unused_borders
            else ()
        ),
        _("Protected: every student who is not white alone; Hispanic students of any race are protected"),
        _("Rule: %(source)s, called %(name)s here, grades counted: %(base)s")
        % {"source": page.rule.gap.citation, "name": page.rule.name, "base": page.rule.base},
    )


def draw_map(page: DistrictsPage, *, lines: tuple[str, ...]) -> charts.Chart | None:
    """Who sits beside whom; None when no member's outline is known. lines: where the counts, borders and rule come from."""
    rings = outlines().rings
    regions = []
    for member in page.members:
        key = str(member.organization.state_id)
        if key in rings and member.share is not None:
            is_isolated, is_adjoining = bool(member.finding.isolated), bool(member.adjoins)
            if page.is_official and member.letter:
                is_isolated, is_adjoining = member.letter.is_isolated, member.letter.is_adjoining
            kind = "iso" if is_isolated else "adj" if is_adjoining else "land"
            share = charts.Unit.SHARE.text(member.share / 100)
            regions.append(charts.Region(key, member.name, rings[key], kind=kind, value=share))
    if not regions:
        return None
    outside = {one.id: one.name for one in page.outsiders if one.id in rings}
    regions += [charts.Region(key, name, rings[key], kind="out") for key, name in outside.items()]
    on_map = {region.key: region.name for region in regions}
    crossed = [pair for pair in page.crossed if set(pair) <= set(on_map)]

    def named(pairs: Iterable[tuple[str, str]]) -> str:
        return "; ".join(f"{on_map[one]} – {on_map[other]}" for one, other in pairs)

    words = (
        ngettext(
            "%(count)s border is crossed by more than 20 points: %(borders)s.",
            "%(count)s borders are crossed by more than 20 points: %(borders)s.",
            len(crossed),
        )
        % {"count": len(crossed), "borders": named(crossed)}
        if crossed
        else _("No border is crossed by more than 20 points.")
    )
    # A file of borders may know of pairs that the outlines, which are those of 2016, do not.
    if apart := [(one, other) for one, other in crossed if not charts.shared_border(rings[one], rings[other])]:
        words += " " + _("On the map of 2016 these do not touch, so no line is drawn: %(borders)s.") % {
            "borders": named(apart)
        }
    return charts.district_map(
        regions,
        crossed=crossed,
        legend=[
            ("iso", _("isolated") if page.is_official else _("predicted isolated")),
            ("adj", _("adjoining") if page.is_official else _("adjoins a district predicted isolated")),
            ("land", _("neither")),
        ],
        value_column=_("Protected students"),
        telling=charts.Telling(
            key="beside",
            title=_("By the state’s letters: who sits beside whom")
            if page.is_official
            else _("Predicted: who sits beside whom"),
            subtitle=_("Percent protected students. Thick line: the border is crossed by more than 20 points."),
            label=_("Map of the member districts. %(words)s") % {"words": words},
            words=words,
            caption=_("Percent protected students"),
            lines=lines,
        ),
    )


def draw_gaps(page: DistrictsPage, *, lines: tuple[str, ...]) -> charts.Chart | None:
    """How far each member is from the edge; None when of no member anything can be said. lines: as for `draw_map`."""
    if not page.told:
        return None
    dots = [
        charts.Dot(
            member.name,
            member.points,
            note="" if member.points is not None else _("No neighbor has counts"),
            strong=bool(member.finding.isolated),
        )
        for member in page.members
    ]
    near = len(page.near)
    words = ngettext(
        "%(count)s district lies more than 20 points above a neighbor;",
        "%(count)s districts lie more than 20 points above a neighbor;",
        len(page.isolated),
    ) % {"count": len(page.isolated)}
    words += " " + (
        ngettext("%(count)s lies between 18.5 and 21.5 points.", "%(count)s lie between 18.5 and 21.5 points.", near)
        % {"count": near}
        if near
        else _("none lies between 18.5 and 21.5 points.")
    )
    return charts.dot_plot(
        dots,
        unit=charts.Unit.POINTS,
        from_zero=True,
        edge=charts.Edge(
            20,
            _("more than 20 points: racially isolated"),
            band=(float(page.rule.warning_low), float(page.rule.warning_high)),
            band_label=_("shaded: 18.5–21.5"),
        ),
        axis_label=_("Points above the adjoining district with the lowest share"),
        value_column=_("Gap, points"),
        telling=charts.Telling(
            key="gaps",
            title=_("Predicted: how far each district is from the 20-point edge"),
            subtitle=_("Largest gap to any adjoining district, member or not. Alphabetical."),
            label=_("Dot plot of each district’s largest gap. %(words)s") % {"words": words},
            words=words,
            caption=_("Largest gap to an adjoining district"),
            lines=lines,
        ),
    )
