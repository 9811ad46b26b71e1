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
    """SQLite in memory that calls `meddle` before each write, with the number of writes since it was set.

    `meddle` may write through the same engine (its own writes are not meddled with) or raise.
    """

    def __init__(self, path: str | Path = IN_MEMORY) -> None:
        super().__init__(path)
        self._meddle: Callable[[int], None] | None = None
        self._writes = 0
        self._meddling = False

    @property
    def meddle(self) -> Callable[[int], None] | None:
        """What happens before each write."""
        return self._meddle

    @meddle.setter
    def meddle(self, meddle: Callable[[int], None] | None) -> None:
        self._meddle, self._writes = meddle, 0

    def write(self, write: Put | Update | Delete) -> Item | None:
        self._before_a_write()
        return super().write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._before_a_write()
        super().transact(writes, request_token=request_token)

    def _before_a_write(self) -> None:
        if self._meddle is None or self._meddling:
            return
        number, self._writes = self._writes, self._writes + 1
        self._meddling = True
        try:
            self._meddle(number)
        finally:
            self._meddling = False


def die_before(write: int) -> Callable[[int], None]:
    """End the process before its write of this number, counted from 0."""

    def meddle(number: int) -> None:
        if number == write:
            raise Killed

    return meddle
