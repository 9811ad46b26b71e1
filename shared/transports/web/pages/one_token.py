"""One token: what it is, how it is used, what became of it, and what can be done with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from shared.domain.scopes import GRANTS, Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.rotation import USUAL_OVERLAP
from shared.domain.token.state import Status, Token
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.manage_tokens import find_token
from shared.services.read_trail import read_trail
from shared.services.scope_evidence import LOOKED_BACK, ScopeEvidence, scope_evidence
from shared.services.survey.conditions import concerns_of, condition_of
from shared.services.survey.survey_tokens import LastCall
from shared.services.tool_catalogue import tools_for
from shared.services.trail.token_usage import USUAL_DAYS, TokenUsage, token_usage
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.tokens import TokenRow
from shared.transports.web.pages.event_words import happening
from shared.transports.web.pages.frame import HOME, ROOMS, page
from shared.transports.web.pages.obstacles import standing_obstacle
from shared.transports.web.pages.people import named
from shared.transports.web.pages.shown_once import new_key
from shared.transports.web.pages.token_changes import CHANGES, SHUTTING_OUT, beside
from shared.transports.web.pages.token_history import history_of
from shared.transports.web.pages.token_words import CONDITIONS, KINDS, MEANINGS, hints_of, in_order, lifetime, owner_of
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Visiting, Visitor

router = APIRouter()

PLACE = f"{HOME}/tokens/{{token_id}}"
LAST = 8
"""Rows of the trail that are shown; the rest is a click away."""
DONE = {
    "renamed": "Renamed.",
    "revoked": "Revoked. Every client that uses it is refused from its next request on.",
    "suspended": "Suspended. Every client that uses it is refused until it is resumed.",
    "resumed": "Resumed. Clients that hold it are let in again.",
    "ended": "It had ended already, so nothing was changed.",
    "renamed_ended": "Renamed. It has ended meanwhile; only lists show the name.",
    "renamed_before": "It has this name already, so nothing was changed.",
    "suspended_before": "It was suspended already, so nothing was changed and this reason was not kept.",
    "resumed_before": "It was let in already, so nothing was changed and this reason was not kept.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLine:
    """A scope of the token, and when a call last needed it."""

    scope: Scope
    grants: str
    last_used: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """The token before this one in its line, or the one after it."""

    token: Token
    last_used_at: datetime | None
    state: str
    tone: str
    lives: bool
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doable:
    """What can be done with the token now."""

    rotate: bool
    narrow: bool
    suspend: bool
    resume: bool
    end: bool
    """Whether it can be revoked or renamed."""
    why_not_rotate: str = ""


@router.get(PLACE)
def one_token(token_id: str, visitor: Visiting, parts: Parts, now: Now, done: str = "") -> Response:
    """Show a token."""
    row = find_token(token_id, workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens)
    token = row.token
    if token.kind is TokenKind.GRANT:
        return RedirectResponse(ROOMS["Connected apps"], status_code=303)
    found = scope_evidence(token, now=now, tokens=parts.tokens, evidence=parts.evidence, audit=parts.trail.audit)
    usage = token_usage(token, days=USUAL_DAYS, now=now, index=parts.trail.index)
    entries = _latest(token, visitor, parts, now)
    last_call = next((LastCall.of(entry) for entry in entries if entry.type == "mcp.call"), None)
    condition = condition_of(token, now)
    return page(
        visitor,
        "Tokens",
        "one_token.html",
        done=DONE,
        told=done,
        home=HOME,
        here=f"{HOME}/tokens/{token_id}",
        activity=f"{ROOMS['Activity']}?token={token_id}",
        now=now,
        row=row,
        token=token,
        state=CONDITIONS[condition],
        meaning=MEANINGS[condition],
        hints=hints_of(row, [*concerns_of(row, now)], found.used, now),
        owner=owner_of(token, visitor),
        kind=KINDS[token.kind],
        life=lifetime(token.lifetime_days),
        scopes=[
            ScopeLine(scope=each, grants=GRANTS[each], last_used=found.used.get(each))
            for each in in_order(token.scopes)
        ],
        evidence=found,
        needed=in_order(found.used),
        unneeded=in_order(found.unused),
        looked_back=LOOKED_BACK.days,
        not_needed=not_needed(token, now),
        tools=tools_for(token.scopes),
        usage=usage,
        chart=_chart(usage) if usage.tools else None,
        is_counted_later=row.last_used_at is not None and now - row.last_used_at < timedelta(days=USUAL_DAYS),
        last_call=last_call,
        events=ROOMS["Activity"],
        latest=[(happening(entry, who=named(entry.origin.actor, visitor)), entry.origin.ip) for entry in entries],
        predecessor=_relative(token.predecessor_id, parts, now),
        successor=_relative(token.successor_id, parts, now),
        history=history_of(parts.tokens.history(token_id), visitor),
        obstacle=standing_obstacle(visitor),
        may_see=may_see_tokens(visitor.member),
        can=_doable(row, found, visitor, now, has_successor=_lives(token.successor_id, parts, now)),
        changes=CHANGES,
        others=beside(token, parts, now),
        shutting_out=SHUTTING_OUT,
        usual_overlap=int(USUAL_OVERLAP.total_seconds()),
        key=new_key(),
    )


def _latest(token: Token, visitor: Visitor, parts: WebParts, now: datetime) -> Sequence[AuditEntry]:
    """Read the newest of the trail about the token, for whoever may read it."""
    if not may_see_tokens(visitor.member):
        return ()
    return read_trail(
        workspace_id=visitor.workspace_id,
        member=visitor.member,
        matching=AuditFilter(token_id=token.token_id, since=token.created_at - timedelta(minutes=1)),
        limit=LAST,
        now=now,
        after=None,
        trail=parts.trail,
    ).items


def _relative(token_id: str | None, parts: WebParts, now: datetime) -> Relative | None:
    row = parts.tokens.get(token_id) if token_id is not None else None
    if row is None:
        return None
    said = CONDITIONS[condition_of(row.token, now)]
    return Relative(
        token=row.token,
        last_used_at=row.last_used_at,
        state=said.text,
        tone=said.tone,
        lives=row.token.lives_at(now),
        href=f"{HOME}/tokens/{row.token.token_id}",
    )


def not_needed(token: Token, now: datetime) -> str:
    """Say that no call needed a scope: of a young token not for days before it was made."""
    is_young = token.predecessor_id is None and now - token.created_at < LOOKED_BACK
    return "Not yet" if is_young else f"Not in {LOOKED_BACK.days} days"


def _lives(token_id: str | None, parts: WebParts, now: datetime) -> bool:
    row = parts.tokens.get(token_id) if token_id is not None else None
    return row is not None and row.token.lives_at(now)


def _doable(row: TokenRow, found: ScopeEvidence, visitor: Visitor, now: datetime, *, has_successor: bool) -> Doable:
    token = row.token
    status = token.status_at(now)
    lives = token.lives_at(now)
    why_not = _why_not_rotate(token, visitor, status, has_successor=has_successor)
    return Doable(
        rotate=lives and not why_not,
        narrow=lives and not why_not and bool(found.used) and bool(found.unused),
        suspend=status is Status.ACTIVE,
        resume=status is Status.SUSPENDED,
        end=lives,
        why_not_rotate=why_not if lives else "",
    )


def _why_not_rotate(token: Token, visitor: Visitor, status: Status, *, has_successor: bool) -> str:
    """Say beforehand what the rotation would be refused for; "" is nothing that is known now."""
    if not may_see_tokens(visitor.member):
        return "Only an owner or an admin rotates tokens."
    if token.kind is TokenKind.PERSONAL and token.owner_id != visitor.member.member_id:
        return "Only its owner rotates it, since its secret acts for them. You can suspend or revoke it."
    if standing_obstacle(visitor) is not None:
        return "Nothing is rotated while the workspace has no MCP access."
    if status is Status.SUSPENDED:
        return "A suspended token is resumed before it is rotated."
    return "It has been rotated: its successor can be rotated in turn." if has_successor else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Calls by day, oldest first."""

    days: Sequence[str]
    answered: Sequence[int]
    failed: Sequence[int]


def _chart(usage: TokenUsage) -> Chart:
    calls, errors = Counter[date](), Counter[date]()
    for used in usage.tools:
        calls[used.day] += used.calls
        errors[used.day] += used.errors
    days = _days(usage.since, usage.until)
    return Chart(
        days=[f"{day.day} {day:%b}" for day in days],
        answered=[calls[day] - errors[day] for day in days],
        failed=[errors[day] for day in days],
    )


def _days(since: date, until: date) -> Collection[date]:
    return [since + timedelta(days=ahead) for ahead in range((until - since).days + 1)]
