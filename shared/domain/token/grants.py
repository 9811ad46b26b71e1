"""The rules of a grant: what a member allowed an app by OAuth. It is a token, and all other rules of tokens hold.

An app holds a pair of tokens: one for access, which ends soon, and one to get the next pair with. Each pair has a
number, its generation. The pair that the newest followed is remembered, because the app may never have got the answer
that held the newest.
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
REFRESH_EVERY = timedelta(minutes=1)
AT_ONCE = 10
"""So many refreshes without a rest, then one each `REFRESH_EVERY`: each is an event, and none is needed in an hour."""
REUSED = "a refresh token was used twice: somebody else may hold it"
OAUTH = "system:oauth"
"""Whoever revokes a grant whose tokens came back when they should not."""


class Shown(StrEnum):
    """What it means that a refresh token of a grant was shown, whose secret is right."""

    NEWEST = "newest"
    """It is the one to refresh with."""
    REPEAT = "repeat"
    """The newest followed it and went to the same network, just now or unused: the same answer is due."""
    LOST = "lost"
    """The newest followed it, and nobody has used that: another is due, in place of the one that seems to be lost."""
    REUSE = "reuse"
    """It was replaced, by one in use or by one that it was not told of: two hold it, and the grant ends."""


class RefreshedTooOften(Conflict):
    """No more refreshes for a while; what the app holds stays good."""

    def __init__(self) -> None:
        wait = int(REFRESH_EVERY.total_seconds())
        super().__init__(
            "refreshed_too_often",
            f"The grant was refreshed {AT_ONCE} times in a row.",
            hint=f"Use the access token that you have; refresh again in {wait} seconds.",
        )


def shown(app: App, *, generation: int, in_use: frozenset[int], is_neighbour: bool, at: datetime) -> Shown:
    """Say what it means that a refresh token was shown which is the newest, or which the newest followed.

    `in_use` are the generations of which an access token was let in; `is_neighbour` tells whether it comes from the
    network that the newest pair went to. An app that has lost an answer never shows what stood in it. So of two who
    hold the same token, one betrays themselves with the pair that is discarded when the other is given another.
    """
    if generation == app.generation:
        return Shown.NEWEST
    if generation != app.follows:
        return Shown.REUSE
    is_fresh, is_used = at <= app.refreshed_at + REPEAT_WITHIN, app.generation in in_use
    if is_neighbour and (is_fresh or (not is_used and at < app.access_expires_at)):
        return Shown.REPEAT
    return Shown.REUSE if is_used else Shown.LOST


def approved(command: ApproveGrant) -> GrantApproved:
    """Decide an approval.

    Raises:
        Invalid: no scope, or one that the policy does not allow; or the client's name cannot be kept.

    """
    if not command.scopes:
        raise Invalid("scope_required", "A grant needs at least one scope.", hint="Tick one or more.", field="scopes")
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
    """Decide a refresh with the newest refresh token, or with the one that it followed; see `shown`.

    Raises:
        Conflict: it is no grant, not in use, breaks the token policy, or was refreshed since.
        RefreshedTooOften: wait a while.

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
    if command.generation not in app.good:
        raise Conflict("grant_moved", "The grant was refreshed in the meantime.", hint="Use the newest refresh token.")
    if _paced(app, command.at) > command.at + AT_ONCE * REFRESH_EVERY:
        raise RefreshedTooOften
    check_kept(command.policy, token)
    ends_at = token.created_at + timedelta(days=token.lifetime_days)
    expires_at = _expiry(command.plan.grants, ends_at=ends_at, at=command.at)
    return GrantRefreshed(
        generation=app.generation + 1,
        follows=command.generation,
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
            follows=0,
            refreshed_at=event.at,
            access_expires_at=event.access_expires_at,
            paced_to=event.at,
        ),
    )


def renewed(token: Token, event: GrantRefreshed) -> Token:
    """Give the token that a refresh leaves."""
    if token.app is None:
        return token
    app = replace(
        token.app,
        generation=event.generation,
        follows=event.follows,
        refreshed_at=event.at,
        access_expires_at=event.access_expires_at,
        paced_to=_paced(token.app, event.at),
    )
    return replace(token, expires_at=event.expires_at, app=app)


def longest_days(lifetimes: GrantLifetimes, policy: TokenPolicy) -> int:
    """Say how many days a grant lasts at most, however often it is refreshed."""
    return min(lifetimes.longest_days, policy.longest_days or lifetimes.longest_days)


def _paced(app: App, at: datetime) -> datetime:
    """Say how far the refreshes of a grant reach with one more: the generic cell rate algorithm."""
    return max(app.paced_to, at) + REFRESH_EVERY


def _expiry(lifetimes: GrantLifetimes, *, ends_at: datetime, at: datetime) -> datetime:
    """Say when a grant ends that nobody refreshes any more."""
    return ends_at if lifetimes.idle_days is None else min(ends_at, at + timedelta(days=lifetimes.idle_days))


def _access_expiry(lifetimes: GrantLifetimes, *, expires_at: datetime, at: datetime) -> datetime:
    """Say when an access token ends; its text holds whole seconds, and it never outlives its grant."""
    return min(at + timedelta(seconds=lifetimes.access_seconds), expires_at).replace(microsecond=0)
