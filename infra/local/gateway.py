"""The HTTP side of the local stack: API Gateway's HTTP API in front of the functions."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from infra.local.http_event import (
    HttpAnswer,
    HttpRequest,
    MalformedAnswer,
    answer_of,
    decoded,
    event_of,
    new_request_id,
)
from infra.local.logs import loggable
from infra.local.pool import ContainerLost, InvocationFailed

LONGEST_REQUEST = 10 * 1024 * 1024  # API Gateway's own limit
LONGEST_PAYLOAD = 6 * 1024 * 1024  # Lambda's, for the event and for the answer
INTEGRATION_TIMEOUT = 30.0

# What API Gateway itself says.
NOT_FOUND = (404, "Not Found")
TOO_LARGE = (413, "Request Entity Too Large")
CRASHED = (500, "Internal Server Error")
LOST = (502, "Internal Server Error")  # the real one says 500 here too; a developer wants to tell a death from a raise
TIMED_OUT = (503, "Service Unavailable")

log = logging.getLogger(__name__)


Invoke = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""How the gateway has an event answered by a function, by name."""


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """A route of the HTTP API: `METHOD /path`, with ANY for every method; a `{proxy+}` takes the rest of the path.

    The key `$default` takes every request, so it comes after the others.
    """

    key: str
    function: str

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """Give the path's parameters, or None if the request is not this route's."""
        if self.key == "$default":
            return {}
        own_method, own_path = self.key.split(" ")
        start, greedy, _ = own_path.partition("{proxy+}")
        if own_method not in {"ANY", method}:
            return None
        if not greedy:
            return {} if path == own_path else None
        rest = path.removeprefix(start)
        return {"proxy": rest} if rest and rest != path else None


class TooLarge(Exception):
    """The body is longer than the gateway takes."""


class Gateway:
    """An ASGI application that gives every request to the function of its route."""

    def __init__(
        self,
        routes: Sequence[ApiRoute],
        invoke: Invoke,
        *,
        remap_www_authenticate: bool = False,
        timeout: float = INTEGRATION_TIMEOUT,
    ) -> None:
        self._routes = routes
        self._invoke = invoke
        self._remap = remap_www_authenticate
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.monotonic()
        request = Request(scope, receive)
        request_id = new_request_id()
        try:
            answer = await self._answer(request, request_id)
        except ClientDisconnect:
            return
        response = Response(answer.body, status_code=answer.status)
        response.raw_headers.extend((name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers)
        await response(scope, receive, send)
        took = (time.monotonic() - started) * 1000
        log.info("%s %s %d %.1f ms %s", request.method, loggable(request.url.path), answer.status, took, request_id)

    async def _answer(self, request: Request, request_id: str) -> HttpAnswer:
        path = decoded(request.scope["raw_path"].decode("ascii"))
        matched = self._match(request.method, path)
        if matched is None:
            return _message(NOT_FOUND, request_id)
        route, parameters = matched
        try:
            event = event_of(
                await _read(request, path),
                route_key=route.key,
                path_parameters=parameters,
                request_id=request_id,
                now=datetime.now(UTC),
            )
        except TooLarge:
            return _message(TOO_LARGE, request_id)
        if len(json.dumps(event)) > LONGEST_PAYLOAD:
            return _message(TOO_LARGE, request_id)
        try:
            async with asyncio.timeout(self._timeout):
                result = await self._invoke(route.function, event)
            if len(json.dumps(result)) > LONGEST_PAYLOAD:
                return _message(CRASHED, request_id)
            return answer_of(result, request_id=request_id, remap_www_authenticate=self._remap)
        except TimeoutError:
            return _message(TIMED_OUT, request_id)
        except ContainerLost:
            return _message(LOST, request_id)
        except (InvocationFailed, MalformedAnswer):
            return _message(CRASHED, request_id)

    def _match(self, method: str, path: str) -> tuple[ApiRoute, dict[str, str]] | None:
        for route in self._routes:
            if (parameters := route.parameters(method, path)) is not None:
                return route, parameters
        return None


def build_app(gateway: Gateway, *, own_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Put the stack's own answers beside the functions' routes."""
    return Starlette(routes=[Route("/healthz", _healthy), *own_routes, Route("/{path:path}", gateway)])


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _read(request: Request, path: str) -> HttpRequest:
    body = bytearray()
    longer = False
    async for chunk in request.stream():
        # What is too long is still read to its end: an answer in the middle of it would reach few clients.
        longer = longer or len(body) + len(chunk) > LONGEST_REQUEST
        body += b"" if longer else chunk
    if longer:
        raise TooLarge
    return HttpRequest(
        method=request.method,
        path=path,
        query=request.scope["query_string"].decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]],
        body=bytes(body),
        protocol=f"HTTP/{request.scope['http_version']}",
        client_ip=request.client.host if request.client else "",
    )


def _message(said: tuple[int, str], request_id: str) -> HttpAnswer:
    status, message = said
    headers = [("content-type", "application/json"), ("apigw-requestid", request_id)]
    return HttpAnswer(status=status, headers=headers, body=json.dumps({"message": message}).encode("utf-8"))
