"""Processes that are killed while they ask: real ones, by SIGKILL, with no chance to clean up."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from shared.storage.engine import Table
from tests.faults.container import Container
from tests.faults.engines import engine_at
from tests.faults.faults import AT_EASE_SECONDS
from tests.faults.steps import STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step, for a process that knows nothing of it yet."""

    step: str
    known: Mapping[str, Any] = field(repr=False)
    address: str
    tables: Mapping[Table, str]
    folder: Path
    issuer: str
    now: datetime

    def do(self) -> None:
        """Do it in a container of one's own."""
        (step,) = (each for each in STEPS if each.name == self.step)
        with engine_at(self.address, self.tables, patience=AT_EASE_SECONDS) as engine:
            step.act(Container(engine=engine, folder=self.folder, issuer=self.issuer, now=self.now), self.known)


class Victim:
    """A process with a task."""

    def __init__(self, task: Task) -> None:
        self._process = _processes().Process(target=task.do)

    def runs_until_it_is_killed(self) -> bool:
        """Have it do its task, and tell whether it was killed over it."""
        self._process.start()
        self._process.join()
        return self._process.exitcode == -signal.SIGKILL

    def kill(self) -> None:
        """End it here and now, and come back when it is gone."""
        self._process.kill()
        wait([self._process.sentinel])  # `join` is for one thread, and that is at it already


@cache
def _processes() -> ForkServerContext:
    """Start processes from one that has imported everything: each begins as a container does that is warm."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__, "tests.faults.warm"])
    return processes
