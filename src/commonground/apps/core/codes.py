"""Codes that stand on paper: short enough to type, long enough that nobody guesses one.

Twelve of 30 letters and digits without look-alikes are 58 bits; together with the limit on attempts (ten in five minutes
from one place) a guesser needs longer than a code lives.
"""

import secrets

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from commonground.apps.core.models import Invitation

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
PIECES, PIECE = 3, 4
MOST_MISSES, MOST_GUESSES, MISS_SECONDS = 10, 5, 300


def new_code() -> str:
    """A new code without dashes, such as `K7TM3QXP9HDW`."""
    return "".join(secrets.choice(LETTERS) for _ in range(PIECES * PIECE))


def shown_code(code: str) -> str:
    """The code in groups, as the sheet shows it.

    >>> shown_code("K7TM3QXP9HDW")
    'K7TM-3QXP-9HDW'
    """
    return "-".join(code[start : start + PIECE] for start in range(0, len(code), PIECE))


def typed_code(text: str) -> str:
    """A code as somebody types it: any case, with or without dashes and blanks. Empty when it cannot be one.

    >>> typed_code(" k7tm-3qxp 9hdw")
    'K7TM3QXP9HDW'
    >>> typed_code("K7TM")
    ''
    """
    code = "".join(letter for letter in text.upper() if letter.isalnum())
    return code if len(code) == PIECES * PIECE and set(code) <= set(LETTERS) else ""


def remember_way_in(request: HttpRequest, code: str) -> None:
    """Keep which way in somebody holds, so that no address of a form carries the code. The session learns its SHA-256."""
    request.session["way_in"] = Invitation.digest_of(code)


def way_in(request: HttpRequest) -> str:
    """The SHA-256 of the code or link that this browser came with, empty without one."""
    return str(request.session.get("way_in", ""))


def has_missed_too_often(request: HttpRequest) -> bool:
    """Whether somebody at this address tried ten wrong codes or links within five minutes."""
    misses: int = cache.get(_misses_of(request), 0)
    return misses >= MOST_MISSES


def has_guessed_too_often(*keys: str) -> bool:
    """Whether five wrong passwords were typed within five minutes for one of these: an account's address, a way in."""
    return any(cache.get(_guesses_of(key), 0) >= MOST_GUESSES for key in keys)


def count_guess(*keys: str) -> None:
    """Remember a wrong password for each of these, by fingerprint, from whatever computer it came."""
    for key in keys:
        cache.set(_guesses_of(key), cache.get(_guesses_of(key), 0) + 1, MISS_SECONDS)


def _guesses_of(key: str) -> str:
    return f"code-guesses:{salted_hmac('code-guesses', key, algorithm='sha256').hexdigest()}"


def count_miss(request: HttpRequest) -> None:
    """Remember that somebody at this address tried a code or link that opens nothing."""
    key = _misses_of(request)
    cache.set(key, cache.get(key, 0) + 1, MISS_SECONDS)


def _misses_of(request: HttpRequest) -> str:
    return f"code-misses:{request.META.get('REMOTE_ADDR', '')}"
