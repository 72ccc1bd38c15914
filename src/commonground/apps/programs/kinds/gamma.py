"""GAMMA: five summer days of mathematics for grades 6 to 8, all districts and all levels of ability together."""

from django.utils.translation import gettext_lazy as _

from commonground.apps.programs.kinds import Consent, Kind

KIND = Kind(
    key="gamma",
    title=_("GAMMA, summer math"),
    about=_(
        "Five days of mathematics with students of all districts, whatever their level. It costs families nothing."
    ),
    grades=("06", "07", "08"),
    day_count=5,
    themes=(
        ("self-identity", _("Self-identity")),
        ("community", _("Community")),
        ("equity", _("Equity")),
        ("integration", _("Integration")),
    ),
    field_day=5,
    consents=(
        Consent("taking-part", _("My child may take part in the program."), is_needed=True),
        Consent("field-day", _("My child may come along on the field experience on day five.")),
        Consent("medical-care", _("In an emergency, staff may have my child treated when they cannot reach me.")),
        Consent("photographs", _("Staff may take photographs of my child for the program.")),
    ),
    certificate=_("took part in five days of mathematics with students of many districts"),
    asks_meals=True,
)
