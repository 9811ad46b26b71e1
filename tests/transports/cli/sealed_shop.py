"""A shop whose trail is sealed, and the desk of somebody who reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import A_MINUTE, KeyInMemory
from tests.transports.cli.program import Program, Ran
from tests.transports.cli.test_trail import call


@dataclass
class Shop:
    """A shop whose trail is sealed each minute, and the desk of somebody who reads it."""

    program: Program
    desk: Path
    signer: KeyInMemory = field(default_factory=KeyInMemory)
    calls: int = 0

    def works(self, *, calls: int = 1) -> None:
        """Let a minute pass in which tools are called."""
        for _ in range(calls):
            self.calls += 1
            call(self.program, self.calls)
        self.seals()

    def seals(self) -> None:
        self.program.now += A_MINUTE
        a_minute_passes(self.program.wiring.trail, now=self.program.now, signer=self.signer)

    def run(self, *words: str, typed: str = "") -> Ran:
        return self.program.run("audit", *words, typed=typed)

    def file(self, name: str, *words: str) -> str:
        """Write what a command prints into a file on the desk."""
        ran = self.run(*words)
        assert ran.code == 0, ran.err
        path = self.desk / name
        path.write_text(ran.out, encoding="utf-8", newline="\n")
        return str(path)

    def events(self) -> list[dict[str, Any]]:
        lines = map(json.loads, self.run("export", "-w", "wks_1").out.splitlines())
        return [line for line in lines if line["kind"] == "event"]
