"""Offerings with their days and seats, and who is registered, cared for and present.

An offering belongs to the body that runs it. A registration, and all that hangs on it, belongs to the child's own
district; it names the offering across owners. Who has a seat is decided by the database's own functions (`scope.sql`).
"""

from commonground.apps.programs.models.meals import MealsAnswer, MealsCount
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
    "MealsAnswer",
    "MealsCount",
    "Offering",
    "OfferingQuerySet",
    "Registration",
    "Ride",
    "Seat",
    "SeatGuarantee",
    "Session",
]
