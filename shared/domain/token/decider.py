"""The rules of a token's life, as two pure functions and the state that they share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.plans import Plan
from shared.domain.scopes import Scope
from shared.domain.text import clean_line
from shared.domain.token.commands import CreateToken, ExpireToken, RenameToken, RevokeToken, TokenCommand
from shared.domain.token.events import TokenCreated, TokenEvent, TokenExpired, TokenKind, TokenRenamed, TokenRevoked

NAME_LENGTH = 100
REASON_LENGTH = 200
TOKEN_LIKE = re.compile(r"mf[psar]_[0-9A-Za-z]{20}")
"""A token of ours, or so much of one that more than what lists show of it would be told."""


class Status(StrEnum):
    """Where a token stands in its life."""

    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential as its events left it. The secret is not part of it."""

    token_id: str
    kind: TokenKind
    workspace_id: str
    owner_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    status: Status = Status.ACTIVE
    ended_at: datetime | None = None
    """When it was revoked or found expired."""

    def is_due(self, now: datetime) -> bool:
        """Tell whether its time is over, whatever has been recorded."""
        return self.expires_at is not None and now >= self.expires_at

    def status_at(self, now: datetime) -> Status:
        """Say where it stands at a moment: one that is due has expired, even if nobody has recorded it yet."""
        return Status.EXPIRED if self.status is Status.ACTIVE and self.is_due(now) else self.status


def decide(command: TokenCommand, token: Token | None) -> tuple[TokenEvent, ...]:
    """Answer a command with what happens, or raise a `DomainError`; touch nothing."""
    match command, token:
        case CreateToken(), None:
            return (_created(command),)
        case CreateToken(), Token():
            raise Conflict("token_exists", "A token with this id exists already.")
        case _, None:
            raise NotFound("token_not_found", "There is no such token.")
        case RenameToken(), Token(name=name):
            new = _name(command.name)
            return () if new == name else (TokenRenamed(name=new, renamed_by=command.renamed_by, at=command.at),)
        case RevokeToken(), Token(status=Status.ACTIVE):
            reason = _reason(command.reason)
            return (TokenRevoked(revoked_by=command.revoked_by, reason=reason, at=command.at),)
        case RevokeToken(), Token():
            return ()  # already out of use: a repeat changes nothing
        case ExpireToken(), Token(status=Status.ACTIVE) if token.is_due(command.at):
            return (TokenExpired(at=command.at),)
        case ExpireToken(), Token():
            return ()  # not due yet, or already out of use: the sweep may ask again


def evolve(token: Token | None, event: TokenEvent) -> Token | None:
    """Fold one event into the state. It never refuses: what happened, happened."""
    match event, token:
        case TokenCreated(), _:
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
            )
        case _, None:
            return None
        case TokenRenamed(), Token():
            return replace(token, name=event.name)
        case TokenRevoked(), Token():
            return replace(token, status=Status.REVOKED, ended_at=event.at)
        case TokenExpired(), Token():
            return replace(token, status=Status.EXPIRED, ended_at=event.at)


def replay(events: Iterable[TokenEvent], token: Token | None = None) -> Token | None:
    """Fold a history into the state it leads to."""
    for event in events:
        token = evolve(token, event)
    return token


def _created(command: CreateToken) -> TokenCreated:
    if not command.scopes:
        raise Invalid("scope_required", "A token needs at least one scope.", field="scopes")
    return TokenCreated(
        token_id=command.token_id,
        kind=command.kind,
        workspace_id=command.workspace_id,
        owner_id=command.owner_id,
        name=_name(command.name),
        prefix=command.prefix,
        scopes=command.scopes,
        expires_at=_expiry(command.expires_in_days, command.kind, command.plan, command.at),
        at=command.at,
    )


def _name(text: str) -> str:
    return _line(
        text,
        field="name",
        longest=NAME_LENGTH,
        hint='Say where the token is used, e.g. "GitHub Actions weekly P&L sync".',
        if_token="Name it by where it is used. If a token was pasted by mistake, revoke that one.",
    )


def _reason(text: str) -> str:
    return _line(
        text,
        field="reason",
        longest=REASON_LENGTH,
        hint='Say why, for the trail, e.g. "machine decommissioned".',
        if_token="Name a token by its id or its first characters, as the list shows them.",
    )


def _line(text: str, *, field: str, longest: int, hint: str, if_token: str) -> str:
    """Clean a line that others will read; nothing that looks like a token may stand in it."""
    line = clean_line(text)
    if TOKEN_LIKE.search(line):
        message = f"A {field} is shown to others and stays in the trail, and this one holds what looks like a token."
        raise Invalid(f"{field}_invalid", message, hint=if_token, field=field)
    if not 1 <= len(line) <= longest:
        raise Invalid(f"{field}_invalid", f"A {field} has 1 to {longest} characters.", hint=hint, field=field)
    return line


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
