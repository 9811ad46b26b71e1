"""A token that was seen where it should not be: whoever holds the whole of it may end it, without a login.

It costs no more than it must: what is not a token of ours ends at the check digits, what is dead costs a read, and
argon2 runs for a live token only, which the report then ends. The texts are neither kept nor logged.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.domain.errors import DomainError
from shared.domain.token.commands import ReportLeak
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.token_format import TokenText, read_refresh_token, read_token
from shared.services.verify_token import is_right
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenRow, TokenStore

AT_ONCE = 200
"""Live tokens that one report ends: some ten seconds of hashing and writing, half the time that a request has."""


class ReportUnfinished(DomainError):
    """The report names more live tokens than one request ends. The first of them have ended; the rest can be sent."""


def report_leaks(
    texts: Iterable[str], *, source: str, origin: Origin, now: datetime, keys: CredentialKeys, tokens: TokenStore
) -> frozenset[str]:
    """Revoke the token that each text is, and give the texts that are tokens of ours, dead or alive.

    A token's successor lives on: it has another secret. What an app was granted ends whole, whichever of its tokens
    was seen; but an access token whose own time is over is dead, and ends nothing.

    Raises:
        ReportUnfinished: the same report again goes on.
        StreamMoved: others kept changing a token; report it again.

    """
    ours: set[str] = set()
    hashed = 0
    for text in dict.fromkeys(texts):  # a token that was found in many places is looked at once
        token = read_token(text.strip(), keys) or read_refresh_token(text.strip(), keys)
        row = tokens.get(token.token_id) if token is not None else None
        if token is None or row is None:
            continue
        if row.token.lives_at(now) and not token.is_over(now):
            if hashed == AT_ONCE:
                raise _unfinished()
            hashed += 1
            if not _is_of(row, token, keys):
                continue
            change_token(token.token_id, ReportLeak(source=source, at=now), origin=origin, keys=keys, tokens=tokens)
        ours.add(text)
    return frozenset(ours)


def _is_of(row: TokenRow, token: TokenText, keys: CredentialKeys) -> bool:
    """Tell whether the text is of this row: a token, or any refresh token that a grant ever had."""
    if not is_sealed(row, keys):  # as at the gate: only a digest that we stored is worth the time of argon2
        return False
    if token.is_refresh:
        return row.token.app is not None and token.generation <= row.token.app.generation
    return is_right(token, row)


def _unfinished() -> ReportUnfinished:
    return ReportUnfinished(
        "report_unfinished",
        f"The report names more than {AT_ONCE} live tokens. So many were revoked.",
        hint="Send the same report again; it goes on with the others.",
    )
