"""Generate a token for a member, once for each idempotency key."""

from __future__ import annotations

from datetime import datetime

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.services.create_token import NewToken, check_creation, create_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.make_once import Made, make_once
from shared.storage.contracts.replies import ReplyStore
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def create_token_once(
    *,
    key: str | None,
    workspace_id: str,
    member_id: str,
    kind: TokenKind,
    name: str,
    scopes: frozenset[Scope] | None,
    expires_in_days: int | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    replies: ReplyStore,
) -> Made:
    """Generate a token for the member who asks, or give the one that this key has made already.

    Raises:
        Invalid: the key was used for another request (`idempotency_key_reused`), or as `create_token`.
        NotFound, NotPermitted, StreamMoved: as `create_token`.

    """

    def create(token_id: str) -> NewToken:
        return create_token(
            workspace_id=workspace_id,
            member_id=member_id,
            kind=kind,
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

    def check() -> None:
        check_creation(
            workspace_id=workspace_id,
            member_id=member_id,
            kind=kind,
            name=name,
            scopes=scopes,
            expires_in_days=expires_in_days,
            now=now,
            workspaces=workspaces,
        )

    return make_once(
        create,
        check=check,
        key=key,
        caller=f"{workspace_id}/{member_id}",
        request=["create", kind, name, sorted(scopes) if scopes is not None else None, expires_in_days],
        now=now,
        keys=keys,
        tokens=tokens,
        replies=replies,
    )
