"""A door that a snapshot can be taken behind (Lambda SnapStart): shut before it, and opened anew after every restore.

All containers that start from one snapshot begin as the same copy of memory. What was imported may stay in it, and is
nearly all that a cold start costs. What a door was opened with may not: keys, clients and their connections, the
memories of the gate and the key of their tags. It is dropped as a whole and made as a whole, by each copy for itself:
there is no list of what is to be renewed that could forget something, and a copy whose restore did not run has nothing
to answer with. docs/adr/0010 tells the rest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from mangum.types import ASGI
from snapshot_restore_py import (  # pyright: ignore[reportMissingTypeStubs] - it has none
    register_after_restore,
    register_before_snapshot,
)

from functions.gateway import behind_gateway
from functions.metrics import Clocks
from functions.wiring import Wiring, now, wiring

Event = dict[str, Any]


class DoorShut(Exception):
    """A container was restored without its hooks, and is asked to answer."""


class Door:
    """What Lambda calls as the handler. In a function without SnapStart no hook is ever run."""

    def __init__(
        self,
        build: Callable[[Wiring], ASGI],
        *,
        text_types: Iterable[str] = (),
        rehearsals: Iterable[str] = (),
        load: Callable[[], None] = lambda: None,
    ) -> None:
        """Open it.

        Before a snapshot is taken, a stranger asks for the paths in `rehearsals`, and `load` imports what otherwise
        waits until it is used.
        """
        self._build = build
        self._text_types = [*text_types]
        self._rehearsals = [*rehearsals]
        self._load = load
        self._answer = self._opened()
        register_before_snapshot(self._shut)
        register_after_restore(self._reopen)

    def __call__(self, event: Event, context: Any) -> Event:  # noqa: ANN401 - whatever Lambda hands over
        """Answer a request."""
        return self._answer(event, context)

    def _opened(self) -> Callable[[Event, Any], Event]:
        here = wiring()
        answer = behind_gateway(self._build(here), text_types=self._text_types)
        clocks = Clocks(here.metrics.clock_spread)

        def compare_and_answer(event: Event, context: Any) -> Event:  # noqa: ANN401 - as above
            clocks.compare(event, now())
            return answer(event, context)

        return compare_and_answer

    def _shut(self) -> None:
        self._load()
        for path in self._rehearsals:
            self._answer(_request_of_a_stranger(path), None)
        self._answer = _refuse
        wiring().close()
        wiring.cache_clear()

    def _reopen(self) -> None:
        random.seed()  # else every copy waits the same times between its attempts
        self._answer = self._opened()


def _refuse(_: Event, __: object) -> Event:
    raise DoorShut


def _request_of_a_stranger(path: str) -> Event:
    """Ask for something without a credential: what only a first request imports and makes is then in the snapshot."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "rehearsal"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"http": http, "requestId": "rehearsal", "stage": "$default"},
        "isBase64Encoded": False,
    }
