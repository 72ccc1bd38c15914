"""What `./start` and `./test` share: which Python they take, and the command they write."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITE = '. "$here/requirements/environment"; write_entry'


@pytest.fixture
def checkout(tmp_path):
    """A checkout with an empty environment and a package that says where it lies."""
    folder = tmp_path / "first place"
    (folder / "src" / "commonground").mkdir(parents=True)
    (folder / "src" / "commonground" / "__init__.py").touch()
    (folder / "src" / "commonground" / "__main__.py").write_text("import json; print(__file__)\n", "utf-8")
    (folder / "requirements").mkdir()
    (folder / "requirements" / "environment").write_bytes((ROOT / "requirements" / "environment").read_bytes())
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
    write_entry(folder)
    return folder


def write_entry(folder: Path) -> None:
    subprocess.run(["sh", "-euc", WRITE], env={"here": str(folder), "PATH": "/usr/bin:/bin"}, check=True)


def answer(command: Path, *, standing_in: Path) -> str:
    return subprocess.run(
        [str(command)], cwd=standing_in, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_moved_folder_runs_its_own_code(checkout, tmp_path):
    moved = checkout.rename(tmp_path / "second place")

    found = answer(moved / ".venv" / "bin" / "commonground", standing_in=tmp_path)

    assert Path(found) == moved / "src" / "commonground" / "__main__.py"


def test_a_link_to_the_command_runs_the_code_it_leads_to(checkout, tmp_path):
    link = tmp_path / "commonground"
    link.symlink_to(checkout / ".venv" / "bin" / "commonground")

    assert Path(answer(link, standing_in=tmp_path)).is_relative_to(checkout)


def test_a_folder_that_somebody_stands_in_lends_no_module(checkout, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')", "utf-8")

    assert answer(checkout / ".venv" / "bin" / "commonground", standing_in=tmp_path)


def test_an_older_command_is_written_again(checkout):
    command = checkout / ".venv" / "bin" / "commonground"
    written = command.read_text("utf-8")
    command.write_text("#!/bin/sh\nPYTHONSAFEPATH=1 exec /an/older/place/python -m commonground\n", "utf-8")

    write_entry(checkout)

    assert command.read_text("utf-8") == written


@pytest.fixture
def machine(tmp_path):
    """A folder of programs that is all a machine has: `sh` and what a test puts there."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "cat", "cksum", "rm"):
        (programs / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")

    def put(name: str, script: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (programs / name).chmod(0o755)

    put.folder = programs
    return put


def find_python(machine, then: str = "find_python || install_python") -> subprocess.CompletedProcess[str]:
    script = f'. "{ROOT}/requirements/environment"; {then}'
    return subprocess.run(
        [str(machine.folder / "sh"), "-c", script], env={"PATH": str(machine.folder)}, capture_output=True, text=True
    )


NO_VENV = 'case "$2" in *venv*) exit 1 ;; esac'
TOO_NEW = 'case "$2" in *version_info*) exit 1 ;; esac'


def test_without_the_venv_module_an_ordinary_user_is_told_the_one_package(machine):
    machine("python3", NO_VENV)
    machine("id", "echo 1000")

    done = find_python(machine)

    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_without_the_venv_module_root_gets_it_installed(machine):
    machine("python3", NO_VENV)
    machine("id", "echo 0")
    machine("apt-get", f'echo "$@" >>"{machine.folder}/asked"')

    done = find_python(machine)

    assert done.returncode == 0, done.stderr
    assert "install -y -qq python3-venv" in (machine.folder / "asked").read_text("utf-8")


def test_a_python_that_is_too_new_is_passed_over(machine):
    machine("python3", TOO_NEW)
    machine("python3.12", "exit 0")

    assert find_python(machine).stdout.strip() == "python3.12"
