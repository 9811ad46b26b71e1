"""How much a token is used: its calls by day and tool, as they were counted from what is sealed of the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.domain.activity import Outcome
from shared.domain.token.state import Token
from shared.domain.trail.index import DayUse
from shared.storage.contracts.trail_index import TrailIndex

LONGEST_DAYS = 92
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedTool:
    """What a token did with one of our tools on one day."""

    day: date
    tool: str
    calls: int
    errors: int
    """Those of the calls that did not end `ok`."""
    milliseconds: int
    result_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """What a token did from one day (UTC) to another, both included."""

    since: date
    until: date
    counted_to: datetime | None
    """The latest minute of the workspace's trail of which anything is counted; None: nothing is yet. The index is some
    two minutes behind: later calls are not in it, and some of the last minutes may not be."""
    tools: Sequence[UsedTool]
    """Latest day first, then by name; without the tools that were not called."""


def token_usage(token: Token, *, days: int, now: datetime, index: TrailIndex) -> TokenUsage:
    """Tell how much a token was used in so many days, today included.

    It costs two requests, whatever the workspace does: one for the token's documents, a read unit for each day with or
    without calls, and one for the latest hour of the index, ten units in a busy workspace and a hundred at most.

    Raises:
        StoreUnavailable: the index cannot be read now.

    """
    until = now.astimezone(UTC).date()
    asked = [until - timedelta(days=ago) for ago in range(days)]
    # Read first: what is folded in between is counted and not announced, never the other way round.
    counted_to = index.newest(token.workspace_id)
    uses = index.uses(token.workspace_id, token.token_id, [day.isoformat() for day in asked])
    return TokenUsage(since=asked[-1], until=until, counted_to=counted_to, tools=[*_tools(asked, uses)])


def _tools(days: Sequence[date], uses: Mapping[str, DayUse]) -> Iterator[UsedTool]:
    for day in days:
        of_day = uses.get(day.isoformat(), DayUse())
        for tool, outcomes in sorted(of_day.uses.items()):
            calls = sum(use.calls for use in outcomes.values())
            yield UsedTool(
                day=day,
                tool=tool,
                calls=calls,
                errors=calls - (outcomes[Outcome.OK].calls if Outcome.OK in outcomes else 0),
                milliseconds=sum(use.milliseconds for use in outcomes.values()),
                result_bytes=sum(use.result_bytes for use in outcomes.values()),
            )
