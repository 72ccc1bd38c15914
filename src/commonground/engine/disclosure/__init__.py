"""Statistical disclosure control: which counts may be shown so that no child's can be worked out."""

from commonground.engine.disclosure.anonymity import Anonymity, AnonymousRows, anonymity, anonymous_rows
from commonground.engine.disclosure.audit import Audit, Range, audit
from commonground.engine.disclosure.cells import (
    Attribute,
    Cell,
    CountsDoNotAdd,
    Linked,
    MissingCount,
    cell,
    crossed,
    link,
)
from commonground.engine.disclosure.coding import BANDS, Band, CodedPercent, coded_percent
from commonground.engine.disclosure.ledger import Ledger, Plan, Release, ReleasedDifferently
from commonground.engine.disclosure.suppression import Suppression, suppress

__all__ = [
    "BANDS",
    "Anonymity",
    "AnonymousRows",
    "Attribute",
    "Audit",
    "Band",
    "Cell",
    "CodedPercent",
    "CountsDoNotAdd",
    "Ledger",
    "Linked",
    "MissingCount",
    "Plan",
    "Range",
    "Release",
    "ReleasedDifferently",
    "Suppression",
    "anonymity",
    "anonymous_rows",
    "audit",
    "cell",
    "coded_percent",
    "crossed",
    "link",
    "suppress",
]
