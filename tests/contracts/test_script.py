"""`./test` names tests that are there (one that moves takes its name along) and gets itself a browser."""

import re
import subprocess
from pathlib import Path

from tests.contracts.test_evidence import is_there

ROOT = Path(__file__).resolve().parents[2]


def text() -> str:
    return (ROOT / "test").read_text("utf-8")


def named_in(script: str) -> set[str]:
    """The tests, files and folders of tests named in a script, from within `tests`; patterns with a star left out."""
    names = re.findall(r"(?<![\w/$.])tests/([\w/.:-]+)(?![*\w/.:-])", script)
    return {name.rstrip("/") for name in names}


def test_every_test_that_the_script_names_is_there():
    names = named_in(text())

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


def test_a_browser_is_installed_where_none_is_found(tmp_path):
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n', "utf-8")
    apt.chmod(0o755)
    script = re.search(r"^(\w+)\(\) \{\n  for name in chromium-headless-shell.*?^\}", text(), re.M | re.S)
    assert script
    pretended = f"say() {{ :; }}; id() {{ echo 0; }}\n{script[0]}\n{script[1]}"

    subprocess.run(["/bin/sh", "-c", pretended], env={"PATH": str(tmp_path)}, check=True)

    assert "chromium-headless-shell" in (tmp_path / "asked").read_text("utf-8").splitlines()[-1]
