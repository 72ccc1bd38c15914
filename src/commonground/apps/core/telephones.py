"""Telephone numbers that families sign in with: one form for every way of writing one."""

import hashlib

COUNTRY = "1"  # the United States' own code, for the ten digits that people type


def phone_key(text: str) -> str | None:
    """A number as the database keeps it, None for what is none: ten digits of this country, or a plus and the whole.

    >>> phone_key("(320) 555-0142"), phone_key("+52 55 1234 5678"), phone_key("320555")
    ('+13205550142', '+525512345678', None)
    """
    digits = "".join(letter for letter in text if letter.isdecimal() and letter.isascii())
    if text.strip().startswith("+"):
        return f"+{digits}" if 8 <= len(digits) <= 15 else None
    if len(digits) == 11 and digits.startswith(COUNTRY):
        digits = digits[1:]
    return f"+{COUNTRY}{digits}" if len(digits) == 10 else None


def address_of_phone(text: str) -> str:
    """An address nobody can have (RFC 2606), for an account without one: it tells nothing, and is always the same."""
    return f"{hashlib.sha256(f'telephone:{phone_key(text) or text}'.encode()).hexdigest()[:32]}@phone.invalid"
