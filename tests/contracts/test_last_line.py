"""The end of `./test`: a skip is a failure where CI says so, and the last line counts in words."""

from types import SimpleNamespace

import pytest
from tests import conftest, last_line


def session(**stats: int) -> SimpleNamespace:
    """A run that ended well, with so many tests of each outcome."""
    reports = {
        name: [SimpleNamespace(nodeid="a test", longrepr=("", 1, "why"))] * count for name, count in stats.items()
    }
    said: list[str] = []
    reporter = SimpleNamespace(stats=reports, write_line=said.append)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _name: reporter))
    return SimpleNamespace(config=config, exitstatus=0, said=said)


@pytest.mark.parametrize(("ci", "skipped", "status"), [("true", 1, 1), ("true", 0, 0), ("", 1, 0)])
def test_in_ci_a_skip_is_a_failure(monkeypatch, capsys, ci, skipped, status):
    monkeypatch.setenv("CI", ci)
    run = session(passed=3, skipped=skipped)

    conftest.pytest_sessionfinish(run, 0)

    assert run.exitstatus == status
    assert ("skipped in CI: a test" in capsys.readouterr().err) is bool(status)


def test_a_failed_check_of_lint_fails_the_run(monkeypatch):
    monkeypatch.setenv("COMMONGROUND_UNCLEAN", "2")
    run = session(passed=3)

    last_line.pytest_sessionfinish(run, 0)
    last_line.pytest_unconfigure(run.config)

    assert run.exitstatus == 1
    assert run.said == ["3 passed, 2 failed, 0 skipped"]


def test_the_last_line_counts_errors_as_failures(monkeypatch):
    monkeypatch.setenv("COMMONGROUND_UNCLEAN", "0")
    run = session(passed=3, failed=1, error=1, skipped=4)

    last_line.pytest_unconfigure(run.config)

    assert run.said == ["3 passed, 2 failed, 4 skipped"]
