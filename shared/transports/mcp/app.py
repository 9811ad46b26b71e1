"""The ASGI app of the MCP function: its routes, and the wall behind which its own faults stay."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from shared.domain.scopes import Scope
from shared.services.gate import Gate
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.facts import Figures
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.transports.mcp.answers import (
    ENDPOINT,
    PROTECTED_RESOURCE_PATH,
    HttpAnswer,
    Place,
    of_json,
    of_our_own_fault,
)
from shared.transports.mcp.door import Door
from shared.transports.mcp.inbound import LARGEST_BODY, HttpRequest
from shared.transports.mcp.server import build_server
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.tool import Catalogue
from shared.transports.traces import trace_of

logger = logging.getLogger(__name__)

Scope_ = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

METADATA_PATHS = frozenset({PROTECTED_RESOURCE_PATH, PROTECTED_RESOURCE_PATH + ENDPOINT})
ANY_PAGE = {"access-control-allow-origin": "*"}
"""No cookie takes part: the pages of others may read what anybody may."""
PREFLIGHT = {
    **ANY_PAGE,
    "access-control-allow-methods": "GET, OPTIONS",
    "access-control-allow-headers": "MCP-Protocol-Version",
    "access-control-max-age": "86400",
}
OK = 200
NO_CONTENT = 204
NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class McpApp:
    """What Mangum and a local server call for each request."""

    door: Door
    place: Place

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer one request; there is no lifespan."""
        request = await _read(scope, receive)
        try:
            answer = await self._answer(request)
        except Exception as bug:  # noqa: BLE001 - the outermost wall
            logger.error(  # noqa: TRY400 - the text of an exception may hold a caller's values
                "the door failed", extra={"request_id": request.request_id, "trace": trace_of(bug)}
            )
            answer = of_our_own_fault(None, place=self.place, request_id=request.request_id)
        await _write(answer, request.request_id, send)

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        if request.path == ENDPOINT:
            return await self.door.answer(request)
        if request.path in METADATA_PATHS and request.method == "GET":
            return self._metadata()
        if request.path in METADATA_PATHS and request.method == "OPTIONS":
            return HttpAnswer(status=NO_CONTENT, headers=PREFLIGHT)
        return of_json(NOT_FOUND, _nothing_here(self.place))

    def _metadata(self) -> HttpAnswer:
        """Describe the endpoint to OAuth clients (RFC 9728)."""
        document = {
            "resource": self.place.endpoint,
            "resource_name": "Merchant MCP",
            "resource_documentation": self.place.docs_url,
            "authorization_servers": [self.place.public_url],
            "scopes_supported": [str(scope) for scope in Scope],
            "bearer_methods_supported": ["header"],
        }
        answer = of_json(OK, document)
        return replace(answer, headers={**answer.headers, **ANY_PAGE, "cache-control": "public, max-age=300"})


def build_app(
    *,
    gate: Gate,
    workspaces: WorkspaceStore,
    figures: Figures,
    trail: TrailSources,
    alerts: AlertStore,
    place: Place,
    clock: Callable[[], datetime],
    catalogue: Catalogue = CATALOGUE,
) -> McpApp:
    """Make the app of one process."""
    door = Door(
        gate=replace(gate, resource=place.endpoint),  # what it remembers stays one
        workspaces=workspaces,
        figures=figures,
        trail=trail,
        alerts=alerts,
        catalogue=catalogue,
        server=build_server(catalogue),
        place=place,
        clock=clock,
    )
    return McpApp(door=door, place=place)


def _nothing_here(place: Place) -> dict[str, str]:
    """Help whoever is at a path of nobody's, most of all a client that looks for a sign-in after a 401.

    Some clients show this text and nothing of the 401.
    """
    return {
        "error": "not_found",
        "message": (
            f"Nothing is served here. The MCP endpoint is POST {place.endpoint}, and the REST API begins with "
            f"{place.public_url}/v1/. How apps sign in stands in {place.metadata_url}. If a sign-in was tried after a "
            "401, the token in the Authorization header is missing, wrong, expired or revoked, and where it begins "
            "with mfp_ or mfs_ no sign-in mends it."
        ),
        "docs_url": place.docs_url,
    }


async def _read(scope: Scope_, receive: Receive) -> HttpRequest:
    raw = cast("list[tuple[bytes, bytes]]", scope["headers"])
    lines = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
    client = cast("tuple[str, int] | None", scope.get("client"))
    return HttpRequest(
        method=scope["method"],
        path=_path_as_given(scope),
        header_lines=lines,
        headers=dict(lines),
        body=await _body(receive),
        request_id=_gateway_id(scope) or uuid4().hex,
        ip=client[0] if client else None,
    )


async def _body(receive: Receive) -> bytes | None:
    """Read a body up to the size that we take."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        part = cast("bytes", event.get("body", b""))
        more = event["type"] == "http.request" and bool(event.get("more_body"))
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _path_as_given(scope: Scope_) -> str:
    """Give the path as the gateway decoded it and chose the route by; Mangum decodes it once more."""
    event = cast("dict[str, Any]", scope.get("aws.event", {}))
    found = event.get("requestContext", {}).get("http", {}).get("path")
    return found if isinstance(found, str) else scope["path"]


def _gateway_id(scope: Scope_) -> str | None:
    """Find the id that API Gateway gave the request: it stands in its access log too."""
    event = cast("dict[str, Any]", scope.get("aws.event", {}))
    found = cast("dict[str, Any]", event.get("requestContext", {})).get("requestId")
    return found if isinstance(found, str) and found else None


async def _write(answer: HttpAnswer, request_id: str, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"x-request-id", request_id.encode()))
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
