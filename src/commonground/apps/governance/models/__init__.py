from commonground.apps.governance.models.agreements import AgreementFile
from commonground.apps.governance.models.breach import Incident, Packet, PacketLine
from commonground.apps.governance.models.leaving import Leaving
from commonground.apps.governance.models.notices import Notice
from commonground.apps.governance.models.reminders import Reminder, RemindersOff
from commonground.apps.governance.models.retention import Keeping, LegalHold

__all__ = [
    "AgreementFile",
    "Incident",
    "Keeping",
    "Leaving",
    "LegalHold",
    "Notice",
    "Packet",
    "PacketLine",
    "Reminder",
    "RemindersOff",
]
