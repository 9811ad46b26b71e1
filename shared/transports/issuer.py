"""What an OpenID Connect issuer publishes of itself, and whether it signed a token for us."""

from __future__ import annotations

import json
import logging
import math
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, cast

import jwt
from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError, PyJWTError

from shared.services.credentials import base64url

logger = logging.getLogger(__name__)

ALGORITHMS = frozenset({"RS256", "ES256"})
"""What issuers sign with. `none` and the shared-secret ones are not among them, nor may a key choose its own."""
LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may be off."""
TIMEOUT_SECONDS = 3
KEY_SET_SECONDS = 600
"""How long the published keys are kept; a token under an unknown key has them fetched anew, at most once in 30 s."""
SUBJECT_LENGTH = 255
"""OpenID Connect Core, section 2: a subject is no longer."""


class NotBelieved(Exception):
    """The token is not the issuer's, not for us, or not as it should be. The text is for the log."""


class NoLongerBelieved(NotBelieved):
    """The token was the issuer's and for us, and its time is over."""


class IssuerSilent(Exception):
    """The issuer cannot be asked at the moment."""


class Issuer:
    """One issuer. Its documents are fetched when the first token comes, and kept."""

    def __init__(self, *, url: str, audience: str) -> None:
        self.url = url
        self.audience = audience
        self._document: Mapping[str, Any] | None = None
        self._keys: PyJWKClient | None = None

    def claims(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        """Give the claims of a token that the issuer has signed for us, and whose time is now.

        Raises:
            NotBelieved, NoLongerBelieved: it has not.
            IssuerSilent: it cannot be checked at the moment.

        """
        claims = self._signed(token)
        expires, begins = claims["exp"], claims.get("nbf", 0)
        if not _is_time(expires) or not _is_time(begins) or begins > (now + LEEWAY).timestamp():
            raise NotBelieved("its times are wrong")
        if expires <= (now - LEEWAY).timestamp():
            raise NoLongerBelieved("its time is over")
        if not 1 <= len(claims["sub"]) <= SUBJECT_LENGTH:
            raise NotBelieved("its subject is no subject")
        return claims

    def document(self) -> Mapping[str, Any]:
        """Give what the issuer says of itself (OpenID Connect Discovery 1.0).

        Raises:
            IssuerSilent: it does not answer, or says that it is somebody else.

        """
        if self._document is None:
            address = f"{self.url.rstrip('/')}/.well-known/openid-configuration"
            try:
                with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the address is a setting of ours
                    document = json.load(answer)
            except (OSError, HTTPException, ValueError) as error:
                raise _silent("the issuer cannot be asked what it is", error) from error
            match document:
                case {"issuer": self.url, "jwks_uri": str()}:
                    self._document = cast("Mapping[str, Any]", document)
                case _:
                    raise _silent("the discovery document is not that of the issuer")
        return self._document

    def _signed(self, token: str) -> Mapping[str, Any]:
        if any(base64url.decode(part) is None for part in token.split(".")):  # PyJWT takes a signature in any spelling
            raise NotBelieved("not base64url as it is written")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if algorithm not in ALGORITHMS or not isinstance(key_id, str):
                raise NotBelieved("no key or no algorithm that is accepted")
            # The key's own algorithm alone: a header cannot have a key used for anything else.
            return jwt.decode(
                token,
                self._key(key_id, algorithm),
                algorithms=[algorithm],
                audience=self.audience,
                issuer=self.url,
                # `claims` looks at the times, with the clock that the request came in with.
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except PyJWTError as error:
            raise NotBelieved(str(error)) from error

    def _key(self, key_id: str, algorithm: str) -> PyJWK:
        address = str(self.document()["jwks_uri"])
        try:
            self._keys = self._keys or PyJWKClient(address, lifespan=KEY_SET_SECONDS, timeout=TIMEOUT_SECONDS)
            self._keys.get_jwk_set()
        except (PyJWKClientError, PyJWKSetError, OSError, HTTPException, ValueError) as error:
            raise _silent("the issuer cannot be asked for its keys", error) from error
        try:
            key = self._keys.get_signing_key(key_id)
        except (PyJWKClientConnectionError, PyJWKSetError, ValueError) as error:
            raise _silent("the issuer cannot be asked for newer keys", error) from error
        except PyJWKClientError as error:
            raise NotBelieved("no key of the issuer has this id") from error
        if key.algorithm_name != algorithm:
            raise NotBelieved("the key is for another algorithm")
        return key


def _is_time(value: object) -> bool:
    """Tell whether a claim is seconds since the epoch (JSON's true is a number in Python)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _silent(why: str, error: Exception | None = None) -> IssuerSilent:
    logger.error(why, exc_info=error)
    return IssuerSilent(why)
