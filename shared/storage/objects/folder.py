"""Objects as files of a folder: the store of `make run`."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from shared.storage.contracts.objects import ObjectInfo, ObjectMissing
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.objects.keys import checked_key

UNFINISHED = ".unfinished"
"""Where a file grows until it is whole. No key begins with a dot."""


class FolderObjects:
    """Keeps the contract of `ObjectStore` under one folder. No key may be a folder of another."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_file(self, key: str, source: Path) -> None:
        with source.open("rb") as content:
            self._put(key, content)

    def put(self, key: str, content: bytes) -> None:
        self._put(key, io.BytesIO(content))

    def _put(self, key: str, content: BinaryIO) -> None:
        target = self._path(key)
        unfinished = self._root / UNFINISHED / uuid4().hex
        with _told_as_unavailable():
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with unfinished.open("xb") as file:
                    shutil.copyfileobj(content, file)
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
