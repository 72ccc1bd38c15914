"""Passwords that are long and yet easy to guess (NIST SP 800-63B-4, 3.1.1.2: a blocklist with words of the context)."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

OUR_WORDS = {"commonground"}


class EasyPatternValidator:
    """Refuses one piece repeated, and a common password or our own name with digits and signs around it."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords | OUR_WORDS

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError for a password that a guesser tries early.

        >>> EasyPatternValidator().validate("three herons at dawn")
        """
        plain = password.lower()
        letters = re.sub(r"[^a-z]", "", plain)
        is_repeated = (plain + plain).find(plain, 1) < len(plain)
        if is_repeated or letters in self.common:
            raise ValidationError(_("This password is too common. Put a few words in a row."), code="easy_pattern")

    def get_help_text(self) -> str:
        """What the form says beforehand."""
        return _("A few words in a row are easy to remember.")
