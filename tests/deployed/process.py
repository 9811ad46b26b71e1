"""The emulator as a process: started as `make deploy-local` starts it, ended by a signal, and looked for afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.pool import PROJECT

LONGEST_END = 180
"""Seconds; an emulator that takes longer to end hangs. It removes some 25,000 files, and the disk may be busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A run of `python -m infra.emulator` with a temporary folder of its own."""

    process: subprocess.Popen[str]
    place: Path

    @classmethod
    @contextmanager
    def started(cls, *words: str, place: Path) -> Generator[Emulator]:
        """Start it, with its temporary files in `place`; when the block ends, end it and see that nothing is left."""
        with subprocess.Popen(
            [sys.executable, "-m", "infra.emulator", *words],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": str(place)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            emulator = cls(process=process, place=place)
            try:
                yield emulator
            finally:
                emulator.end(signal.SIGTERM)
        assert emulator.left_running() == []

    def read_until(self, word: str) -> str:
        """Read what it says up to the line that has a word in it.

        Raises:
            RuntimeError: it ended without.

        """
        assert self.process.stdout is not None
        said: list[str] = []
        for line in self.process.stdout:
            said.append(line)
            if word in line:
                return "".join(said)
        raise RuntimeError(f"the emulator ended: {''.join(said)}")

    def end(self, number: signal.Signals) -> int:
        """Send a signal, unless it has ended, and give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=LONGEST_END)
        return self.process.returncode

    def left_running(self) -> list[str]:
        """Give the command lines of what runs on its files: MiniStack, and every process of a function."""
        told = str(self.place).encode()
        found: list[str] = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:  # it ended just now
                continue
            if told in line:
                found.append(line.replace(b"\0", b" ").decode())
        return found
