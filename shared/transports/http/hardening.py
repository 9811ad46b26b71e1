"""What holds for every request and answer, whatever the route: sizes, the type of bodies, the headers of safety."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.transports.http.problems import problem_of
from shared.transports.http.refusals import DoorRefusal, NotJson, TooLarge

LONGEST_BODY = 16 * 1024
"""The longest body that makes sense here is a name, some scopes and a reason."""

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

    def __init__(self, app: ASGIApp, *, docs_url: str) -> None:
        self._app = app
        self._docs_url = docs_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        body = await _read(receive)
        refusal = _refusal_of(body, Headers(scope=scope).get("content-type", ""))
        if refusal is not None:
            answer = problem_of(refusal, docs_url=self._docs_url, scope=scope)
            await answer(scope, receive, send_with_headers)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_again, send_with_headers)


async def _read(receive: Receive) -> bytes:
    """Read the body, and of one that is too long no more than shows it."""
    body = b""
    while len(body) <= LONGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _refusal_of(body: bytes, content_type: str) -> DoorRefusal | None:
    if len(body) > LONGEST_BODY:
        return TooLarge(
            "body_too_large", f"The body is longer than {LONGEST_BODY} bytes.", hint="Send only what the route takes."
        )
    if body and content_type.partition(";")[0].strip().lower() != "application/json":
        return NotJson(
            "not_json",
            "The body is not declared as JSON.",
            hint="Send Content-Type: application/json.",
            field="Content-Type",
        )
    return None
