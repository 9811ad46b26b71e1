"""A warm call and a cold import of our door beside the plain SDK app, by the processor's time.

Ours checks a token, counts the call and writes the trail (SQLite in memory); the plain one does none of it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from tests.bench.events import ERAS, call_event
from tests.bench.plain_app import handler as plain_handler
from tests.bench.table import say_table
from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.shop import Shop

WARM_ROUNDS = 30
CALLS_A_ROUND = 20
COLD_STARTS = 7
ROOT = Path(__file__).parents[2]
OK = 200


def say_beside_plain_app() -> None:
    """Print the comparison."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # as in a function's main thread
    say_table("Our MCP door beside the plain SDK app", ("", "ours", "plain SDK", "ratio"), _rows())
    asyncio.set_event_loop(None)
    loop.close()


def _rows() -> Iterator[tuple[str, str, str, str]]:
    for version in ERAS:
        ours, plain = _warm(version)
        yield f"tools/call {version}, ms", f"{ours:.2f}", f"{plain:.2f}", f"{ours / plain:.2f}"
    with TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        starts = [
            (_cold("functions.mcp_server.handler", environment), _cold("tests.bench.plain_app", environment))
            for _ in range(COLD_STARTS)
        ]
    ours, plain = median(one for (one, _), _ in starts), median(other for _, (other, _) in starts)
    yield "cold import, ms", f"{ours:.0f}", f"{plain:.0f}", f"{ours / plain:.2f}"
    (_, ours_modules), (_, plain_modules) = starts[0]
    yield "modules imported", f"{ours_modules}", f"{plain_modules}", f"{ours_modules / plain_modules:.2f}"


def _milliseconds_a_call(ask: Callable[[], Any]) -> float:
    began = process_time()
    for _ in range(CALLS_A_ROUND):
        ask()
    return (process_time() - began) * 1000 / CALLS_A_ROUND


def _warm(version: str) -> tuple[float, float]:
    """Give the median milliseconds of a call: ours and the plain app's."""
    shop = Shop(catalogue=DIAGNOSTICS)
    number = 0

    def checked(answer: dict[str, Any]) -> None:
        if answer["statusCode"] != OK or "result" not in json.loads(answer["body"]):
            raise RuntimeError(answer["body"])

    def ours() -> None:
        nonlocal number
        number += 1
        shop.clock.advance(seconds=2)  # under the limit
        checked(shop.handler(call_event(version, shop.token.text, number), None))  # pyright: ignore[reportArgumentType] - nothing reads the Lambda context

    def plain() -> None:
        checked(plain_handler(call_event(version, None, 1), None))  # pyright: ignore[reportArgumentType] - the same

    ours()
    plain()
    rounds = [(_milliseconds_a_call(ours), _milliseconds_a_call(plain)) for _ in range(WARM_ROUNDS)]
    return median(one for one, _ in rounds), median(other for _, other in rounds)


def _environment(folder: Path) -> dict[str, str]:
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"credential": {"1": "k" * 64}, "data": {"1": "d" * 64}}), encoding="utf-8")
    return {
        "STORE": "sqlite",
        "SQLITE_PATH": f"{folder}/store.db",
        "KEYS_FILE": f"{keys}",
        "PUBLIC_URL": "http://127.0.0.1:8765",
        "DOCS_URL": "http://127.0.0.1:8765/docs",
    }


def _cold(module: str, environment: dict[str, str]) -> tuple[float, int]:
    """Start a process that imports a door; give its milliseconds and the number of modules."""
    started = subprocess.run(
        [sys.executable, "-m", "tests.bench.cold", module],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    spent, modules = started.stdout.split()
    return float(spent), int(modules)
