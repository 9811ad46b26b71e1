"""A relay between a client and the server that asks for the list of tools with another token than the client's.

The inspector calls a tool only if the list names it, and our list never names a tool that the token may not call. With
the list of a wider token in its hand it makes the call, as a client does whose token was narrowed after it had listed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

HOP_BY_HOP = {"connection", "content-length", "host", "transfer-encoding"}


@contextmanager
def listing_with(token: str, *, url: str) -> Generator[str]:
    """Give the URL of a relay to `url` that lists the tools with `token`."""

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            if json.loads(body)["method"] == "tools/list":
                headers["Authorization"] = f"Bearer {token}"
            answer = httpx.post(url, content=body, headers=headers)
            self.send_response(answer.status_code)
            for name in ("Content-Type", "WWW-Authenticate", "Retry-After"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def do_GET(self) -> None:
            self.send_error(405)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing: the client's words are what counts."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mcp"
        finally:
            server.shutdown()
            serving.join()
