"""Runs `merchant-mcp` in the test process, on a local stack's folder, at noon."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from functions.settings import Settings
from functions.wiring import Wiring
from shared.storage.sqlite.file import IN_MEMORY
from shared.transports.cli.app import build_app
from shared.transports.cli.place import Place
from tests.data.tenants import ISSUER, NOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the document is
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Program:
    """The program, and the place that it works on."""

    folder: Path
    now: datetime = NOON
    kind: type[Wiring] = Wiring
    in_memory: bool = True
    """Whether the store is gone with this object; a file waits for the disk at each write."""
    asked_for: list[Place] = field(default_factory=list[Place])
    """The places that commands wanted opened."""

    @cached_property
    def wiring(self) -> Wiring:
        keys = self.folder / "keys.json"
        keys.write_text(json.dumps({part: {"1": part * 8} for part in ("credential", "data")}))
        return self.kind(
            Settings(
                values={
                    "STORE": "sqlite",
                    "SQLITE_PATH": IN_MEMORY if self.in_memory else str(self.folder / "store.db"),
                    "OBJECTS_DIR": str(self.folder / "objects"),
                    "ARCHIVE_DIR": str(self.folder / "archive"),
                    "KEYS_FILE": str(keys),
                    "OIDC_ISSUER": ISSUER,
                }
            )
        )

    def run(self, *words: str, typed: str | bytes = "", wide: bool = True, terminal: bool = False) -> Ran:
        """Run a command; `typed` is what comes over standard input."""
        screen = {"COLUMNS": "200" if wide else "80", **({"FORCE_COLOR": "1"} if terminal else {})}
        of_this = RUNNING.set(self)
        try:
            with CliRunner().isolation(input=typed, env=screen) as (out, err, _):
                with pytest.raises(SystemExit) as ended:
                    commands().main(args=list(words), prog_name="merchant-mcp")
                assert isinstance(ended.value.code, int)
                return Ran(code=ended.value.code, out=out.getvalue().decode(), err=err.getvalue().decode())
        finally:
            RUNNING.reset(of_this)

    def connect(self, place: Place) -> Wiring:
        """Open the place that a command wants."""
        self.asked_for.append(place)
        return self.wiring


RUNNING: ContextVar[Program] = ContextVar("RUNNING")


@cache
def commands() -> Any:  # noqa: ANN401 - Typer's own Click is not for others to name
    """Build the commands, once for all tests: to read all their signatures takes Typer longer than to run one."""
    return get_command(
        build_app(lambda place: RUNNING.get().connect(place), now=lambda: RUNNING.get().now, operator="kim")
    )
