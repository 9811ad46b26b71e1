"""/v1/tokens: generate, list, look at, rename and revoke personal access tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from shared.domain.scopes import parse_scopes
from shared.domain.token.events import TokenKind
from shared.services.create_token_once import create_token_once
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.manage_tokens import find_token, list_tokens, rename_token, revoke_token
from shared.transports.http.bodies import (
    CreatedToken,
    CreateTokenBody,
    RenameTokenBody,
    RevokeTokenBody,
    TokenPage,
    TokensQuery,
    TokenView,
)
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.made import MADE_BEFORE, IdempotencyKey, answer_of
from shared.transports.http.openapi import BODY, CALLER, refused_with
from shared.transports.http.token_ids import TOKEN_ID

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.post(
    "", status_code=201, response_model=CreatedToken, responses={**MADE_BEFORE, **refused_with(*CALLER, *BODY)}
)
def create(
    body: CreateTokenBody, caller: Caller, now: Now, parts: Parts, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Generate a token for the caller, who is an owner or an admin. It is shown in this answer only."""
    made = create_token_once(
        key=idempotency_key,
        workspace_id=caller.workspace_id,
        member_id=caller.member.member_id,
        kind=TokenKind(body.kind),
        name=body.name,
        scopes=parse_scopes(body.scopes) if body.scopes is not None else None,
        expires_in_days=body.expires_in_days,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
        replies=parts.replies,
    )
    return answer_of(made, now)


@router.get("", responses=refused_with(*CALLER))
def list_(query: Annotated[TokensQuery, Query()], caller: Caller, now: Now, parts: Parts) -> TokenPage:
    """List the tokens of the workspace, newest first, for its owners and admins; nobody has their secrets."""
    of = (caller.workspace_id, "tokens")
    page = list_tokens(
        workspace_id=caller.workspace_id,
        member=caller.member,
        limit=query.limit,
        after=open_cursor(query.cursor, of=of, now=now, keys=parts.keys) if query.cursor is not None else None,
        tokens=parts.tokens,
    )
    return TokenPage(
        data=[TokenView.of(row, now=now) for row in page.items],
        next_cursor=seal_cursor(page.next, of=of, now=now, keys=parts.keys) if page.next is not None else None,
    )


@router.get(f"/{TOKEN_ID}", responses=refused_with(*CALLER))
def get(token_id: str, caller: Caller, now: Now, parts: Parts) -> TokenView:
    """Look at one token."""
    row = find_token(token_id, workspace_id=caller.workspace_id, member=caller.member, tokens=parts.tokens)
    return TokenView.of(row, now=now)


@router.patch(f"/{TOKEN_ID}", responses=refused_with(*CALLER, *BODY))
def rename(token_id: str, body: RenameTokenBody, caller: Caller, now: Now, parts: Parts) -> TokenView:
    """Give a token another name, as the workspace's token policy wants names."""
    row = rename_token(
        token_id,
        name=body.name,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )
    return TokenView.of(row, now=now)


@router.post(f"/{TOKEN_ID}/revoke", responses=refused_with(*CALLER, *BODY))
def revoke(token_id: str, body: RevokeTokenBody, caller: Caller, now: Now, parts: Parts) -> TokenView:
    """Take a token out of use: no request that starts after this answer is let in. A repeat changes nothing."""
    row = revoke_token(
        token_id,
        reason=body.reason,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
    )
    return TokenView.of(row, now=now)
