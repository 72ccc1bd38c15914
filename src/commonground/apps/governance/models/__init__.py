from commonground.apps.governance.models.agreements import AgreementFile
from commonground.apps.governance.models.breach import Incident, Packet, PacketLine
from commonground.apps.governance.models.notices import Notice
from commonground.apps.governance.models.reminders import Reminder, RemindersOff

__all__ = [
    "AgreementFile",
    "Incident",
    "Notice",
    "Packet",
    "PacketLine",
    "Reminder",
    "RemindersOff",
]
