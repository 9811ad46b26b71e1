"""The table of every attack, how often it was tried, and how it ended: `python -m tests.security.table`.

It runs the suite, of which words of pytest may follow, such as `--hypothesis-profile=soak` or `-k mcp`.
`make bench PARTS=attacks WRITE=1` puts it into the docs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.table import say, say_table
from tests.security.tally import TALLY

IMPORTED_ALREADY = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""By the other parts of the benchmark: a suite of its own would warn of it."""


def say_attacks(*words: str) -> None:
    """Run the suite and print what was tried.

    Raises:
        AssertionError: an attack did not end as it should.

    """
    failed = pytest.main([str(Path(__file__).parent), "-q", "-p", "no:cacheprovider", *IMPORTED_ALREADY, *words])
    shown = ((attack, tries, _shortened(told)) for attack, tries, told in TALLY.rows())
    say_table("What was tried, and how it ended", ("", "examples", "answers"), shown)
    say("Each answer was held against all that is promised of any: tests/security/mcp_judge.py says it.")
    if failed:
        raise AssertionError("an attack did not end as it should")


def _shortened(told: str, most: int = 4) -> str:
    """Give the outcomes that were met most."""
    outcomes = told.split(", ")
    return ", ".join(outcomes[:most]) + (f", {len(outcomes) - most} more" if len(outcomes) > most else "")


if __name__ == "__main__":
    try:
        say_attacks(*sys.argv[1:])
    except AssertionError as failure:
        sys.exit(str(failure))
