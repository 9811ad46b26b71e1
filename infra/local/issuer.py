"""The local stack's own OpenID Connect issuer: a key, what it publishes of it, and bearers signed with it.

Nobody can sign in here yet, so the discovery document names no authorization endpoint.
"""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.folder import write_private

PATH = "/_local/oidc"
ALGORITHM = "ES256"


class LocalIssuer:
    """Says who somebody is, to a stack that believes it."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, key_id: str, *, public_url: str) -> None:
        self.issuer = public_url + PATH
        self._key = key
        self._key_id = key_id

    @classmethod
    def from_file(cls, path: Path, *, public_url: str) -> "LocalIssuer":
        """Take the key of an earlier run, or make one: bearers outlive a restart."""
        if not path.exists():
            made = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
            write_private(path, json.dumps({**made, "kid": secrets.token_hex(8), "alg": ALGORITHM}))
        kept = json.loads(path.read_text("utf-8"))
        key = ECAlgorithm(ECAlgorithm.SHA256).from_jwk(kept)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{path} holds no private key")
        return cls(key, kept["kid"], public_url=public_url)

    def mint(self, subject: str, *, audience: str, ttl: timedelta, now: datetime, email: str | None = None) -> str:
        """Sign a bearer for somebody."""
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
        }
        if email is not None:
            claims["email"] = email
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})

    def discovery(self) -> dict[str, Any]:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
        }

    def jwks(self) -> dict[str, Any]:
        """The public half of the key."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self._key_id, "alg": ALGORITHM, "use": "sig"}]}

    def routes(self) -> list[Route]:
        """Where the stack serves both documents."""

        async def discovery(_: Request) -> Response:
            return JSONResponse(self.discovery())

        async def jwks(_: Request) -> Response:
            return JSONResponse(self.jwks())

        return [Route(f"{PATH}/.well-known/openid-configuration", discovery), Route(f"{PATH}/jwks", jwks)]
