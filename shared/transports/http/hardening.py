"""What holds for every request and answer, whatever the route: sizes, the type of bodies, the headers of safety."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.transports.http.problems import problem_of, route_unknown
from shared.transports.http.refusals import DoorRefusal, NotJson, TooLarge

LONGEST_BODY = 16 * 1024
"""The longest body that makes sense on most routes is a name, some scopes and a reason."""

HEADERS = {
    # Answers hold secrets and the state of credentials: nobody on the way may keep them.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


class Hardened:
    """An ASGI app inside its walls."""

    def __init__(self, app: ASGIApp, *, docs_url: str, longer_bodies: Mapping[str, int]) -> None:
        """Raise them; `longer_bodies` are the paths that take longer bodies than others, and how long ones."""
        self._app = app
        self._docs_url = docs_url
        self._longer_bodies = longer_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if "%" in scope["aws.event"]["requestContext"]["http"]["path"]:
            # The gateway chose the route, and its throttle, by a path decoded once. Mangum decodes it again, and what
            # comes out may be another route's. No path of ours needs a percent sign.
            answer = problem_of(route_unknown(), docs_url=self._docs_url, scope=scope)
            await answer(scope, receive, send_with_headers)
            return
        longest = self._longer_bodies.get(scope["path"], LONGEST_BODY)
        body = await _read(receive, longest)
        refusal = _refusal_of(body, longest, Headers(scope=scope).get("content-type", ""))
        if refusal is not None:
            answer = problem_of(refusal, docs_url=self._docs_url, scope=scope)
            await answer(scope, receive, send_with_headers)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_again, send_with_headers)


async def _read(receive: Receive, longest: int) -> bytes:
    """Read the body, and of one that is too long no more than shows it."""
    body = b""
    while len(body) <= longest:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _refusal_of(body: bytes, longest: int, content_type: str) -> DoorRefusal | None:
    if len(body) > longest:
        return TooLarge(
            "body_too_large", f"The body is longer than {longest} bytes.", hint="Send only what the route takes."
        )
    if body and content_type.partition(";")[0].strip().lower() != "application/json":
        return NotJson(
            "not_json",
            "The body is not declared as JSON.",
            hint="Send Content-Type: application/json.",
            field="Content-Type",
        )
    return None
