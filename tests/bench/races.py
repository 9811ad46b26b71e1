"""The races of tests/services/test_races.py, as long as in `make soak`, with what became of the calls and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.bench.table import say_table
from tests.services.fencing import NARROWER
from tests.services.racing import CONTAINERS, ENDINGS, PROCESSES, race
from tests.services.racing_makers import MAKERS, Outcome, race_makers

TRIES = 100_000
ROUNDS = 100


def say_races(tries: int = TRIES, rounds: int = ROUNDS) -> None:
    """Print how often somebody was let in, and how often a token escaped: never, or a promise is broken."""
    say_table(
        f"Calls of {PROCESSES * CONTAINERS} containers that began after the end of their token had been answered",
        ("", "let in", "of tries", "asked the store", "calls before it", "let in then", "seconds"),
        _endings(tries),
    )
    say_table(
        f"Tokens that {MAKERS} members make while their workspace grants less, {rounds} times each",
        ("", "escaped", "made after it", "made", "refused", "seconds"),
        _changes(rounds),
    )


def _endings(tries: int) -> Iterator[tuple[str, ...]]:
    for name, ending in ENDINGS.items():
        began = perf_counter()
        with TemporaryDirectory() as folder:
            tally = race(ending, tries=tries, folder=Path(folder))
        figures = (tally.let_in, tally.tries, tally.asked, tally.earlier, tally.earlier_let_in, perf_counter() - began)
        yield name, *(f"{figure:,.0f}" for figure in figures)


def _changes(rounds: int) -> Iterator[tuple[str, ...]]:
    for name, change in NARROWER.items():
        began = perf_counter()
        outcomes: list[Outcome] = []
        for seed in range(rounds):
            with TemporaryDirectory() as folder:
                outcomes.append(race_makers(change, folder=Path(folder), seed=seed))
        figures = (
            *(sum(one.escaped for one in outcomes), sum(one.late for one in outcomes)),
            *(sum(one.made for one in outcomes), sum(one.refused for one in outcomes)),
            perf_counter() - began,
        )
        yield name, *(f"{figure:,.0f}" for figure in figures)
