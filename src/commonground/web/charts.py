"""Charts as geometry: pure functions from values to places on a drawing, which SVG templates then draw."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """The four parts of a chart. template: the drawing under web/charts/."""

    key: str
    template: str
