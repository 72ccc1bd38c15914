"""The composition page in words, as a chart, and as a file."""

import csv
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from commonground.apps.core.spreadsheets import safe_cell
from commonground.apps.measures.presenting import column_words, origin_line, year_words
from commonground.apps.measures.queries.composition import Composition, Line
from commonground.web import charts
from commonground.web.charts.telling import number_text


def line_words(page: Composition, line: Line) -> str:
    """What a line is called: its place, its grade, or its school year."""
    if page.by == "year":
        return year_words(int(line.key))
    if page.by == "grade":
        words = {
            "EC": _("Early childhood"),
            "PK": _("Prekindergarten"),
            "KG": _("Kindergarten"),
            "?": _("No grade on file"),
        }
        return words.get(line.key) or _("Grade %(number)s") % {"number": line.key.lstrip("0")}
    return line.name


def lines_of(page: Composition) -> tuple[str, ...]:
    """Where the numbers come from and how they were counted."""
    return (*(origin_line(origin, of=names) for origin, names in page.origins), *notes_of(page))


def notes_of(page: Composition) -> tuple[str, ...]:
    """How the numbers were counted."""
    hidden = (
        _(
            "Outside the own district, and in files, a roster’s counts by grade and race together are hidden;"
            " so are those from kindergarten on where early childhood would follow from them"
        )
        if page.what == "race"
        else _("Counts of fewer than %(least)s students are hidden, and others from which one could be worked out")
        % {"least": settings.SMALLEST_COUNT}
    )
    return (
        *(
            (_("Over years: the public table of a year where one stands, else the last roster of the year"),)
            if page.by == "year"
            else ()
        ),
        *((hidden,) if page.is_guarded else ()),
        *(
            (_("The table has five groups: Asian counts Pacific Islander students too, and nobody is of two races"),)
            if page.has_five_groups
            else ()
        ),
        _("A child counts once, at the primary school. Hispanic of any race comes first, then two or more races"),
    )


def finding(page: Composition) -> str:
    """The heading: what is true of all lines together."""
    where = page.where or _("the members together")
    if page.what != "race":
        told = [line for line in page.lines if line.share(page.what) is not None]
        if not told:
            return _("%(what)s: no public table tells it yet") % {"what": column_words(page.what)}
        top = max(told, key=lambda line: line.share(page.what) or 0)
        return _("%(what)s: from %(low)s to %(high)s, most at %(name)s") % {
            "what": column_words(page.what),
            "low": charts.Unit.SHARE.text(min(line.share(page.what) or 0 for line in told)),
            "high": charts.Unit.SHARE.text(top.share(page.what) or 0),
            "name": top.name,
        }
    if page.by == "year" and len(page.lines) > 1:
        first, last = page.lines[0], page.lines[-1]
        return _("Protected students in %(where)s: %(first)s in %(then)s, %(last)s in %(now)s") % {
            "where": where,
            "first": _protected_text(first),
            "then": year_words(int(first.key)),
            "last": _protected_text(last),
            "now": year_words(int(last.key)),
        }
    whole = page.whole or (page.lines[-1] if page.lines else None)
    if whole is None or not whole.total:
        return _("No counts yet for this choice")
    if whole.protected is None:
        return _("%(total)s students in %(where)s, without early childhood") % {
            "total": number_text(whole.total, decimals=0),
            "where": where,
        }
    return _("%(share)s of %(total)s students in %(where)s are protected") % {
        "share": _protected_text(whole),
        "total": number_text(whole.total, decimals=0),
        "where": where,
    }


def _share(line: Line) -> float | None:
    return None if line.protected is None or not line.total else line.protected / line.total


def _protected_text(line: Line) -> str:
    share = _share(line)
    if share is None:
        return _("hidden") if line.total else "–"
    return charts.Unit.SHARE.text(share)


def draw_composition(page: Composition) -> charts.Chart | None:
    """The share that the page is about, line by line; None without lines."""
    lines = [line for line in page.lines if line.total]
    if not lines:
        return None
    is_race = page.what == "race"
    title = _("Protected students") if is_race else column_words(page.what)
    shares = {line.key: _share(line) if is_race else line.share(page.what) for line in lines}
    told = {key: share for key, share in shares.items() if share is not None}
    words = (
        _("%(title)s: from %(low)s to %(high)s of the students.")
        % {
            "title": title,
            "low": charts.Unit.SHARE.text(min(told.values())),
            "high": charts.Unit.SHARE.text(max(told.values())),
        }
        if told
        else _("Every number of this choice is hidden or not known.")
    )
    telling = charts.Telling(
        key="share",
        title=title,
        subtitle=_("Share of all students on the line, in the order of the table."),
        label=words,
        words=words,
        caption=title,
        lines=lines_of(page),
    )
    if page.by == "year":
        return _trend(page, lines, telling)
    numbers = {line.key: line.protected if is_race else line.groups.get(page.what) for line in lines}
    dots = [
        charts.Dot(
            line_words(page, line),
            shares[line.key],
            detail=_("%(part)s of %(all)s")
            % {"part": number_text(numbers[line.key] or 0, decimals=0), "all": number_text(line.total or 0, decimals=0)}
            if numbers[line.key] is not None
            else "",
            note="" if shares[line.key] is not None else (_("hidden") if line.groups else _("Not in the table")),
        )
        for line in lines
    ]
    whole = _share(page.whole) if page.whole and is_race else None
    reference = charts.Reference(whole, _("All together")) if whole else None
    return charts.dot_plot(dots, telling=telling, reference=reference, from_zero=True, value_column=title)


def _trend(page: Composition, lines: list[Line], telling: charts.Telling) -> charts.Chart | None:
    if len(lines) < 2:
        return None
    points = tuple(
        charts.Point(
            _share(line), note="" if _share(line) is not None else _("hidden") if page.is_guarded else _("Not known")
        )
        for line in lines
    )
    name = page.where or _("Members together")
    return charts.trend([line_words(page, line) for line in lines], [charts.Series(name, points)], telling=telling)


def write_composition(page: Composition, file: IO[Any] | Any) -> None:
    """The page's numbers as CSV: a heading, a line each; `hidden` for a count that is not told, empty for one not known."""
    writer = csv.writer(file)
    writer.writerow(["line", "students", *page.columns, *(["protected"] if page.what == "race" else [])])
    for line in page.lines:
        cells = [
            "hidden" if group in line.groups and line.groups[group] is None else line.groups.get(group, "")
            for group in page.columns
        ]
        last = []
        if page.what == "race":
            last = ["hidden" if line.protected is None else line.protected]
        writer.writerow([safe_cell(line_words(page, line)), "" if line.total is None else line.total, *cells, *last])
