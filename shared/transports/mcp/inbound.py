"""A request as it came over HTTP, checked from the outside in until one JSON-RPC message is left, or what is wrong.

The era is chosen by `MCP-Protocol-Version` alone: absent or one of the four older versions means the way of the
handshake; 2026-07-28 means the stateless way; any other is told which versions are served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    MCP_PROTOCOL_VERSION_HEADER,
    InboundLadderRejection,
    classify_inbound_request,
    find_duplicated_routing_header,
    unsupported_protocol_version_rejection,
)
from mcp_types import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError
from pydantic_core import from_json

from shared.transports.mcp.answers import Fault, Place, RequestId

LARGEST_BODY = 1_048_576
JSON_TYPE = "application/json"
ASSUMED_VERSION = "2025-03-26"
"""What a request without the header speaks (2025-06-18, Transports): only `initialize` and old clients leave it out."""

SERVED_VERSIONS = (*reversed(MODERN_PROTOCOL_VERSIONS), *reversed(HANDSHAKE_PROTOCOL_VERSIONS))
"""Newest first."""

HINTS = {
    HEADER_MISMATCH: "Send MCP-Protocol-Version, Mcp-Method and Mcp-Name once each, with what the body says.",
    UNSUPPORTED_PROTOCOL_VERSION: f"Send the header MCP-Protocol-Version with one of {', '.join(SERVED_VERSIONS)}.",
    INVALID_PARAMS: (
        "Send io.modelcontextprotocol/protocolVersion (the version of the header, a string) and "
        "io.modelcontextprotocol/clientCapabilities (an object) in params._meta."
    ),
}
"""How to mend what the SDK rejects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What came in, whole."""

    method: str
    path: str
    header_lines: Sequence[tuple[str, str]] = field(repr=False)
    """Names in lower case; one that came twice stands here twice."""
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    """None: larger than we read."""
    request_id: str
    ip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One JSON-RPC message in its era."""

    message_id: int | str | None
    """None: a notification, or an answer to something that we never asked."""
    method: str
    params: Mapping[str, Any] | None
    protocol_version: str
    is_modern: bool
    client_info: Any = None
    client_capabilities: Any = None

    @property
    def is_request(self) -> bool:
        """Whether it is owed an answer."""
        return self.message_id is not None


def fault_of_http(request: HttpRequest, place: Place) -> Fault | None:
    """Say what is wrong before the body is looked at: method, origin, what is accepted, what is sent, how much."""
    if request.method != "POST":
        return _fault(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This endpoint takes POST only: it opens no stream and keeps no session.",
            "Use Streamable HTTP, not the older Server-Sent Events transport: each message in a POST of its own.",
            headers={"allow": "POST"},
        )
    origin = request.headers.get("origin")
    if origin is not None and origin != place.public_url and origin not in place.allowed_origins:
        return _fault(
            HTTPStatus.FORBIDDEN,
            "origin_not_allowed",
            "Web pages of this origin may not call this endpoint.",
            "Call it from a program, without the header Origin, or have the operator allow the origin.",
        )
    if not _accepts_json(request.headers.get("accept")):
        return _fault(
            HTTPStatus.NOT_ACCEPTABLE,
            "not_acceptable",
            "Answers are application/json.",
            "Send the header Accept: application/json, text/event-stream.",
        )
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        return _fault(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body must be application/json.",
            "Send the header Content-Type: application/json.",
        )
    if request.body is None:
        return _fault(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            f"The body is larger than {LARGEST_BODY} bytes.",
            "Send a smaller message; no tool takes arguments of that size.",
        )
    return None


def message_of(request: HttpRequest) -> Message | Fault:
    """Read the one JSON-RPC message of a body and find its era."""
    try:
        decoded: object = from_json(request.body or b"", allow_inf_nan=False)
    except ValueError:  # not JSON, not UTF-8, nested too deep, a number of thousands of digits
        return Fault(
            status=HTTPStatus.BAD_REQUEST,
            code=PARSE_ERROR,
            reason="parse_error",
            message="The body is not valid JSON.",
            hint="Send one JSON-RPC message as JSON in UTF-8.",
        )
    if isinstance(decoded, list):
        return _fault(
            HTTPStatus.BAD_REQUEST,
            "batch_not_supported",
            "The body is an array; batches are not supported, at 2025-03-26 neither.",
            "Send each message in a POST of its own.",
        )
    version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER)
    try:
        message = jsonrpc_message_adapter.validate_python(decoded, by_name=False)
    except ValidationError:
        return _not_a_message(_id_in(decoded))
    if isinstance(message, JSONRPCNotification) and isinstance(decoded, dict) and "id" in decoded:
        return _not_a_message(None)  # an id that is no id: the message is owed an answer and cannot get one
    if version is not None:
        unserved = unsupported_protocol_version_rejection(version, SERVED_VERSIONS)
        if unserved is not None:
            return _rejected(unserved, message.id if isinstance(message, JSONRPCRequest) else None)
        if version in MODERN_PROTOCOL_VERSIONS:
            return _modern(message, request, version)
    return _legacy(message, version or ASSUMED_VERSION)


def _legacy(message: JSONRPCMessage, version: str) -> Message:
    """Take a message of the handshake era; an answer to us is taken like a notification, for we never ask."""
    match message:
        case JSONRPCRequest():
            return Message(
                message_id=message.id,
                method=message.method,
                params=message.params,
                protocol_version=version,
                is_modern=False,
            )
        case JSONRPCNotification():
            method = message.method
        case JSONRPCResponse() | JSONRPCError():
            method = "response"
    return Message(message_id=None, method=method, params=None, protocol_version=version, is_modern=False)


def _modern(message: JSONRPCMessage, request: HttpRequest, version: str) -> Message | Fault:
    """Put a message through the rules of 2026-07-28: the envelope in `_meta`, and headers that say the same."""
    match message:
        case JSONRPCRequest():
            duplicated = find_duplicated_routing_header(request.header_lines)
            if duplicated is not None:
                rejection = InboundLadderRejection(
                    code=HEADER_MISMATCH, message=f"The header {duplicated} appears more than once."
                )
                return _rejected(rejection, message.id)
            route = classify_inbound_request(message.model_dump(), headers=request.headers)
            if isinstance(route, InboundLadderRejection):
                return _rejected(route, message.id)
            return Message(
                message_id=message.id,
                method=message.method,
                params=message.params,
                protocol_version=route.protocol_version,
                is_modern=True,
                client_info=route.client_info,
                client_capabilities=route.client_capabilities,
            )
        case JSONRPCNotification():
            return Message(
                message_id=None, method=message.method, params=None, protocol_version=version, is_modern=True
            )
        case JSONRPCResponse() | JSONRPCError():
            return _not_a_message(None)  # the id is that of a question, and we never asked one


def _rejected(rejection: InboundLadderRejection, message_id: RequestId) -> Fault:
    return Fault(
        status=ERROR_CODE_HTTP_STATUS.get(rejection.code, HTTPStatus.BAD_REQUEST),
        code=rejection.code,
        reason="protocol",
        message=f"{rejection.message.rstrip('.')}.",
        hint=HINTS[rejection.code],
        data=cast("dict[str, Any]", rejection.data or {}),
        message_id=message_id,
    )


def _id_in(decoded: object) -> RequestId:
    """Find the id of what is no message but for it; None: nothing that an answer could name."""
    if not isinstance(decoded, dict):
        return None
    found = cast("dict[str, object]", decoded).get("id")
    return found if isinstance(found, int | str) and not isinstance(found, bool) else None


def _not_a_message(message_id: RequestId) -> Fault:
    return _fault(
        HTTPStatus.BAD_REQUEST,
        "invalid_request",
        "The body is not one JSON-RPC 2.0 request or notification.",
        "A request has jsonrpc, id (a string or a whole number), method and, if any, params (an object).",
        message_id=message_id,
    )


def _fault(
    status: HTTPStatus,
    reason: str,
    message: str,
    hint: str,
    *,
    headers: Mapping[str, str] | None = None,
    message_id: RequestId = None,
) -> Fault:
    return Fault(
        status=status,
        code=INVALID_REQUEST,
        reason=reason,
        message=message,
        hint=hint,
        headers=headers or {},
        message_id=message_id,
    )


def _accepts_json(accept: str | None) -> bool:
    """Tell whether an Accept header leaves room for JSON; none at all accepts anything (RFC 9110, 12.5.1)."""
    if accept is None:
        return True
    for part in accept.split(","):
        kind, _, parameters = part.partition(";")
        if kind.strip().lower() not in {"*/*", "application/*", JSON_TYPE}:
            continue
        if parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            return True
    return False
