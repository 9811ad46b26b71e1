"""Objects: files by key, in a bucket or a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """An object without its bytes."""

    key: str
    size: int


class ObjectMissing(Exception):
    """There is no object under this key."""


class ObjectStore(Protocol):
    """Immutable objects by key (`raw/…`, `facts/…`, `trail/…`). Every method may raise `StoreUnavailable`."""

    def put_file(self, key: str, source: Path) -> None:
        """Store a file whole or not at all; the same key again replaces it."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Store some bytes as `put_file` does."""
        ...

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Read an object as a stream, in bounded memory.

        Raises:
            ObjectMissing: there is none.

        """
        ...

    def fetch(self, key: str, target: Path) -> None:
        """Copy an object into a local file.

        Raises:
            ObjectMissing: there is none.

        """
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Go through the objects whose keys begin with the prefix, in key order."""
        ...

    def delete(self, key: str) -> None:
        """Take an object away; nothing happens if there is none."""
        ...
