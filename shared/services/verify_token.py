"""Is this text a live token of ours? Shape, check digits, what the container remembers, then the row and argon2."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.domain.token.policy import is_within
from shared.domain.token.state import Status
from shared.domain.workspace.decider import Standing
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import TokenText, read_token
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.refusals import Reason, Refusal, expired, revoked, rotated, suspended
from shared.storage.contracts.tokens import Terms, TokenRow, TokenStore

logger = logging.getLogger(__name__)

SCHEME = "bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """A token whose secret is right. Whether it may be used is for `refusal_of` to say, from its row."""

    token_id: str
    plan: str
    """The plan that its row named when it was last read here."""
    networks: tuple[str, ...]
    """Where the workspace let calls come from then."""
    row: TokenRow | None
    """The row, if it had to be read just now."""


def verify_token(
    authorization: str | None, *, keys: CredentialKeys, tokens: TokenStore, verified: VerifiedCredentials
) -> KnownToken | Refusal:
    """Recognise the bearer of an `Authorization` header.

    A token met before in this container costs no I/O. `expired`, `revoked` and the like are not said here: only someone
    who holds the secret learns them.

    Raises:
        StoreUnavailable: the row cannot be read.

    """
    token = _read(authorization, keys)
    if isinstance(token, Refusal):
        return token
    known = verified.recall(token)
    if known is not None:
        return KnownToken(token_id=token.token_id, plan=known.plan, networks=known.networks, row=None)
    row = tokens.get(token.token_id)
    # The seal comes first: only a digest that we stored is worth the time of argon2, or can be read by it at all.
    if row is None or not is_sealed(row, keys) or not secret_matches(token.secret, row.credential.digest):
        # The check digits were ours: a row was lost or forged, or a key has leaked.
        logger.warning("token refused", extra={"reason": "no_row" if row is None else "wrong_secret_or_seal"})
        return Refusal(reason=Reason.TOKEN_UNKNOWN)
    verified.remember(token, row.terms)
    return KnownToken(token_id=token.token_id, plan=row.terms.plan, networks=row.terms.networks, row=row)


def refusal_of(row: TokenRow | None, *, ip: str | None, now: datetime, keys: CredentialKeys) -> Refusal | None:
    """Say why the token of this row may not be used now, from this address; None: it may."""
    if row is None:
        return Refusal(reason=Reason.TOKEN_UNKNOWN)
    token = row.token
    if not is_sealed(row, keys):
        logger.error("token row refused", extra={"reason": "seal_broken", "token_id": token.token_id})
        return Refusal(reason=Reason.TOKEN_UNKNOWN)
    match token.status_at(now):
        case Status.REVOKED:
            return revoked(token.ended_at)
        case Status.ROTATED:
            return rotated(token.expires_at)
        case Status.EXPIRED:
            return expired(token.expires_at or now)
        case Status.SUSPENDED:
            return suspended(token.suspended_at)
        case Status.ACTIVE:
            return _kept_out(row.terms, ip)


def _kept_out(terms: Terms, ip: str | None) -> Refusal | None:
    """Say what the workspace has against a request of a token that is in order."""
    match terms.standing:
        case Standing.OPEN:
            return None if is_within(terms.networks, ip) else Refusal(reason=Reason.IP_DENIED)
        case Standing.PLAN_REQUIRED:
            return Refusal(reason=Reason.PLAN_REQUIRED)
        case Standing.NOT_AUTHORIZED:
            return Refusal(reason=Reason.ORGANIZATION_NOT_AUTHORIZED)


def _read(authorization: str | None, keys: CredentialKeys) -> TokenText | Refusal:
    if not authorization:
        return Refusal(reason=Reason.CREDENTIAL_MISSING)
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != SCHEME:
        return Refusal(reason=Reason.TOKEN_MALFORMED)
    return read_token(text.strip(" \t"), keys) or Refusal(reason=Reason.TOKEN_MALFORMED)
