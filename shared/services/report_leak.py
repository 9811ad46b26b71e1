"""A token that was seen where it should not be: whoever holds the whole of it may end it, without a login.

It costs no more than it must: what is not a token of ours ends at the check digits, and argon2 runs at most for a live
token, which the report then kills. Nothing is told to the reporter, and the text is neither kept nor logged.
"""

from __future__ import annotations

from datetime import datetime

from shared.domain.token.commands import ReportLeak
from shared.domain.token.state import LIVE
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import read_token
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore


def report_leak(
    text: str, *, source: str, origin: Origin, now: datetime, keys: CredentialKeys, tokens: TokenStore
) -> bool:
    """Revoke the token of a text and tell whether it was one of ours, dead or alive.

    Raises:
        StreamMoved: others kept changing the token; report it again.

    """
    token = read_token(text.strip(), keys)
    row = tokens.get(token.token_id) if token is not None else None
    if token is None or row is None:
        return False
    if row.token.status not in LIVE:
        return True  # the check digits are ours, and there is nothing left to end
    # As at the gate: only a digest that we stored is worth the time of argon2.
    if not is_sealed(row, keys) or not secret_matches(token.secret, row.credential.digest):
        return False
    change_token(token.token_id, ReportLeak(source=source, at=now), origin=origin, keys=keys, tokens=tokens)
    return True
