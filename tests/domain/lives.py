"""Plain valid commands on a token, and its life as the system leads it: commands in time, uses, and looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.domain.errors import DomainError
from shared.domain.plans import LIFETIMES_DAYS, PLANS
from shared.domain.scopes import Scope
from shared.domain.token.attendance import Rules, Use, look_again_at, next_look
from shared.domain.token.commands import (
    AttendToken,
    CreateToken,
    RefreshGrant,
    RenameToken,
    ReportLeak,
    ResumeToken,
    RevokeToken,
    RotateToken,
    SuspendToken,
    TokenCommand,
)
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import (
    AbandonmentFlagged,
    GrantRefreshed,
    TokenCreated,
    TokenEvent,
    TokenKind,
    TokenResumed,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.rotation import rotate
from shared.domain.token.state import Token
from tests.data.examples import NOON, ONE_DAY, create_token, token_after, token_created

A_MOMENT = timedelta(microseconds=1)
Request = TokenCommand | RotateToken


def rename(name: str = "Nightly", at: datetime = NOON, policy: TokenPolicy = ANYTHING) -> RenameToken:
    return RenameToken(name=name, renamed_by="mem_ann", policy=policy, at=at)


def suspend(reason: str = "laptop missing", at: datetime = NOON) -> SuspendToken:
    return SuspendToken(suspended_by="mem_ann", reason=reason, at=at)


def resume(reason: str = "laptop found", at: datetime = NOON, policy: TokenPolicy = ANYTHING) -> ResumeToken:
    return ResumeToken(resumed_by="mem_ann", reason=reason, policy=policy, at=at)


def revoke(reason: str = "laptop lost", at: datetime = NOON) -> RevokeToken:
    return RevokeToken(revoked_by="mem_ann", reason=reason, at=at)


def report_leak(source: str = "anonymous", at: datetime = NOON) -> ReportLeak:
    return ReportLeak(source=source, at=at)


def attend(at: datetime, use: Use | None = None, *, suspends: bool = False) -> AttendToken:
    rules = Rules(suspends_abandoned=suspends)
    return AttendToken(use=use or Use(), rules=rules, at=at)


def refresh(
    generation: int = 1, at: datetime = NOON, *, plan: str = "plus", policy: TokenPolicy = ANYTHING
) -> RefreshGrant:
    return RefreshGrant(generation=generation, plan=PLANS[plan], policy=policy, at=at)


def refreshed(generation: int = 2, at: datetime = NOON, *, follows: int | None = None) -> GrantRefreshed:
    """Tell of a refresh; by itself of the newest pair till then."""
    return GrantRefreshed(
        generation=generation,
        follows=generation - 1 if follows is None else follows,
        access_expires_at=at + timedelta(hours=1),
        expires_at=min(at + 30 * ONE_DAY, on_day(365)),
        at=at,
    )


def rotation(**fields: Any) -> RotateToken:  # noqa: ANN401  # any field of the command
    command = RotateToken(
        successor_id="tok2",
        successor_prefix="mfp_1hijklmn",
        scopes=None,
        overlap_seconds=86_400,
        living_successor_id=None,
        plan=PLANS["plus"],
        policy=ANYTHING,
        rotated_by="mem_ann",
        at=NOON,
    )
    return replace(command, **fields)


def on_day(day: float) -> datetime:
    """Give a moment so many days after the creation of the plain token."""
    return NOON + day * ONE_DAY


ENDLESS = token_created(kind=TokenKind.ORGANIZATION, expires_at=None)


def living(days: int) -> TokenCreated:
    return token_created(expires_at=on_day(days))


def rotated(day: float, *, overlap: timedelta = ONE_DAY) -> TokenRotated:
    return TokenRotated(
        successor_id="tok2",
        rotated_by="mem_ann",
        overlap_seconds=int(overlap.total_seconds()),
        ends_at=on_day(day) + overlap,
        at=on_day(day),
    )


def suspended(day: float) -> TokenSuspended:
    return TokenSuspended(suspended_by="mem_ann", reason="laptop missing", at=on_day(day))


def resumed(day: float) -> TokenResumed:
    return TokenResumed(resumed_by="mem_ann", reason="laptop found", at=on_day(day))


def flagged(day: float, *, idle_since: float = 0, after_days: int = 14) -> AbandonmentFlagged:
    return AbandonmentFlagged(idle_since=on_day(idle_since), after_days=after_days, at=on_day(day))


def use_on(*days: float) -> Use:
    """Say that a token was used on these days after its creation."""
    return use_of([on_day(day) for day in days], until=NOON + 10_000 * ONE_DAY)


def use_of(moments: Iterable[datetime], *, until: datetime) -> Use:
    """Say what is known at a moment of uses, of which some are yet to come."""
    used = sorted(moment for moment in moments if moment <= until)
    if not used:
        return Use()
    return Use(first=used[0], last=used[-1], days=tuple(sorted({moment.date() for moment in used})))


def ask(command: Request, token: Token | None) -> tuple[TokenEvent, ...]:
    """Decide whatever can be asked; of a rotation, what happens to the token itself."""
    if not isinstance(command, RotateToken):
        return decide(command, token)
    return (rotate(command, token).rotated,) if token is not None else ()


def history_of(commands: Iterable[Request], *begun: TokenEvent) -> list[TokenEvent]:
    """Carry out commands one after the other; those that are refused leave no trace."""
    history = [*begun]
    for command in commands:
        with suppress(DomainError):
            history += ask(command, replay(history))
    return history


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the sweep."""

    at: datetime
    events: tuple[TokenEvent, ...]


def attended(token: Token, uses: Sequence[datetime], *, until: datetime, suspends: bool = False) -> list[Look]:
    """Look at a token as the sweep does, always on time.

    It is looked at when its last look said so, and at a use that matters: of a successor that was never used before,
    and of a token that is flagged.
    """
    looks: list[Look] = []
    now, due = token.created_at - timedelta.resolution, next_look(token, Use())  # its birth may be a use, too
    while due is not None:
        waking = [moment for moment in uses if now < moment < due and matters(token, moment)]
        now = min([due, *waking])
        if now > until:
            break
        use = use_of(uses, until=now)
        events = decide(attend(now, use, suspends=suspends), token)
        looks.append(Look(now, events))
        token = replay(events, token) or token
        due = look_again_at(token, use, Rules(), after=now)
        assert due is None or due > now, "the sweep would look again and again"
    return looks


def matters(token: Token, used_at: datetime) -> bool:
    """Tell whether a use is reason to look at a token before its time."""
    unadopted = token.predecessor_id is not None and token.adopted_at is None
    return unadopted or (token.flagged_at is not None and used_at > token.flagged_at)


def happened(token: TokenCreated, *days_used: float, until: float, suspends: bool = False) -> list[TokenEvent]:
    """Everything that happens to a token that is used on these days and always looked at on time."""
    moments = [on_day(day) for day in days_used]
    looks = attended(token_after(token), moments, until=on_day(until), suspends=suspends)
    return [event for look in looks for event in look.events]


# --- any of them ------------------------------------------------------------------------------------------------------

SPAN_DAYS = 800
moments = st.integers(0, SPAN_DAYS * 24 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))
names = st.one_of(st.text(max_size=120), st.sampled_from(["Weekly sync", "  Weekly   sync ", "\u202eevil", "\x00", ""]))
reasons = st.sampled_from(["lost", " lost\nand found ", "", "x" * 201])
lifetimes = st.none() | st.sampled_from([*LIFETIMES_DAYS, 0, -1, 1, 31, 366, 10_000])
scopes = st.frozensets(st.sampled_from(Scope))
policies = st.builds(
    TokenPolicy,
    longest_days=st.none() | st.sampled_from([1, 29, 30, 90, 364, 365]),
    scopes=st.none() | st.frozensets(st.sampled_from(Scope), min_size=1),
    name_pattern=st.sampled_from([None, "*", "Weekly*", "ci-?"]),
)
plans = st.sampled_from(list(PLANS.values()))
creations: st.SearchStrategy[CreateToken] = st.builds(
    create_token,
    kind=st.sampled_from(TokenKind),
    name=names,
    scopes=scopes,
    expires_in_days=lifetimes,
    plan=plans,
    policy=st.just(ANYTHING) | policies,
    at=moments,
)
rotations: st.SearchStrategy[RotateToken] = st.builds(
    rotation,
    scopes=st.none() | scopes,
    overlap_seconds=st.one_of(st.sampled_from([-1, 0, 1, 86_400, 604_800, 604_801]), st.integers(0, 604_800)),
    living_successor_id=st.sampled_from([None, None, "tok2"]),
    plan=plans,
    policy=st.just(ANYTHING) | policies,
    at=moments,
)
uses = st.lists(moments, max_size=6)


@st.composite
def attendances(draw: st.DrawFn) -> AttendToken:
    at = draw(moments)
    return attend(at, use_of(draw(uses), until=at), suspends=draw(st.booleans()))


commands: st.SearchStrategy[TokenCommand] = st.one_of(
    creations,
    st.builds(rename, name=names, at=moments, policy=st.just(ANYTHING) | policies),
    st.builds(suspend, reason=reasons, at=moments),
    st.builds(resume, reason=reasons, at=moments, policy=st.just(ANYTHING) | policies),
    st.builds(revoke, reason=reasons, at=moments),
    st.builds(report_leak, at=moments),
    attendances(),
    st.builds(
        refresh,
        generation=st.integers(1, 4),
        at=moments,
        plan=st.sampled_from(list(PLANS)),
        policy=st.just(ANYTHING) | policies,
    ),
)
requests: st.SearchStrategy[Request] = commands | rotations


@st.composite
def births(draw: st.DrawFn) -> TokenCreated:
    """Any kind of token, as it is born."""
    days = draw(st.none() | st.sampled_from(LIFETIMES_DAYS))
    return token_created(
        kind=TokenKind.ORGANIZATION if days is None else TokenKind.PERSONAL,
        expires_at=on_day(days) if days is not None else None,
        predecessor_id=draw(st.sampled_from([None, "tok0"])),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[TokenEvent]:
    """The history of a token: it is born, then things are asked of it, one after the other."""
    asked = draw(st.lists(requests, max_size=8))
    return history_of(sorted(asked, key=lambda command: command.at), draw(births()))
