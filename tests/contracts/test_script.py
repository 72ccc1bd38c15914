"""`./test` names files and tests that are there: a test that moves takes its name in the script along."""

import re
from pathlib import Path

from tests.contracts.test_evidence import is_there

ROOT = Path(__file__).resolve().parents[2]


def named_in(script: str) -> set[str]:
    """The tests, files and folders of tests named in a script, from within `tests`; patterns with a star left out."""
    names = re.findall(r"(?<![\w/$.])tests/([\w/.:-]+)(?![*\w/.:-])", script)
    return {name.rstrip("/") for name in names}


def test_every_test_that_the_script_names_is_there():
    names = named_in((ROOT / "test").read_text("utf-8"))

    assert {"walls", "journeys", "engine/linkage"} <= names
    assert sorted(name for name in names if not is_there(name)) == []


def test_a_name_that_is_gone_would_be_noticed():
    assert named_in(
        "tests tests/walls tests/apps/gone.py::test_x \\\n --ignore=tests/engine --ignore-glob='tests/e/*/a.py'"
    ) == {
        "walls",
        "apps/gone.py::test_x",
        "engine",
    }
    assert not is_there("apps/gone.py::test_x")
