"""Names, dates and addresses in the one form in which records are compared."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from commonground.engine.values import InputError

FIELDS = ("first_name", "last_name", "birth_date", "gender", "street", "postcode")

# Short forms that stand for a whole name often enough to be compared as one. Pairs, not translations: an unknown name
# stays as it is. Source: common English and Spanish short forms, checked by hand.
NICKNAMES = {
    "abby": "abigail", "alex": "alexander", "andy": "andrew", "becky": "rebecca", "ben": "benjamin", "beth": "elizabeth",
    "bill": "william", "billy": "william", "bob": "robert", "bobby": "robert", "cathy": "catherine", "chuck": "charles",
    "chuy": "jesus", "dan": "daniel", "danny": "daniel", "dave": "david", "ed": "edward", "gabe": "gabriel",
    "jake": "jacob", "jen": "jennifer", "jenny": "jennifer", "jim": "james", "jimmy": "james", "joe": "joseph",
    "joey": "joseph", "jon": "jonathan", "josh": "joshua", "kate": "katherine", "katie": "katherine", "lalo": "eduardo",
    "liz": "elizabeth", "lupe": "guadalupe", "lupita": "guadalupe", "maggie": "margaret", "mandy": "amanda",
    "matt": "matthew", "meg": "margaret", "memo": "guillermo", "mike": "michael", "mickey": "michael", "nacho": "ignacio",
    "nate": "nathaniel", "nick": "nicholas", "paco": "francisco", "pancho": "francisco", "pepe": "jose", "pete": "peter",
    "rick": "richard", "rob": "robert", "sam": "samuel", "steve": "steven", "sue": "susan", "tom": "thomas",
    "tommy": "thomas", "tony": "anthony", "vicky": "victoria", "will": "william", "zach": "zachary",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One record of one file. An empty text or None means: not known.

    identity: of the record in its file. birth_date: a date, or None. gender, street, postcode: as written.
    """

    identity: str
    first_name: str | None
    last_name: str | None
    birth_date: date | None = None
    gender: str | None = None
    street: str | None = None
    postcode: str | None = None


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Lower case without accents; hyphens, apostrophes and other marks become nothing or one space.

    >>> plain("  Peña-O'Brien "), plain("Nguyễn"), plain("Đặng")
    ('pena obrien', 'nguyen', 'dang')
    """
    # Letters with a stroke are letters of their own in Unicode: they have no accent to take off.
    lowered = text.lower().translate(str.maketrans("đøłıß", "dolis"))
    letters = (one for one in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(one))
    kept = "".join(one if one.isalnum() else "" if one in "'’ʻ`." else " " for one in letters)
    return " ".join(kept.split())


def first_name(text: str) -> str:
    """A first name to compare: its first word, short forms as the whole name.

    >>> first_name("Mª Lupita"), first_name("Mike"), first_name("Ana Sofía")
    ('ma', 'michael', 'ana')
    """
    words = plain(text).split()
    return NICKNAMES.get(words[0], words[0]) if words else ""


def last_name(text: str) -> str:
    """A last name to compare: its parts in one spelling and order, so that "Garcia-Lopez" is "Lopez Garcia".

    >>> last_name("de la Cruz-Ruiz"), last_name("Ruiz de la Cruz"), last_name("Moua")
    ('cruz ruiz', 'cruz ruiz', 'moua')
    """
    parts = [word for word in plain(text).split() if word not in ("de", "del", "la", "las", "los", "y", "van", "von")]
    return " ".join(sorted(parts)) or plain(text)


def street(text: str) -> str:
    """An address line to compare: common words of streets in their short form.

    >>> street("12 North Oak Street, Apt. 4")
    '12 n oak st apt 4'
    """
    short = {
        "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct", "boulevard": "blvd",
        "north": "n", "south": "s", "east": "e", "west": "w", "apartment": "apt", "northeast": "ne", "northwest": "nw",
        "southeast": "se", "southwest": "sw", "highway": "hwy", "circle": "cir", "place": "pl",
    }  # fmt: skip
    return " ".join(short.get(word, word) for word in plain(text).split())


def columns_of(people: Sequence[Person], *, file: str) -> dict[str, list[str | None]]:
    """The records of one file as columns to compare; None where a field is not known.

    Names whose first and last part stand in the other order, as Hmong and Somali names do in some files, stay as they
    are; `link` looks for them. Raises InputError when the file or a record has no name
    or two records have the same.

    >>> columns = columns_of([Person("a", "José", "Vang-Lee", None)], file="west")
    >>> columns["first_name"], columns["last_name"], columns["birth_date"]
    (['jose'], ['lee vang'], [None])
    """
    seen: set[str] = set()
    if not file:
        raise InputError("the file has no name; name it, so that its records can be told from the other's")
    for place, person in enumerate(people):
        if not person.identity:
            raise InputError(f"file {file!r}: the record at position {place} has no identity; give each its own")
        if person.identity in seen:
            raise InputError(f"file {file!r}: two records have the identity {person.identity!r}; give each its own")
        seen.add(person.identity)
    return {
        "unique_id": [person.identity for person in people],
        "first_name": [first_name(person.first_name or "") or None for person in people],
        "last_name": [last_name(person.last_name or "") or None for person in people],
        "birth_date": [person.birth_date.isoformat() if person.birth_date else None for person in people],
        "gender": [plain(person.gender or "")[:1] or None for person in people],
        "street": [street(person.street or "") or None for person in people],
        "postcode": [plain(person.postcode or "").replace(" ", "")[:5] or None for person in people],
    }


def known_shares(columns: Mapping[str, Sequence[str | None]]) -> dict[str, float]:
    """For each compared field the share of records in which it is known."""
    return {name: sum(one is not None for one in columns[name]) / max(len(columns[name]), 1) for name in FIELDS}
