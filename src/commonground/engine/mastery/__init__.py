"""Proficiency from evidence: the scoring methods schools use, exact, with the arithmetic shown."""

from collections.abc import Callable, Mapping

from commonground.engine.mastery.evidence import Evidence, Scale, convert, scores
from commonground.engine.mastery.methods import (
    average,
    decaying_average,
    highest,
    mean_of_top,
    median_of_recent,
    mode,
    most_recent,
    n_times_mastery,
    weighted_average,
)
from commonground.engine.mastery.trends import best_fit, linear_trend, power_law
from commonground.engine.values import Result

METHODS: Mapping[str, Callable[..., Result]] = {
    "highest": highest,
    "most_recent": most_recent,
    "average": average,
    "n_times_mastery": n_times_mastery,
    "weighted_average": weighted_average,
    "decaying_average": decaying_average,
    "median": median_of_recent,
    "mode": mode,
    "power_law": power_law,
    "mean_of_top": mean_of_top,
    "linear_trend": linear_trend,
    "best_fit": best_fit,
}

__all__ = [
    "METHODS",
    "Evidence",
    "Scale",
    "average",
    "best_fit",
    "convert",
    "decaying_average",
    "highest",
    "linear_trend",
    "mean_of_top",
    "median_of_recent",
    "mode",
    "most_recent",
    "n_times_mastery",
    "power_law",
    "scores",
    "weighted_average",
]
