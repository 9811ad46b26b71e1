"""merchant-mcp token usage: how much a token is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from shared.services.trail.token_usage import LONGEST_DAYS, USUAL_DAYS, TokenUsage, token_usage
from shared.transports.cli.one_token import Id, find
from shared.transports.cli.output import AsJson, plain, say, show_json, show_table
from shared.transports.cli.place import session_of

app = typer.Typer()


@app.command()
def usage(
    context: typer.Context,
    *,
    token_id: Id,
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_DAYS, help="So many days (UTC), today included.")
    ] = USUAL_DAYS,
    as_json: AsJson = False,
) -> None:
    """Tell how much a token is used: its calls by day, in JSON also by tool."""
    session = session_of(context)
    found = token_usage(find(token_id, session).token, days=days, now=session.now(), index=session.on.trail.index)
    if as_json:
        tools = [{**asdict(tool), "day": tool.day.isoformat()} for tool in found.tools]
        since, until = found.since.isoformat(), found.until.isoformat()
        show_json({"since": since, "until": until, "counted_to": found.counted_to, "data": tools})
        return
    show_table(
        ("DAY (UTC)", "CALLS", "ERRORS", "MEAN MS"),
        _days(found),
        nothing=f"No calls are counted from {found.since} to {found.until}.",
    )
    if found.counted_to is not None:
        say(f"Counted to {plain(found.counted_to)} (UTC); a call is counted some two minutes after it.")


def _days(found: TokenUsage) -> Iterator[tuple[object, ...]]:
    for day, tools in groupby(found.tools, key=lambda tool: tool.day):
        of_day = [*tools]
        calls = sum(tool.calls for tool in of_day)
        yield day, calls, sum(tool.errors for tool in of_day), round(sum(tool.milliseconds for tool in of_day) / calls)
