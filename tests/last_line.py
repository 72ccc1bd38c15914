"""The last line of `./test`, in plain words: how many passed, failed and were skipped."""

import os
from pathlib import Path


def pytest_sessionfinish(session, exitstatus) -> None:
    """A failed check of lint, layout or types fails the run."""
    if exitstatus == 0 and os.environ.get("COMMONGROUND_UNCLEAN", "0") != "0":
        session.exitstatus = 1


def pytest_unconfigure(config) -> None:
    """Printed after everything else that pytest says."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    count = {outcome: len(reporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error", "skipped")}
    unclean = int(os.environ.get("COMMONGROUND_UNCLEAN", "0"))  # checks of lint, layout and types that failed before
    failed = count["failed"] + count["error"] + unclean
    line = f"{count['passed']} passed, {failed} failed, {count['skipped']} skipped"
    reporter.write_line(line)
    if counts := os.environ.get("COMMONGROUND_COUNTS"):  # ./test adds up its two halves
        Path(counts).write_text(line + "\n", "utf-8")
