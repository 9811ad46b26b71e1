"""The sides of a comparison of warm calls, each a process of `.venv-bench` that answers when it is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
VALGRIND = "valgrind"
COUNTED = re.compile(r"^totals: (\d+)$", re.MULTILINE)


def version_of(python: Path) -> str:
    """Say which Python measures, which may be another than the one that asks it to."""
    return subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is compared: a module of tests/bench/peers, what it is started with, and the call that it is asked for."""

    label: str
    module: str
    call: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A side whose process is up."""

    side: Side
    process: subprocess.Popen[str]

    def milliseconds_a_call(self, version: str, *, calls: int) -> float:
        """Have it answer some calls; of the processor's time."""
        return self.answer(version, calls=calls) * 1000 / calls

    def answer(self, version: str, *, calls: int, counted: AbstractContextManager[None] | None = None) -> float:
        """Have it answer some calls, and give the processor's seconds; what counts them sees nothing else."""
        self.ask(json.dumps({"version": version, "calls": calls, "call": self.side.call}))
        with counted or nullcontext():
            spent = float(self.ask("answer"))
        self.ask("look at the answers")
        return spent

    def ask(self, order: str = "") -> str:
        """Send a line, if there is one to send, and wait for what it says to it.

        Raises:
            RuntimeError: it has ended.

        """
        if self.process.stdin is None or self.process.stdout is None:
            raise ValueError("a side listens and speaks")
        if order:
            self.process.stdin.write(f"{order}\n")
            self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"{self.side.label} ended; what it printed stands above")
        return line


@contextmanager
def running(side: Side, *, under: tuple[str, ...] = ()) -> Generator[Running]:
    """Start a side, if wished under another program, and end it with the block."""
    process = subprocess.Popen(
        [*under, str(PYTHON), "-m", "tests.bench.warm_process", side.module],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **side.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            ready = Running(side=side, process=process)
            ready.ask()  # it says when it has imported everything
            yield ready
        finally:
            process.kill()


class Counter:
    """Counts the instructions of a side that runs under callgrind; what it does before it is ready is not counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def program(self) -> tuple[str, ...]:
        """What the side is started under."""
        return (VALGRIND, "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self._folder}/counts")

    def instructions_a_call(self, running: Running, version: str, *, calls: int) -> float:
        """Take what twice the calls need more than the calls: what reading the order takes is in neither."""
        self._control(running, "--instr=on")
        running.answer(version, calls=calls)
        return (self._count(running, version, 2 * calls) - self._count(running, version, calls)) / calls

    def _count(self, running: Running, version: str, calls: int) -> int:
        running.answer(version, calls=calls, counted=self._counted(running))
        dumped = max(self._folder.glob("counts.*"), key=lambda path: int(path.suffix[1:]))
        found = COUNTED.search(dumped.read_text())
        if found is None:
            raise RuntimeError(f"callgrind has counted nothing for {running.side.label}")
        return int(found[1])

    @contextmanager
    def _counted(self, running: Running) -> Generator[None]:
        self._control(running, "--zero")
        yield
        self._control(running, "--dump")

    @staticmethod
    def _control(running: Running, order: str) -> None:
        program = str(shutil.which("callgrind_control"))
        subprocess.run([program, order, str(running.process.pid)], check=True, capture_output=True)


def can_count() -> bool:
    """Tell whether valgrind is installed."""
    return shutil.which(VALGRIND) is not None
