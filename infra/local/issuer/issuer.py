"""The issuer's key, what it publishes of it, and bearers signed with it."""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from infra.local.folder import write_private

PATH = "/_local/oidc"
ALGORITHM = "ES256"
SCOPES = ("openid", "email", "profile")


class LocalIssuer:
    """Says who somebody is, to a stack that believes it."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, key_id: str, *, public_url: str) -> None:
        self.public_url = public_url
        self.issuer = public_url + PATH
        self.key_id = key_id
        self._key = key

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
        """Sign a bearer for somebody who did not have to sign in."""
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
        }
        if email is not None:
            claims["email"] = email
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def discovery(self) -> dict[str, Any]:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "end_session_endpoint": f"{self.issuer}/sign-out",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": SCOPES,
            "subject_types_supported": ["public"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, Any]:
        """The public half of the key."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}]}

    def private_jwk(self) -> dict[str, Any]:
        """Both halves, for whoever signs in this issuer's name."""
        return ECAlgorithm.to_jwk(self._key, as_dict=True)
