"""Offerings with their days and seats, who is registered, cared for and present, and how many of each group.

An offering belongs to the body that runs it. A registration, and all that hangs on it, belongs to the child's own
district; it names the offering across owners. Who has a seat is decided by the database's own functions (`scope.sql`).
"""

from commonground.apps.programs.models.counts import GroupCount
from commonground.apps.programs.models.meals import MealsAnswer
from commonground.apps.programs.models.offerings import (
    Assignment,
    Day,
    Offering,
    OfferingQuerySet,
    Ride,
    SeatGuarantee,
    Session,
)
from commonground.apps.programs.models.registrations import Attendance, Care, ConsentGiven, Registration, Seat

__all__ = [
    "Assignment",
    "Attendance",
    "Care",
    "ConsentGiven",
    "Day",
    "GroupCount",
    "MealsAnswer",
    "Offering",
    "OfferingQuerySet",
    "Registration",
    "Ride",
    "Seat",
    "SeatGuarantee",
    "Session",
]
