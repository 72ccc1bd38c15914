"""The locks: every package pinned with its hashes, no index address, and one lock inside the other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)")


def locked(name: str) -> dict[str, set[str]]:
    """Package and its versions (more than one where Pythons differ). Raises AssertionError for a line without pin or hash."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            pin = PIN.match(line)
            assert pin, f"{name}: {line[:60]} is not pinned"
            assert "--hash=sha256:" in line, f"{name}: {pin[1]} has no hash"
            found.setdefault(pin[1].lower().replace("_", "-"), set()).add(pin[2])
    return found


@pytest.mark.parametrize("name", ["run", "dev", "peers"])
def test_every_package_is_pinned_with_its_hashes_and_no_address(name):
    assert locked(name)
    assert not re.search(r"index-url|find-links|://", (ROOT / "requirements" / f"{name}.txt").read_text("utf-8"))


@pytest.mark.parametrize(("inner", "outer"), [("run", "dev"), ("dev", "peers")])
def test_a_wider_lock_holds_the_same_versions(inner, outer):
    wider = locked(outer)

    assert {name: wider.get(name) for name in locked(inner)} == locked(inner)


def test_what_the_project_needs_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-") for line in project["dependencies"]}

    assert names <= set(locked("run"))
