"""Charts as geometry: pure functions from values to places on a drawing, which SVG templates then draw.

Each function returns a `Chart` with its four parts: the drawing, the same in words, as a table, and where from.
"""

from commonground.web.charts.bars import Bar, bars
from commonground.web.charts.dots import Dot, Edge, Reference, dot_plot
from commonground.web.charts.outlines import Region, district_map, shared_border
from commonground.web.charts.telling import Cell, Chart, Telling, Unit, number_text
from commonground.web.charts.trend import Point, Series, trend

__all__ = [
    "Bar",
    "Cell",
    "Chart",
    "Dot",
    "Edge",
    "Point",
    "Reference",
    "Region",
    "Series",
    "Telling",
    "Unit",
    "bars",
    "district_map",
    "dot_plot",
    "number_text",
    "shared_border",
    "trend",
]
