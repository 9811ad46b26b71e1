"""GitHub's secret scanning in the test process: a list of keys on loopback, and reports signed with them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.transports.http.api import JSON, Answer, Api

REPORT = "/v1/tokens/report-leak/github"
NOW, BEFORE, STRANGER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
PRIVATE = {"now": NOW, "before": BEFORE, "stranger": STRANGER}
"""By their identifiers; GitHub publishes all but the stranger's."""


def pem(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def listed(*names: str) -> list[dict[str, Any]]:
    return [
        {"key_identifier": name, "key": pem(PRIVATE[name].public_key()), "is_current": name == "now"} for name in names
    ]


def document(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"public_keys": keys}).encode()


class LoopbackGithub:
    """Serves until the block ends. `list` is what it answers; None: it is down."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []
        """The headers of each request."""
        self.list: bytes | None = document(*listed("now", "before"))
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                github.asked.append(dict(self.headers))
                self.send_response(200 if github.list is not None else 503)
                self.end_headers()
                self.wfile.write(github.list if github.list is not None else b"down")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}/meta/public_keys/secret_scanning"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def finding(token: str, type_: str = "merchantflow_token") -> dict[str, str]:
    """Word a finding as GitHub does."""
    return {"token": token, "type": type_, "url": "https://github.com/o/r/blob/c/f.txt", "source": "content"}


def signed(body: bytes, *, key: str = "now", signature: str | None = None) -> dict[str, str]:
    """Give the headers of a report."""
    der = PRIVATE[key].sign(body, ec.ECDSA(SHA256()))
    return {
        **JSON,
        "github-public-key-identifier": key,
        "github-public-key-signature": base64.b64encode(der).decode() if signature is None else signature,
    }


def send(api: Api, *findings: Mapping[str, object], key: str = "now") -> Answer:
    """Report findings, well signed."""
    body = json.dumps(findings)
    return api.send("POST", REPORT, headers=signed(body.encode(), key=key), body=body)


def label(text: str, type_: str, label: str) -> dict[str, str]:
    """Word the answer to a finding as GitHub's documentation has it."""
    return {"token_hash": hashlib.sha256(text.encode()).hexdigest(), "token_type": type_, "label": label}


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code
