"""A queue on the disk: a file for each message, which whoever has done what it says deletes."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4


class FolderQueue:
    """Keeps the contract of `Queue`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = uuid4().hex
        unfinished = self._folder / f".{name}"
        unfinished.write_text(message, encoding="utf-8")
        unfinished.replace(self._folder / name)

    def waiting(self) -> list[Path]:
        """Give the files of the messages that are there, oldest first."""
        return sorted(self._folder.glob("[!.]*"), key=lambda path: path.stat().st_mtime_ns)
