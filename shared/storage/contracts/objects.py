"""Objects: files by key, in a bucket or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """An object without its bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedUpload:
    """How somebody who has no rights here puts one object: these bytes under this key, begun before it expires."""

    method: str
    url: str = field(repr=False)
    """Whoever has it may send the bytes, and nothing else."""
    headers: Mapping[str, str]
    """To be sent with the request, beside the length of the body."""
    expires_at: datetime


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

    def presign_upload(
        self, key: str, *, size: int, sha256: str, now: datetime, lifetime: timedelta
    ) -> PresignedUpload:
        """Let somebody put one object over HTTP, whose length and SHA-256 (in hexadecimal digits) are known.

        Other bytes, another length or another key are refused where the object is put, and so is a request that begins
        after the lifetime. What is refused or breaks off leaves no object and changes none.
        """
        ...
