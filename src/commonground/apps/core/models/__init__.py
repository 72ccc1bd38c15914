from commonground.apps.core.models.agreements import Agreement
from commonground.apps.core.models.break_glass import BreakGlass
from commonground.apps.core.models.invitations import CachedValue, Invitation
from commonground.apps.core.models.ledgers import ChainLink, Change, DisclosureLine, Event
from commonground.apps.core.models.mail import MailSettings
from commonground.apps.core.models.openid import Identity, IdentityProvider
from commonground.apps.core.models.organizations import Adjacency, Membership, Organization, SchoolYear
from commonground.apps.core.models.people import Person, RoleGiving, RoleGrant, RoleScope
from commonground.apps.core.models.written import Written

__all__ = [
    "Adjacency",
    "Agreement",
    "BreakGlass",
    "CachedValue",
    "ChainLink",
    "Change",
    "DisclosureLine",
    "Event",
    "Identity",
    "IdentityProvider",
    "Invitation",
    "MailSettings",
    "Membership",
    "Organization",
    "Person",
    "RoleGiving",
    "RoleGrant",
    "RoleScope",
    "SchoolYear",
    "Written",
]
