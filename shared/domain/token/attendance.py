"""What time alone makes due for a token: its end, reminders of it, and the flag of abandonment.

Abandonment goes by the token's own habit: a quarterly job is not dead after a month, a daily one that is silent for a
month is. `Use` says what is known of the habit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    OverlapEnded,
    RotationAdopted,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenResumed,
    TokenSuspended,
)
from shared.domain.token.state import LIVE, Status, Token

REMINDER_DAYS = (60, 30, 14, 7, 3, 1)
"""How long before its expiry a token's owner is reminded of it, longest first."""
NEVER_USED_DAYS = 14
"""A token that nobody uses for so long after its creation was made in vain."""
GAPS_COUNTED_DAYS = 180
SHORTEST_SILENCE_DAYS, LONGEST_SILENCE_DAYS = 30, 120
SILENCE_FACTOR = 3
"""A silence of three times the longest gap so far is no habit any more."""
AT_NO_TIME = datetime.max.replace(tzinfo=UTC)
"""When to look at a token about which time alone will make nothing due; a use may bring its look forward."""
ATTENDANT = "system:sweeper"
USED_AFTER_ALL = "it was used before it was suspended as abandoned, which became known later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """When a token was used, as far as it is known."""

    first: datetime | None = None
    last: datetime | None = None
    days: tuple[date, ...] = ()
    """The days (UTC) of the last half year on which it was used, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the workspace says of a token at the moment of a look."""

    suspends_abandoned: bool = False
    bars_token: bool = False
    """Whether the plan, or the token policy, keeps this token out."""
    is_open: bool = True
    """Whether its tokens are let in: by its plan, and by the allow list."""
    open_since: datetime | None = None
    """Since when, if that is known."""


USUAL = Rules()


def attend(token: Token, *, use: Use, rules: Rules, at: datetime) -> tuple[TokenEvent, ...]:
    """Give everything that is due at a moment, in the order in which it happened.

    Of a token that has ended, that is only its adoption: it may have been used before, and the use noticed later.
    """
    adopted = _adopted(token, use, at)
    if token.status not in LIVE:
        return adopted
    if token.is_due(at):
        end = (
            TokenExpired(at=at) if token.successor_id is None else OverlapEnded(successor_id=token.successor_id, at=at)
        )
        return (*adopted, end)
    return (*adopted, *_silence(token, use, rules, at), *_reminded(token, at))


def next_look(token: Token, use: Use, rules: Rules = USUAL) -> datetime | None:
    """Say from when on `attend` finds something due, if neither token nor use change before; None: nothing ever."""
    adopted = _unrecorded_adoption(token, use)
    if token.status not in LIVE:
        return adopted
    noticed = (adopted, _unrecorded_return(token, use))
    ahead = (token.expires_at, _next_reminder(token), _silent_until(token, use, rules))
    return min((moment for moment in (*noticed, *ahead) if moment is not None), default=AT_NO_TIME)


def look_again_at(token: Token, use: Use, rules: Rules, *, after: datetime) -> datetime | None:
    """Say when to look at a token again after a look; None: never.

    Uses do not ask for a look, and they can bring a silence's end forward: a long gap leaves the half year that a habit
    is read from, and less is allowed than now. But no silence that begins after this look ends sooner than the
    shortest, and none that begins when a workspace is let in again sooner than one without any use.
    """
    due = next_look(token, use, rules)
    if due is None or not _can_be_abandoned(token):
        return due
    return min(due, after + timedelta(days=SHORTEST_SILENCE_DAYS if rules.is_open else NEVER_USED_DAYS))


def reminders_for(token: Token) -> tuple[int, ...]:
    """List the days before its expiry on which a token is told of: none is more than half its life.

    None of a grant: while its app is in use it renews itself, and if it is not, nobody misses it.
    """
    if token.kind is TokenKind.GRANT:
        return ()
    if token.lifetime_days is None or token.expires_at is None or token.successor_id is not None:
        return ()
    return tuple(days for days in REMINDER_DAYS if 2 * days <= token.lifetime_days)


def allowed_silence(days_used: Iterable[date], *, until: date) -> int:
    """Give the days of silence that a habit explains: thrice its longest gap, within bounds."""
    known = sorted({day for day in days_used if day > until - timedelta(days=GAPS_COUNTED_DAYS)})
    longest = max(((later - earlier).days for earlier, later in pairwise(known)), default=0)
    return min(max(SILENCE_FACTOR * longest, SHORTEST_SILENCE_DAYS), LONGEST_SILENCE_DAYS)


def _adopted(token: Token, use: Use, at: datetime) -> tuple[TokenEvent, ...]:
    first = _unrecorded_adoption(token, use)
    if token.predecessor_id is None or first is None:
        return ()
    return (RotationAdopted(predecessor_id=token.predecessor_id, first_used_at=first, at=at),)


def _unrecorded_adoption(token: Token, use: Use) -> datetime | None:
    """Give the first use of a successor that is not recorded as such."""
    return use.first if token.predecessor_id is not None and token.adopted_at is None else None


def _silence(token: Token, use: Use, rules: Rules, at: datetime) -> tuple[TokenEvent, ...]:
    events: list[TokenEvent] = []
    if (used_at := _unrecorded_return(token, use)) is not None:
        events.append(AbandonmentCleared(used_at=used_at, at=at))
        if _was_suspended_by_flag(token) and not rules.bars_token:
            events.append(TokenResumed(resumed_by=ATTENDANT, reason=USED_AFTER_ALL, at=at))
            token = replace(token, status=Status.ACTIVE, suspended_at=None, resumed_at=at)
        token = replace(token, flagged_at=None)
    end, since = _silent_until(token, use, rules), _silent_since(token, use, rules)
    if end is not None and at >= end:
        events.append(AbandonmentFlagged(idle_since=since, after_days=(end - since).days, at=at))
        if rules.suspends_abandoned:
            reason = f"not used since {since.date().isoformat()}, and the workspace suspends abandoned tokens"
            events.append(TokenSuspended(suspended_by=ATTENDANT, reason=reason, at=at))
    return tuple(events)


def _was_suspended_by_flag(token: Token) -> bool:
    """Tell whether the flag suspended it: nothing else does so at the flag's own moment."""
    return token.status is Status.SUSPENDED and token.suspended_at == token.flagged_at


def _unrecorded_return(token: Token, use: Use) -> datetime | None:
    """Give the use of a flagged token by which its silence was not one; it may have been noted after the flag."""
    return use.last if token.flagged_at is not None and _silence_ends(token, use) > token.flagged_at else None


def _silent_since(token: Token, use: Use, rules: Rules = USUAL) -> datetime:
    """Give the beginning of the silence: the last use, or from when on there could have been one."""
    known = (token.created_at, token.resumed_at, rules.open_since, use.last)
    return max(moment for moment in known if moment is not None)


def _silence_ends(token: Token, use: Use, rules: Rules = USUAL) -> datetime:
    """Say when the silence is longer than the token's habit explains."""
    days = NEVER_USED_DAYS if use.last is None else allowed_silence(use.days, until=use.last.date())
    return _silent_since(token, use, rules) + timedelta(days=days)


def _silent_until(token: Token, use: Use, rules: Rules) -> datetime | None:
    """Say when the silence becomes abandonment; None: it cannot."""
    return _silence_ends(token, use, rules) if rules.is_open and _can_be_abandoned(token) else None


def _can_be_abandoned(token: Token) -> bool:
    """Tell whether a silence would mean something: not of a token that is kept out, flagged already or replaced.

    Nor of a grant, which ends by itself when its app does not come back.
    """
    if token.kind is TokenKind.GRANT:
        return False
    return token.status is Status.ACTIVE and token.flagged_at is None and token.successor_id is None


def _reminded(token: Token, at: datetime) -> tuple[TokenEvent, ...]:
    """Remind of the nearest offset that was reached; those that were slept through are not made up for."""
    if token.expires_at is None:
        return ()
    reached = [days for days in reminders_for(token) if at >= token.expires_at - timedelta(days=days)]
    if not reached or (token.reminded_days is not None and min(reached) >= token.reminded_days):
        return ()
    return (ExpiryReminded(days_left=min(reached), expires_at=token.expires_at, at=at),)


def _next_reminder(token: Token) -> datetime | None:
    ahead = [days for days in reminders_for(token) if token.reminded_days is None or days < token.reminded_days]
    return token.expires_at - timedelta(days=max(ahead)) if ahead and token.expires_at is not None else None
