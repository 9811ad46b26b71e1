"""What happened in the workspace: the tool for "what changed before that?"."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from shared.domain.analytics.periods import ONE_DAY, DateRange, PeriodWord, resolve
from shared.domain.trail.activity_feed import Activity, Kind
from shared.services.figures.frame import Caveat, Frame, read_frame
from shared.services.refusals import instant
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.services.trail.list_activity import kinds_shown, list_activity
from shared.transports.activity_filters import ActivityFilters
from shared.transports.mcp.tools.answer import Answer, Cell, Stretch
from shared.transports.mcp.tools.arguments import ListArguments, clash
from shared.transports.mcp.tools.periods import PERIOD_WORDS, SpanArguments
from shared.transports.mcp.tools.schemas import TEXT, Schema, output_schema, table
from shared.transports.mcp.tools.tool import Call, RowsPlace, Tool

ENTRY = TOOL_BY_NAME["list_activity"]

COLUMNS: dict[str, Schema] = {
    "at": TEXT,
    "kind": {"enum": [str(kind) for kind in Kind]},
    "actor": TEXT,
    "summary": TEXT,
    "ref": TEXT,
}

FITTING = {"compact": 18, "full": 80}
"""So many rows are sure to fit: their ids, words and numbers are short by what they are."""


class ActivityArguments(ActivityFilters, SpanArguments, ListArguments):
    """The arguments of `list_activity`."""

    period: PeriodWord = Field(default=PeriodWord.LAST_7D, description=PERIOD_WORDS)
    kinds: tuple[Kind, ...] = Field(
        default=(), max_length=len(Kind), description="Only what is of one of these kinds. Left out: all of them."
    )

    @model_validator(mode="after")
    def _only_calls_have_a_tool_and_an_outcome(self) -> Self:
        if (self.tool or self.outcome) and self.kinds and Kind.MCP_CALL not in self.kinds:
            raise clash("tool and outcome are of calls: add mcp_call, or leave kinds out", "kinds")
        return self


def run(arguments: ActivityArguments, call: Call) -> Answer:
    """Answer with a page of what happened, newest first."""
    frame = read_frame(call.workspace_id, now=call.now, figures=call.figures)
    days = resolve(arguments.asked, today=frame.today, fiscal_start=frame.settings.fiscal_year_start)
    since, until = days.moments(frame.settings.timezone)
    # Of another day, `last_7d` is another list; what is imported meanwhile changes nothing in this one.
    place = RowsPlace.of_question(ENTRY.name, arguments, version=f"{frame.today:%Y%m%d}", call=call)
    fitting = min(arguments.limit, FITTING[arguments.detail])
    kinds = frozenset(arguments.kinds or Kind)
    shown = kinds & kinds_shown(call.credential, call.workspaces)
    page = list_activity(
        call.workspace_id,
        kinds=shown,
        matching=arguments.matching(since=since, until=until),
        limit=fitting,
        now=call.now,
        after=place.position_of(arguments.cursor) if arguments.cursor else None,
        trail=call.trail,
    )
    next_cursor = place.cursor_at(page.next) if page.next is not None else None
    return Answer(
        summary=_summary(len(page.items), days, has_more=next_cursor is not None),
        frame=frame,
        data=Stretch(
            columns=tuple(COLUMNS),
            rows=[_row(activity) for activity in page.items],
            next_cursor=next_cursor,
            is_cut=next_cursor is not None and fitting < arguments.limit,
        ),
        period=days,
        caveats=_caveats(days, frame, hides_tokens=shown != kinds),
    )


def _row(activity: Activity) -> list[Cell]:
    return [instant(activity.at), str(activity.kind), activity.actor, activity.summary, activity.ref]


def _summary(found: int, days: DateRange, *, has_more: bool) -> str:
    if not found and has_more:
        return f"Activity of {days}: nothing found so far, there is more to look through."
    rows = "1 row" if found == 1 else f"{found} rows"
    return f"Activity of {days}: {rows}, newest first{', and there are more' if has_more else ''}."


def _caveats(days: DateRange, frame: Frame, *, hides_tokens: bool) -> list[Caveat]:
    """Say what an answer with little in it does not mean."""
    found: list[Caveat] = []
    if hides_tokens:
        message = "Without what befell tokens and what they called: the role of the member whom this app acts for."
        found.append(Caveat(code="tokens_not_shown", message=message))
    if days.last == frame.today - ONE_DAY:
        message = f"The period ends on {days.last}; period=today tells what happened today."
        found.append(Caveat(code="without_today", message=message))
    return found


TOOL = Tool(
    entry=ENTRY,
    description=(
        "What happened in the workspace, newest first: imports (import) and what they changed of unit costs "
        "(cost_change), goals (goal) and the state of sources (sync); alerts that were acknowledged (alert); changes "
        "of settings, members and plan (settings); the life of tokens (token), and which token called which tool and "
        "how that ended (mcp_call). actor is a member's id, token:ID, operator or system; ref is what it happened to. "
        "Use it for whether anything was imported, what changed before a figure moved, or who used the access when. "
        "Not for figures (get_pnl) and not for the state of the sources (pma_list_data_sources); it holds no "
        "arguments and no results of calls."
    ),
    arguments=ActivityArguments,
    output=output_schema(table(COLUMNS)),
    run=run,
)
