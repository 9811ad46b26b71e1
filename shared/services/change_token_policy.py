"""The token policy of a workspace: see what a change would do, then make it.

What is confirmed is a policy and the very tokens that it would suspend: a token that was made or resumed after the
preview and would be suspended as well has to be seen first. One that is made while the change is being recorded cannot
be seen by anybody; it is judged by the new policy all the same, at its creation or by the fencing.

Tokens that only call from elsewhere than a new list of networks are listed, too, and want a look before they are shut
out. Who they are is not confirmed: each call could change it, and a wider list lets them in again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.errors import Conflict, NotPermitted
from shared.domain.token.policy import TokenPolicy, breaks, checked_policy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import SetTokenPolicy
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.events import Role
from shared.services.calls_from_outside import calls_from_outside
from shared.services.change_workspace import change_workspace, live_tokens
from shared.services.confirmations import confirm_later, confirmed_change
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.audit import AuditEntry, AuditLog
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore

KIND = "token-policy"
SHOWN = 100
"""Victims that a preview lists; it counts all."""


class Effect(StrEnum):
    """What a policy does to a token."""

    SUSPENDED = "suspended"
    SHUT_OUT = "shut_out"
    """It stays active, and is refused from where it has lately called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A token that a policy would suspend or shut out, and why."""

    row: TokenRow
    effect: Effect
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreview:
    """What a policy would do to the tokens that there are."""

    count: int
    shown: tuple[Victim, ...]
    confirmation: str


def preview_policy(
    policy: TokenPolicy,
    *,
    workspace: Workspace,
    member: Member,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    audit: AuditLog,
) -> PolicyPreview:
    """Show which tokens a policy would suspend, and which it would shut out. Nothing is changed.

    Raises:
        NotPermitted: the member is not an owner.
        Invalid: the policy cannot be kept.

    """
    _check_role(member)
    wanted = checked_policy(policy)
    victims = victims_of(wanted, workspace=workspace, now=now, tokens=tokens, audit=audit)
    change = json.dumps([_written(wanted), digest_of(victims)])
    return PolicyPreview(
        count=len(victims),
        shown=tuple(victims[:SHOWN]),
        confirmation=confirm_later(change, of=_purpose(workspace.workspace_id, member), now=now, keys=keys),
    )


def change_token_policy(
    policy: TokenPolicy,
    *,
    confirmation: str | None,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    audit: AuditLog,
) -> Workspace:
    """Set the policy; when this returns, every token of the workspace obeys it. A repeat changes nothing.

    A policy that would suspend tokens or shut them out needs the confirmation of a preview of the same policy.

    Raises:
        NotPermitted: the member is not an owner.
        Invalid: the policy cannot be kept, or the confirmation is not for it.
        Conflict: it would suspend tokens or shut them out, and nobody has seen which (`confirmation_required`), or
            suspend other ones than were seen (`preview_outdated`).

    """
    _check_role(member)
    wanted = checked_policy(policy)
    seen: str | None = None
    if confirmation is not None:
        shown = confirmed_change(confirmation, of=_purpose(workspace_id, member), now=now, keys=keys)
        shown_policy, seen = json.loads(shown)
        if shown_policy != _written(wanted):
            raise Conflict(
                "confirmation_required",
                "The confirmation is for another policy.",
                hint="Ask for a preview of this one, look at it, and send its confirmation along.",
            )

    def check(workspace: Workspace) -> None:
        _check_role(workspace.members.get(member.member_id))
        check_victims(wanted, workspace, seen=seen, now=now, tokens=tokens, audit=audit)

    command = SetTokenPolicy(policy=wanted, set_by=member.member_id, at=now)
    return change_workspace(
        workspace_id,
        command,
        origin=origin,
        now=now,
        keys=keys,
        workspaces=workspaces,
        tokens=tokens,
        check=check,
    )


def check_victims(
    policy: TokenPolicy, workspace: Workspace, *, seen: str | None, now: datetime, tokens: TokenStore, audit: AuditLog
) -> None:
    """Refuse a policy that would hit tokens and that nobody has looked at; `seen` is the `digest_of` the victims shown.

    Raises:
        Conflict: nobody has looked (`confirmation_required`), or other tokens would be suspended than were shown
            (`preview_outdated`).

    """
    if policy == workspace.token_policy:
        return  # it stands already: a repeat finishes what it began
    if seen is None:
        if victims := victims_of(policy, workspace=workspace, now=now, tokens=tokens, audit=audit):
            suspends = victims[0].effect is Effect.SUSPENDED
            raise Conflict(
                "confirmation_required",
                "This policy would suspend tokens."
                if suspends
                else "Tokens have lately called from outside these networks.",
                hint="Ask for a preview, which lists them, and send its confirmation along.",
            )
        return
    suspended = list(_judged(policy, workspace, {}, now=now, tokens=tokens))
    if suspended and seen != digest_of(suspended):
        raise Conflict(
            "preview_outdated",
            "The tokens that this policy would suspend are no longer those that were shown.",
            hint="Look again: ask for another preview and send its confirmation along, or run the command once more.",
        )


def victims_of(
    policy: TokenPolicy, *, workspace: Workspace, now: datetime, tokens: TokenStore, audit: AuditLog
) -> list[Victim]:
    """List the tokens in use that a policy would suspend, then those that it would shut out; both newest first."""
    outside = calls_from_outside(
        policy, standing=workspace.token_policy, workspace_id=workspace.workspace_id, now=now, audit=audit
    )
    victims = _judged(policy, workspace, outside, now=now, tokens=tokens)
    return sorted(victims, key=lambda victim: victim.effect is Effect.SHUT_OUT)


def _judged(
    policy: TokenPolicy,
    workspace: Workspace,
    outside: Mapping[str, AuditEntry],
    *,
    now: datetime,
    tokens: TokenStore,
) -> Iterator[Victim]:
    for row in live_tokens(workspace.workspace_id, tokens):
        if row.token.status_at(now) is not Status.ACTIVE:
            continue
        if (why := breaks(policy, row.token)) is not None:
            yield Victim(row=row, effect=Effect.SUSPENDED, why=why)
        elif (call := outside.get(row.token.token_id)) is not None:
            where = call.origin.ip or "an unknown address"
            why = f"it called from {where} on {call.at.astimezone(UTC).date()}, which is in none of the networks"
            yield Victim(row=row, effect=Effect.SHUT_OUT, why=why)


def digest_of(victims: Iterable[Victim]) -> str:
    """Stand for those that are suspended in a confirmation, which has no room for all their ids."""
    ids = sorted(victim.row.token.token_id for victim in victims if victim.effect is Effect.SUSPENDED)
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _check_role(member: Member | None) -> None:
    if member is None or member.role is not Role.OWNER:
        raise NotPermitted(
            "role_required", "Only an owner may change the token policy.", hint="Ask an owner of the workspace."
        )


def _purpose(workspace_id: str, member: Member) -> tuple[str, ...]:
    return (workspace_id, member.member_id, KIND)


def _written(policy: TokenPolicy) -> str:
    return json.dumps(
        [
            policy.longest_days,
            sorted(policy.scopes) if policy.scopes is not None else None,
            policy.name_pattern,
            list(policy.networks),
            policy.suspend_abandoned,
        ]
    )
