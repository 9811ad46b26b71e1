"""Who a member is: the OpenID Connect bearer of a request, checked against the keys that its issuer publishes."""

from __future__ import annotations

import json
import logging
import math
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError, PyJWTError

from shared.services.credentials import base64url
from shared.services.credentials.token_format import TAGS
from shared.transports.http.refusals import BearerRefused, CredentialMissing, IssuerUnavailable

logger = logging.getLogger(__name__)

ALGORITHMS = frozenset({"RS256", "ES256"})
"""What issuers sign with. `none` and the shared-secret ones are not among them, nor may a key choose its own."""
LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may be off."""
TIMEOUT_SECONDS = 3
KEY_SET_SECONDS = 600
"""How long the published keys are kept; a bearer under an unknown key has them fetched anew, at most once in 30 s."""
SUBJECT_LENGTH = 255
"""OpenID Connect Core, section 2: a subject is no longer."""
OUR_TAGS = tuple(TAGS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person, as their issuer knows them."""

    issuer: str
    subject: str


class MemberBearers:
    """Believes one issuer. Its documents are fetched when the first bearer comes, and kept."""

    def __init__(self, *, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys: PyJWKClient | None = None

    def verify(self, authorization: str | None, *, now: datetime) -> SignedIn:
        """Say who sent an `Authorization` header.

        Raises:
            CredentialMissing: there is none.
            BearerRefused: it is not a bearer of the issuer for us, or it is out of date.
            IssuerUnavailable: it cannot be checked at the moment.

        """
        claims = self._claims(_bearer(authorization))
        expires, begins = claims["exp"], claims.get("nbf", 0)
        if not _is_time(expires) or not _is_time(begins) or begins > (now + LEEWAY).timestamp():
            raise _refused("its times are wrong")
        if expires <= (now - LEEWAY).timestamp():
            raise BearerRefused("bearer_expired", "The sign-in has expired.", hint="Sign in again.")
        subject = claims["sub"]
        if not 1 <= len(subject) <= SUBJECT_LENGTH:
            raise _refused("its subject is no subject")
        return SignedIn(issuer=self._issuer, subject=subject)

    def _claims(self, bearer: str) -> dict[str, Any]:
        """Give the claims that the issuer has signed for us; their times are still to be checked."""
        if any(base64url.decode(part) is None for part in bearer.split(".")):  # PyJWT takes a signature in any spelling
            raise _refused("not base64url as it is written")
        try:
            header = jwt.get_unverified_header(bearer)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if algorithm not in ALGORITHMS or not isinstance(key_id, str):
                raise _refused("no key or no algorithm that is accepted")
            # The key's own algorithm alone: a header cannot have a key used for anything else.
            return jwt.decode(
                bearer,
                self._key(key_id, algorithm),
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                # `verify` looks at the times, with the clock that the request came in with.
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except PyJWTError as error:
            raise _refused(str(error)) from error

    def _key(self, key_id: str, algorithm: str) -> PyJWK:
        try:
            self._keys = self._keys or self._discover()
            self._keys.get_jwk_set()
        except (PyJWKClientError, PyJWKSetError, OSError, HTTPException, ValueError) as error:
            logger.exception("the issuer cannot be asked for its keys")
            raise _unavailable() from error
        try:
            key = self._keys.get_signing_key(key_id)
        except (PyJWKClientConnectionError, PyJWKSetError, ValueError) as error:
            logger.exception("the issuer cannot be asked for newer keys")
            raise _unavailable() from error
        except PyJWKClientError as error:
            raise _refused("no key of the issuer has this id") from error
        if key.algorithm_name != algorithm:
            raise _refused("the key is for another algorithm")
        return key

    def _discover(self) -> PyJWKClient:
        """Ask the issuer where its keys are (OpenID Connect Discovery 1.0)."""
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the address is a setting of ours
            document = json.load(answer)
        match document:
            case {"issuer": self._issuer, "jwks_uri": str(jwks_uri)}:
                return PyJWKClient(jwks_uri, lifespan=KEY_SET_SECONDS, timeout=TIMEOUT_SECONDS)
            case _:
                raise ValueError("the discovery document is not that of the issuer")


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise CredentialMissing(
            "credential_missing", "Nobody is signed in.", hint="Send the header Authorization: Bearer <sign-in token>."
        )
    scheme, _, text = authorization.partition(" ")
    text = text.strip(" \t")  # what HTTP lets stand around a value, and no other kind of space
    if scheme.lower() == "bearer" and text.startswith(OUR_TAGS):
        raise BearerRefused(
            "member_required",
            "This is a token for MCP, and this part of the REST API is for signed-in members: "
            "a token never makes a token, except its own successor.",
            hint="Use it at /mcp, or at /v1/tokens/self. Here, send the OpenID Connect bearer of a member.",
        )
    if scheme.lower() != "bearer" or not text:
        raise _refused("not a bearer")
    return text


def _is_time(value: object) -> bool:
    """Tell whether a claim is seconds since the epoch (JSON's true is a number in Python)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refused(why: str) -> BearerRefused:
    """Refuse without saying why: that is for the log."""
    logger.info("bearer refused", extra={"why": why})
    return BearerRefused("bearer_invalid", "The sign-in is not valid here.", hint="Sign in again.")


def _unavailable() -> IssuerUnavailable:
    return IssuerUnavailable(
        "issuer_unavailable",
        "The sign-in cannot be checked at the moment, because its issuer does not answer.",
        hint="Repeat the request after the seconds in Retry-After.",
    )
