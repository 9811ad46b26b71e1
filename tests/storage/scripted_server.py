"""An AWS that says what a test tells it to: answers in order, each once, and the last one for ever."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `code` makes it an error."""

    body: dict[str, Any] = field(default_factory=dict[str, Any])
    code: str | None = None
    status: int = 200
    text: str | None = None
    """The body itself, where it is not JSON."""
    damaged: bool = False
    """It bears the checksum of another body."""
    hangs_up: bool = False
    """The connection ends after it, which it does not say."""


SILENCE = Answer(status=0)
"""No answer at all, until the server ends."""


def error(code: str, *, status: int = 400, **body: Any) -> Answer:  # noqa: ANN401  # as the service says it
    return Answer(body=body, code=code, status=status)


@dataclass(slots=True)
class Scripted:
    """The server: what it will say, and what it was asked."""

    answers: list[Answer]
    address: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """Of each request, their names in lower case."""
    connections: int = 0
    hung_up: Event = field(default_factory=Event)
    """Set when a connection has been ended by this side."""
    ended: Event = field(default_factory=Event)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted_aws(*answers: Answer) -> Generator[Scripted]:
    """Serve the answers on a loopback port."""
    scripted = Scripted(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            scripted.connections += 1

        def finish(self) -> None:
            super().finish()
            self.connection.shutdown(SHUT_RDWR)
            scripted.hung_up.set()

        def do_POST(self) -> None:
            scripted.headers.append({name.lower(): value for name, value in self.headers.items()})
            scripted.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer()

        def do_GET(self) -> None:  # the same
            self.answer()

        def do_DELETE(self) -> None:  # the same
            self.answer()

        def do_PUT(self) -> None:  # the same
            self.close_connection = True  # with the rest of what was sent
            self.answer()

        def answer(self) -> None:
            answer = scripted.next()
            if answer is SILENCE:
                scripted.ended.wait(timeout=60)
                self.close_connection = True
                return
            told = {"__type": f"com.amazonaws.dynamodb.v20120810#{answer.code}"} if answer.code else {}
            content = (answer.text or json.dumps({**told, **answer.body})).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("x-amz-crc32", str(zlib.crc32(content) ^ answer.damaged))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = self.close_connection or answer.hangs_up

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  # the library's signature
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield scripted
    finally:
        scripted.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
