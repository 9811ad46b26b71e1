"""Runs `merchant-mcp` in the test process, on a local stack's folder, at noon."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

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

        def connect(place: Place) -> Wiring:
            self.asked_for.append(place)
            return self.wiring

        app = build_app(connect, now=lambda: self.now, operator="kim")
        screen = {"COLUMNS": "200" if wide else "80", **({"FORCE_COLOR": "1"} if terminal else {})}
        result = CliRunner().invoke(app, list(words), input=typed, env=screen)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(code=result.exit_code, out=result.stdout, err=result.stderr)
