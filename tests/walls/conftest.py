"""`./test walls --mutate`: a line for every policy that is dropped, saying who noticed."""

import sys

import pytest


def pytest_addoption(parser) -> None:
    parser.addoption("--mutate", action="store_true", help="print each policy dropped alone and whose answer changed")


class Mutation:
    """Tells, when asked to, each change made to the walls and which question got another answer."""

    def __init__(self, write) -> None:
        self.write = write

    def __call__(self, change: str, noticed: list) -> None:
        """change: what was taken away. noticed: the questions whose answer then differed, none when nobody noticed."""
        questions = ", ".join(" ".join(one) if isinstance(one, tuple) else one for one in noticed)
        self.write(f"{change}: {f'red, noticed by {questions}' if noticed else 'GREEN: nobody notices'}")

    def end(self, changes: int, unnoticed: int) -> None:
        self.write(f"{changes} policies dropped, each alone: {changes - unnoticed} red, {unnoticed} unnoticed")


@pytest.fixture
def mutation(request, capfd):
    """Prints where `--mutate` is given; else silent."""

    def tell(line: str) -> None:
        if request.config.getoption("--mutate", default=False):
            with capfd.disabled():
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()

    return Mutation(tell)
