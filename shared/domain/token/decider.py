"""The rules of a token's life, as two pure functions over the state. What concerns two tokens is in `rotation`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from shared.domain.plans import Plan
from shared.domain.token.attendance import attend
from shared.domain.token.commands import (
    ApproveGrant,
    AttendToken,
    CreateToken,
    RefreshGrant,
    RenameToken,
    ReportLeak,
    ResumeToken,
    RevokeToken,
    SuspendToken,
    TokenCommand,
)
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    GrantApproved,
    GrantRefreshed,
    LeakReported,
    OverlapEnded,
    RotationAdopted,
    TokenCreated,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.token.grants import approved, grant_of, refreshed, renewed
from shared.domain.token.policy import check_kept, check_name, check_new_token
from shared.domain.token.state import Status, Token
from shared.domain.token.wording import clean_name, clean_reason

LEAKED = "the token was reported as leaked"
LEAK_REPORT = "system:leak_report"
"""Whoever revokes a token that was reported."""


def decide(  # noqa: PLR0911 - one return for each command
    command: TokenCommand, token: Token | None
) -> tuple[TokenEvent, ...]:
    """Answer a command with what happens, or raise a `DomainError`; touch nothing."""
    match command, token:
        case CreateToken(), None:
            return (_created(command),)
        case ApproveGrant(), None:
            return (approved(command),)
        case CreateToken() | ApproveGrant(), Token():
            raise Conflict("token_exists", "A token with this id exists already.", hint="Draw another id.")
        case _, None:
            raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
        case RenameToken(), Token():
            return _renamed(command, token)
        case SuspendToken(), Token():
            return _suspended(command, token)
        case ResumeToken(), Token():
            return _resumed(command, token)
        case RevokeToken(), Token():
            reason = clean_reason(command.reason)
            if not token.lives_at(command.at):
                return ()  # already out of use: a repeat changes nothing
            return (TokenRevoked(revoked_by=command.revoked_by, reason=reason, at=command.at),)
        case ReportLeak(), Token():
            if not token.lives_at(command.at):
                return ()
            return (
                LeakReported(source=command.source, at=command.at),
                TokenRevoked(revoked_by=LEAK_REPORT, reason=LEAKED, at=command.at),
            )
        case AttendToken(), Token():
            return attend(token, use=command.use, rules=command.rules, at=command.at)
        case RefreshGrant(), Token():
            return (refreshed(command, token),)


def evolve(token: Token | None, event: TokenEvent) -> Token | None:  # noqa: PLR0911 - one return for each event
    """Fold one event into the state. It never refuses: what happened, happened."""
    match event, token:
        case ((TokenCreated() | GrantApproved()), _):
            return grant_of(event) if isinstance(event, GrantApproved) else _token_of(event)
        case _, None:
            return None
        case TokenRenamed(), Token():
            return replace(token, name=event.name)
        case TokenRotated(), Token():
            rotated = replace(token, successor_id=event.successor_id, expires_at=event.ends_at)
            over = event.ends_at <= event.at
            return _ended(rotated, Status.ROTATED, event.at) if over else rotated
        case RotationAdopted(), Token():
            return replace(token, adopted_at=event.first_used_at)
        case OverlapEnded(), Token():
            return _ended(token, Status.ROTATED, event.at)
        case TokenSuspended(), Token():
            return replace(token, status=Status.SUSPENDED, suspended_at=event.at)
        case TokenResumed(), Token():
            return replace(token, status=Status.ACTIVE, suspended_at=None, resumed_at=event.at, flagged_at=None)
        case TokenRevoked(), Token():
            return _ended(token, Status.REVOKED, event.at)
        case TokenExpired(), Token():
            return _ended(token, Status.EXPIRED, event.at)
        case ExpiryReminded(), Token():
            return replace(token, reminded_days=event.days_left)
        case AbandonmentFlagged(), Token():
            return replace(token, flagged_at=event.at)
        case AbandonmentCleared(), Token():
            return replace(token, flagged_at=None)
        case LeakReported(), Token():
            return token  # what follows from it is an event of its own
        case GrantRefreshed(), Token():
            return renewed(token, event)


def replay(events: Iterable[TokenEvent], token: Token | None = None) -> Token | None:
    """Fold a history into the state it leads to."""
    for event in events:
        token = evolve(token, event)
    return token


def _created(command: CreateToken) -> TokenCreated:
    if command.kind is TokenKind.GRANT:
        raise NotPermitted(
            "kind_not_allowed",
            "A grant is made by connecting an app, not by generating a token.",
            hint="Generate a personal access token, or connect the app from the app itself.",
        )
    if not command.scopes:
        raise Invalid(
            "scope_required",
            "A token needs at least one scope.",
            hint="Name one or more: /v1/scopes lists them.",
            field="scopes",
        )
    name = clean_name(command.name)
    expires_at = _expiry(command.expires_in_days, command.kind, command.plan, command.at)
    check_new_token(command.policy, name=name, scopes=command.scopes, lifetime_days=command.expires_in_days)
    return TokenCreated(
        token_id=command.token_id,
        kind=command.kind,
        workspace_id=command.workspace_id,
        owner_id=command.owner_id,
        name=name,
        prefix=command.prefix,
        scopes=command.scopes,
        expires_at=expires_at,
        at=command.at,
    )


def _token_of(event: TokenCreated) -> Token:
    return Token(
        token_id=event.token_id,
        kind=event.kind,
        workspace_id=event.workspace_id,
        owner_id=event.owner_id,
        name=event.name,
        prefix=event.prefix,
        scopes=event.scopes,
        created_at=event.at,
        expires_at=event.expires_at,
        lifetime_days=(event.expires_at - event.at).days if event.expires_at is not None else None,
        predecessor_id=event.predecessor_id,
    )


def _ended(token: Token, status: Status, at: datetime) -> Token:
    """Leave nothing of what a token can only be while it lives."""
    return replace(token, status=status, ended_at=at, suspended_at=None, flagged_at=None)


def _renamed(command: RenameToken, token: Token) -> tuple[TokenEvent, ...]:
    name = clean_name(command.name)
    if name == token.name:
        return ()
    if token.kind is not TokenKind.GRANT:  # it came with the name of its app, which no pattern was asked about
        check_name(command.policy, name)
    return (TokenRenamed(name=name, renamed_by=command.renamed_by, at=command.at),)


def _suspended(command: SuspendToken, token: Token) -> tuple[TokenEvent, ...]:
    reason = clean_reason(command.reason)
    _check_lives(token, command.at)
    if token.status is Status.SUSPENDED:
        return ()
    return (TokenSuspended(suspended_by=command.suspended_by, reason=reason, at=command.at),)


def _resumed(command: ResumeToken, token: Token) -> tuple[TokenEvent, ...]:
    reason = clean_reason(command.reason)
    _check_lives(token, command.at)
    if token.status is Status.ACTIVE:
        return ()
    check_kept(command.policy, token)
    return (TokenResumed(resumed_by=command.resumed_by, reason=reason, at=command.at),)


def _check_lives(token: Token, at: datetime) -> None:
    if not token.lives_at(at):
        raise Conflict("token_ended", f"The token is {token.status_at(at)} already.", hint="Generate a new one.")


def _expiry(days: int | None, kind: TokenKind, plan: Plan, at: datetime) -> datetime | None:
    if days is None and kind is TokenKind.ORGANIZATION and plan.organization_tokens:
        return None
    if days is None or days not in plan.lifetimes_days:
        choices = ", ".join(str(choice) for choice in plan.lifetimes_days) or "none"
        raise Invalid(
            "lifetime_not_allowed",
            f"The plan {plan.label} offers these lifetimes in days: {choices}.",
            hint="Choose the shortest that fits the use.",
            field="expires_in_days",
        )
    return at + timedelta(days=days)
