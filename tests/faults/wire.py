"""The wire to DynamoDB: a proxy that reads each request, lets a fault befall it, and hands it on to a real store.

It knows DynamoDB's protocol as far as faults need it: which operation is asked, with what, and how an answer is told.
"""

from __future__ import annotations

import json
import socket
import struct
import zlib
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

HANG_UP_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: what closes is reset, and nothing more is sent."""
BATCHES = frozenset({"BatchGetItem"})
TRANSACTION = "TransactWriteItems"
WRITES = frozenset({"DeleteItem", "PutItem", "UpdateItem", TRANSACTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as it came over the wire."""

    number: int
    """Counted from 0, each attempt by itself."""
    operation: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_write(self) -> bool:
        return self.operation in WRITES

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @classmethod
    def of(cls, document: Mapping[str, Any], *, status: int = 200) -> Told:
        return cls(status, json.dumps(document).encode())

    @classmethod
    def error(cls, code: str, *, status: int = 400, message: str = "as the tests say", **more: object) -> Told:
        kind = f"com.amazonaws.dynamodb.v20120810#{code}"
        return cls.of({"__type": kind, "message": message, **more}, status=status)


class Exchange(BaseHTTPRequestHandler):
    """A request that waits for what becomes of it."""

    protocol_version = "HTTP/1.1"  # a connection is kept
    disable_nagle_algorithm = True  # or each answer would wait for the head of it to be acknowledged
    wire: Wire
    asked: Asked
    _store: HTTPConnection | None = None

    # --- what may become of it ----------------------------------------------------------------------------------------

    def carry_out(self, body: Mapping[str, Any] | None = None) -> Told:
        """Have the store do it, or something else in its place."""
        if self._store is None:
            store = urlsplit(self.wire.store)
            self._store = HTTPConnection(store.hostname or "", store.port, timeout=60)
        content = self.asked.body if body is None else json.dumps(body).encode()
        sent = {name: value for name, value in self.asked.headers.items() if name.lower() != "content-length"}
        headers = {**sent, "Content-Length": str(len(content))}
        self._store.request("POST", "/", content, headers)
        answer = self._store.getresponse()
        return Told(answer.status, answer.read())

    def tell(self, told: Told, *, length: int | None = None, checksum: int | None = None) -> None:
        """Answer; `length` and `checksum` are those of the body, unless a fault says others."""
        self.send_response(told.status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(told.body) if length is None else length))
        self.send_header("x-amz-crc32", str(zlib.crc32(told.body) if checksum is None else checksum))
        self.end_headers()
        self.wfile.write(told.body)
        self.close_connection = length is not None

    def reset(self) -> None:
        """Hang up."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP_AT_ONCE)
        self.rfile.close()  # or the socket stays open for it
        self.connection.close()

    def stay_silent(self) -> None:
        """Answer nothing until the other side gives up."""
        self.close_connection = True
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass

    # --- how it comes here --------------------------------------------------------------------------------------------

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked = self.wire.takes(
            operation=self.headers["X-Amz-Target"].rpartition(".")[2], headers=dict(self.headers.items()), body=body
        )
        try:
            self.wire.befalls(self)
        except ConnectionError:  # who asked has gone meanwhile
            self.close_connection = True

    def finish(self) -> None:
        super().finish()
        if self._store is not None:
            self._store.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""


Befall = Callable[[Exchange], None]


def nothing(exchange: Exchange) -> None:
    """Do what is asked, and tell what came of it."""
    exchange.tell(exchange.carry_out())


@dataclass(kw_only=True)
class Wire:
    """Where the store is, what happens on the way to it, and what was asked since that was said."""

    store: str
    address: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    _befall: Befall = nothing

    def meet(self, befall: Befall) -> None:
        """From now on this befalls each request; the numbers begin anew."""
        self.asked = []
        self._befall = befall

    def takes(self, *, operation: str, headers: Mapping[str, str], body: bytes) -> Asked:
        asked = Asked(number=len(self.asked), operation=operation, headers=headers, body=body)
        self.asked.append(asked)
        return asked

    def befalls(self, exchange: Exchange) -> None:
        self._befall(exchange)


@contextmanager
def wire_to(store: str) -> Generator[Wire]:
    """Lay a wire to the store at this address."""
    wire = Wire(store=store)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("ExchangeOfThisWire", (Exchange,), {"wire": wire}))
    server.daemon_threads = True  # a kept connection must not keep the tests
    wire.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
