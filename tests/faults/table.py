"""The table of every step against every fault; it fails if anything was lost, there twice, or told unclearly.

At every request: `python -m tests.faults.table`, half an hour. At one of each step: the part `faults` of the benchmark.
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
from tests.faults.plan import ALL, Plan, every_place, once_and_lasting, try_out
from tests.faults.steps import STEPS

Findings = list[str]


def say_faults() -> None:
    """Print it of one request of each step, another for each fault.

    Raises:
        AssertionError: something does not hold.

    """
    _say("What was told: by a fault that befalls one request / that lasts from there on", once_and_lasting)


def _say(title: str, plan: Plan) -> None:
    logging.getLogger("shared").setLevel(logging.CRITICAL)  # it logs each fault, as it should
    findings: Findings = []
    with TemporaryDirectory() as folder, laboratory(Path(folder)) as made:
        say_table(title, ("", *(step.name for step in STEPS)), _rows(made, plan, findings))
    for finding in findings:
        say(finding)
    if findings:
        raise AssertionError(f"{len(findings)} findings")


def _rows(made: Laboratory, plan: Plan, findings: Findings) -> Iterator[Sequence[str]]:
    asked = [made.undisturbed(step).asked for step in STEPS]
    yield "requests", *(str(len(each)) for each in asked)
    yield "of them writes", *(str(sum(one.is_write for one in each)) for each in asked)
    tried = [0 for _ in STEPS]
    for fault in ALL:
        cells: list[str] = []
        for column, step in enumerate(STEPS):
            outcomes = [*try_out(made, step, fault, plan(step, fault, asked[column]))]
            findings += [f"{each.cell} ({each.operation}): {what}" for each in outcomes for what in each.findings]
            tried[column] += len(outcomes)
            cells.append(_cell(outcomes))
        yield fault.name, *cells
    yield "tried", *(str(times) for times in tried)


def _cell(outcomes: Sequence[Outcome]) -> str:
    """Say of two what was told at each, of many how often what was told."""
    words = [_word(outcome) for outcome in outcomes]
    if len(words) <= len(("once", "lasting")):
        return " / ".join(words) or "-"
    return ", ".join(f"{times} {word}" for word, times in sorted(Counter(words).items()))


def _word(outcome: Outcome) -> str:
    if outcome.findings:
        return "WRONG"
    if outcome.first is KILLED:
        return "killed"
    return "done" if outcome.first.is_done else str(outcome.first.status or "again")


if __name__ == "__main__":
    try:
        _say("What was told, at each request of a step that a fault can befall, and how often", every_place)
    except AssertionError as failure:
        sys.exit(str(failure))
