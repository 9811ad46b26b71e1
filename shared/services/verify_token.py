"""Is this text a live token of ours? Shape, check digits, what the container remembers, then the row and argon2."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.domain.token.events import TokenKind
from shared.domain.token.policy import is_within
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import ACCESS_TAG, TokenText, read_token
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.grants.pairs import is_access_token
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
    known_as: str
    """What a container remembers it by: see `TokenText.known_as`."""
    generation: int = 0
    """Of an access token: the pair that it belongs to."""
    expires_at: datetime | None = None
    """Of an access token: its end, which comes long before that of its grant."""
    resource: str | None = None
    """Of an access token: the one address that takes it."""

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is an access token whose time is over."""
        return self.expires_at is not None and now >= self.expires_at


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
        return _known(token, plan=known.plan, networks=known.networks, resource=known.resource, row=None)
    row = tokens.get(token.token_id)
    # The seal comes first: only a digest that we stored is worth the time of argon2, or can be read by it at all.
    if row is None or not is_sealed(row, keys) or not is_right(token, row):
        # The check digits were ours: a row was lost or forged, a key has leaked, or an access token is long replaced.
        logger.warning("token refused", extra={"reason": "no_row" if row is None else "wrong_secret_or_seal"})
        return Refusal(reason=Reason.TOKEN_UNKNOWN)
    resource = row.token.app.resource if row.token.app is not None else None
    verified.remember(token, row.terms, resource=resource)
    return _known(token, plan=row.terms.plan, networks=row.terms.networks, resource=resource, row=row)


def is_right(token: TokenText, row: TokenRow) -> bool:
    """Tell whether this is the token of a row that is sealed by us; of a grant, one of the two that are good."""
    if row.token.app is not None:
        return is_access_token(token, row.credential, row.token.app)
    return token.kind is not TokenKind.GRANT and secret_matches(token.secret, row.credential.digest)


def shows_access_token(authorization: str | None) -> bool:
    """Tell whether the bearer is, or was meant to be, an access token: whoever sent it knows how to sign in."""
    scheme, _, text = (authorization or "").partition(" ")
    return scheme.lower() == SCHEME and text.strip(" \t").startswith(ACCESS_TAG)


def refusal_of(
    row: TokenRow | None, known: KnownToken, *, ip: str | None, now: datetime, keys: CredentialKeys
) -> Refusal | None:
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
            return _passed(token, known, now) or _kept_out(row.terms, ip)


def _passed(token: Token, known: KnownToken, now: datetime) -> Refusal | None:
    """Say that the time of an access token is over though its grant lives: by its text, or by the refreshes since."""
    if known.expires_at is not None and known.is_over(now):
        return expired(known.expires_at)
    if token.app is not None and known.generation not in token.app.good:
        return rotated(token.app.refreshed_at)
    return None


def _kept_out(terms: Terms, ip: str | None) -> Refusal | None:
    """Say what the workspace has against a request of a token that is in order."""
    match terms.standing:
        case Standing.OPEN:
            return None if is_within(terms.networks, ip) else Refusal(reason=Reason.IP_DENIED)
        case Standing.PLAN_REQUIRED:
            return Refusal(reason=Reason.PLAN_REQUIRED)
        case Standing.NOT_AUTHORIZED:
            return Refusal(reason=Reason.ORGANIZATION_NOT_AUTHORIZED)


def _known(
    token: TokenText, *, plan: str, networks: tuple[str, ...], resource: str | None, row: TokenRow | None
) -> KnownToken:
    return KnownToken(
        token_id=token.token_id,
        plan=plan,
        networks=networks,
        row=row,
        known_as=token.known_as,
        generation=token.generation,
        expires_at=token.expires_at,
        resource=resource,
    )


def _read(authorization: str | None, keys: CredentialKeys) -> TokenText | Refusal:
    if not authorization:
        return Refusal(reason=Reason.CREDENTIAL_MISSING)
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != SCHEME:
        return Refusal(reason=Reason.TOKEN_MALFORMED)
    return read_token(text.strip(" \t"), keys) or Refusal(reason=Reason.TOKEN_MALFORMED)
