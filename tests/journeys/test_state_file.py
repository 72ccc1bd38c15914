"""An analyst runs the state's file: a coordinator's sending read, its figures found, and each followed back to its lines.

An analyst changes nothing: the file of a state comes in by the door of a member's coordinator, and the analyst reads it.
"""

# ruff: noqa: F811 - fixtures are taken from other modules

import csv
import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from tests.apps.measures.conftest import arrange, west_central  # noqa: F401 - fixtures
from tests.journeys.browser import assert_whole
from tests.journeys.people import sign_in
from tests.shared import shared_data
from tests.working import finish_work

pytestmark = [pytest.mark.browser, pytest.mark.database]
WILLMAR = "0347-01"
MEMBERS = ("0129-01", "0345-01", WILLMAR, "0775-01", "2180-01", "2396-01", "2534-01")
# Who adjoins Willmar, as the state's map of 2016 shows: ACGC, New London-Spicer, Renville County West, KMS, MACCRAY, BOLD.
BESIDE = ("2396-01", "0345-01", "2890-01", "0775-01", "2180-01", "2534-01")


@dataclass(frozen=True)
class Row:
    """One school's students of one grade, at a line of the file."""

    line: int
    district: str
    school: str
    grade: str
    hispanic: int
    protected: int
    enrolled: int


@pytest.fixture
def state_file():
    """The state's table of 2012-13: every public school, grade by grade."""
    return shared_data("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-ethnicity.csv.gz")


@pytest.fixture
def raw(state_file) -> list[Row]:
    """Every row of the file, those of all grades together too."""
    with gzip.open(state_file, "rt", encoding="utf-8", newline="") as opened:
        return [
            Row(
                line,
                f"{row['districtNumber']}-{row['districtType']}",
                row["schoolNumber"],
                row["Grade"],
                int(row["HIS_Male"] or 0) + int(row["HIS_Female"] or 0),
                int(row["TotalMinority"]),
                int(row["TotalStudents"]),
            )
            for line, row in enumerate(csv.DictReader(opened, delimiter="|"), start=2)
        ]


@pytest.fixture
def agreed(world, west_central, arrange):
    """Willmar opens its files to the collaborative, as every member of the demonstration does."""
    arrange(
        "update core_agreement set owner_id = (select id from core_organization where state_id = %s and owner_id is null)",
        [WILLMAR],
    )
    return world


def of(rows: Iterable[Row], district: str, *, without: tuple[str, ...] = ()) -> list[Row]:
    """The district's rows, without those of all grades together and of these grades."""
    return [row for row in rows if row.district == district and row.grade not in ("All Grades", *without)]


def counted(rows: Iterable[Row]) -> tuple[int, int]:
    """Protected and enrolled students of these rows."""
    kept = list(rows)
    return sum(row.protected for row in kept), sum(row.enrolled for row in kept)


def rounded(share: Fraction) -> str:
    """With one decimal, half up, as people round."""
    return f"{(20 * share.numerator + share.denominator) // (2 * share.denominator) / 10:.1f}"


def stretches(lines: list[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of lines that follow one another."""
    lines = sorted(lines)
    starts = [lines[0], *(after for before, after in pairwise(lines) if after != before + 1)]
    ends = [*(before for before, after in pairwise(lines) if after != before + 1), lines[-1]]
    return list(zip(starts, ends, strict=True))


def reload_when_done(page: Page) -> None:
    finish_work()
    page.goto(page.url)


def test_an_analyst_runs_the_states_file(site, agreed, raw, state_file, open_page, javascript):
    coordinator, analyst = open_page(javascript=javascript), open_page(javascript=javascript)
    sign_in(coordinator, site, agreed.address("cora"))
    sign_in(analyst, site, agreed.address("ann"))
    coordinator.goto(f"{site.url}/data/")
    coordinator.locator("input[type=file]").set_input_files(state_file)
    coordinator.get_by_role("button", name="Send and check").click()
    reload_when_done(coordinator)

    # The analyst reads what was found and what would change, and has no button that changes it.
    analyst.get_by_role("link", name="Data").first.click()
    analyst.get_by_role("link", name=f"1: {state_file.name}").click()
    left_out = sum(row.grade == "All Grades" for row in raw)
    rows = len(raw) - left_out
    expect(analyst.get_by_role("heading", level=1)).to_have_text(f"All {rows:,} rows that count are ready")
    expect(analyst.locator("#left-out")).to_contain_text(f"{left_out:,}")
    expect(analyst.locator("#effects tbody")).to_contain_text(f"{rows:,}")
    expect(analyst.locator("#lineage")).to_contain_text("Minnesota enrollment table")
    expect(analyst.locator("main form")).to_have_count(0)
    if javascript:
        assert_whole(analyst)

    coordinator.get_by_role("button", name="Apply").click()
    reload_when_done(coordinator)
    expect(coordinator.get_by_role("heading", level=1)).to_have_text(f"{rows:,} rows are in")

    _find_figures(site, analyst, raw, state_file.name)
    _follow_a_number(analyst, raw)
    if javascript:
        assert_whole(analyst)
    _find_schools_and_groups(site, analyst, raw)
    _find_it_over_years(analyst, raw)


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def javascript(request) -> bool:
    return request.param


def _find_figures(site, page: Page, raw: list[Row], name: str) -> None:
    """Every figure of the member's line, from early childhood and from kindergarten, is that of the raw rows."""
    page.goto(site.url)
    page.get_by_role("link", name="Districts").first.click()
    for base, without in (("PK-12", ()), ("K-12", ("PK",))):
        page.get_by_label("Enrollment").select_option("2013")
        page.get_by_label("Grades counted").select_option(base)
        page.locator("form.filters button").click()
        expect(page).to_have_url(re.compile(f"year=2013&base={base}"))

        protected, enrolled = counted(of(raw, WILLMAR, without=without))
        lowest = min(Fraction(*counted(of(raw, other, without=without))) for other in BESIDE)
        gap = Fraction(protected, enrolled) - lowest
        cells = page.locator(f"#district-{WILLMAR} td")
        expect(cells.nth(0)).to_have_text(f"{protected:,}")
        expect(cells.nth(1)).to_have_text(f"{enrolled:,}")
        expect(cells.nth(2)).to_have_text(f"{rounded(100 * Fraction(protected, enrolled))}%")
        expect(cells.nth(3)).to_contain_text(f"{rounded(100 * lowest)}%")
        expect(cells.nth(4)).to_have_text(rounded(100 * gap))
        # More than 20 points, by the raw counts: isolated.
        assert gap > Fraction(1, 5)
        expect(cells.nth(5)).to_contain_text("Isolated")
        expect(page.locator("#limits")).to_contain_text(name)


def _follow_a_number(page: Page, raw: list[Row]) -> None:
    """The number of all enrolled leads to the lines that were added up, and to the file itself."""
    lines = [row.line for row in of(raw, WILLMAR, without=("PK",))]
    page.locator(f"#district-{WILLMAR} td").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Willmar’s students were counted from")
    told = [row.split("\t")[2].split("–") for row in page.locator("#lines tbody tr").all_inner_texts()]
    assert [(int(ends[0]), int(ends[-1])) for ends in told] == stretches(lines)
    expect(page.locator("#lines caption")).to_have_text(f"{len(lines)} lines")
    page.locator("dl.dl a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rows are in")


def _find_schools_and_groups(site, page: Page, raw: list[Row]) -> None:
    """Each school stands beside its own district in the grades it enrolls; the district's groups are those of its rows."""
    page.goto(f"{site.url}/districts/?year=2013")
    willmar = of(raw, WILLMAR)
    for school in {row.school for row in willmar}:
        own = [row for row in willmar if row.school == school]
        grades = {row.grade for row in own}
        protected, enrolled = counted(own)
        district = Fraction(*counted(row for row in willmar if row.grade in grades))
        cells = page.locator(f"[id='school-{WILLMAR}-{school}'] td")
        expect(cells.nth(1)).to_have_text(f"{protected:,} of {enrolled:,}")
        expect(cells.nth(3)).to_have_text(f"{rounded(100 * district)}%")
        expect(cells.nth(4)).to_have_text(rounded(100 * (Fraction(protected, enrolled) - district)))

    page.get_by_role("link", name="Who is where").click()
    page.get_by_label("Enrollment").select_option("2013")
    page.locator("form.filters button").click()
    protected, enrolled = counted(willmar)
    cells = page.locator(f"#line-{WILLMAR} td")
    expect(cells.nth(0)).to_have_text(f"{enrolled:,}")
    expect(cells.nth(4)).to_contain_text(f"{sum(row.hispanic for row in willmar):,} ")
    expect(cells.last).to_have_text(f"{protected:,}")


def _find_it_over_years(page: Page, raw: list[Row]) -> None:
    """The members together in the file's year, beside the years of which there were counts before."""
    page.get_by_label("One line for each").select_option("year")
    page.locator("form.filters button").click()

    protected, enrolled = counted(row for member in MEMBERS for row in of(raw, member))
    # The state's counts of 2017-18 and the invented students who stand in them.
    expect(page.locator("tbody th")).to_have_text(["2012–13", "2017–18", "2026–27"])
    cells = page.locator("#line-2013 td")
    expect(cells.first).to_have_text(f"{enrolled:,}")
    expect(cells.last).to_have_text(f"{protected:,}")
    share = rounded(100 * Fraction(protected, enrolled))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{share}% in 2012–13, 33.5% in 2026–27")
