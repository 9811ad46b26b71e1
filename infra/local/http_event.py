"""What API Gateway's HTTP API makes of a request and of a function's answer (Lambda proxy, payload format 2.0).

Facts that its documentation leaves open were taken from recordings that others published of the real service:
the path arrives percent-decoded and ends at a decoded `?`, the query string does not; `body` and
`queryStringParameters` are absent, not null, when there are none; a body is text only for the media types below
(and, here, only if it is UTF-8).
"""

import base64
import binascii
import contextlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from infra.local.lambda_context import ACCOUNT

TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})
# RFC 9110, section 7.6.1: these speak of one connection, and the function has none.
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
REMAPPED = "www-authenticate"

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it came over the wire."""

    method: str
    path: str  # as `decoded` gives it
    query: str
    headers: Headers
    body: bytes
    protocol: str
    client_ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """An answer as it goes over the wire."""

    status: int
    headers: Headers
    body: bytes


class MalformedAnswer(Exception):
    """The function answered something that is not an HTTP answer."""


def new_request_id() -> str:
    """An id in the form of API Gateway's own."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode("ascii")


def decoded(raw_path: str) -> str:
    """Decode a path as the gateway does before it looks for a route."""
    return unquote(raw_path).partition("?")[0]


def event_of(
    request: HttpRequest, *, route_key: str, path_parameters: Mapping[str, str], request_id: str, now: datetime
) -> dict[str, Any]:
    """Make the event that the function gets."""
    headers = _joined(request)
    domain = headers.get("host", "").partition(":")[0]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.client_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := [cookie for value in _values(request.headers, "cookie") for cookie in value.split("; ")]:
        event["cookies"] = cookies
    if query := parse_qsl(request.query, keep_blank_values=True):
        event["queryStringParameters"] = _combined(query)
    if path_parameters:
        event["pathParameters"] = dict(path_parameters)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body_of(request.body, headers.get("content-type", ""))
    return event


def answer_of(result: Any, *, request_id: str, remap_www_authenticate: bool) -> HttpAnswer:  # noqa: ANN401 - the point is to look at it
    """Make the HTTP answer out of what the function returned.

    Raises:
        MalformedAnswer: it cannot be one.

    """
    if not isinstance(result, dict) or "statusCode" not in result:
        # Format 2.0 takes anything else for the body of a good answer.
        body = json.dumps(result, separators=(",", ":")).encode("utf-8")
        return HttpAnswer(status=200, headers=[("content-type", "application/json")], body=body)
    given = cast("dict[str, Any]", result)
    try:
        status = int(given["statusCode"])
        said: dict[str, Any] = given.get("headers") or {}
        headers = [(name.lower(), str(value)) for name, value in said.items()]
        crumbs: list[Any] = given.get("cookies") or []
        cookies = [("set-cookie", str(cookie)) for cookie in crumbs]
        text: str = given.get("body") or ""
        body = base64.b64decode(text, validate=True) if given.get("isBase64Encoded") else text.encode("utf-8")
    except (AttributeError, TypeError, ValueError, binascii.Error) as wrong:
        raise MalformedAnswer from wrong
    if not 100 <= status <= 599:  # noqa: PLR2004 - what HTTP calls a status
        raise MalformedAnswer
    if remap_www_authenticate:
        headers = [(f"x-amzn-remapped-{name}" if name == REMAPPED else name, value) for name, value in headers]
    if body and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    kept = [(name, value) for name, value in headers if name not in HOP_BY_HOP | {"content-length"}]
    return HttpAnswer(status=status, headers=[*cookies, *kept, ("apigw-requestid", request_id)], body=body)


def _joined(request: HttpRequest) -> dict[str, str]:
    """All headers, lower-case, repeated ones joined by commas; cookies have a field of their own."""
    given = ((name, value) for name, value in request.headers if name not in HOP_BY_HOP and name != "cookie")
    headers = _combined(given)
    if request.body:
        headers["content-length"] = str(len(request.body))
    seen_through = f"{headers['x-forwarded-for']}, " if "x-forwarded-for" in headers else ""
    headers["x-forwarded-for"] = seen_through + request.client_ip
    headers["x-forwarded-proto"] = "http"
    headers["x-forwarded-port"] = headers.get("host", "").partition(":")[2] or "80"
    return headers


def _combined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    combined: dict[str, str] = {}
    for name, value in pairs:
        combined[name] = f"{combined[name]},{value}" if name in combined else value
    return combined


def _values(headers: Headers, wanted: str) -> list[str]:
    return [value for name, value in headers if name == wanted]


def _body_of(body: bytes, content_type: str) -> tuple[str, bool]:
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        with contextlib.suppress(UnicodeDecodeError):  # the function is to judge the bytes that were sent
            return body.decode("utf-8"), False
    return base64.b64encode(body).decode("ascii"), True
