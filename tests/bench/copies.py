"""What a copy that is restored from a snapshot still has to do, in miniature: a snapshot is a fork here."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from functions.wiring import now
from tests.bench.table import say_table
from tests.data.tenants import token
from tests.doors.restoring import FUNCTIONS, a_world, snapshot_of

TIMES = 5
COLUMNS = ("", "first, cold", "restore hooks", "first, restored")


def say_copies() -> None:
    """Print it for each function that can start from a snapshot; imports are what no copy repeats."""
    say_table(f"Copies of a snapshot, ms of the processor, median of {TIMES}", COLUMNS, _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    with a_world() as world:
        made = token(world.stores, at=now()).text
        for function in FUNCTIONS:
            figures: list[tuple[float, ...]] = []
            for _ in range(TIMES):
                with snapshot_of(function, after=world.request(function, made), world=world) as used:
                    cold = used.first["answer"]
                with snapshot_of(function, after=None, world=world) as unused:
                    copy = unused.serve(world.request(function, made))
                figures.append((cold, copy["hooks"], copy["answer"]))
            yield function, *(f"{median(column) * 1000:.1f}" for column in zip(*figures, strict=True))
