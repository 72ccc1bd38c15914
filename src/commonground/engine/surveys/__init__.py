"""What a survey's answers are worth: reliability, care, change of the same people, anonymity."""

from commonground.engine.surveys.anonymity import CHARTS, OPEN_TEXT, ShownGroups, may_show_open_text, shown_groups
from commonground.engine.surveys.change import MatchedChange, matched_change
from commonground.engine.surveys.reliability import Alpha, Item, Omega, cronbach_alpha, item_analysis, omega_total
from commonground.engine.surveys.screening import Care, careless_answers

__all__ = [
    "CHARTS",
    "OPEN_TEXT",
    "Alpha",
    "Care",
    "Item",
    "MatchedChange",
    "Omega",
    "ShownGroups",
    "careless_answers",
    "cronbach_alpha",
    "item_analysis",
    "matched_change",
    "may_show_open_text",
    "omega_total",
    "shown_groups",
]
