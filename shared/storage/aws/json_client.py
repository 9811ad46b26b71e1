"""A client of one of AWS's JSON services: a signed POST over one connection that is kept.

boto3's client does the same for every service there is, from models that it reads when it is made. On the way of a
call it would be most of what a call costs, and a third of what a start costs (docs/performance.md); so what asks
DynamoDB, and for the keys, is this. Everything else asks boto3.
"""

from __future__ import annotations

import json
import select
import time
import weakref
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from ssl import SSLContext
from threading import Lock
from typing import Any, cast
from urllib.parse import urlsplit

from shared.storage.aws.signature import Credentials, RequestSigner

OK = 200
SAY_WHO_MAY_NOT = frozenset({"AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException"})
"""Refusals whose words an operator needs. Those of others may repeat what was asked, or the headers."""


@dataclass(frozen=True, slots=True)
class Service:
    """What AWS calls a service in a signature, in the header that names an operation, and in that of the type."""

    name: str
    target: str
    json_version: str


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "1.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service is asked, and as whom."""

    address: str
    """`https://` or `http://`, a host, a port if it is not the usual one."""
    region: str
    credentials: Callable[[], Credentials]
    """Asked for each attempt: those of a role are renewed."""
    clock: Callable[[], datetime]
    tls: Callable[[], SSLContext]
    """Whose certificates are believed; asked when a connection to `https://` is made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said, and at which attempt."""

    body: Mapping[str, Any]
    attempts: int


class NotDone(Exception):
    """The service did not do what was asked of it, at the last of so many attempts."""

    def __init__(self, told: str, attempts: int) -> None:
        super().__init__(told)
        self.attempts = attempts


class NoAnswer(NotDone):
    """It was out of reach, silent, or not to be understood; whether it has done it is not known."""


class Refused(NotDone):
    """It said no."""

    def __init__(self, operation: str, status: int, body: Mapping[str, Any], attempts: int) -> None:
        self.code = str(body.get("__type", "")).rpartition("#")[2]
        self.status = status
        self.body = body
        told = f": {body.get('message', body.get('Message', ''))}" if self.code in SAY_WHO_MAY_NOT else ""
        super().__init__(f"{operation}: {status} {self.code}{told}", attempts)


Retry = Callable[[NotDone], float | None]
"""Says how many seconds to wait before the next attempt; None: there is to be none."""


class AwsJsonClient:
    """Asks one service. One request at a time: a second thread waits for the first."""

    def __init__(self, service: Service, place: Place, *, timeout: float, retry: Retry) -> None:
        """Connect when first asked; `timeout` seconds are for connecting, and for each silence after it."""
        at = urlsplit(place.address)
        self._service = service
        self._place = place
        self._retry = retry
        self._signer = RequestSigner(service.name, place.region)
        self._host = at.netloc
        self._connection: HTTPConnection = (
            HTTPConnection(at.hostname or "", at.port, timeout=timeout)
            if at.scheme == "http"
            else HTTPSConnection(at.hostname or "", at.port, timeout=timeout, context=place.tls())
        )
        self._turn = Lock()
        weakref.finalize(self, self._connection.close)  # whoever drops the client hangs up

    def ask(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Have an operation carried out.

        Raises:
            Refused: the service says no.
            NoAnswer: it does not answer in a way that can be understood.

        """
        body = json.dumps(request, separators=(",", ":")).encode()
        with self._turn:
            attempts = 0
            while True:
                attempts += 1
                try:
                    return Answer(self._once(operation, body, attempts), attempts)
                except NotDone as not_done:
                    wait = self._retry(not_done)
                    if wait is None:
                        raise
                time.sleep(wait)  # noqa: TID251 - nothing is to be waited for but that less is going on

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def _once(self, operation: str, body: bytes, attempts: int) -> Mapping[str, Any]:
        headers = self._signer.sign(
            {
                "content-type": f"application/x-amz-json-{self._service.json_version}",
                "x-amz-target": f"{self._service.target}.{operation}",
            },
            body,
            host=self._host,
            credentials=self._place.credentials(),
            now=self._place.clock(),
        )
        try:
            connected = self._connected()
            # At once: http.client sends head and body apart, two packets and twice the work for both sides.
            connected.sendall(_head_of(headers, len(body)) + body)
            with closing(HTTPResponse(connected, method="POST")) as response:
                response.begin()
                content = response.read()
            if response.will_close:
                self.close()
        except (OSError, HTTPException) as error:
            self.close()  # an answer that comes late would be taken for that of the next request
            raise NoAnswer(f"{operation} got no answer from {self._host}: {error!r}", attempts) from error
        checksum = response.getheader("x-amz-crc32")
        if checksum is not None and checksum != str(zlib.crc32(content)):
            raise NoAnswer(f"{operation} got an answer that was damaged on its way", attempts)
        answer = _object_of(content)
        if response.status != OK:
            raise Refused(operation, response.status, answer or {}, attempts)
        if answer is None:
            raise NoAnswer(f"{operation} got an answer that is no JSON object", attempts)
        return answer

    def _connected(self) -> socket:
        """Give the connection; another where it has ended, as it has when a container slept for minutes."""
        kept: socket | None = self._connection.sock
        if kept is not None and select.select([kept], [], [], 0)[0]:
            self.close()
            kept = None
        if kept is None:
            self._connection.connect()
        return self._connection.sock


def _head_of(headers: Mapping[str, str], size: int) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}content-length: {size}\r\n\r\n".encode("ascii")


def _object_of(content: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None
