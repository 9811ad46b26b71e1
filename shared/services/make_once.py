"""Make a token under an idempotency key: a repeat of the request gives the same token, without its secret.

Whoever would be refused is refused first, and has used up no key. Then the key claims the id that the token will have,
and the token is made under that id. So

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

from shared.domain.errors import Conflict, DomainError, Invalid
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
    check: Callable[[], object],
    key: str | None,
    caller: str,
    request: Sequence[object],
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    replies: ReplyStore,
) -> Made:
    """Make a token under the id that `make` is given, or give the one that the caller's key has made already.

    `check` refuses what `make` would refuse. `request` is all that was asked for: the same key with another request is
    refused.

    Raises:
        Invalid: the key was used for another request (`idempotency_key_reused`).
        DomainError, StreamMoved: as `make`.

    """
    token_id = new_id()
    if key is not None:
        asked = Reply(fingerprint=_fingerprint(request, keys), resource_id=token_id)
        held = _claimed(caller, key, asked, check=check, now=now, replies=replies)
        if not hmac.compare_digest(held.fingerprint, asked.fingerprint):
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


def _claimed(
    caller: str, key: str, asked: Reply, *, check: Callable[[], object], now: datetime, replies: ReplyStore
) -> Reply:
    """Give what holds the key: an earlier request, or this one, if it would not be refused."""
    held = replies.find(caller, key, now=now)
    if held is not None:
        return held
    try:
        check()
    except DomainError:
        # Perhaps because the same request was carried out at this very moment, in another process.
        held = replies.find(caller, key, now=now)
        if held is None:
            raise
        return held
    return replies.claim(caller, key, asked, now=now)


def _made(token_id: str, tokens: TokenStore) -> Made | None:
    row = tokens.get(token_id)
    return Made(token=row.token, last_used_at=row.last_used_at) if row is not None else None


def _fingerprint(request: Sequence[object], keys: CredentialKeys) -> str:
    """Recognise a request without keeping it."""
    return hmac.new(keys.arguments, json.dumps(request).encode(), hashlib.sha256).hexdigest()
