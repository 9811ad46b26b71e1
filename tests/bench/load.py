"""Many clients at once on the whole stack, the local one and the deployed one: how fast, how late, how much memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from infra.emulator.account import Account
from infra.emulator.deploy import STACK
from tests.bench.table import say, say_table
from tests.clients.served_stack import wait_until_ready
from tests.deployed.process import Emulator

ROOT = Path(__file__).parents[2]
CLIENTS = (16, 64)
SECONDS = 20
ENDS_WITHIN = 120
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A stack that runs."""

    label: str
    url: str
    process: int
    tokens: int
    """How many a run needs, so that none is over its limit."""
    place: tuple[str, str]
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run came to."""

    label: str
    calls_a_second: float
    median: float
    slowest: float
    """Of a hundred, in milliseconds."""
    refused: int
    errors: Mapping[str, int]
    megabytes: tuple[float, ...]
    """Of all processes of the stack: at first, half way, at the end."""
    client_share: float
    """Of one processor, which the clients took of the stack's machine."""


def say_load() -> None:
    """Print it; an error is said in words, too."""
    loads: list[Load] = []

    def rows() -> Iterator[tuple[str, ...]]:
        for stack in (_local, _deployed):
            with TemporaryDirectory(prefix="load-") as folder, stack(Path(folder)) as served:
                for clients in CLIENTS:
                    loads.append(load := _load(served, clients))
                    yield _row(load)

    columns = ("", "a second", "p50 ms", "p99 ms", "refused", "errors", "MB first", "half way", "at end", "clients")
    say_table(
        f"Clients that each send a get_pnl when the last is answered, for {SECONDS} s; memory of all processes of the\n"
        f"stack; the clients' part of the {os.cpu_count()} processors, in processors",
        columns,
        rows(),
    )
    for load in loads:
        for error, number in load.errors.items():
            say(f"{load.label}: {number} x {error}")


def _row(load: Load) -> tuple[str, ...]:
    return (
        load.label,
        f"{load.calls_a_second:.0f}",
        f"{load.median:.0f}",
        f"{load.slowest:.0f}",
        f"{load.refused}",
        f"{sum(load.errors.values())}",
        *(f"{megabytes:.0f}" for megabytes in load.megabytes),
        f"{load.client_share:.2f}",
    )


@contextmanager
def _local(folder: Path) -> Generator[Served]:
    """Start what `make run` starts, in a folder and on a port of its own."""
    command = [sys.executable, "-m", "infra.cli", "local", "up", "--port", "0", "--data", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until_ready(process)
            connection = json.loads((folder / "connection.json").read_text(encoding="utf-8"))
            yield Served(
                label="local",
                url=connection["mcp_url"],
                process=process.pid,
                tokens=300,
                place=("--data", str(folder)),
                environment={},
            )
        finally:
            process.terminate()
            process.communicate(timeout=ENDS_WITHIN)


@contextmanager
def _deployed(folder: Path) -> Generator[Served]:
    """Deploy into an emulated account what was built, as `make deploy-local STAY=1` does."""
    document = folder / "connection.json"
    with Emulator.started("--stay", "--connection", str(document), place=folder) as emulator:
        emulator.read_until("Ready.")
        connection = json.loads(document.read_text(encoding="utf-8"))
        account = Account(
            **{name: connection["account"][name] for name in ("address", "plain_address")},
            certificate=Path(connection["account"]["certificate"]),
        )
        yield Served(
            label="deployed",
            url=connection["mcp_url"],
            process=emulator.process.pid,
            tokens=60,
            place=("--stack", STACK),
            environment=account.environment,
        )


def _load(served: Served, clients: int) -> Load:
    orders = {"url": served.url, "clients": clients, "seconds": SECONDS, "tokens": _tokens(served)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load_client"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the clients take orders and tell what came of them")
        process.stdin.write(json.dumps(orders))
        process.stdin.close()
        told: list[dict[str, Any]] = []
        megabytes: list[float] = []
        for line in process.stdout:
            told.append(json.loads(line))
            megabytes.append(_megabytes(served.process))
    warm, _, done = told
    percentiles = quantiles(done["seconds"], n=100)
    errors = done["errors"] | {f"in the warm-up: {error}": number for error, number in warm["errors"].items()}
    return Load(
        label=f"{served.label}, {clients} clients",
        calls_a_second=len(done["seconds"]) / done["lasted"],
        median=percentiles[49] * 1000,
        slowest=percentiles[98] * 1000,
        refused=warm["refused"] + done["refused"],
        errors=errors,
        megabytes=tuple(megabytes),
        client_share=done["processor"] / done["lasted"],
    )


def _tokens(served: Served) -> list[str]:
    """Make new ones for each run: those of the last have used their minute up."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.load_tokens", str(served.tokens), *served.place],
        cwd=ROOT,
        env={"PATH": os.defpath, **served.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(ran.stdout)


def _megabytes(root: int) -> float:
    """Add up what a process and all that it has started hold in memory."""
    return sum(_resident(process) for process in _family(root)) * 1024 / 1e6


def _family(root: int) -> Iterator[int]:
    """Give a process and all below it; one that ends meanwhile has none."""
    yield root
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{root}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))


def _resident(process: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        if found := RESIDENT.search(Path(f"/proc/{process}/status").read_text(encoding="ascii")):
            return int(found[1])
    return 0
