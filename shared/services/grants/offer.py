"""What a member may let an app do in a workspace: what it asks for, less what the workspace does not allow."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.errors import NotPermitted
from shared.domain.plans import GrantLifetimes
from shared.domain.scopes import Scope
from shared.domain.token.grants import longest_days
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.holding import plan_for_new_grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be approved; nothing, if there are no scopes."""

    scopes: frozenset[Scope]
    withheld: frozenset[Scope]
    """What is asked for and the token policy does not allow."""
    lifetimes: GrantLifetimes
    longest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOffer:
    """The workspace lets nobody connect an app."""

    message: str
    hint: str


def make_offer(asked: frozenset[Scope], workspace: Workspace, member_id: str) -> Offer | NoOffer:
    """Say what of the scopes that an app asks for a member may give it."""
    policy = workspace.token_policy
    try:
        plan, _ = plan_for_new_grant(workspace, member_id)
    except NotPermitted as refusal:
        return NoOffer(message=refusal.message, hint=refusal.hint)
    allowed = asked if policy.scopes is None else asked & policy.scopes
    if not allowed:
        return NoOffer(
            message="The token policy of the workspace allows nothing of what the app asks for.",
            hint="Ask an owner of the workspace to change the policy.",
        )
    return Offer(
        scopes=allowed,
        withheld=asked - allowed,
        lifetimes=plan.grants,
        longest_days=longest_days(plan.grants, policy),
    )
