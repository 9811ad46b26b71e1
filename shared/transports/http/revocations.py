"""/v1/tokens/revoke: revoke many tokens, after a look at which."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.domain.scopes import parse_scopes
from shared.services.revoke_tokens import SHOWN, Selection, preview_revocation, revoke_selected
from shared.transports.http.bodies import CURSOR_LENGTH, FILTER_LENGTH, Body, Moment, TokenView
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/tokens/revoke", tags=["tokens"])


class SelectionBody(Body):
    """Which tokens are meant: those that meet every criterion that is given."""

    owner: str | None = Field(default=None, max_length=FILTER_LENGTH, description="The member that they act for.")
    scope: str | None = Field(default=None, max_length=FILTER_LENGTH, description="A scope that they have.")
    issued_before: Moment | None = Field(default=None, strict=False, description="A moment, like 2026-11-21T14:30:00Z.")


class RevocationPreview(BaseModel):
    """What would be revoked."""

    count: int
    data: list[TokenView] = Field(description=f"The newest {SHOWN} of them at most.")
    confirmation: str = Field(description="Send it to /v1/tokens/revoke within 15 minutes to revoke exactly these.")


class ConfirmedBody(Body):
    """A revocation that somebody has looked at."""

    confirmation: str = Field(max_length=CURSOR_LENGTH, description="From the preview.")
    reason: str = Field(description="1 to 200 characters, for the trail.")


class RevocationProgress(BaseModel):
    """What was revoked."""

    revoked: int
    more: bool = Field(description="Whether there are more: the same request again goes on.")


@router.post("/preview", responses=refused_with(*CALLER, *BODY))
def preview(body: SelectionBody, caller: Caller, now: Now, parts: Parts) -> RevocationPreview:
    """Show which live tokens would be revoked. Nothing is changed."""
    scope = next(iter(parse_scopes([body.scope], field="scope"))) if body.scope is not None else None
    found = preview_revocation(
        Selection(owner_id=body.owner, scope=scope, issued_before=body.issued_before),
        workspace_id=caller.workspace_id,
        member=caller.member,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
    )
    return RevocationPreview(
        count=found.count,
        data=[TokenView.of(row, now=now) for row in found.shown],
        confirmation=found.confirmation,
    )


@router.post("", responses=refused_with(*CALLER, *BODY))
def revoke(body: ConfirmedBody, caller: Caller, now: Now, parts: Parts) -> RevocationProgress:
    """Revoke what a preview has shown, some hundreds at a time. A repeat goes on, or changes nothing."""
    done = revoke_selected(
        body.confirmation,
        reason=body.reason,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
    )
    return RevocationProgress(revoked=done.revoked, more=done.more)
