"""Invented students in two files with known links, to see what a model can and cannot find."""

from datetime import date, timedelta

import numpy as np

from commonground.engine.linkage.records import Person
from commonground.engine.values import InputError

CONSONANTS, VOWELS = "bcdfghjklmnprstvyz", "aeiou"
FIRST_BIRTHDAY = date(2008, 1, 1)


def _names(count: int, syllables: tuple[int, int], random: np.random.Generator) -> list[str]:
    """Different names made of syllables."""
    made: dict[str, None] = {}
    while len(made) < count:
        length = int(random.integers(*syllables, endpoint=True))
        name = "".join(CONSONANTS[random.integers(18)] + VOWELS[random.integers(5)] for _ in range(length))
        made.setdefault(name + ("n" if random.random() < 0.3 else ""))
    return list(made)


def _often(names: list[str], size: int, random: np.random.Generator) -> list[str]:
    """Names drawn so that few are very frequent, as real ones are (Zipf 1949)."""
    weights = 1.0 / (np.arange(len(names)) + 10.0)
    return [names[at] for at in random.choice(len(names), size, p=weights / weights.sum())]


def _typo(text: str, random: np.random.Generator) -> str:
    """One letter changed, dropped, doubled or exchanged with the next."""
    at, kind = int(random.integers(max(len(text) - 1, 1))), int(random.integers(4))
    changed = CONSONANTS[int(random.integers(18))]
    middle = [changed, "", text[at] * 2, text[at + 1 : at + 2] + text[at]][kind]
    return text[:at] + middle + text[at + (2 if kind == 3 else 1) :]


def invented_students(
    size: int, *, seed: int, overlap: float = 0.714
) -> tuple[list[Person], list[Person], list[tuple[str, str]]]:
    """Two files of so many students each, and the true links between them.

    overlap: share of the first file that is in the second too. In the second file: typos in 6 % of first names, of last
    names and of addresses, 4 % short first names, 3 % damaged birth dates, 25 % moved, 3 % with another last name. 35 % have two last names; about 1.5 % have a
    twin in the same file: same last name, birth date and address, another first name.
    Raises InputError for fewer than one student or an overlap outside 0 to 1.

    >>> left, right, links = invented_students(100, seed=1)
    >>> len(left), len(right), len(links)
    (100, 100, 71)
    """
    if size < 1 or not 0 <= overlap <= 1:
        raise InputError(f"{size} students with an overlap of {overlap}; give at least 1, and a share from 0 to 1")
    random = np.random.default_rng(seed)
    firsts, lasts = _names(800, (2, 3), random), _names(4000, (2, 4), random)
    streets = _names(3000, (2, 3), random)
    shared = round(size * overlap)
    total = 2 * size - shared
    people = _people(total, firsts, lasts, streets, random)
    left = [_person(f"l{number}", people[number]) for number in range(size)]
    again = [*range(shared), *range(size, total)]
    order = random.permutation(len(again))
    right, links = [], []
    for place, at in enumerate(order):
        number = again[at]
        fields = _damaged(people[number], lasts, streets, random) if number < shared else people[number]
        right.append(_person(f"r{place}", fields))
        if number < shared:
            links.append((f"l{number}", f"r{place}"))
    return left, right, links


Fields = tuple[str, str, date, str, str, str]


def _people(
    total: int, firsts: list[str], lasts: list[str], streets: list[str], random: np.random.Generator
) -> list[Fields]:
    first, last, second = (_often(names, total, random) for names in (firsts, lasts, lasts))
    days, houses, postcodes = (random.integers(0, limit, total) for limit in (365 * 12, 9000, 900))
    genders = random.integers(0, 2, total)
    is_double, is_twin = random.random(total) < 0.35, random.random(total) < 0.015
    people: list[Fields] = []
    for at in range(total):
        born = FIRST_BIRTHDAY + timedelta(days=int(days[at]))
        name = f"{last[at]} {second[at]}" if is_double[at] else last[at]
        address = f"{houses[at] + 1} {streets[int(houses[at] * 7 + postcodes[at]) % len(streets)]} st"
        gender = "mf"[genders[at]]
        if at and is_twin[at]:
            _, name, born, _, address, postcode = people[at - 1]
            people.append((first[at], name, born, gender, address, postcode))
        else:
            people.append((first[at], name, born, gender, address, str(55000 + int(postcodes[at]))))
    return people


def _damaged(fields: Fields, lasts: list[str], streets: list[str], random: np.random.Generator) -> Fields:
    first, last, born, gender, address, postcode = fields
    chance = random.random(6)
    first = _typo(first, random) if chance[0] < 0.06 else first
    last = _typo(last, random) if chance[1] < 0.06 else last
    if chance[2] < 0.04:
        first = first[: max(3, len(first) - 2)]
    if chance[3] < 0.03:
        is_swapped = born.day <= 12 and random.random() < 0.5
        born = (
            date(born.year, born.day, born.month) if is_swapped else born + timedelta(days=int(random.integers(1, 10)))
        )
    address = _typo(address, random) if random.random() < 0.06 else address
    if chance[4] < 0.25:
        address = f"{random.integers(1, 9001)} {streets[int(random.integers(len(streets)))]} st"
        postcode = str(55000 + int(random.integers(900)))
    if chance[5] < 0.03:
        last = lasts[int(random.integers(len(lasts)))]
    return first, last, born, gender, address, postcode


def _person(identity: str, fields: Fields) -> Person:
    first, last, born, gender, address, postcode = fields
    return Person(identity, first, last, born, gender, address, postcode)
