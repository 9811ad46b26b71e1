"""/v1/workspace/token-policy: what the workspace allows of its tokens, on top of its plan."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.policy import MOST_NETWORKS, TokenPolicy
from shared.services.change_token_policy import SHOWN, Effect, change_token_policy, preview_policy
from shared.transports.http.bodies import CURSOR_LENGTH, FILTER_LENGTH, WHOLE, Body, TokenView
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/workspace/token-policy", tags=["workspace"])

A_CENTURY = 36_500
"""Days; a number that no token lives to see would only burden the store."""


class PolicyBody(Body):
    """A whole policy: what is left out is not restricted."""

    longest_days: Annotated[int, Field(le=A_CENTURY), WHOLE] | None = Field(
        default=None, description="The longest life of a token, in days."
    )
    scopes: list[str] | None = Field(default=None, max_length=50, description="What tokens may be granted.")
    name_pattern: str | None = Field(
        default=None, max_length=FILTER_LENGTH, description="What new names look like: * for any characters, ? for one."
    )
    networks: list[str] = Field(
        default_factory=list,
        max_length=MOST_NETWORKS,
        description="Where calls may come from, in CIDR; none: anywhere.",
    )
    suspend_abandoned: bool = Field(default=False, description="Suspend a token when it is flagged as abandoned.")

    def policy(self) -> TokenPolicy:
        """Give the policy that is meant; its own rules are checked by whoever takes it."""
        return TokenPolicy(
            longest_days=self.longest_days,
            scopes=parse_scopes(self.scopes) if self.scopes is not None else None,
            name_pattern=self.name_pattern,
            networks=tuple(self.networks),
            suspend_abandoned=self.suspend_abandoned,
        )


class ConfirmedPolicyBody(PolicyBody):
    """A policy to be set."""

    confirmation: str | None = Field(
        default=None,
        max_length=CURSOR_LENGTH,
        description="From a preview of it; needed where it suspends tokens or shuts them out.",
    )


class PolicyView(BaseModel):
    """The policy as it stands."""

    longest_days: int | None
    scopes: list[Scope] | None
    name_pattern: str | None
    networks: list[str]
    suspend_abandoned: bool

    @classmethod
    def of(cls, policy: TokenPolicy) -> Self:
        """Show a policy."""
        return cls(
            longest_days=policy.longest_days,
            scopes=sorted(policy.scopes) if policy.scopes is not None else None,
            name_pattern=policy.name_pattern,
            networks=list(policy.networks),
            suspend_abandoned=policy.suspend_abandoned,
        )


class VictimView(BaseModel):
    """A token that the policy would suspend or shut out."""

    token: TokenView
    effect: Effect = Field(
        description="Whether it is suspended, or stays active and is shut_out from where it has lately called."
    )
    why: str


class PolicyPreviewView(BaseModel):
    """What a policy would do."""

    count: int = Field(description="All that would be suspended or shut out.")
    data: list[VictimView] = Field(
        description=f"At most {SHOWN} of them: first those that would be suspended, the newest first."
    )
    confirmation: str = Field(description="Send it along with the same policy within 15 minutes.")


@router.get("", responses=refused_with(*CALLER))
def get(caller: Caller) -> PolicyView:
    """Look at the policy."""
    return PolicyView.of(caller.workspace.token_policy)


@router.post("/preview", responses=refused_with(*CALLER, *BODY))
def preview(body: PolicyBody, caller: Caller, now: Now, parts: Parts) -> PolicyPreviewView:
    """Show which tokens a policy would suspend, and which it would shut out. Nothing is changed."""
    found = preview_policy(
        body.policy(),
        workspace=caller.workspace,
        member=caller.member,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        audit=parts.trail.audit,
    )
    return PolicyPreviewView(
        count=found.count,
        data=[
            VictimView(token=TokenView.of(victim.row, now=now), effect=victim.effect, why=victim.why)
            for victim in found.shown
        ],
        confirmation=found.confirmation,
    )


@router.put("", responses=refused_with(*CALLER, *BODY))
def set_(body: ConfirmedPolicyBody, caller: Caller, now: Now, parts: Parts) -> PolicyView:
    """Set the policy: after this answer every token obeys it. Those that break it are suspended."""
    changed = change_token_policy(
        body.policy(),
        confirmation=body.confirmation,
        workspace_id=caller.workspace_id,
        member=caller.member,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
        audit=parts.trail.audit,
    )
    return PolicyView.of(changed.token_policy)
