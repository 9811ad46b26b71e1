"""What holds for every request and answer of the pages: sizes, kinds of bodies, headers of safety."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.services.grants.refusals import OAuthError
from shared.transports.web.oauth.answers import FOR_CLIENTS, tell

LONGEST_BODY = 64 * 1024
"""A form with many checked rows, or the metadata of a client."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    # Pages hold the state of credentials, and once a secret: nobody keeps them, and the back button asks again.
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Set unless a route has set its own."""
OPENED_BY_APPS = ("/auth/", "/oauth/")
"""An app that is itself a web page opens these in a window and waits for what comes back there, as the page that it
opened: with a policy of openers it would lose hold of it, and nothing brings that back when the answer leads to its own
origin. What stands in the window it cannot see; that it can bring the window under a click, `consent.js` sees to."""


class Walled:
    """An ASGI app inside its walls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith(OPENED_BY_APPS):
                    headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if "%" in scope["aws.event"]["requestContext"]["http"]["path"]:
            # The gateway chose the route, and its throttle, by a path decoded once; Mangum decodes it again.
            await _said(404, "There is no such page.", scope, receive, send_with_headers)
            return
        body = await _read(receive)
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if len(body) > LONGEST_BODY:
            await _said(413, f"Send at most {LONGEST_BODY} bytes.", scope, receive, send_with_headers)
            return
        if body and kind not in {FORM, JSON}:
            await _said(415, f"Send {FORM}, or {JSON} where the route takes it.", scope, receive, send_with_headers)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_again, send_with_headers)


async def _said(status: int, text: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].startswith(FOR_CLIENTS):
        told = tell({"error": OAuthError.INVALID_REQUEST, "error_description": text}, status=status)
    else:
        told = PlainTextResponse(f"{text}\n", status_code=status)
    await told(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    """Read the body, and of one that is too long no more than shows it."""
    body = b""
    while len(body) <= LONGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body
