"""A row engine that something happens to: another writer gets in between, or the process dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from shared.storage.engine import Delete, Item, Put, Update, Write
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.file import IN_MEMORY


class Killed(BaseException):
    """The process ended here. Nothing catches it, as nothing catches a power cut."""


class MeddledEngine(SqliteEngine):
    """SQLite in memory that calls `meddle` before each write with the number of writes before it.

    `meddle` may write through the same engine (its own writes are not meddled with) or raise.
    """

    def __init__(self, path: str | Path = IN_MEMORY) -> None:
        super().__init__(path)
        self.meddle: Callable[[int], None] | None = None
        self._writes = 0

    def write(self, write: Put | Update | Delete) -> Item | None:
        self._meddle()
        return super().write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._meddle()
        super().transact(writes, request_token=request_token)

    def _meddle(self) -> None:
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            number, self._writes = self._writes, self._writes + 1
            meddle(number)
            self.meddle = self.meddle or meddle


def die_before(write: int) -> Callable[[int], None]:
    """End the process before its write of this number, counted from 0."""

    def meddle(number: int) -> None:
        if number == write:
            raise Killed

    return meddle
