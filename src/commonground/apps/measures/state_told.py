"""What the page of a state's file tells: each year's findings for its tables, and the same as a CSV file."""

import csv
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from commonground.apps.core.spreadsheets import safe_cell
from commonground.apps.measures.presenting import span_of, year_words
from commonground.apps.measures.state_file import StatePictures
from commonground.engine.law.states.mn.enrollment import Count
from commonground.engine.law.states.mn.isolation import IsolationPicture
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, SchoolFinding
from commonground.web.charts import number_text

COLUMNS = (
    "year",
    "kind",
    "predicted",
    "id",
    "name",
    "protected",
    "total",
    "share",
    "beside",
    "beside_share",
    "gap_points",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A district or school that the rule finds, beside what it is compared with. Shares and gap in percent and points."""

    id: str
    name: str
    count: Count
    beside: str
    beside_share: float
    gap: float
    grades: str = ""

    @property
    def share(self) -> float:
        """Its own share of protected students, in percent."""
        return _percent(self.count.share)


@dataclass(frozen=True, slots=True)
class ToldYear:
    """One school year. key: by the calendar year in which it ends, "unknown" where the tables name none. silent: why nothing can be said of it, "" when something can."""

    key: str
    name: str
    isolated: Sequence[Line]
    districts: int
    unsaid: int
    identifiable: Sequence[Line]
    schools: int
    silent: str


def told_pictures(found: StatePictures) -> list[ToldYear]:
    """Each year, earliest first; its districts and schools by id."""
    return [
        ToldYear(
            key=year or "unknown",
            name=year_words(int(year)) if year else _("year not named"),
            isolated=_isolated(picture),
            districts=len(picture.districts),
            unsaid=sum(finding.isolated is None for finding in picture.districts),
            identifiable=_identifiable(picture),
            schools=len(picture.schools),
            silent=found.silent.get(year, ""),
        )
        for year, picture in found.years.items()
    ]


def _isolated(picture: IsolationPicture) -> list[Line]:
    found = sorted((finding for finding in picture.districts if finding.isolated), key=lambda finding: finding.id)
    return [line for finding in found for line in _district(finding)]


def _district(finding: DistrictFinding) -> list[Line]:
    beside, gap = finding.neighbor, finding.gap
    if beside is None or gap is None:
        return []
    return [Line(finding.id, finding.name, finding.count, beside.name, _percent(beside.count.share), _percent(gap))]


def _identifiable(picture: IsolationPicture) -> list[Line]:
    names = {district.id: district.name for district in picture.districts}
    found = sorted((finding for finding in picture.schools if finding.identifiable), key=lambda finding: finding.id)
    return [line for finding in found for line in _school(finding, names.get(finding.district_id, finding.district_id))]


def _school(finding: SchoolFinding, district: str) -> list[Line]:
    if finding.gap is None:
        return []
    beside, grades = _percent(finding.district.share), span_of(finding.grades)
    return [Line(finding.id, finding.name, finding.counted, district, beside, _percent(finding.gap), grades)]


def _percent(share: Fraction) -> float:
    return float(100 * share)


def heading_of(years: Sequence[ToldYear]) -> str:
    """What the file says, as the page's heading."""
    if len(years) > 1:
        return _("Predicted: who is isolated by this file in %(count)s school years") % {"count": len(years)}
    year = years[0]
    return _(
        "Predicted: %(isolated)s of %(districts)s districts are racially isolated and %(identifiable)s of %(schools)s"
        " schools are racially identifiable"
    ) % {
        "isolated": len(year.isolated),
        "districts": number_text(year.districts, decimals=0),
        "identifiable": len(year.identifiable),
        "schools": number_text(year.schools, decimals=0),
    }


def write_pictures(years: Sequence[ToldYear]) -> str:
    """The tables of the page as a CSV file inside an address, so that it is nowhere but in the answer."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for year in years:
        for kind, word, lines in (
            ("district", "isolated", year.isolated),
            ("school", "identifiable", year.identifiable),
        ):
            for line in lines:
                numbers = (line.count.protected, line.count.total, f"{line.share:.4f}")
                beside = (safe_cell(line.beside), f"{line.beside_share:.4f}", f"{line.gap:.4f}")
                writer.writerow([year.name, kind, word, line.id, safe_cell(line.name), *numbers, *beside])
    return f"data:text/csv;charset=utf-8;base64,{b64encode(text.getvalue().encode()).decode()}"
