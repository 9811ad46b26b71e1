"""An OpenID Connect issuer in the test process, on loopback: keys, both documents, and bearers as a test wants them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "merchant-mcp"
# Made once: an RSA key takes a tenth of a second.
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC, EC384, STRANGER = (ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP256R1))
PRIVATE = {"rsa": RSA, "ec": EC, "ec384": EC384, "stranger": STRANGER}
"""The issuer publishes all but the stranger's."""
ALGORITHM = {"rsa": "RS256", "ec": "ES256", "ec384": "ES384", "stranger": "ES256"}


def published() -> dict[str, Any]:
    return {
        "keys": [
            {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
            {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "ec", "use": "sig"},
            {**ECAlgorithm.to_jwk(EC384.public_key(), as_dict=True), "kid": "ec384", "use": "sig"},
        ]
    }


class LoopbackIssuer:
    """Serves until the block ends. `documents` may be changed; `asked` counts the requests by path."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked[self.path] += 1
                document = issuer.documents.get(self.path)
                self.send_response(200 if document is not None else 500)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode() if document is not None else b"down")

            def do_POST(self) -> None:
                issuer.asked[self.path] += 1
                sent = self.rfile.read(int(self.headers["content-length"])).decode()
                issuer.redeemed.append((dict(self.headers.items()), dict(parse_qsl(sent))))
                status, document = issuer.token_answer
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}/sign-in"
        self.redeemed: list[tuple[dict[str, str], dict[str, str]]] = []
        """Headers and form of every request to the token endpoint."""
        self.token_answer: tuple[int, dict[str, Any]] = (400, {"error": "invalid_grant"})
        self.documents: dict[str, Any] = {
            "/sign-in/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "end_session_endpoint": f"{self.url}/end",
            },
            "/sign-in/keys": published(),
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def bearer(
        self,
        subject: str,
        *,
        now: datetime,
        key: str = "ec",
        claims: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> str:
        """Sign a bearer for an hour; a claim of None is left out."""
        said: dict[str, Any] = {
            "iss": self.url,
            "sub": subject,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
            **(claims or {}),
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, PRIVATE[key], algorithm=ALGORITHM[key], headers={"kid": key, **(headers or {})})
