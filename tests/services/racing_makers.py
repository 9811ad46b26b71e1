"""Members who keep making tokens while their workspace grants less, and what comes of it that it does not allow."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Barrier, Event, Semaphore

from shared.domain.errors import DomainError
from shared.domain.workspace.commands import WorkspaceCommand
from shared.storage.contracts.streams import StreamMoved
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.stores import Stores
from tests.data.tenants import order, rotation, token, workspace
from tests.services.fencing import escaped, rows

MAKERS = 4
ROTATED_SHARE = 0.25
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change and of those who made tokens meanwhile."""

    made: int
    """Tokens that were handed out, by creation or rotation."""
    refused: int
    """Requests that were refused, or that met too many changes."""
    late: int
    """Tokens handed out to requests that began after the change had been answered."""
    escaped: int
    """Tokens that would be let in though the workspace does not allow them."""


def race_makers(change: WorkspaceCommand, *, folder: Path, seed: int) -> Outcome:
    """Let makers create and rotate until each has tried once after a change that leaves them no token to make.

    By its seed it comes after none to some of the tokens were made.
    """
    path = folder / f"store-{seed}.db"
    stores = _opened(path)
    workspace(stores)
    old = token(stores, owner="adam").token.token_id
    start, answered, made_one = Barrier(MAKERS + 1, timeout=PATIENCE_SECONDS), Event(), Semaphore(0)

    def narrow() -> None:
        own = _opened(path)
        start.wait()
        for _ in range(seed % MAKERS):
            assert made_one.acquire(timeout=PATIENCE_SECONDS)
        order(change, stores=own)
        answered.set()

    def make(maker: int) -> list[tuple[bool, bool]]:
        """Give for each request whether it began after the answer, and whether it got a token."""
        own, chance = _opened(path), Random(seed * MAKERS + maker)
        start.wait()
        asked: list[tuple[bool, bool]] = []
        while not asked or not asked[-1][0]:
            began_after = answered.is_set()
            rotates = chance.random() < ROTATED_SHARE
            got = _gets_one((lambda: _rotated(own, old)) if rotates else (lambda: _created(own)))
            if got:
                made_one.release()
            asked.append((began_after, got))
        return asked

    with ThreadPoolExecutor(MAKERS + 1) as threads:
        narrowing = threads.submit(narrow)
        asked = [one for makers in threads.map(make, range(MAKERS)) for one in makers]
        narrowing.result()
    got = [began_after for began_after, made in asked if made]
    in_the_list = len(rows(stores)) - 1
    assert in_the_list == len(got)
    return Outcome(made=len(got), refused=len(asked) - len(got), late=sum(got), escaped=len(escaped(stores)))


def _opened(path: Path) -> Stores:
    return Stores.over(SqliteEngine(path, patience_seconds=PATIENCE_SECONDS))


def _gets_one(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (DomainError, StreamMoved):
        return False
    return True


def _created(stores: Stores) -> None:
    token(stores, owner="adam")


def _rotated(stores: Stores, token_id: str) -> None:
    rotation(stores, token_id, by="adam")
