"""An AWS on loopback, for functions in processes of their own: moto behind HTTP, and which connection asked what."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

from botocore.exceptions import ClientError

from tests.storage.moto_client import OneAtATime

SERVICES = {"DynamoDB_20120810": "dynamodb", "secretsmanager": "secretsmanager"}
"""What the header of a request calls a service -> what boto3 calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    operation: str
    connection: int
    """The number of the connection that it came over."""


@dataclass(slots=True, kw_only=True)
class LoopbackAws:
    """Where it is, and what it was asked."""

    address: str
    asked: list[Asked] = field(default_factory=list[Asked])


@contextmanager
def loopback_aws(session: Any) -> Generator[LoopbackAws]:  # noqa: ANN401  # boto3 makes its classes at run time
    """Answer on a loopback port with what the session's clients answer, which are moto's."""
    connections = count(1)
    clients = {name: OneAtATime(session.client(service)) for name, service in SERVICES.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # a connection is kept

        def setup(self) -> None:
            super().setup()
            self.connection_number = next(connections)

        def do_POST(self) -> None:
            # The JSON of both services is what boto3's methods take and give.
            service, operation = self.headers["X-Amz-Target"].split(".")
            aws.asked.append(Asked(operation=operation, connection=self.connection_number))
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            method = getattr(clients[service], _in_python(operation))
            try:
                status, answer = 200, method(**request)
            except ClientError as refused:
                status, answer = 400, {**refused.response, "__type": refused.response.get("Error", {}).get("Code")}
            content = json.dumps(answer, default=datetime.timestamp).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("x-amz-crc32", str(zlib.crc32(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # a kept connection must not keep the tests
    aws = LoopbackAws(address=f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _in_python(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).removeprefix("_")
