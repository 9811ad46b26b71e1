"""What is told of a token wherever tokens are shown: everything but its secret, which nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import LIVE, App, Status, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSummary:
    """The app that holds a grant."""

    client_id: str
    name: str
    redirect_host: str
    """Where it takes its answers, which nobody can pretend as they can a name."""
    refreshed_at: datetime
    """When it was given its newest tokens."""
    access_expires_at: datetime
    """When the newest access token ends; the app gets others as long as the grant lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSummary:
    """A token as it stands at a moment."""

    id: str
    kind: TokenKind
    prefix: str
    name: str
    scopes: tuple[Scope, ...]
    owner: str
    status: Status
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    """When it was revoked, or when its time was over, whenever the sweep wrote that down."""
    last_used_at: datetime | None
    predecessor: str | None
    """The token in whose place it was made."""
    adopted_at: datetime | None
    """When a successor was first used."""
    successor: str | None
    """The newest token that was made in its place."""
    suspended_at: datetime | None
    """Since when it is suspended, if it is."""
    flagged_at: datetime | None
    """Since when it is flagged as abandoned, if it is."""
    app: AppSummary | None
    """Of a grant: who holds it."""


def summary_of(token: Token, *, last_used_at: datetime | None, now: datetime) -> TokenSummary:
    """Sum up a token."""
    status = token.status_at(now)
    lives = status in LIVE
    return TokenSummary(
        id=token.token_id,
        kind=token.kind,
        prefix=token.prefix,
        name=token.name,
        scopes=tuple(sorted(token.scopes)),
        owner=token.owner_id,
        status=status,
        created_at=token.created_at,
        expires_at=token.expires_at,
        ended_at=token.expires_at if status in {Status.EXPIRED, Status.ROTATED} else token.ended_at,
        last_used_at=last_used_at,
        predecessor=token.predecessor_id,
        adopted_at=token.adopted_at,
        successor=token.successor_id,
        suspended_at=token.suspended_at if lives else None,
        flagged_at=token.flagged_at if lives else None,
        app=_summary_of(token.app) if token.app is not None else None,
    )


def _summary_of(app: App) -> AppSummary:
    return AppSummary(
        client_id=app.client_id,
        name=app.client_name,
        redirect_host=app.redirect_host,
        refreshed_at=app.refreshed_at,
        access_expires_at=app.access_expires_at,
    )
