"""The folder that the local stack lives in: private, held by one stack at a time, emptied on request."""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LOCK_NAME = "stack.lock"


class FolderInUse(Exception):
    """Another local stack holds the folder."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"a local stack already runs on {path} ({holder or 'it is just starting'})")


class FolderDamaged(Exception):
    """A file of the folder is gone or cannot be read, and nothing may be made in its place."""


class NotAStackFolder(Exception):
    """The folder holds files, but none that says a local stack made it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was not made by the local stack, so it is left alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFolder:
    """Where each thing of the local stack is kept."""

    path: Path

    @property
    def database(self) -> Path:
        """The rows and their change feed."""
        return self.path / "store.db"

    @property
    def objects(self) -> Path:
        """The buckets, a folder each."""
        return self.path / "objects"

    @property
    def queue(self) -> Path:
        """The files that are half imported, a message each."""
        return self.path / "queue"

    @property
    def archive(self) -> Path:
        """The sealed trail."""
        return self.path / "archive"

    @property
    def token_keys(self) -> Path:
        """The key documents that Secrets Manager holds in AWS."""
        return self.path / "keys.json"

    @property
    def signing_key(self) -> Path:
        """The key that the log of seals is signed with, as KMS holds one in AWS."""
        return self.path / "signing-key.pem"

    @property
    def issuer_key(self) -> Path:
        """The key that the local issuer signs bearers with."""
        return self.path / "issuer-key.json"

    @property
    def positions(self) -> Path:
        """How far the pumps have come."""
        return self.path / "positions.db"

    @property
    def connection(self) -> Path:
        """How to reach the stack, while it runs."""
        return self.path / "connection.json"

    @property
    def mailbox(self) -> Path:
        """The notices that people get: letters, and under `topic` what programs are told."""
        return self.path / "mailbox"

    @property
    def logs(self) -> Path:
        """What the functions and the stack have printed."""
        return self.path / "logs"

    def prepare(self) -> None:
        """Make the folder, for this user's eyes only.

        Raises:
            NotAStackFolder: it holds files that no stack has put there, and `empty` would delete them with the stack's.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        entries = {entry.name for entry in self.path.iterdir()}
        if entries and LOCK_NAME not in entries:
            raise NotAStackFolder(self.path)
        (self.path / LOCK_NAME).touch(mode=0o600)  # before all else: it says whose folder this is
        self.path.chmod(0o700)
        self.logs.mkdir(exist_ok=True)
        self.objects.mkdir(exist_ok=True)
        self.archive.mkdir(exist_ok=True)
        self.mailbox.mkdir(mode=0o700, exist_ok=True)

    def hold(self) -> "FolderHold":
        """Take the folder for this process until the hold is released or the process ends, however it ends.

        Raises:
            FolderInUse: another stack has it.
        """
        lock_path = self.path / LOCK_NAME
        while True:
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
                os.close(descriptor)
                raise FolderInUse(self.path, holder) from None
            if _still_named(descriptor, lock_path):
                return FolderHold(descriptor)
            # A reset unlinked the file between our open and our lock: this lock guards nothing.
            os.close(descriptor)

    def empty(self) -> None:
        """Delete all that the stack ever wrote.

        Raises:
            FolderInUse: a stack is running on it.
            NotAStackFolder: a wrong path must not cost somebody their files.
        """
        if not self.path.exists() or not any(self.path.iterdir()):
            return
        if not (self.path / LOCK_NAME).exists():
            raise NotAStackFolder(self.path)
        with self.hold():
            for entry in self.path.iterdir():
                if entry.name == LOCK_NAME:
                    continue  # last of all, so that no stack starts in a half-emptied folder
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
            (self.path / LOCK_NAME).unlink()


class FolderHold:
    """The right to the folder. The kernel takes it back when the process dies, so no stale lock can remain."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def describe(self, holder: str) -> None:
        """Say who holds the folder, for the one who is refused."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, holder.encode("utf-8"), 0)

    def release(self) -> None:
        """Give the folder back."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def write_private(path: Path, content: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _still_named(descriptor: int, path: Path) -> bool:
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
