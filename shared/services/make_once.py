"""Make a token under an idempotency key: a repeat of the request gives the same token, without its secret.

The key first claims the id that the token will have, then the token is made under that id. So

- a process that died in between leaves a claim and no token: the repeat makes it, and shows a secret that nobody saw;
- one that died after it leaves a token whose secret is lost: the repeat gives the token, for its owner to rotate or
  revoke;
- of requests at the same time one makes the token, whichever it is, and the others meet it under its id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.errors import Conflict, Invalid
from shared.domain.token.state import Token
from shared.services.create_token import NewToken
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import new_id
from shared.storage.contracts.replies import Reply, ReplyStore
from shared.storage.contracts.tokens import TokenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The token of a request, and its text if this request made it (None: an earlier one did)."""

    token: Token
    last_used_at: datetime | None = None
    text: str | None = field(default=None, repr=False)


def make_once(
    make: Callable[[str], NewToken],
    *,
    key: str | None,
    caller: str,
    request: Sequence[object],
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    replies: ReplyStore,
) -> Made:
    """Make a token under the id that `make` is given, or give the one that the caller's key has made already.

    `request` is all that was asked for: the same key with another request is refused.

    Raises:
        Invalid: the key was used for another request (`idempotency_key_reused`).
        DomainError, StreamMoved: as `make`.

    """
    token_id = new_id()
    if key is not None:
        fingerprint = _fingerprint(request, keys)
        held = replies.claim(caller, key, Reply(fingerprint=fingerprint, resource_id=token_id), now=now)
        if not hmac.compare_digest(held.fingerprint, fingerprint):
            raise Invalid(
                "idempotency_key_reused",
                "This idempotency key was used for another request.",
                hint="Draw a new key for each token; repeat a key only with the same body.",
                field="Idempotency-Key",
            )
        token_id = held.resource_id
        if (made := _made(token_id, tokens)) is not None:
            return made
    try:
        new = make(token_id)
    except Conflict:
        made = _made(token_id, tokens)
        if made is None:
            raise
        return made
    return Made(token=new.token, text=new.text)


def _made(token_id: str, tokens: TokenStore) -> Made | None:
    row = tokens.get(token_id)
    return Made(token=row.token, last_used_at=row.last_used_at) if row is not None else None


def _fingerprint(request: Sequence[object], keys: CredentialKeys) -> str:
    """Recognise a request without keeping it."""
    return hmac.new(keys.arguments, json.dumps(request).encode(), hashlib.sha256).hexdigest()
