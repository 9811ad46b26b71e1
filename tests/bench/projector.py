"""The fault table of the trail: what came of everything that streams, stores and processes may do to it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from random import Random

from tests.bench.table import say_table
from tests.services.trail.disturbed import Left, history, live
from tests.services.trail.going_wrong import OF_STORES, OF_STREAMS, Faults, unavailable_often

HISTORIES = 10
CALLS = 25
CALLS_OF_THE_KILLED = 6
"""It lives once for each call to a store, four times over."""


def say_projector() -> None:
    """Print the table; a test demands the same of some of it."""
    columns = (
        "",
        *("lives", "store calls", "records", "rows", "under seals", "unaccounted"),
        *("lost", "twice", "other index"),
    )
    logging.getLogger("shared").addHandler(logging.NullHandler())  # what went wrong was meant to, some thousand times
    title = "The trail of three workspaces: rows under exactly one seal, calls without a row, indexes against a rebuild"
    say_table(title, columns, _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    for name, faults in OF_STREAMS.items():
        yield _row(name, (_lives(faults, seed) for seed in range(HISTORIES)))
    yield _row("throttled, one in thirty", (_lives(_throttled(seed), seed) for seed in range(HISTORIES)))
    asked = history(Random(0), calls=CALLS_OF_THE_KILLED)
    undisturbed = live(asked, Faults())
    for name, at in OF_STORES.items():
        lives = ((live(asked, at(number)), undisturbed) for number in range(undisturbed.steps))
        yield _row(f"{name}, each", lives)


def _lives(faults: Faults, seed: int) -> tuple[Left, Left]:
    asked = history(Random(seed), calls=CALLS)
    return live(asked, faults, seed=seed), live(asked, Faults())


def _throttled(seed: int) -> Faults:
    return Faults(before=unavailable_often(Random(seed)))


def _row(name: str, lives: Iterable[tuple[Left, Left]]) -> tuple[str, ...]:
    pairs = list(lives)
    left = [each for each, _ in pairs]
    figures = (
        len(left),
        sum(each.steps for each in left),
        sum(each.delivered for each in left),
        sum(each.rows.total() for each in left),
        sum(each.sealed.total() for each in left),
        sum(each.unaccounted.total() for each in left),
        sum(each.lost for each in left),
        sum(each.twice for each in left),
        sum(not each.is_as(undisturbed) for each, undisturbed in pairs),
    )
    return name, *map(str, figures)
