"""Rotation: a token is given a successor, and ends when the overlap is over.

The two streams change together or not at all. Whoever has lost the answer, and with it the successor's secret, rotates
the successor: nothing shows a secret twice, and a repeat kills nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import Conflict, Invalid
from shared.domain.plans import Plan, check_kind
from shared.domain.token.commands import RotateToken
from shared.domain.token.events import TokenCreated, TokenKind, TokenRotated
from shared.domain.token.policy import check_kept
from shared.domain.token.state import Status, Token

LONGEST_OVERLAP = timedelta(days=7)
USUAL_OVERLAP = timedelta(days=1)


class AlreadyRotated(Conflict):
    """The token has a successor that lives: there is one at a time."""

    def __init__(self, successor_id: str) -> None:
        super().__init__(
            "already_rotated",
            f"The token has a successor that lives: {successor_id}.",
            hint="Use that one; if it is suspended, it has to be resumed first. "
            "If its secret was lost, rotate the successor; its owner can.",
        )
        self.successor_id = successor_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What happens to the two tokens."""

    rotated: TokenRotated
    created: TokenCreated


def rotate(command: RotateToken, token: Token) -> Rotation:
    """Decide a rotation.

    A successor is like its token or narrower, so it keeps to the workspace's token policy where its token does; its
    name was right when it was given. A token that breaks the policy gets no successor, whatever that would be like.

    Raises:
        Conflict: it is a grant, is not in use, has a successor that lives, or breaks the workspace's token policy.
        NotPermitted: it is of a kind that the plan does not have any more.
        Invalid: the overlap is out of bounds, a scope is wider, or the plan offers no life so short.

    """
    refuse_grant(token)
    _check_state(command, token)
    check_kind(command.plan, token.kind)
    check_kept(command.policy, token)
    longest = int(LONGEST_OVERLAP.total_seconds())
    if not 0 <= command.overlap_seconds <= longest:
        raise Invalid(
            "overlap_invalid",
            f"An overlap has 0 to {longest} seconds.",
            hint="0 ends the old token at once; leave it out for a day.",
            field="overlap_seconds",
        )
    scopes = token.scopes if command.scopes is None else command.scopes
    if wider := scopes - token.scopes:
        raise Invalid(
            "scope_wider",
            f"The token itself does not have: {', '.join(sorted(wider))}.",
            hint="A successor has the scopes of its token or fewer; generate a new token for more.",
            field="scopes",
        )
    if not scopes:
        raise Invalid(
            "scope_required",
            "A token needs at least one scope.",
            hint="Name what the client will read.",
            field="scopes",
        )
    lifetime = _lifetime(token, command.plan)
    overlap_ends = command.at + timedelta(seconds=command.overlap_seconds)
    return Rotation(
        rotated=TokenRotated(
            successor_id=command.successor_id,
            rotated_by=command.rotated_by,
            overlap_seconds=command.overlap_seconds,
            ends_at=overlap_ends if token.expires_at is None else min(overlap_ends, token.expires_at),
            at=command.at,
        ),
        created=TokenCreated(
            token_id=command.successor_id,
            kind=token.kind,
            workspace_id=token.workspace_id,
            owner_id=token.owner_id,
            name=token.name,
            prefix=command.successor_prefix,
            scopes=scopes,
            expires_at=command.at + timedelta(days=lifetime) if lifetime is not None else None,
            predecessor_id=token.token_id,
            at=command.at,
        ),
    )


def refuse_grant(token: Token) -> None:
    """Refuse to rotate what an app was granted: its tokens are shown to nobody but the app.

    Raises:
        Conflict: it is a grant (`grant_not_rotated`).

    """
    if token.kind is TokenKind.GRANT:
        raise Conflict(
            "grant_not_rotated",
            "An app renews its tokens itself.",
            hint="To have it begin anew, revoke what it was granted and connect the app again.",
        )


def _lifetime(token: Token, plan: Plan) -> int | None:
    """Give the life of a successor in days, from its own creation: as its token's, or the longest below it on offer."""
    if token.lifetime_days is None:
        return None
    offered = [days for days in plan.lifetimes_days if days <= token.lifetime_days]
    if not offered:
        raise Invalid(
            "lifetime_not_allowed",
            f"The plan {plan.label} offers no life that a successor could have.",
            hint="Generate a new token.",
            field="expires_in_days",
        )
    return max(offered)


def _check_state(command: RotateToken, token: Token) -> None:
    status = token.status_at(command.at)
    if command.living_successor_id is not None:
        raise AlreadyRotated(command.living_successor_id)
    if status is Status.SUSPENDED:
        raise Conflict(
            "token_suspended",
            "The token is suspended.",
            hint="Resume it first, if the token policy allows it, or generate a new one.",
        )
    if status is not Status.ACTIVE:
        raise Conflict("token_ended", f"The token is {status} already.", hint="Generate a new one.")
