"""Who may do what to whom among the members of a workspace, as one table."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.errors import NotPermitted
from shared.domain.workspace.decider import MANAGERS, Member
from shared.domain.workspace.events import Role

MANAGES: Mapping[Role, frozenset[Role]] = {
    Role.OWNER: frozenset(Role),
    Role.ADMIN: frozenset({Role.ANALYST}),
    Role.ANALYST: frozenset(),
}
"""A role -> the roles that it may give, change and take away. Everybody may leave, but for the last owner."""


def check_may_change(actor: Member, *, target: Member | None, role: Role | None) -> None:
    """Refuse a change of the members that the actor's role does not allow.

    `target` is the member as it is (None: a new one), `role` what it shall be (None: gone).

    Raises:
        NotPermitted: it is not for this role to do (`role_required`).

    """
    leaves = target is not None and target.member_id == actor.member_id and role is None
    touched = {known for known in (target.role if target is not None else None, role) if known is not None}
    if not leaves and not touched <= MANAGES[actor.role]:
        named = " or ".join(sorted(touched - MANAGES[actor.role]))
        raise NotPermitted(
            "role_required",
            f"Your role does not manage members with the role {named}.",
            hint="Ask an owner of the workspace.",
        )


def may_see_tokens(actor: Member) -> bool:
    """Tell whether somebody may know which tokens there are, what befalls them and what they call.

    Of what a static token reads nobody asks that: it acts for an owner or an admin, or for the workspace as a whole,
    and ends as soon as it does not (`lost_owner`). An app may act for an analyst: see `sees_tokens`.
    """
    return actor.role in MANAGERS


def check_may_import(actor: Member) -> None:
    """Refuse to take data from whoever may only look at it.

    Raises:
        NotPermitted: it is not for this role to do (`role_required`).

    """
    if actor.role is Role.ANALYST:
        raise NotPermitted(
            "role_required", "Analysts look at imports and send no files.", hint="Ask an owner or an admin."
        )


def check_may_acknowledge(actor: Member) -> None:
    """Refuse to take alerts off the list of open ones to whoever may only look at them.

    Raises:
        NotPermitted: it is not for this role to do (`role_required`).

    """
    if actor.role is Role.ANALYST:
        raise NotPermitted(
            "role_required", "Analysts look at alerts and acknowledge none.", hint="Ask an owner or an admin."
        )


def check_may_forget(actor: Member) -> None:
    """Refuse to have somebody forgotten for good to whoever is no owner.

    Raises:
        NotPermitted: it is not for this role to do (`role_required`).

    """
    if actor.role is not Role.OWNER:
        raise NotPermitted(
            "role_required", "Only owners have former members forgotten.", hint="Ask an owner of the workspace."
        )


def may_reach(actor: Member, target: Member) -> bool:
    """Tell whether the actor may see and change where the target is reached: their own, or of a role they manage."""
    return actor.member_id == target.member_id or target.role in MANAGES[actor.role]


def check_may_reach(actor: Member, target: Member) -> None:
    """Refuse to show or to change where somebody else is reached.

    Raises:
        NotPermitted: it is not for this role to do (`role_required`).

    """
    if not may_reach(actor, target):
        raise NotPermitted(
            "role_required",
            f"Your role does not manage members with the role {target.role}.",
            hint="Ask the member, or an owner of the workspace.",
        )
