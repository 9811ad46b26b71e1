"""What goes back over HTTP: JSON-RPC answers, refusals with their status and headers, and nothing of our insides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from shared.domain.scopes import Scope
from shared.domain.token.wording import without_tokens
from shared.services.refusals import LimitState, Reason, Refusal

INTERNAL_ERROR = -32603
PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource"
ENDPOINT = "/mcp"
UNAUTHORIZED = 401

RequestId = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this deployment stands, as callers see it."""

    public_url: str
    docs_url: str
    allowed_origins: frozenset[str] = frozenset()
    """Origins of web pages that may call, besides our own."""

    @property
    def endpoint(self) -> str:
        """The MCP endpoint: also the identifier of the protected resource."""
        return self.public_url + ENDPOINT

    @property
    def metadata_url(self) -> str:
        """Where RFC 9728 puts what is to be known about the endpoint."""
        return f"{self.public_url}{PROTECTED_RESOURCE_PATH}{ENDPOINT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A request that is wrong in its form, before anybody asks who sent it."""

    status: int
    code: int
    reason: str
    message: str
    hint: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    message_id: RequestId = None


def to_json(value: object) -> bytes:
    """Write JSON the short way; a number that is no JSON number is a bug and raises."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def untold(value: object) -> object:
    """Give what a refusal tells without the tokens that were sent where none belongs."""
    match value:
        case str():
            return without_tokens(value)
        case Mapping():
            told = cast("Mapping[str, object]", value)
            return {without_tokens(name): untold(each) for name, each in told.items()}
        case list() | tuple():
            return [untold(each) for each in cast("Sequence[object]", value)]
        case _:
            return value


def of_json(status: int, value: object, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """Answer with a JSON document that no cache may keep."""
    fixed = {"content-type": "application/json", "cache-control": "no-store"}
    return HttpAnswer(status=status, headers={**fixed, **(headers or {})}, body=to_json(value))


def of_result(message_id: RequestId, result: Mapping[str, Any], limit: LimitState | None) -> HttpAnswer:
    """Answer a request with its result."""
    return of_json(200, {"jsonrpc": "2.0", "id": message_id, "result": result}, limit_headers(limit))


def of_error(  # noqa: PLR0917 - the parts of a JSON-RPC error, in their order
    status: int,
    message_id: RequestId,
    code: int,
    message: str,
    data: object = None,
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Answer with a JSON-RPC error."""
    error: dict[str, Any] = {"code": code, "message": without_tokens(message)}
    if data is not None:
        error["data"] = untold(data)
    return of_json(status, {"jsonrpc": "2.0", "id": message_id, "error": error}, headers)


def of_fault(fault: Fault, *, place: Place, request_id: str) -> HttpAnswer:
    """Say what is wrong with the form of a request, and how to mend it."""
    data = {
        **fault.data,
        "reason": fault.reason,
        "hint": fault.hint,
        "docs_url": place.docs_url,
        "request_id": request_id,
    }
    message = f"{fault.message} {fault.hint}"
    return of_error(fault.status, fault.message_id, fault.code, message, data, fault.headers)


def of_refusal(refusal: Refusal, message_id: RequestId, *, place: Place, request_id: str) -> HttpAnswer:
    """Say no as the table of refusals does. The hint stands in the message too: some clients show nothing else."""
    form = refusal.form
    data = {
        **refusal.details,
        "reason": str(refusal.reason),
        "hint": form.hint,
        "docs_url": place.docs_url,
        "request_id": request_id,
    }
    headers = {**limit_headers(refusal.limit), **_challenge(refusal, place)}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    return of_error(form.status, message_id, form.code, f"{form.message} {form.hint}", data, headers)


def of_our_own_fault(message_id: RequestId, *, place: Place, request_id: str) -> HttpAnswer:
    """Own up to a bug, and say nothing about it but the id under which the log tells more."""
    data = {
        "reason": "internal",
        "hint": "Try again; if it happens again, report request_id.",
        "docs_url": place.docs_url,
        "request_id": request_id,
    }
    return of_error(500, message_id, INTERNAL_ERROR, "Something went wrong on our side.", data)


def limit_headers(limit: LimitState | None) -> dict[str, str]:
    """Tell where the limit stands, in the structured fields of the IETF's RateLimit draft."""
    if limit is None:
        return {}
    return {
        "ratelimit-policy": f'"{limit.policy}";q={limit.quota};w={limit.window_seconds}',
        "ratelimit": f'"{limit.policy}";r={limit.remaining};t={limit.reset_seconds}',
    }


def _challenge(refusal: Refusal, place: Place) -> dict[str, str]:
    """Challenge whoever showed nothing, or an access token, to sign in; tell others only that theirs is not good.

    A static token is told of no sign-in: a client that reads of one, or of `insufficient_scope`, starts it, which
    cannot help, and hides the reason.
    """
    form = refusal.form
    metadata = f'resource_metadata="{place.metadata_url}"'
    if refusal.reason is Reason.CREDENTIAL_MISSING:
        return {"www-authenticate": f'Bearer {metadata}, scope="{" ".join(Scope)}"'}
    scope = f'scope="{" ".join(sorted(refusal.sign_in_for))}"' if refusal.sign_in_for is not None else None
    if form.status == UNAUTHORIZED:
        told = [f'error="invalid_token", error_description="{form.message}"', *([metadata, scope] if scope else [])]
        return {"www-authenticate": f"Bearer {', '.join(told)}"}
    if refusal.reason is Reason.INSUFFICIENT_SCOPE and scope is not None:
        return {"www-authenticate": f'Bearer error="insufficient_scope", {scope}, {metadata}'}
    return {}
