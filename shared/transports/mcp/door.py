"""`POST /mcp`: one request from the wire to the wire. The order of its steps is the order of this file.

form        method, origin, types, size, JSON, era            -> Fault
credential  who is it, is there room                          -> Refusal   (services/gate.py)
scope       may this token call this tool                     -> Refusal, written to the trail
answer      the SDK's kernel and the tool
trail       the call is written down, or its answer withheld  -> Refusal
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any, cast

from mcp.server.lowlevel import Server

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.scopes import Scope
from shared.domain.text import clean_line
from shared.services.gate import Gate, Pass, Request
from shared.services.refusals import Reason, Refusal, lacks_scope, unavailable
from shared.services.tool_catalogue import ToolEntry
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.facts import Figures
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.transports.mcp.answers import (
    Fault,
    HttpAnswer,
    Place,
    RequestId,
    limit_headers,
    of_fault,
    of_refusal,
    of_result,
)
from shared.transports.mcp.inbound import HttpRequest, Message, fault_of_http, message_of
from shared.transports.mcp.kernel import Failed, serve
from shared.transports.mcp.notice import with_notice
from shared.transports.mcp.server import Exchange
from shared.transports.mcp.tools.tool import Call, Catalogue

logger = logging.getLogger(__name__)

CALL = "tools/call"
METHOD_KEPT = 64
NAME_KEPT = 100
USER_AGENT_KEPT = 256
ACCEPTED = 202


@dataclass(frozen=True, kw_only=True)
class Door:
    """The collaborators of the endpoint."""

    gate: Gate
    workspaces: WorkspaceStore
    figures: Figures
    trail: TrailSources
    alerts: AlertStore
    catalogue: Catalogue
    server: Server[dict[str, Any]]
    place: Place
    clock: Callable[[], datetime]

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request to the endpoint."""
        message = fault_of_http(request, self.place) or message_of(request)
        if isinstance(message, Fault):
            return of_fault(message, place=self.place, request_id=request.request_id)
        is_call = message.method == CALL and message.is_request
        tool = self.catalogue.get((message.params or {}).get("name")) if message.method == CALL else None
        now = self.clock()
        let_in = self.gate.enter(
            Request(
                authorization=request.headers.get("authorization"),
                method=_line(message.method, METHOD_KEPT),
                tool=tool.name if tool is not None else None,
                is_call=is_call,
                request_id=request.request_id,
                ip=request.ip,
                user_agent=_line(request.headers.get("user-agent", ""), USER_AGENT_KEPT) or None,
                now=now,
            )
        )
        if isinstance(let_in, Refusal):
            return self._refuse(let_in, message.message_id, request.request_id)
        if message.message_id is None:
            return HttpAnswer(status=ACCEPTED, headers=limit_headers(let_in.limit))
        exchange = Exchange(call=self._call_of(let_in, request, now))
        if not is_call:
            return await self._serve(message, message.message_id, exchange)
        return await self._serve_call(message, message.message_id, exchange, let_in, tool)

    async def _serve_call(
        self, message: Message, message_id: int | str, exchange: Exchange, let_in: Pass, tool: ToolEntry | None
    ) -> HttpAnswer:
        """Run an admitted call, and give its answer away only once it stands in the trail."""
        began = perf_counter()
        arguments = (message.params or {}).get("arguments")
        missing = tool.lacks(let_in.token.scopes, arguments) if tool is not None else frozenset[Scope]()
        if tool is not None and missing:
            outcome, exchange.error_code = Outcome.DENIED_SCOPE, str(Reason.INSUFFICIENT_SCOPE)
            refusal = replace(lacks_scope(tool.name, missing, let_in.token), limit=let_in.limit)
            answer = self._refuse(refusal, message_id, exchange.call.request_id)
        else:
            answer = await self._serve(message, message_id, exchange)
            outcome = Outcome.OK if exchange.error_code is None else Outcome.ERROR
        event = ToolCalled(
            token_id=let_in.token.token_id,
            number=let_in.number,
            tool=tool.name if tool is not None else None,
            scope=_scope_of(tool, arguments),
            arguments_hash=self._hash(arguments, let_in.token.workspace_id),
            outcome=outcome,
            error_code=exchange.error_code,
            milliseconds=round((perf_counter() - began) * 1000),
            result_bytes=len(answer.body),
            protocol_version=message.protocol_version,
            # Only 2026-07-28 says with each call who the client is; before it, the user agent in the origin must do.
            client_name=_told_by_client(message, "name"),
            client_version=_told_by_client(message, "version"),
            at=exchange.call.now,
        )
        withheld = self.gate.settle(event, let_in)
        return answer if withheld is None else self._refuse(withheld, message_id, exchange.call.request_id)

    async def _serve(self, message: Message, message_id: int | str, exchange: Exchange) -> HttpAnswer:
        """Let the kernel answer, and put the answer into its HTTP form."""
        limit = exchange.call.limit
        try:
            served = await serve(self.server, message, message_id, exchange=exchange)
        except StoreUnavailable:
            logger.exception("store unavailable", extra={"request_id": exchange.call.request_id})
            exchange.error_code = str(Reason.STORE_UNAVAILABLE)
            refusal = replace(unavailable(Reason.STORE_UNAVAILABLE), limit=limit)
            return self._refuse(refusal, message_id, exchange.call.request_id)
        if isinstance(served, Failed):
            exchange.error_code = exchange.error_code or str(served.fault.code)
            fault = replace(served.fault, headers=limit_headers(limit), message_id=message_id)
            return of_fault(fault, place=self.place, request_id=exchange.call.request_id)
        result = with_notice(served, exchange.call.credential, method=message.method, now=exchange.call.now)
        return of_result(message_id, result, limit)

    def _refuse(self, refusal: Refusal, message_id: RequestId, request_id: str) -> HttpAnswer:
        return of_refusal(refusal, message_id, place=self.place, request_id=request_id)

    def _call_of(self, let_in: Pass, request: HttpRequest, now: datetime) -> Call:
        return Call(
            credential=let_in.token,
            plan=let_in.plan,
            limit=let_in.limit,
            now=now,
            request_id=request.request_id,
            docs_url=self.place.docs_url,
            workspaces=self.workspaces,
            figures=self.figures,
            trail=self.trail,
            alerts=self.alerts,
            keys=self.gate.keys,
            catalogue=self.catalogue,
        )

    def _hash(self, arguments: object, workspace_id: str) -> str:
        """Give equal arguments of one workspace the same hash, which nobody without the key can compute."""
        canonical = json.dumps([workspace_id, arguments or {}], sort_keys=True, separators=(",", ":"))
        return hmac.new(self.gate.keys.arguments, canonical.encode(), hashlib.sha256).hexdigest()


def _told_by_client(message: Message, name: str) -> str:
    info = message.client_info
    told = cast("dict[str, object]", info).get(name) if isinstance(info, dict) else None
    return _line(told, NAME_KEPT) if isinstance(told, str) else ""


def _line(text: str, longest: int) -> str:
    """Make one line of what a caller wrote; cut it first, for it may be a megabyte."""
    return clean_line(text[: 2 * longest])[:longest]


def _scope_of(tool: ToolEntry | None, arguments: object) -> str | None:
    scope = None if tool is None else tool.scope_of(arguments)
    return None if scope is None else str(scope)
