"""One JSON-RPC request through the SDK's kernel, with nothing left over afterwards.

The SDK's session manager wants a lifespan, a task group and a transport; a function that answers one event at a time
has none of them. `serve_one` is the part below: it takes a server, a connection and one request, and gives the result.
See docs/adr/0008-mcp-by-the-kernel.md.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
from mcp.server.connection import Connection
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_one
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp.shared.inbound import ERROR_CODE_HTTP_STATUS
from mcp.shared.message import MessageMetadata, ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, ErrorData
from pydantic import ValidationError

from shared.storage.contracts.streams import StoreUnavailable
from shared.transports.mcp.answers import Fault
from shared.transports.mcp.inbound import Message
from shared.transports.traces import trace_of

logger = logging.getLogger(__name__)

OK = 200

REASONS = {
    METHOD_NOT_FOUND: ("method_not_found", "The methods that tell figures are tools/list and tools/call."),
    INVALID_PARAMS: (
        "invalid_params",
        "Send params as the method has them; tools/call has name and arguments (an object).",
    ),
    INTERNAL_ERROR: ("internal", "Try again; if it happens again, report request_id."),
}
"""What the SDK's errors are called here, and how to mend what they are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneExchange:
    """The SDK's view of one POST: a request id, what rides along, and no way to send anything but the answer."""

    request_id: int | str
    message_metadata: MessageMetadata
    transport: TransportContext = field(
        default_factory=lambda: TransportContext(kind="streamable-http", can_send_request=False)
    )
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    can_send_request: bool = False

    async def send_raw_request(
        self,
        method: str,
        params: Mapping[str, Any] | None,  # noqa: ARG002 - the SDK's protocol
        opts: CallOptions | None = None,  # noqa: ARG002 - the same
    ) -> dict[str, Any]:
        """Refuse: there is no way back to the client but the answer."""
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        """Drop a notification: a JSON answer has no place for it."""

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Drop a report of progress: the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A request that ends in a JSON-RPC error."""

    fault: Fault


async def serve(
    server: Server[dict[str, Any]], message: Message, message_id: int | str, *, exchange: object
) -> dict[str, Any] | Failed:
    """Give the result of one request, or its error with the HTTP status of its era.

    `exchange` reaches the server's handlers as `ctx.request`.

    Raises:
        StoreUnavailable: a handler needs the store and cannot reach it.

    """
    # A connection that is ready from birth: who the client is was said in this very request, or long ago and elsewhere.
    connection = Connection.from_envelope(message.protocol_version, message.client_info, message.client_capabilities)
    context = OneExchange(
        request_id=message_id, message_metadata=ServerMessageMetadata(request_context=exchange, can_send_request=False)
    )
    try:
        return await serve_one(
            server, context, message.method, message.params, connection=connection, lifespan_state={}
        )
    except MCPError as refused:
        error = refused.error
    except ValidationError:
        error = ErrorData(code=INVALID_PARAMS, message="Invalid request parameters.")
    except StoreUnavailable:
        raise
    except Exception as bug:  # noqa: BLE001 - the wall: what is behind it is logged by its trace, and told to nobody
        logger.error("a request failed", extra={"method": message.method, "trace": trace_of(bug)})  # noqa: TRY400 - the text of an exception may hold a merchant's values
        error = ErrorData(code=INTERNAL_ERROR, message="Something went wrong on our side.")
    status = ERROR_CODE_HTTP_STATUS.get(error.code, OK) if message.is_modern else OK
    return Failed(fault=_fault_of(error, status))


def _fault_of(error: ErrorData, status: int) -> Fault:
    """Say what a handler of ours said, and of the SDK's own errors no more than what they are."""
    reason, hint = REASONS.get(error.code, REASONS[INTERNAL_ERROR])
    said = cast("dict[str, Any]", error.data) if isinstance(error.data, dict) else {}
    return Fault(
        status=status,
        code=error.code,
        reason=said.get("reason", reason),
        message=f"{error.message.rstrip('.')}.",
        hint=said.get("hint", hint),
        data=said,
    )
