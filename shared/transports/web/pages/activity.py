"""Activity: the trail, newest first, and a chart of calls and refusals; of it, each visitor sees what is theirs to see.

Owners and admins read the trail itself. An analyst reads what may be told to everybody: nothing of tokens and calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import Field, model_validator
from starlette.responses import Response

from shared.domain.activity import Outcome
from shared.domain.errors import Invalid
from shared.domain.trail.activity_feed import NOT_TOLD, Kind, types_of
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.manage_tokens import list_tokens
from shared.services.read_trail import read_trail
from shared.services.tool_catalogue import TOOLS
from shared.services.trail.calls_by_day import CallsByDay, calls_by_day
from shared.services.trail.list_activity import kinds_for, list_activity
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import Page
from shared.storage.contracts.tokens import TokenStore
from shared.transports.activity_filters import ActivityFilters
from shared.transports.web.pages.event_words import OUTCOMES, Happening, happening
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.pages.obstacles import standing_obstacle
from shared.transports.web.pages.people import named
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Visiting, Visitor
from shared.transports.web.wording import count

HERE = ROOMS["Activity"]
ROWS_A_PAGE = 30
LOOKS = 2
"""Pages of the trail that are looked through for the first match, before the visitor is asked whether to go on."""
CHART_DAYS = 30
TOKENS_OFFERED = 100
A_DAY = timedelta(days=1)

router = APIRouter(prefix=HERE)


class What(StrEnum):
    """What somebody looks for."""

    CALLS = "calls"
    REFUSALS = "refusals"
    TOKENS = "tokens"
    DATA = "data"
    ALERTS = "alerts"
    WORKSPACE = "workspace"
    TRAIL = "trail"


NAMES: Mapping[What, str] = {
    What.CALLS: "Calls",
    What.REFUSALS: "Refused requests",
    What.TOKENS: "Tokens and apps",
    What.DATA: "Imports and data",
    What.ALERTS: "Alerts",
    What.WORKSPACE: "Members and settings",
    What.TRAIL: "Exports of the trail",
}
KINDS: Mapping[What, frozenset[Kind]] = {
    What.TOKENS: frozenset({Kind.TOKEN}),
    What.DATA: frozenset({Kind.SYNC, Kind.IMPORT, Kind.COST_CHANGE, Kind.GOAL}),
    What.ALERTS: frozenset({Kind.ALERT}),
    What.WORKSPACE: frozenset({Kind.SETTINGS}),
}
REFUSALS = frozenset({"mcp.call_denied"})
TYPES: Mapping[What, frozenset[str]] = {
    What.CALLS: types_of({Kind.MCP_CALL}) - REFUSALS,
    What.REFUSALS: REFUSALS,
    What.TRAIL: NOT_TOLD,
    **{what: types_of(kinds) for what, kinds in KINDS.items()},
}
FOR_EVERYBODY = (What.DATA, What.ALERTS, What.WORKSPACE)


class Within(StrEnum):
    """How far back somebody looks."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    DATES = "dates"


SPANS: Mapping[Within, tuple[str, timedelta]] = {
    Within.HOUR: ("Last hour", timedelta(hours=1)),
    Within.DAY: ("Last 24 hours", A_DAY),
    Within.WEEK: ("Last 7 days", 7 * A_DAY),
    Within.MONTH: ("Last 30 days", 30 * A_DAY),
}


class ActivityQuery(ActivityFilters):
    """What the filters of the page say."""

    what: What | None = None
    within: Within | None = None
    since: date | None = None
    until: date | None = None
    """The last day, included."""
    cursor: str | None = Field(default=None, max_length=2_000)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        """Take an empty field for one that asks for all, as a form without a choice sends it."""
        return {name: value for name, value in given.items() if value != ""}

    @property
    def chosen(self) -> Mapping[str, str]:
        """Give what is filtered by, as the address says it."""
        said = self.model_dump(mode="json", exclude={"cursor"}, exclude_none=True)
        if self.within is not Within.DATES:
            said = {name: value for name, value in said.items() if name not in {"since", "until"}}
        return said

    def wanted(self, now: datetime) -> AuditFilter:
        """Give what the trail is asked for.

        Raises:
            Invalid: the days end before they begin, or lie at an end of the calendar (`moment_invalid`).

        """
        since, until = None, None
        if self.within is Within.DATES:
            since = _midnight(self.since) if self.since is not None else None
            until = _midnight(self.until) + A_DAY if self.until is not None else None
        elif self.within is not None:
            since = now - SPANS[self.within][1]
        return self.matching(since=since, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenName:
    """A token as a choice."""

    token_id: str
    name: str
    prefix: str


@router.get("")
def activity(asked: Annotated[ActivityQuery, Query()], visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show what happened."""
    manages = may_see_tokens(visitor.member)
    error: Invalid | None = None
    found: Page[Happening] = Page(items=(), next=None)
    try:
        look = _Look(asked=asked, matching=asked.wanted(now), visitor=visitor, parts=parts, now=now)
        found = look.found(_position(asked, visitor, parts, now))
    except Invalid as refused:
        if refused.code != "moment_invalid":
            raise
        error = refused
    chart = None
    if manages and not asked.chosen and asked.cursor is None:
        chart = calls_by_day(visitor.workspace_id, days=CHART_DAYS, now=now, index=parts.trail.index)
    told = {row.token_id for row in found.items} | {asked.token}
    tokens = _tokens(visitor, parts.tokens, told) if manages else dict[str, TokenName]()
    cursor = seal_cursor(found.next, of=_list(asked, visitor), now=now, keys=parts.keys) if found.next else None
    return page(
        visitor,
        "Activity",
        "activity.html",
        status=422 if error is not None else 200,
        here=HERE,
        now=now,
        manages=manages,
        obstacle=standing_obstacle(visitor),
        asked=asked,
        error=error,
        rows=found.items,
        names=tokens,
        tokens=[("", "All tokens"), *((each.token_id, f"{each.name} ({each.prefix})") for each in tokens.values())],
        members=_members(visitor),
        whats=[("", "Everything"), *((what, NAMES[what]) for what in (What if manages else FOR_EVERYBODY))],
        tools=[("", "All tools"), *((tool.name, tool.title) for tool in TOOLS)],
        outcomes=[("", "Any outcome"), *((outcome, OUTCOMES[outcome][0]) for outcome in Outcome)],
        spans=[("", "Any time"), *((span, label) for span, (label, _) in SPANS.items()), (Within.DATES, "Chosen days")],
        next=f"{HERE}?{urlencode({**asked.chosen, 'cursor': cursor})}" if cursor is not None else None,
        newest=f"{HERE}?{urlencode(asked.chosen)}" if asked.cursor is not None else None,
        is_filtered=bool(asked.chosen),
        chart=chart,
        has_calls=chart is not None and any(each.calls or each.refusals for each in chart.days),
        days=_days(chart),
        label=count(len(found.items), "event"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A look into the trail for what is asked."""

    asked: ActivityQuery
    matching: AuditFilter
    visitor: Visitor
    parts: WebParts
    now: datetime

    def found(self, after: str | None) -> Page[Happening]:
        """Find some of it; a page without a match is followed by the next one, a few times."""
        for _ in range(LOOKS):
            page = self._of_trail(after) if may_see_tokens(self.visitor.member) else self._of_feed(after)
            if page.items or page.next is None:
                return page
            after = page.next
        return Page(items=(), next=after)

    def _of_trail(self, after: str | None) -> Page[Happening]:
        types = TYPES[self.asked.what] if self.asked.what is not None else frozenset[str]()
        page = read_trail(
            workspace_id=self.visitor.workspace_id,
            member=self.visitor.member,
            matching=replace(self.matching, types=types),
            limit=ROWS_A_PAGE,
            now=self.now,
            after=after,
            trail=self.parts.trail,
        )
        told = (happening(entry, who=named(entry.origin.actor, self.visitor)) for entry in page.items)
        return Page(items=tuple(told), next=page.next)

    def _of_feed(self, after: str | None) -> Page[Happening]:
        what = self.asked.what
        # Whoever asks for what is not told to them is refused, as everywhere.
        kinds = KINDS.get(what, frozenset({Kind.MCP_CALL})) if what is not None else frozenset[Kind]()
        page = list_activity(
            self.visitor.workspace_id,
            kinds=kinds_for(self.visitor.member, kinds, self.matching),
            matching=self.matching,
            limit=ROWS_A_PAGE,
            now=self.now,
            after=after,
            trail=self.parts.trail,
        )
        told = (Happening(at=one.at, title=one.summary, who=named(one.actor, self.visitor)) for one in page.items)
        return Page(items=tuple(told), next=page.next)


def _position(asked: ActivityQuery, visitor: Visitor, parts: WebParts, now: datetime) -> str | None:
    if asked.cursor is None:
        return None
    return open_cursor(asked.cursor, of=_list(asked, visitor), now=now, keys=parts.keys)


def _list(asked: ActivityQuery, visitor: Visitor) -> tuple[str, ...]:
    """Name the list that a cursor belongs to."""
    return (visitor.workspace_id, "activity page", visitor.member.role, urlencode(asked.chosen))


def _tokens(visitor: Visitor, tokens: TokenStore, told: set[str | None]) -> Mapping[str, TokenName]:
    """Give the newest tokens of the workspace, and those that the page tells of, by their ids."""
    newest = list_tokens(
        workspace_id=visitor.workspace_id, member=visitor.member, limit=TOKENS_OFFERED, after=None, tokens=tokens
    )
    rows = {row.token.token_id: row for row in newest.items}
    for token_id in told - {None} - rows.keys():
        row = tokens.get(token_id) if token_id is not None else None
        if row is not None and row.token.workspace_id == visitor.workspace_id:
            rows[row.token.token_id] = row
    return {
        token_id: TokenName(token_id=token_id, name=row.token.name, prefix=row.token.prefix)
        for token_id, row in rows.items()
    }


def _members(visitor: Visitor) -> Sequence[tuple[str, str]]:
    ids = sorted({*visitor.workspace.members, *visitor.workspace.former_members})
    return [("", "All members"), *((member_id, named(member_id, visitor)) for member_id in ids)]


def _days(chart: CallsByDay | None) -> Sequence[str]:
    return [f"{each.day.day} {each.day:%b}" for each in chart.days] if chart is not None else []


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
