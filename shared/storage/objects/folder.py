"""Objects as files of a folder: the store of `make run`."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from shared.storage.contracts.objects import ObjectInfo, ObjectMissing, PresignedUpload
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.objects.keys import checked_key
from shared.storage.objects.tickets import Ticket, Tickets

UNFINISHED = ".unfinished"
"""Where a file grows until it is whole. No key begins with a dot."""

TICKET_KEY = ".ticket-key"
"""Signs what uploads are let in by."""


class FolderObjects:
    """Keeps the contract of `ObjectStore` under one folder. No key may be a folder of another."""

    def __init__(self, root: Path, *, reached_at: str = "") -> None:
        """Keep objects in a folder; `reached_at` is the address of whoever takes uploads for it, if anybody does."""
        self._root = root
        self._reached_at = reached_at

    def put_file(self, key: str, source: Path) -> None:
        with source.open("rb") as content:
            self._put(key, content)

    def put(self, key: str, content: bytes) -> None:
        self._put(key, io.BytesIO(content))

    def _put(self, key: str, content: BinaryIO) -> None:
        with self.growing(key) as file:
            shutil.copyfileobj(content, file)

    @contextmanager
    def growing(self, key: str) -> Generator[BinaryIO]:
        """Give a file to write into, which becomes the object at the end, or nothing if the end is an exception."""
        target = self._path(key)
        unfinished = self._root / UNFINISHED / uuid4().hex
        with _told_as_unavailable():
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with unfinished.open("xb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())  # or a power cut may leave the new name with nothing behind it
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        with self._opened(key) as file:
            yield file

    def fetch(self, key: str, target: Path) -> None:
        with self._opened(key) as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        folder = prefix.rpartition("/")[0]
        start = self._path(folder) if folder else self._root
        with _told_as_unavailable():
            found = {path.relative_to(self._root).as_posix(): path for path in start.rglob("[!.]*") if path.is_file()}
        for key in sorted(found):
            if key.startswith(prefix) and not key.startswith(UNFINISHED):
                with suppress(FileNotFoundError):  # deleted since
                    yield ObjectInfo(key=key, size=found[key].stat().st_size)

    def delete(self, key: str) -> None:
        with _told_as_unavailable():
            self._path(key).unlink(missing_ok=True)

    def presign_upload(
        self, key: str, *, size: int, sha256: str, now: datetime, lifetime: timedelta
    ) -> PresignedUpload:
        ticket = Ticket(key=checked_key(key), size=size, sha256=sha256, expires_at=now + lifetime)
        with _told_as_unavailable():
            return self.tickets.issue(ticket, at=self._reached_at)

    @property
    def tickets(self) -> Tickets:
        """What uploads into this folder are let in by."""
        self._root.mkdir(parents=True, exist_ok=True)
        return Tickets(self._root / TICKET_KEY)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _opened(self, key: str) -> BinaryIO:
        path = self._path(key)
        with _told_as_unavailable():
            try:
                return path.open("rb")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise ObjectMissing(key) from None


@contextmanager
def _told_as_unavailable() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the folder of objects is not to be used now: {error.strerror}") from error
