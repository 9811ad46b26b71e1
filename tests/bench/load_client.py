"""Clients that call as fast as they are answered: `python -m tests.bench.load_client`, with its orders on stdin.

Each client takes the next token for each call. It says when it has warmed up, when half of the time is over, and at the
end what was answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import perf_counter, process_time
from typing import Any

import httpx2

from tests.bench.events import PNL

WARM_UP = 5
"""Calls of each token before the time begins: every container has then most likely met it."""
BELOW_THE_LIMIT = 50
"""Calls of each token within it: with the others fewer than the sixty that it has in a minute."""
LONGEST_ANSWER = 60.0
TOO_MANY = 429
OK = 200


@dataclass(slots=True, kw_only=True)
class Answered:
    """What came of the calls."""

    seconds: list[float] = field(default_factory=list[float])
    """Of each that was answered as it should be."""
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter[str])


async def _call(http: httpx2.AsyncClient, url: str, token: str, answered: Answered) -> None:
    began = perf_counter()
    try:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": PNL}
        answer = await http.post(url, json=message, headers={"Authorization": f"Bearer {token}"})
    except httpx2.TransportError as error:
        answered.errors[type(error).__name__] += 1
        return
    if answer.status_code == TOO_MANY:
        answered.refused += 1
    elif answer.status_code != OK or answer.json().get("result", {}).get("isError", True):
        answered.errors[f"{answer.status_code} {answer.text[:200]}"] += 1
    else:
        answered.seconds.append(perf_counter() - began)


async def _one_client(
    http: httpx2.AsyncClient, url: str, tokens: Iterator[str], answered: Answered, until: float
) -> None:
    while perf_counter() < until and (token := next(tokens, None)) is not None:
        await _call(http, url, token, answered)


async def _all(url: str, tokens: list[str], *, clients: int, seconds: float) -> dict[str, Any]:
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(headers=headers, timeout=LONGEST_ANSWER, limits=limits, trust_env=False) as http:

        async def work(turns: Iterator[str], until: float) -> Answered:
            answered = Answered()
            async with asyncio.TaskGroup() as tasks:
                for _ in range(clients):
                    tasks.create_task(_one_client(http, url, turns, answered, until))
            return answered

        warm = await work(islice(cycle(tokens), WARM_UP * len(tokens)), float("inf"))
        _say({"errors": warm.errors, "refused": warm.refused})
        turns = islice(cycle(tokens), BELOW_THE_LIMIT * len(tokens))
        began, used = perf_counter(), process_time()
        first = await work(turns, began + seconds / 2)
        _say({})
        second = await work(turns, began + seconds)
        return {
            "lasted": perf_counter() - began,
            "processor": process_time() - used,
            "seconds": first.seconds + second.seconds,
            "refused": first.refused + second.refused,
            "errors": first.errors + second.errors,
        }


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    orders = json.load(sys.stdin)
    _say(asyncio.run(_all(orders["url"], orders["tokens"], clients=orders["clients"], seconds=orders["seconds"])))
