"""Finding a browser: a machine without one skips, and CI does not let that pass."""

import pytest
from tests.journeys.browser import chromium_or_skip, find_chromium


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """A machine whose path holds no program."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COMMONGROUND_CHROMIUM", raising=False)
    monkeypatch.setattr("tests.journeys.browser.PROGRAMS", ("chromium",))


@pytest.mark.usefixtures("bare_machine")
def test_without_a_browser_the_test_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt install chromium"):
        chromium_or_skip()


@pytest.mark.usefixtures("bare_machine")
def test_in_ci_a_missing_browser_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="no Chromium"):
        chromium_or_skip()


@pytest.mark.usefixtures("bare_machine")
def test_a_named_browser_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    named = tmp_path / "my-chromium"
    named.touch(mode=0o755)
    monkeypatch.setenv("COMMONGROUND_CHROMIUM", str(named))

    assert find_chromium() == str(named)
