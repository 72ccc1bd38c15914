"""Counts of students, public tables of the state, and what people wrote down about the state's decisions."""

from commonground.apps.measures.models.counts import CountedFile, RosterCount, SchoolMixing
from commonground.apps.measures.models.decisions import Exemption, Letter
from commonground.apps.measures.models.tables import Border, EnrollmentCount, ProgramCount

__all__ = [
    "Border",
    "CountedFile",
    "EnrollmentCount",
    "Exemption",
    "Letter",
    "ProgramCount",
    "RosterCount",
    "SchoolMixing",
]
