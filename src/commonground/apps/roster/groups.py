"""The groups of federal reports, in words. Hispanic of any race comes first, then two or more races (`cg.federal_group`)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUP_NAMES: dict[str, str | Promise] = {
    "american_indian": _("American Indian or Alaska Native"),
    "asian": _("Asian"),
    "black": _("Black"),
    "hispanic": _("Hispanic"),
    "pacific_islander": _("Native Hawaiian or Pacific Islander"),
    "two_or_more": _("Two or more races"),
    "white": _("White"),
}
