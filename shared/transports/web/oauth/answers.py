"""What the endpoints for clients answer: JSON that any web page may read, as no cookie is involved."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from shared.domain.errors import DomainError
from shared.domain.token.grants import REFRESH_EVERY
from shared.domain.token.wording import without_tokens
from shared.services.grants.refusals import OAuthError
from shared.storage.contracts.streams import StoreUnavailable, StreamMoved
from shared.transports.web.visitors import request_id_of

logger = logging.getLogger(__name__)

FOR_CLIENTS = ("/oauth/token", "/oauth/register", "/oauth/revoke", "/.well-known/")
ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    **ANY_PAGE,
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    # What the SDKs send; the version of MCP stands on their requests for metadata too.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, MCP-Protocol-Version",
    "Access-Control-Max-Age": "86400",
}
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
RETRY_SECONDS = 5
SLOWER_SECONDS = int(REFRESH_EVERY.total_seconds())
_NOT_TOLD = re.compile(r'[^\x20-\x7e]|["\\]')
"""What RFC 6749, section 5.2, keeps out of descriptions."""


def tell(content: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a client; `headers` take the place of those that say that nobody keeps the answer."""
    return JSONResponse(content, status_code=status, headers={**ANY_PAGE, **(NOT_KEPT if headers is None else headers)})


async def preflight() -> Response:
    """Let the pages of others ask: what they get is what anybody gets."""
    return Response(status_code=204, headers=PREFLIGHT)


def is_for_clients(request: Request) -> bool:
    """Tell whether a program waits for the answer, not a person."""
    return request.url.path.startswith(FOR_CLIENTS)


def describe(refusal: DomainError) -> str:
    """Say what is wrong and what to do, in the characters that `error_description` may have."""
    return _NOT_TOLD.sub("'", without_tokens(f"{refusal.message} {refusal.hint}".strip()))


def tell_error(request: Request, error: Exception) -> Response:
    """Answer a client that does not get what it asks for."""
    match error:
        case DomainError(code=OAuthError.INVALID_CLIENT):
            # RFC 6749, section 5.2: who came with Authorization is told so by the scheme that they used.
            basic = {"WWW-Authenticate": 'Basic realm="OAuth"'} if "authorization" in request.headers else {}
            return _error(401, error.code, describe(error), basic)
        case DomainError(code=OAuthError.SLOW_DOWN):
            return _error(429, error.code, describe(error), {"Retry-After": str(SLOWER_SECONDS)})
        case DomainError():
            return _error(400, error.code, describe(error))
        case StoreUnavailable() | StreamMoved():
            logger.warning("a client has to wait", extra={"request_id": request_id_of(request)}, exc_info=error)
            told = f"We cannot do this at the moment. Send the same request again in {RETRY_SECONDS} seconds."
            return _error(503, "temporarily_unavailable", told, {"Retry-After": str(RETRY_SECONDS)})
        case HTTPException(status_code=status):
            told = "There is no such endpoint, or not by this method. GET /.well-known/oauth-authorization-server."
            return _error(status, OAuthError.INVALID_REQUEST, told, error.headers)
        case _:
            # The traceback is logged by whoever called the app: the framework raises the error again.
            logger.error("an answer to a client failed", extra={"request_id": request_id_of(request)})
            told = f"Something went wrong on our side. Our reference is {request_id_of(request)}."
            return _error(500, "server_error", told)


def _error(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> Response:
    told = {"error": error, "error_description": description}
    return tell(told, status=status, headers={**NOT_KEPT, **(headers or {})})
