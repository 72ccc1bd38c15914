"""The container file: what the image holds, as whom it runs, and that it takes the lock and nothing else from outside."""

import re
import shlex
from pathlib import Path

import pytest

from commonground.cli import commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The instructions of the file: (word, rest), with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Containerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def rests(steps, word: str) -> list[str]:
    return [rest for found, rest in steps if found == word]


def last_stage(steps) -> list[tuple[str, str]]:
    start = max(number for number, (word, _) in enumerate(steps) if word == "FROM")
    return steps[start:]


def test_the_image_holds_what_runs_and_nothing_else(steps):
    copied = [rest for rest in rests(steps, "COPY") if not rest.startswith("--from=packages")]
    sources = {source for rest in copied for source in rest.split()[:-1]}
    allowed = (ROOT / ".containerignore").read_text("utf-8").splitlines()

    assert sources == {"requirements/environment", "requirements/run.txt", "src/", "LICENSE", "pyproject.toml"}
    assert all((ROOT / source).exists() for source in sources)
    assert allowed[1] == "*"
    assert {line[1:] for line in allowed if line.startswith("!")} == {source.rstrip("/") for source in sources}
    assert not rests(steps, "ADD")


def test_packages_come_from_the_lock_by_their_hashes(steps):
    installs = [rest for rest in rests(steps, "RUN") if "pip" in rest or "environment run" in rest]
    environment = (ROOT / "requirements" / "environment").read_text("utf-8")

    # With && the shell would pass over a package that could not be installed.
    assert installs == ["set -eu; here=/opt/commonground; . requirements/environment; environment run"]
    assert "--require-hashes" in environment
    assert "--no-deps" in environment


def test_it_runs_as_an_ordinary_account_and_writes_into_one_folder(steps):
    stage = last_stage(steps)
    users, volumes = rests(stage, "USER"), rests(stage, "VOLUME")
    variables = dict(part.split("=", 1) for rest in rests(stage, "ENV") for part in shlex.split(rest))

    assert users == ["10001"]
    assert stage.index(("USER", "10001")) > max(
        number for number, (word, _) in enumerate(stage) if word in {"RUN", "COPY"}
    )
    assert volumes == [variables["COMMONGROUND_DATA"]]
    for name in ("HOME", "TMPDIR", "NUMBA_CACHE_DIR"):
        assert variables[name].startswith(volumes[0]), name


def test_it_serves_by_a_command_that_exists_and_asks_itself_for_a_page(steps):
    (words,) = rests(steps, "CMD")
    (check,) = rests(steps, "HEALTHCHECK")

    assert words.startswith('["serve", ')
    assert "serve" in commands()
    assert "http://127.0.0.1:8000/account/sign-in/" in check
    assert rests(steps, "EXPOSE") == ["8000"]


def test_no_secret_and_no_address_of_a_registry_stands_in_it(steps):
    images = [rest.split()[0] for rest in rests(steps, "FROM")]

    assert set(images) == {"debian:13-slim"}
    assert not [rest for word, rest in steps if word in {"ENV", "ARG"} and re.search("(?i)secret|password|token", rest)]
    assert not re.findall(r"https?://(?!127\.0\.0\.1)", (ROOT / "Containerfile").read_text("utf-8"))
