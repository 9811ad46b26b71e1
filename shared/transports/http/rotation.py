"""/v1/tokens/{id}/rotate and /evidence: give a token a successor, and see which scopes it would need."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.rotation import LONGEST_OVERLAP, USUAL_OVERLAP
from shared.services.manage_tokens import find_token
from shared.services.rotate_token import WantedRotation
from shared.services.rotate_token_once import rotate_for_member
from shared.services.scope_evidence import LOOKED_BACK, scope_evidence
from shared.transports.http.bodies import Body, CreatedToken, Whole
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.made import MADE_BEFORE, IdempotencyKey, answer_of
from shared.transports.http.openapi import BODY, CALLER, refused_with
from shared.transports.http.token_ids import TOKEN_ID

router = APIRouter(prefix="/tokens", tags=["tokens"])


class RotateTokenBody(Body):
    """What the successor is to be like; every field may be left out."""

    overlap_seconds: Whole = Field(
        default=int(USUAL_OVERLAP.total_seconds()),
        description=f"How long the old token is let in beside its successor: 0 to {LONGEST_OVERLAP.days} days.",
    )
    scopes: list[str] | None = Field(
        default=None, max_length=50, description="Those of the token, or fewer; left out: those of the token."
    )
    narrow_to_used: bool = Field(
        default=False, description="Give the successor the scopes that /evidence names as used, in place of `scopes`."
    )

    def wanted(self) -> WantedRotation:
        """Give the rotation that is meant; its own rules are checked by whoever decides it."""
        return WantedRotation(
            overlap_seconds=self.overlap_seconds,
            scopes=parse_scopes(self.scopes) if self.scopes is not None else None,
            narrow_to_used=self.narrow_to_used,
        )


class EvidenceView(BaseModel):
    """The scopes of a token, and what became of them."""

    granted: list[Scope]
    used: dict[Scope, date] = Field(
        description=f"A scope that calls needed in the last {LOOKED_BACK.days} days -> the last day (UTC) of them. "
        "Calls of the tokens whose place it took count, too."
    )
    unused: list[Scope]
    since: date = Field(description="The first day that was looked at.")


@router.post(
    f"/{TOKEN_ID}/rotate",
    status_code=201,
    response_model=CreatedToken,
    responses={**MADE_BEFORE, **refused_with(*CALLER, *BODY)},
)
def rotate(
    token_id: str,
    body: RotateTokenBody,
    *,
    caller: Caller,
    now: Now,
    parts: Parts,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Give a token a successor, shown in this answer only; the old one ends when the overlap is over."""
    made = rotate_for_member(
        token_id,
        body.wanted(),
        key=idempotency_key,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
        replies=parts.replies,
        evidence=parts.evidence,
        audit=parts.trail.audit,
    )
    return answer_of(made, now)


@router.get(f"/{TOKEN_ID}/evidence", responses=refused_with(*CALLER))
def evidence(token_id: str, caller: Caller, now: Now, parts: Parts) -> EvidenceView:
    """Set the scopes that a token was granted against those that it has used."""
    row = find_token(token_id, workspace_id=caller.workspace_id, member=caller.member, tokens=parts.tokens)
    found = scope_evidence(row.token, now=now, tokens=parts.tokens, evidence=parts.evidence, audit=parts.trail.audit)
    return EvidenceView(
        granted=sorted(found.granted),
        used=dict(sorted(found.used.items())),
        unused=sorted(found.unused),
        since=found.since,
    )
