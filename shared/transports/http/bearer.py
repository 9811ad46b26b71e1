"""Who a member is: the OpenID Connect bearer of a request, checked against the keys that its issuer publishes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.services.credentials.token_format import REFRESH_TAG, TAGS
from shared.transports.http.refusals import BearerRefused, CredentialMissing, IssuerUnavailable
from shared.transports.issuer import Issuer, IssuerSilent, NoLongerBelieved, NotBelieved

logger = logging.getLogger(__name__)

OUR_TAGS = (*TAGS.values(), REFRESH_TAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person, as their issuer knows them."""

    issuer: str
    subject: str


class MemberBearers:
    """Believes one issuer."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    def verify(self, authorization: str | None, *, now: datetime) -> SignedIn:
        """Say who sent an `Authorization` header.

        Raises:
            CredentialMissing: there is none.
            BearerRefused: it is not a bearer of the issuer for us, or it is out of date.
            IssuerUnavailable: it cannot be checked at the moment.

        """
        bearer = _bearer(authorization)
        try:
            claims = self._issuer.claims(bearer, now=now)
        except NoLongerBelieved as late:
            raise BearerRefused("bearer_expired", "The sign-in has expired.", hint="Sign in again.") from late
        except NotBelieved as refused:
            raise _refused(str(refused)) from refused
        except IssuerSilent as silent:
            raise IssuerUnavailable(
                "issuer_unavailable",
                "The sign-in cannot be checked at the moment, because its issuer does not answer.",
                hint="Repeat the request after the seconds in Retry-After.",
            ) from silent
        return SignedIn(issuer=self._issuer.url, subject=claims["sub"])


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


def _refused(why: str) -> BearerRefused:
    """Refuse without saying why: that is for the log."""
    logger.info("bearer refused", extra={"why": why})
    return BearerRefused("bearer_invalid", "The sign-in is not valid here.", hint="Sign in again.")
