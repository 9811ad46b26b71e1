"""An AWS on loopback, for functions in processes of their own: moto behind HTTP, and which connection asked what."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.storage.moto_client import OneAtATime

SERVICES = {"dynamodb": "DynamoDB_20120810", "secretsmanager": "secretsmanager"}
"""What boto3 calls a service -> what the header of a request calls it."""


ENDPOINT_OF = {"dynamodb": "DYNAMODB", "secretsmanager": "SECRETS_MANAGER"}
"""And how the environment says where it is."""


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
def loopback_aws(clients: Mapping[str, Any]) -> Generator[LoopbackAws]:
    """Answer on a loopback port with what these clients of boto3 answer, which are moto's; each by its service."""
    connections = count(1)
    of_service = {SERVICES[service]: OneAtATime(client) for service, client in clients.items()}

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
            method = getattr(of_service[service], xform_name(operation))
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


def reach(aws: LoopbackAws, environment: pytest.MonkeyPatch) -> None:
    """Tell this process that both services are there; what boto3 asks of others goes to moto as before."""
    for service in SERVICES:
        environment.setenv(f"AWS_ENDPOINT_URL_{ENDPOINT_OF[service]}", aws.address)
