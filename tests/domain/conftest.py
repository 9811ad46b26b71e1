"""Figures that a property found, printed at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_lines: list[str] = []


@pytest.fixture
def report_line() -> Callable[[str], None]:
    """Give the function that adds a line to the end of the run."""
    return _lines.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _lines:
        terminalreporter.section("domain: measured")
        for line in _lines:
            terminalreporter.line(line)
