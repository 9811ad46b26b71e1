"""/v1/tokens/{id}/suspend and /resume: keep a token out for a while."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from shared.services.manage_tokens import resume_token, suspend_token
from shared.transports.http.bodies import Body, TokenView
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with
from shared.transports.http.token_ids import TOKEN_ID

router = APIRouter(prefix="/tokens", tags=["tokens"])


class ReasonBody(Body):
    """Why it is done."""

    reason: str = Field(description="1 to 200 characters, for the trail.")


@router.post(f"/{TOKEN_ID}/suspend", responses=refused_with(*CALLER, *BODY))
def suspend(token_id: str, body: ReasonBody, caller: Caller, now: Now, parts: Parts) -> TokenView:
    """Keep a token out: no request that starts after this answer is let in. A repeat changes nothing."""
    row = suspend_token(
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


@router.post(f"/{TOKEN_ID}/resume", responses=refused_with(*CALLER, *BODY))
def resume(token_id: str, body: ReasonBody, caller: Caller, now: Now, parts: Parts) -> TokenView:
    """Let a suspended token in again, unless it breaks the workspace's token policy. A repeat changes nothing."""
    row = resume_token(
        token_id,
        reason=body.reason,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )
    return TokenView.of(row, now=now)
