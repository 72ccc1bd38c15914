"""The map over the real outlines that ship as facts: borders found by shape agree with the list of neighbors."""

import pytest

from commonground import facts
from commonground.web import charts
from commonground.web.charts.outlines import label_place

WILLMAR, NEW_LONDON = "0347-01", "0345-01"
MEMBERS = sorted({row.district_id for row in facts.west_central_enrollment() if row.is_member})


def test_every_listed_neighbor_of_a_member_shares_a_line_with_it() -> None:
    rings = facts.outlines().rings
    pairs = [pair for pair in facts.neighbors() if set(pair) & set(MEMBERS) and set(pair) <= set(rings)]

    # The list comes from the borders before they were thinned, the drawing from the thinned ones.
    without = [pair for pair in pairs if not charts.shared_border(rings[pair[0]], rings[pair[1]])]

    assert len(pairs) > 20
    assert without == []


def test_districts_that_are_no_neighbors_share_none() -> None:
    rings = facts.outlines().rings
    strangers = [
        (one, other)
        for one in MEMBERS
        for other in rings
        if one < other and (one, other) not in facts.neighbors() and (other, one) not in facts.neighbors()
    ]

    assert [pair for pair in strangers if charts.shared_border(rings[pair[0]], rings[pair[1]])] == []


@pytest.mark.parametrize("district", MEMBERS)
def test_the_words_of_a_district_stand_inside_it(district: str) -> None:
    rings = facts.outlines().rings[district]
    x, y = label_place(rings)

    assert any(_is_inside(x, y, ring) for ring in rings)


def test_the_border_of_an_isolated_district_is_drawn_thick() -> None:
    names, rings = facts.districts(), facts.outlines().rings
    regions = [charts.Region(key, names[key].name, rings[key]) for key in MEMBERS]

    chart = charts.district_map(
        regions,
        crossed=[(NEW_LONDON, WILLMAR)],
        telling=charts.Telling(key="map", title="Map", label="Map", words="Map.", caption="Map"),
    )

    assert len(chart.drawing.crossed) >= 1
    assert len(chart.rows) == 7
    assert 300 < chart.drawing.height < 700


def _is_inside(x: float, y: float, ring: tuple[tuple[float, float], ...]) -> bool:
    """Even-odd rule: a ray to the right crosses the ring an odd number of times."""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1
