"""What the log never holds: the token of a link that somebody may still open, and what a sign-in provider sends back."""

import logging
import re

LINKS = re.compile(r"(/account/link/|/come-in/|[?&](?:code|state|id_token)=)[^/&\s\"']+")


class WithoutCodes(logging.Filter):
    """Masks the token in every address of a one-time link or of a provider's answer, wherever it stands. Drops no line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record's message is rewritten where it held a token."""
        message = record.getMessage()
        masked = LINKS.sub(r"\1(hidden)", message)
        if masked != message:
            record.msg, record.args = masked, None
        return True
