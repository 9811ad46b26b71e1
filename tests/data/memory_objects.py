"""Objects in memory: what a bucket is to the tests above storage. The real stores are tested with the contracts."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from shared.storage.contracts.objects import ObjectInfo, ObjectMissing, PresignedUpload


class MemoryObjects:
    """Keeps the contract of `ObjectStore`."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put_file(self, key: str, source: Path) -> None:
        self.contents[key] = source.read_bytes()

    def put(self, key: str, content: bytes) -> None:
        self.contents[key] = content

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        yield BytesIO(self._read(key))

    def fetch(self, key: str, target: Path) -> None:
        target.write_bytes(self._read(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        for key, content in sorted(self.contents.items()):
            if key.startswith(prefix):
                yield ObjectInfo(key=key, size=len(content))

    def delete(self, key: str) -> None:
        self.contents.pop(key, None)

    def presign_upload(
        self, key: str, *, size: int, sha256: str, now: datetime, lifetime: timedelta
    ) -> PresignedUpload:
        url = f"https://bucket.test/{key}?size={size}&sha256={sha256}"
        return PresignedUpload(method="PUT", url=url, headers={"x-checksum": sha256}, expires_at=now + lifetime)

    def _read(self, key: str) -> bytes:
        try:
            return self.contents[key]
        except KeyError:
            raise ObjectMissing(key) from None
