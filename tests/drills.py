"""How much of a long drill runs: a sample in every `./test`, the whole of it in `./test drills`."""

import os

WHOLE = os.environ.get("COMMONGROUND_DRILLS", "").lower() == "whole"


def of(*, whole: int, sample: int) -> int:
    """The number of cases to try now."""
    return whole if WHOLE else sample
