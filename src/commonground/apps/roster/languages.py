"""Names of the languages that families speak at home, by BCP 47 code."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "am": _("Amharic"),
    "ar": _("Arabic"),
    "ase": _("American Sign Language"),
    "bs": _("Bosnian"),
    "chk": _("Chuukese"),
    "dak": _("Dakota"),
    "de": _("German"),
    "eky": _("Karenni"),
    "en": _("English"),
    "es": _("Spanish"),
    "fa": _("Farsi"),
    "fr": _("French"),
    "hmn": _("Hmong"),
    "hnj": _("Green Hmong"),
    "kar": _("Karen"),
    "ki": _("Kikuyu"),
    "km": _("Khmer"),
    "ksw": _("S’gaw Karen"),
    "lo": _("Lao"),
    "mh": _("Marshallese"),
    "mww": _("White Hmong"),
    "my": _("Burmese"),
    "ne": _("Nepali"),
    "oj": _("Ojibwe"),
    "om": _("Oromo"),
    "ps": _("Pashto"),
    "pt": _("Portuguese"),
    "quc": _("K’iche’"),
    "ru": _("Russian"),
    "rw": _("Kinyarwanda"),
    "so": _("Somali"),
    "sw": _("Swahili"),
    "ti": _("Tigrinya"),
    "tl": _("Tagalog"),
    "uk": _("Ukrainian"),
    "vi": _("Vietnamese"),
    "zh": _("Chinese"),
}


def language_name(code: str | None) -> str:
    """The language's name in the reader's language; the code itself where we know no name, empty without one.

    >>> language_name("so")
    'Somali'
    >>> language_name("es-MX")
    'Spanish'
    """
    if not code:
        return ""
    low = code.lower()
    return str(NAMES.get(low) or NAMES.get(low.split("-")[0]) or code)
