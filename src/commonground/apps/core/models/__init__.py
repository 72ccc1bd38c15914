from commonground.apps.core.models.agreements import Agreement
from commonground.apps.core.models.ledgers import ChainLink, Change, DisclosureLine, Event
from commonground.apps.core.models.organizations import Adjacency, Membership, Organization, SchoolYear
from commonground.apps.core.models.people import Person, RoleGrant, RoleScope

__all__ = [
    "Adjacency",
    "Agreement",
    "ChainLink",
    "Change",
    "DisclosureLine",
    "Event",
    "Membership",
    "Organization",
    "Person",
    "RoleGrant",
    "RoleScope",
    "SchoolYear",
]
