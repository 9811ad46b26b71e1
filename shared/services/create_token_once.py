"""Generate a token under an idempotency key: a repeat of the request gives the same token, without its secret.

The key first claims the id that the token will have, then the token is made under that id. So

- a process that died in between leaves a claim and no token: the repeat makes it, and shows a secret that nobody saw;
- one that died after it leaves a token whose secret is lost: the repeat gives the token, to be revoked;
- of requests at the same time one makes the token, whichever it is, and the others meet it under its id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.errors import Conflict, Invalid
from shared.domain.scopes import Scope
from shared.domain.token.state import Token
from shared.services.create_token import create_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import new_id
from shared.storage.contracts.replies import Reply, ReplyStore
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The token of a request, and its text if this request made it (None: an earlier one did)."""

    token: Token
    last_used_at: datetime | None = None
    text: str | None = field(default=None, repr=False)


def create_token_once(
    *,
    key: str | None,
    workspace_id: str,
    member_id: str,
    name: str,
    scopes: frozenset[Scope],
    expires_in_days: int,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    replies: ReplyStore,
) -> Created:
    """Generate a personal token for the member who asks, or give the one that this key has made already.

    Raises:
        Invalid: the key was used for another request (`idempotency_key_reused`), or as `create_token`.
        NotFound, NotPermitted, StreamMoved: as `create_token`.

    """
    token_id = new_id()
    if key is not None:
        fingerprint = _fingerprint([name, sorted(scopes), expires_in_days], keys)
        caller = f"{workspace_id}/{member_id}"
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
        new = create_token(
            workspace_id=workspace_id,
            member_id=member_id,
            name=name,
            scopes=scopes,
            expires_in_days=expires_in_days,
            origin=origin,
            now=now,
            keys=keys,
            tokens=tokens,
            workspaces=workspaces,
            token_id=token_id,
        )
    except Conflict:
        made = _made(token_id, tokens)
        if made is None:
            raise
        return made
    return Created(token=new.token, text=new.text)


def _made(token_id: str, tokens: TokenStore) -> Created | None:
    row = tokens.get(token_id)
    return Created(token=row.token, last_used_at=row.last_used_at) if row is not None else None


def _fingerprint(request: list[object], keys: CredentialKeys) -> str:
    """Recognise a request without keeping it."""
    return hmac.new(keys.arguments, json.dumps(request).encode(), hashlib.sha256).hexdigest()
