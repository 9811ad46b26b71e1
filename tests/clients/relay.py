"""Relays between a client and the server that change the headers of a request on its way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

HOP_BY_HOP = {"connection", "content-length", "host", "transfer-encoding"}
OF_THE_RELAY = HOP_BY_HOP | {"content-encoding", "date", "server"}

Headers = list[tuple[str, str]]
Change = Callable[[Headers, bytes], Headers]
"""Gives the headers to send, of those that came and the body."""


@contextmanager
def relaying(url: str, change: Change) -> Generator[str]:
    """Give the URL of a relay to `url`."""

    class Relay(BaseHTTPRequestHandler):
        def _relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            # What stands around a value is none of it (RFC 9110, 5.5).
            came = [(name, value.strip()) for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP]
            answer = httpx.request(self.command, url, content=body, headers=change(came, body))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in OF_THE_RELAY:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            with suppress(BrokenPipeError):  # some clients leave without waiting for the answer to their GET
                self.end_headers()
                self.wfile.write(answer.content)

        do_POST = do_GET = do_DELETE = _relay  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing: the client's words are what counts."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mcp"
        finally:
            server.shutdown()
            serving.join()


@contextmanager
def listing_with(token: str, *, url: str) -> Generator[str]:
    """Give the URL of a relay that asks for the list of tools with another token than the client's.

    The inspector calls a tool only if the list names it, and our list never names a tool that the token may not call.
    With the list of a wider token in its hand it makes the call, as a client does whose token was narrowed after it
    had listed.
    """

    def change(headers: Headers, body: bytes) -> Headers:
        return with_token(token, headers) if json.loads(body)["method"] == "tools/list" else headers

    with relaying(url, change) as relayed:
        yield relayed


def with_token(token: str, headers: Headers) -> Headers:
    """Show a token in place of whatever was shown."""
    return [*(each for each in headers if each[0].lower() != "authorization"), ("Authorization", f"Bearer {token}")]
