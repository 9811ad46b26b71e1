"""The real handlers, imported once and then invoked as Lambda does it: one event after the other, in one process."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from typing import Any

import pytest

from functions.wiring import now, wiring
from infra.local.lambda_context import LambdaContext
from shared.storage.contracts.objects import ObjectStore
from tests.data.stores import Stores
from tests.doors.events import event

SECONDS = 30

Handler = Callable[[dict[str, Any], Any], Any]
_numbers = count(1)


@contextmanager
def process_of_lambda() -> Generator[pytest.MonkeyPatch]:
    """Make this process as Lambda starts it: an environment to be set, a loop in the main thread, logging untouched."""
    ours = logging.getLogger("shared")
    before = (ours.handlers, ours.level, ours.propagate)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with pytest.MonkeyPatch.context() as patch:
        yield patch
    asyncio.set_event_loop(None)
    loop.close()
    ours.handlers, ours.level, ours.propagate = before


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer, as the function gave it to API Gateway."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the document is
        return json.loads(self.text)


@dataclass(kw_only=True)
class Doors:
    """The functions of one stack, each with an environment of its own, as if in a container of its own."""

    stores: Stores = field(repr=False)
    """The stack's own, to prepare it and to look into it."""
    objects: ObjectStore = field(repr=False)
    settings: Mapping[str, Mapping[str, str]] = field(repr=False)
    """Function -> its environment."""
    environment: pytest.MonkeyPatch
    running: str = ""
    _handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])

    def invoke(self, function: str, happened: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a function answers what it likes
        """Hand an event to a function."""
        if function != self.running:
            self._enter(function)
        if function not in self._handlers:  # a cold start
            sys.modules.pop(f"functions.{function}.handler", None)
            self._handlers[function] = import_module(f"functions.{function}.handler").handler
        context = LambdaContext(
            aws_request_id=f"invocation-{next(_numbers)}",
            function_name=function,
            memory_limit_in_mb=1769,
            deadline=now().timestamp() + SECONDS,
        )
        return self._handlers[function](json.loads(json.dumps(happened)), context)

    def ask(self, function: str, name: str, **values: str) -> Answer:
        """Hand a request of `events/invoke` to a function."""
        return self.send(function, event(name, **values))

    def send(self, function: str, request: dict[str, Any]) -> Answer:
        """Hand a request to a function, under a request id of its own."""
        request["requestContext"]["requestId"] = f"request-{next(_numbers)}"
        answer = self.invoke(function, request)
        assert answer["isBase64Encoded"] is False
        return Answer(status=answer["statusCode"], headers=answer["headers"], text=answer["body"])

    def ask_three_times(self, function: str, name: str, **values: str) -> list[Answer]:
        """Do it cold, warm, and warm again; that it is one and the same process matters, not which call was first."""
        return [self.ask(function, name, **values) for _ in range(3)]

    def start_anew(self) -> None:
        """Let go of every container: the next request to each is a cold start."""
        self._handlers.clear()
        self.running = ""

    def _enter(self, function: str) -> None:
        for name in {name for settings in self.settings.values() for name in settings}:
            self.environment.delenv(name, raising=False)
        for name, value in self.settings[function].items():
            self.environment.setenv(name, value)
        wiring.cache_clear()
        self.running = function
