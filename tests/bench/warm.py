"""A warm `tools/call` of ours beside unauthenticated echoes, all answered as a Lambda function answers API Gateway.

Ours checks the token, counts the call against its limit and writes the trail, in SQLite in memory or in two signed
writes to DynamoDB; the others do none of it. Each side is a process of its own with the same Python and the same
packages; they take turns.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp

from tests.bench.events import ECHO, ERAS, PNL
from tests.bench.surroundings import DATA_KEYS, PUBLIC_URL, emulated_aws
from tests.bench.table import say, say_table
from tests.bench.warm_sides import PYTHON, Counter, Side, can_count, running, version_of
from tests.data.tenants import KEYS

ROUNDS = 15
CALLS_A_ROUND = 100
CALLS_COUNTED = 40
AT_ONCE = 2
ITS_OWN = "2024-11-05"
"""All that awslabs' handler speaks."""
PLAIN = "plain SDK"
GOALS = {"ours, SQLite": 1.0, "ours, DynamoDB": 1.5}
"""Processor time, at most, as a multiple of the plain SDK's."""
Figures = dict[tuple[str, str], float]
"""Side and version -> figure."""


def say_warm() -> None:
    """Print what a call costs in time and in instructions, and whether the goals are met."""
    with TemporaryDirectory() as name, _sides(Path(name)) as sides:
        times = _times(sides)
        counts = _counts(sides, Path(name)) if can_count() else {}
    by_version = [(version, [side for side in sides if version in side.versions]) for version in (*ERAS, ITS_OWN)]
    say_table(
        "A tools/call: ms of the processor, millions of instructions, and each as a multiple of the plain SDK's\n"
        f"({version_of(PYTHON)}, medians of {ROUNDS} rounds of {CALLS_A_ROUND} calls)",
        ("", "version", "ms", "of plain", "M instr.", "of plain"),
        (row for version, there in by_version for row in _rows(version, there, times, counts)),
    )
    if not counts:
        say("Instructions were not counted: apt-get install valgrind.")
    for label, goal in GOALS.items():
        ratios = " and ".join(f"{times[label, era] / times[PLAIN, era]:.2f} at {era}" for era in ERAS)
        say(f"Goal: {label} takes at most {goal} times the plain SDK's processor time. It takes {ratios}.")


@contextmanager
def _sides(folder: Path) -> Generator[Sequence[Side]]:
    """Lay out all of them; what some write to runs until the block ends."""
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"credential": dict(KEYS.roots), "data": DATA_KEYS}), encoding="utf-8")
    here = {"KEYS_FILE": str(keys), "PUBLIC_URL": PUBLIC_URL, "DOCS_URL": f"{PUBLIC_URL}/docs"}
    sqlite = {**here, "STORE": "sqlite", "SQLITE_PATH": ":memory:"}
    (folder / "aws").mkdir()
    with emulated_aws(folder / "aws") as aws:
        dynamodb = aws.environment["mcp_server"]
        yield (
            Side(label="ours, SQLite", module="ours", call=ECHO, environment=sqlite, versions=ERAS),
            Side(label="ours, DynamoDB", module="ours", call=ECHO, environment=dynamodb, versions=ERAS),
            Side(label="ours, get_pnl, SQLite", module="ours", call=PNL, environment=sqlite, versions=ERAS),
            Side(label="ours, get_pnl, DynamoDB", module="ours", call=PNL, environment=dynamodb, versions=ERAS),
            Side(label=PLAIN, module="plain_sdk", call=ECHO, versions=ERAS),
            Side(label="FastAPI, MCPServer", module="naive_app", call=ECHO, versions=ERAS),
            Side(label="fastmcp", module="fastmcp_app", call=ECHO, versions=ERAS),
            Side(label="awslabs", module="awslabs_app", call=ECHO, versions=(ITS_OWN,)),
        )


def _times(sides: Sequence[Side]) -> Figures:
    with ExitStack() as stack:
        ready = [stack.enter_context(running(side)) for side in sides]
        turns = [(each, version) for each in ready for version in each.side.versions]
        rounds = [
            [each.milliseconds_a_call(version, calls=CALLS_A_ROUND) for each, version in turns]
            for _ in range(1 + ROUNDS)
        ]
    return {
        (each.side.label, version): median(figures)
        for (each, version), *figures in zip(turns, *rounds[1:], strict=True)  # the first warms up
    }


def _counts(sides: Sequence[Side], folder: Path) -> Figures:
    """Count in millions. Neighbours disturb no count, so some are counted at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        counted = pool.map(partial(_counted, folder=folder), sides)
        return {where: count for figures in counted for where, count in figures.items()}


def _counted(side: Side, *, folder: Path) -> Figures:
    counter = Counter(Path(mkdtemp(dir=folder)))
    with running(side, under=counter.program) as each:
        return {
            (side.label, version): counter.instructions_a_call(each, version, calls=CALLS_COUNTED) / 1e6
            for version in side.versions
        }


def _rows(version: str, sides: Sequence[Side], times: Figures, counts: Figures) -> Iterator[tuple[str, ...]]:
    for side in sides:
        here = side.label, version
        yield side.label, version, *_compared(times, here, digits=2), *_compared(counts, here, digits=2)


def _compared(figures: Figures, here: tuple[str, str], *, digits: int) -> tuple[str, str]:
    """Give a figure and its ratio to the plain SDK's at the same version, where there is one."""
    if here not in figures:
        return "not counted", ""
    plain = figures.get((PLAIN, here[1]))
    return f"{figures[here]:.{digits}f}", f"{figures[here] / plain:.2f}" if plain else ""
