"""The rules of a grant: what a member allowed an app by OAuth. It is a token, and all other rules of tokens hold.

An app holds a pair of tokens: one for access, which ends soon, and one to get the next pair with. Each pair has a
number, its generation. The pair before the newest is remembered, because an app may never have got the answer that
held the newest.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.errors import Conflict, Invalid
from shared.domain.plans import GrantLifetimes
from shared.domain.token.commands import ApproveGrant, RefreshGrant
from shared.domain.token.events import GrantApproved, GrantRefreshed, TokenKind
from shared.domain.token.policy import TokenPolicy, check_kept, check_scopes
from shared.domain.token.state import App, Status, Token
from shared.domain.token.wording import clean_name

REPEAT_WITHIN = timedelta(seconds=30)
"""Several processes of one app may show the same refresh token at once."""
REUSED = "a refresh token was used twice: somebody else may hold it"
OAUTH = "system:oauth"
"""Whoever revokes a grant whose tokens came back when they should not."""


class Shown(StrEnum):
    """What it means that a refresh token of a grant was shown, whose secret is right."""

    NEWEST = "newest"
    """It is the one to refresh with."""
    REPEAT = "repeat"
    """The app asks again for an answer that it may not have got: the same answer is due."""
    LATE = "late"
    """It does so when the access token of that answer has ended: the same answer is due, with another access token."""
    REUSE = "reuse"
    """Its successor is in use already: one of the two was stolen, and the grant ends."""


def shown(token: Token, *, generation: int, used_generation: int, at: datetime) -> Shown:
    """Say what it means that the refresh token of a generation was shown.

    `used_generation` is the newest whose access token was let in.
    """
    if token.app is None or generation not in {token.app.generation, token.app.generation - 1}:
        return Shown.REUSE
    if generation == token.app.generation:
        return Shown.NEWEST
    is_fresh = at <= token.app.refreshed_at + REPEAT_WITHIN
    if not is_fresh and used_generation > generation:
        return Shown.REUSE
    return Shown.REPEAT if at < token.app.access_expires_at else Shown.LATE


def approved(command: ApproveGrant) -> GrantApproved:
    """Decide an approval.

    Raises:
        Invalid: no scope, or one that the policy does not allow; or the client's name cannot be kept.

    """
    if not command.scopes:
        raise Invalid("scope_required", "A grant needs at least one scope.", field="scopes")
    check_scopes(command.policy, command.scopes)
    lifetimes = command.plan.grants
    ends_at = command.at + timedelta(days=longest_days(lifetimes, command.policy))
    expires_at = _expiry(lifetimes, ends_at=ends_at, at=command.at)
    return GrantApproved(
        token_id=command.token_id,
        workspace_id=command.workspace_id,
        owner_id=command.owner_id,
        role=command.role,
        client_id=command.client_id,
        client_name=clean_name(command.client_name),
        redirect_host=command.redirect_host,
        resource=command.resource,
        prefix=command.prefix,
        scopes=command.scopes,
        access_expires_at=_access_expiry(lifetimes, expires_at=expires_at, at=command.at),
        expires_at=expires_at,
        ends_at=ends_at,
        at=command.at,
    )


def refreshed(command: RefreshGrant, token: Token) -> GrantRefreshed:
    """Decide a refresh with the newest refresh token; or with the one before, if the newest access token has ended.

    The latter makes the same pair once more, for an app that has not heard of it; whether it has, is not decided here.

    Raises:
        Conflict: it is no grant, not in use, breaks the token policy, or was refreshed since.

    """
    app = token.app
    if app is None or token.lifetime_days is None:
        raise Conflict("grant_required", "Only what an app was granted is refreshed.", hint="Rotate the token instead.")
    match token.status_at(command.at):
        case Status.ACTIVE:
            pass
        case Status.SUSPENDED:
            raise Conflict("token_suspended", "The grant is suspended.", hint="Resume it, or connect the app again.")
        case status:
            raise Conflict("token_ended", f"The grant is {status} already.", hint="Connect the app again.")
    is_late = command.generation == app.generation - 1 and command.at >= app.access_expires_at
    if command.generation != app.generation and not is_late:
        raise Conflict("grant_moved", "The grant was refreshed in the meantime.", hint="Use the newest refresh token.")
    check_kept(command.policy, token)
    ends_at = token.created_at + timedelta(days=token.lifetime_days)
    expires_at = _expiry(command.plan.grants, ends_at=ends_at, at=command.at)
    return GrantRefreshed(
        generation=command.generation + 1,
        access_expires_at=_access_expiry(command.plan.grants, expires_at=expires_at, at=command.at),
        expires_at=expires_at,
        at=command.at,
    )


def grant_of(event: GrantApproved) -> Token:
    """Give the token that an approval makes."""
    return Token(
        token_id=event.token_id,
        kind=TokenKind.GRANT,
        workspace_id=event.workspace_id,
        owner_id=event.owner_id,
        name=event.client_name,
        prefix=event.prefix,
        scopes=event.scopes,
        created_at=event.at,
        expires_at=event.expires_at,
        lifetime_days=(event.ends_at - event.at).days,
        app=App(
            client_id=event.client_id,
            client_name=event.client_name,
            redirect_host=event.redirect_host,
            resource=event.resource,
            role=event.role,
            generation=1,
            refreshed_at=event.at,
            access_expires_at=event.access_expires_at,
        ),
    )


def renewed(token: Token, event: GrantRefreshed) -> Token:
    """Give the token that a refresh leaves."""
    if token.app is None:
        return token
    app = replace(
        token.app,
        generation=event.generation,
        refreshed_at=event.at,
        access_expires_at=event.access_expires_at,
    )
    return replace(token, expires_at=event.expires_at, app=app)


def longest_days(lifetimes: GrantLifetimes, policy: TokenPolicy) -> int:
    """Say how many days a grant lasts at most, however often it is refreshed."""
    return min(lifetimes.longest_days, policy.longest_days or lifetimes.longest_days)


def _expiry(lifetimes: GrantLifetimes, *, ends_at: datetime, at: datetime) -> datetime:
    """Say when a grant ends that nobody refreshes any more."""
    return ends_at if lifetimes.idle_days is None else min(ends_at, at + timedelta(days=lifetimes.idle_days))


def _access_expiry(lifetimes: GrantLifetimes, *, expires_at: datetime, at: datetime) -> datetime:
    """Say when an access token ends; its text holds whole seconds, and it never outlives its grant."""
    return min(at + timedelta(seconds=lifetimes.access_seconds), expires_at).replace(microsecond=0)
