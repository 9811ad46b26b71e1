"""The local issuer is one that a verifier can work with: discovery, keys, signed bearers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.local.issuer.issuer import LocalIssuer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8765"


def verified(bearer: str, keys: dict[str, Any], *, at: datetime, audience: str = "merchant-mcp") -> dict[str, Any]:
    """Verify as a stranger would, with nothing but the published keys."""
    kid = jwt.get_unverified_header(bearer)["kid"]
    claims = jwt.decode(
        bearer,
        jwt.PyJWKSet.from_dict(keys)[kid],
        algorithms=["ES256"],
        audience=audience,
        options={"require": ["iss", "aud", "sub", "exp"], "verify_exp": False, "verify_iat": False},
    )
    if claims["exp"] <= at.timestamp():
        raise jwt.ExpiredSignatureError
    return claims


def test_a_bearer_verifies_by_what_the_issuer_publishes(tmp_path: Path) -> None:
    issuer = LocalIssuer.from_file(tmp_path / "key.json", public_url=URL)
    bearer = issuer.mint("olivia", audience="merchant-mcp", ttl=timedelta(days=1), now=NOW, email="o@shop.example")

    claims = verified(bearer, issuer.jwks(), at=NOW)
    assert issuer.discovery()["issuer"] == claims["iss"] == f"{URL}/_local/oidc"
    assert (claims["sub"], claims["email"]) == ("olivia", "o@shop.example")
    assert [key for key in issuer.jwks()["keys"] if "d" in key] == [], "the private half stays at home"


def test_a_bearer_ends_when_it_says_and_is_for_whom_it_says(tmp_path: Path) -> None:
    issuer = LocalIssuer.from_file(tmp_path / "key.json", public_url=URL)
    bearer = issuer.mint("olivia", audience="merchant-mcp", ttl=timedelta(days=1), now=NOW)

    verified(bearer, issuer.jwks(), at=NOW + timedelta(hours=23))
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(bearer, issuer.jwks(), at=NOW + timedelta(days=1))
    with pytest.raises(jwt.InvalidAudienceError):
        verified(bearer, issuer.jwks(), at=NOW, audience="somebody else")


def test_bearers_outlive_a_restart_but_not_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    bearer = LocalIssuer.from_file(path, public_url=URL).mint("a", audience="x", ttl=timedelta(days=1), now=NOW)

    verified(bearer, LocalIssuer.from_file(path, public_url=URL).jwks(), at=NOW, audience="x")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyError):
        verified(bearer, LocalIssuer.from_file(tmp_path / "new.json", public_url=URL).jwks(), at=NOW, audience="x")
