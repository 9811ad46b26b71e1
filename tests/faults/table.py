"""The table of every step against every fault, at every request: `python -m tests.faults.table`, which takes long.

It fails if anything was lost, there twice, or told unclearly. `make bench PARTS=faults WRITE=1` puts it into the docs.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.table import say, say_table
from tests.faults.cells import KILLED, Laboratory, Outcome, laboratory
from tests.faults.plan import ALL, every_place, try_out
from tests.faults.steps import STEPS

Findings = list[str]


def say_faults() -> None:
    """Print it, and what does not hold.

    Raises:
        AssertionError: something does not hold.

    """
    logging.getLogger("shared").setLevel(logging.CRITICAL)  # it logs each fault, as it should
    findings: Findings = []
    with TemporaryDirectory() as folder, laboratory(Path(folder)) as made:
        columns = ("", *(step.name for step in STEPS))
        say_table(
            "What whoever asked was told, at each request of a step that a fault can befall",
            columns,
            _rows(made, findings),
        )
    say("Once and lasting, each in a store of its own; afterwards the same is asked for again, and all is compared.")
    for finding in findings:
        say(finding)
    if findings:
        raise AssertionError(f"{len(findings)} findings")


def _rows(made: Laboratory, findings: Findings) -> Iterator[Sequence[str]]:
    yield "requests", *(str(len(made.undisturbed(step).asked)) for step in STEPS)
    yield "of them writes", *(str(sum(each.is_write for each in made.undisturbed(step).asked)) for step in STEPS)
    for fault in ALL:
        cells: list[str] = []
        for step in STEPS:
            places = every_place(step, fault, made.undisturbed(step).asked)
            outcomes = [*try_out(made, step, fault, places)]
            findings += [f"{each.cell} ({each.operation}): {what}" for each in outcomes for what in each.findings]
            cells.append(_cell(outcomes))
        yield fault.name, *cells


def _cell(outcomes: Sequence[Outcome]) -> str:
    """Say how often it was done in spite of the fault, how often it was not and that was said, and what is wrong."""
    told = Counter(_word(outcome) for outcome in outcomes)
    return ", ".join(f"{times} {word}" for word, times in sorted(told.items())) or "-"


def _word(outcome: Outcome) -> str:
    if outcome.findings:
        return "WRONG"
    if outcome.first is KILLED:
        return "killed"
    return "done" if outcome.first.is_done else str(outcome.first.status or "again")


if __name__ == "__main__":
    try:
        say_faults()
    except AssertionError as failure:
        sys.exit(str(failure))
