"""Charts: geometry worked by hand, tables that say the same, and refusals."""

import re

import pytest
from django.template import Context, Template
from django.utils import translation

from commonground.engine.values import InputError
from commonground.web import charts
from commonground.web.charts.outlines import label_place, wrapped
from commonground.web.charts.telling import number_text
from commonground.web.charts.trend import unbroken_pieces

TELLING = charts.Telling(
    key="example", title="Example", label="An example", words="It shows an example.", caption="Example", lines=("File",)
)
HIDDEN = "Fewer than 10 students"


def drawn(chart: charts.Chart, query: str = "") -> str:
    """The chart as HTML, as the tag draws it for a request with this query."""
    from django.test import RequestFactory

    request = RequestFactory().get(f"/page/?{query}")
    return Template("{% load commonground %}{% chart drawing %}").render(
        Context({"drawing": chart, "request": request})
    )


def texts(chart: charts.Chart) -> list[list[str]]:
    return [[cell.text for cell in row] for row in chart.rows]


class TestDotPlot:
    def test_a_dot_stands_where_its_value_is(self) -> None:
        chart = charts.dot_plot(
            [charts.Dot("A", 0.0), charts.Dot("B", 10.0), charts.Dot("C", 20.0)],
            telling=TELLING,
            unit=charts.Unit.POINTS,
            from_zero=True,
        )

        # Short names leave 90 for the names; values need 110 of 900 at the end; the axis widens to 0..25 (steps of 5).
        assert (chart.drawing.left, chart.drawing.right) == (90, 790)
        assert [tick.text for tick in chart.drawing.ticks] == ["0", "5", "10", "15", "20", "25"]
        assert [row.mark["cx"] if "cx" in row.mark else row.mark["x"] for row in chart.drawing.rows] == [90, 370, 650]

    def test_a_hidden_row_has_no_mark_no_number_and_says_why(self) -> None:
        chart = charts.dot_plot(
            [charts.Dot("Asian", None, note=HIDDEN), charts.Dot("White", 0.8, 0.7, 0.9, detail="80 of 100", group=3)],
            telling=TELLING,
        )

        html = drawn(chart)

        assert chart.drawing.rows[0].mark is None
        assert texts(chart)[0] == ["Asian", "–", HIDDEN, "–"]
        assert chart.rows[0][2].is_hidden
        assert html.count(HIDDEN) == 1
        assert 'class="hatch"' in html

    def test_hidden_rows_do_not_stretch_the_axis(self) -> None:
        shown = [charts.Dot("White", 0.8), charts.Dot("Black", 0.6)]

        without = charts.dot_plot(shown, telling=TELLING)
        with_hidden = charts.dot_plot([*shown, charts.Dot("Asian", None, note=HIDDEN)], telling=TELLING)

        assert [tick.text for tick in without.drawing.ticks] == [tick.text for tick in with_hidden.drawing.ticks]

    def test_a_zoomed_axis_draws_no_lengths(self) -> None:
        zoomed = charts.dot_plot([charts.Dot("A", 0.7), charts.Dot("B", 0.8)], telling=TELLING)
        compared = charts.dot_plot([charts.Dot("A", 0.7)], telling=TELLING, reference=charts.Reference(0.8, "All"))

        assert zoomed.drawing.rows[0].stem is None
        assert compared.drawing.rows[0].stem[0] == compared.drawing.reference_x

    def test_rows_keep_the_order_given(self) -> None:
        chart = charts.dot_plot([charts.Dot("White", 0.9), charts.Dot("Black", 0.4)], telling=TELLING)

        assert [row.dot.name for row in chart.drawing.rows] == ["White", "Black"]

    def test_the_edge_of_a_rule_stands_inside_its_band(self) -> None:
        chart = charts.dot_plot(
            [charts.Dot("A", 20.0)],
            telling=TELLING,
            unit=charts.Unit.POINTS,
            from_zero=True,
            edge=charts.Edge(20, "more than 20", band=(18.5, 21.5)),
        )

        start, width = chart.drawing.band
        assert start < chart.drawing.edge_x < start + width
        assert chart.drawing.edge_x == chart.drawing.rows[0].stem[1]

    def test_a_share_never_leaves_zero_to_one_hundred_percent(self) -> None:
        chart = charts.dot_plot([charts.Dot("A", 0.99, 0.95, 1.0), charts.Dot("B", 0.01, 0.0, 0.05)], telling=TELLING)

        assert chart.drawing.ticks[0].text == "0%"
        assert chart.drawing.ticks[-1].text == "100%"

    @pytest.mark.parametrize(
        ("dot", "sentence"),
        [
            ({"value": None}, "its note must say why"),
            ({"value": 0.5, "low": 0.4}, "half an interval"),
            ({"value": 0.5, "low": 0.6, "high": 0.4}, "above its end"),
        ],
    )
    def test_a_row_that_cannot_be_drawn_is_refused(self, dot: dict, sentence: str) -> None:
        with pytest.raises(InputError, match=sentence):
            charts.Dot("A", **dot)

    def test_no_rows_and_unknown_widths_are_refused(self) -> None:
        with pytest.raises(InputError, match="at least one row"):
            charts.dot_plot([], telling=TELLING)
        with pytest.raises(InputError, match="480, 560, 720, 900 wide"):
            charts.dot_plot([charts.Dot("A", 0.5)], telling=TELLING, width=500)


class TestBars:
    def test_parts_add_up_from_zero(self) -> None:
        chart = charts.bars(
            [charts.Bar("K–5", (30.0, 10.0), note="75% between")], telling=TELLING, parts=("between", "within")
        )

        # Two parts of 30 and 10 on an axis 0..40: the second starts at three quarters of the way, after a hairline of 1.5.
        first, second = chart.drawing.rows[0].parts
        length = chart.drawing.right - chart.drawing.left
        assert first.x == chart.drawing.left
        assert first.width == pytest.approx(0.75 * length, abs=0.2)
        assert second.x == pytest.approx(chart.drawing.left + 0.75 * length + 1.5, abs=0.2)
        assert texts(chart) == [["K–5", "30.0", "10.0", "40.0"]]

    def test_the_table_carries_what_chance_alone_would_give(self) -> None:
        chart = charts.bars(
            [charts.Bar("A", (0.2,), expected=0.05), charts.Bar("B", (0.3,))],
            telling=TELLING,
            parts=("apart",),
            decimals=2,
        )

        assert chart.columns[-1] == "By chance alone"
        assert [row[-1] for row in texts(chart)] == ["0.05", "not calculated"]

    def test_a_hidden_bar_says_why_and_draws_nothing(self) -> None:
        chart = charts.bars(
            [charts.Bar("A", (), note=HIDDEN), charts.Bar("B", (1.0, 2.0))], telling=TELLING, parts=("one", "two")
        )

        assert chart.drawing.rows[0].parts == ()
        assert texts(chart)[0] == ["A", HIDDEN, "–", "–"]

    def test_refusals(self) -> None:
        with pytest.raises(InputError, match="start at zero"):
            charts.Bar("A", (-1.0,))
        with pytest.raises(InputError, match="has 1 parts, the legend has 2"):
            charts.bars([charts.Bar("A", (1.0,))], telling=TELLING, parts=("one", "two"))
        with pytest.raises(InputError, match="one to three parts"):
            charts.bars([charts.Bar("A", (1.0,))], telling=TELLING, parts=("a", "b", "c", "d"))
        with pytest.raises(InputError, match="at least one bar"):
            charts.bars([], telling=TELLING, parts=("one",))


class TestTrend:
    def test_lines_break_at_missing_values_and_where_the_test_changed(self) -> None:
        point = charts.Point
        points = [
            point(0.1),
            point(0.2),
            point(None, note=HIDDEN),
            point(0.3),
            point(0.4, starts_anew=True),
            point(0.5),
        ]

        assert unbroken_pieces(points) == [[0, 1], [3], [4, 5]]

    def test_a_missing_value_never_becomes_zero(self) -> None:
        chart = charts.trend(
            ("2015", "2016", "2017"),
            [charts.Series("A", (charts.Point(0.5), charts.Point(None, note=HIDDEN), charts.Point(0.6)), group=1)],
            telling=TELLING,
        )

        assert len(chart.drawing.lines[0].marks) == 2
        assert texts(chart)[1] == ["2016", HIDDEN]
        assert min(float(y) for y in re.findall(r"cy=\"([\d.]+)", drawn(chart))) >= chart.drawing.top

    def test_periods_stand_evenly_apart(self) -> None:
        series = [charts.Series("A", tuple(charts.Point(value) for value in (0.1, 0.2, 0.3)))]

        chart = charts.trend(("a", "b", "c"), series, telling=TELLING)

        first, second, third = (tick.place for tick in chart.drawing.periods)
        assert second - first == pytest.approx(third - second, abs=0.2)

    def test_labels_at_the_end_do_not_overlap(self) -> None:
        close = [
            charts.Series(name, (charts.Point(0.5), charts.Point(0.5)), group=g) for g, name in ((1, "A"), (2, "B"))
        ]

        chart = charts.trend(("2016", "2017"), close, telling=TELLING)

        one, other = (line.label_y for line in chart.drawing.lines)
        assert abs(one - other) >= 17

    def test_refusals(self) -> None:
        line = charts.Series("A", (charts.Point(0.5), charts.Point(0.6)))
        with pytest.raises(InputError, match="use small multiples"):
            charts.trend(("1", "2"), [line] * 5, telling=TELLING)
        with pytest.raises(InputError, match="2 points for 3 periods"):
            charts.trend(("1", "2", "3"), [line], telling=TELLING)
        with pytest.raises(InputError, match="at least two periods"):
            charts.trend(("1",), [line], telling=TELLING)
        with pytest.raises(InputError, match="needs a note"):
            charts.Point(None)


class TestMap:
    SQUARE = ((0, 0), (4, 0), (4, 4), (0, 4))
    BESIDE = ((4, 0), (8, 0), (8, 4), (4, 4))
    CORNER = ((8, 4), (12, 4), (12, 8), (8, 8))

    def test_two_squares_share_one_side(self) -> None:
        (line,) = charts.shared_border([self.SQUARE], [self.BESIDE])

        assert sorted(line) == [(4, 0), (4, 4)]

    def test_a_border_of_several_corners_is_one_line(self) -> None:
        upper = ((0, 0), (6, 0), (6, 3), (4, 4), (2, 3), (0, 4))
        lower = ((0, 4), (2, 3), (4, 4), (6, 3), (6, 9), (0, 9))

        (line,) = charts.shared_border([upper], [lower])

        assert line in ([(0, 4), (2, 3), (4, 4), (6, 3)], [(6, 3), (4, 4), (2, 3), (0, 4)])

    def test_meeting_in_a_point_is_no_border(self) -> None:
        assert charts.shared_border([self.BESIDE], [self.CORNER]) == []

    def test_a_ring_around_an_island_is_walked_once(self) -> None:
        island = ((1, 1), (2, 1), (2, 2), (1, 2))

        (line,) = charts.shared_border([self.SQUARE, island], [island])

        assert len(line) == 5
        assert line[0] == line[-1]

    def test_words_stand_in_the_middle_of_the_largest_part(self) -> None:
        # Centroid of the L (0,0) (6,0) (6,2) (2,2) (2,6) (0,6): 12 at (3, 1) and 8 at (1, 4) -> (2.2, 2.2).
        shape = ((0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6))

        assert label_place([((50, 50), (51, 50), (51, 51)), shape]) == pytest.approx((2.2, 2.2))

    def test_long_names_break_after_spaces_and_hyphens_only(self) -> None:
        assert wrapped("New London-Spicer", letters=30) == ["New London-Spicer"]
        assert wrapped("New London-Spicer", letters=11) == ["New London-", "Spicer"]
        assert wrapped("Atwater-Cosmos-Grove City", letters=12) == ["Atwater-", "Cosmos-Grove", "City"]
        assert wrapped("Montevideo", letters=3) == ["Montevideo"]

    def test_context_does_not_change_the_fit(self) -> None:
        main = charts.Region("a", "A", [self.SQUARE], kind="iso", value="58.5%")
        beyond = charts.Region("b", "B", [((4, 0), (400, 0), (4, 4))], kind="out")

        alone = charts.district_map([main], telling=TELLING)
        both = charts.district_map([main, beyond], telling=TELLING)

        assert alone.drawing.height == both.drawing.height == 560
        assert texts(both) == [["A", "58.5%"]]

    def test_refusals(self) -> None:
        main = charts.Region("a", "A", [self.SQUARE])
        with pytest.raises(InputError, match="none of iso"):
            charts.Region("a", "A", [self.SQUARE], kind="bad")
        with pytest.raises(InputError, match="not on the map"):
            charts.district_map([main], telling=TELLING, crossed=[("a", "z")])
        with pytest.raises(InputError, match="not context"):
            charts.district_map([charts.Region("b", "B", [self.SQUARE], kind="out")], telling=TELLING)


class TestFigure:
    CHART = charts.dot_plot([charts.Dot("A", 0.5), charts.Dot("B", 0.25)], telling=TELLING)

    def test_four_parts_are_always_there(self) -> None:
        html = drawn(self.CHART)

        assert 'role="img" aria-label="An example"' in html
        assert "It shows an example." in html
        assert 'href="?as=table#example"' in html
        assert "Where from" in html

    def test_the_table_keeps_the_other_filters(self) -> None:
        html = drawn(self.CHART, "year=2017&as=table")

        assert "<table" in html
        assert '<svg class="c' not in html
        assert 'href="?year=2017#example"' in html

    def test_numbers_follow_the_language(self) -> None:
        with translation.override("es"):
            assert charts.Unit.SHARE.text(0.4948) == "49.5%"
            assert charts.number_text(10273, decimals=0) == "10,273"
        assert charts.Unit.NUMBER.text(10273, decimals=0) == "10,273"

    def test_no_place_is_written_with_a_comma(self) -> None:
        with translation.override("es"):
            html = drawn(charts.dot_plot([charts.Dot("A", 0.512), charts.Dot("B", 0.25)], telling=TELLING))

        assert not re.search(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|width|height)="-?\d+,\d', html)

    def test_rounding_is_half_up_and_not_cut_off(self) -> None:
        assert number_text(61.75, decimals=1) == "61.8"
        assert number_text(0.05, decimals=1) == "0.1"
        assert number_text(61.7, decimals=0) == "62"

    def test_no_drawing_carries_a_style(self) -> None:
        assert "style=" not in drawn(self.CHART)

    def test_words_are_escaped(self) -> None:
        html = drawn(charts.dot_plot([charts.Dot("<b>A</b>", 0.5), charts.Dot("B", 0.2)], telling=TELLING))

        assert "<b>A</b>" not in html
        assert "&lt;b&gt;A&lt;/b&gt;" in html
