"""Clients that have a person sign in: each prints the address to open, and waits for the way back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.programs import HERE, LONGEST_RUN, NODE_FOLDER
from tests.node_packages import NODE


@dataclass
class App:
    """A client that runs."""

    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list[str])

    def says(self, word: str) -> str:
        """Wait for a line that begins with a word, and give the rest of it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line.rstrip("\n"))
            if line.startswith(word):
                return line.removeprefix(word).strip()
        assert self.process.stderr is not None
        raise AssertionError(f"{word} was not said:\n{self.printed}\n{self.process.stderr.read()}")

    def is_told(self, line: str) -> None:
        """Give it a line to read."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        """Wait for its end."""
        return self.process.wait(timeout=LONGEST_RUN)


Start = tuple[Sequence[str | Path], Mapping[str, str]]


def npm(package: str, url: str, tool: str, *, bad_token: str = "", call_again: bool = False) -> Start:
    """Start an npm client: `client` is the newest, `sdk` the one of the older versions."""
    said = {"MCP_URL": url, "MCP_TOOL": tool, "MCP_PACKAGE": package, "MCP_BAD_TOKEN": bad_token}
    return [NODE, "oauth_client.mjs"], {**said, "MCP_CALL_AGAIN": "yes" if call_again else ""}


def python(mode: str, url: str, tool: str) -> Start:
    """Start the Python client."""
    return [sys.executable, HERE / "oauth_client.py", url, tool, mode], {}


@contextmanager
def running(start: Start) -> Generator[App]:
    """Run a client until the block ends."""
    command, said = start
    process = subprocess.Popen(
        command,
        cwd=NODE_FOLDER,
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", **said},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield App(process)
    finally:
        process.kill()
        process.communicate()
