"""Tools that do one thing to the call path and nothing to the figures."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from shared.domain.facts.rollups import Overview
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from shared.services.figures.frame import Frame
from shared.services.tool_catalogue import ANY, ToolEntry
from shared.storage.contracts.streams import StoreUnavailable
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import Arguments
from shared.transports.mcp.tools.schemas import output_schema, record
from shared.transports.mcp.tools.tool import Call, Catalogue, Tool

FRAME = Frame(settings=Settings(), overview=Overview(), today=date(2026, 11, 21))
A_SECRET = "margin-of-the-merchant"


class EchoArguments(Arguments):
    """What to say."""

    text: str = Field(default="hello", max_length=2000)


def _echo(arguments: EchoArguments, _: Call) -> Answer:
    return Answer(summary=arguments.text, frame=FRAME, data={})


def _breaks(arguments: Arguments, call: Call) -> Answer:
    raise RuntimeError(f"{A_SECRET} of {call.workspace_id} at {arguments.detail}")


def _group(_: Arguments, __: Call) -> Answer:
    raise ExceptionGroup(A_SECRET, [ValueError(A_SECRET)])


def _shapeless(_: Arguments, __: Call) -> Answer:
    return Answer(summary="", frame=FRAME, data={A_SECRET: float("nan")})


def _offline(_: Arguments, __: Call) -> Answer:
    raise StoreUnavailable(A_SECRET)


def _entry(name: str, scope: Scope | None = None) -> ToolEntry:
    return ToolEntry(name=name, title=name, summary=name, scope=ANY if scope is None else scope)


ANYTHING = output_schema(record({}))
ECHO = Tool(entry=_entry("echo"), description="Echo.", arguments=EchoArguments, output=ANYTHING, run=_echo)
ADS_ONLY = Tool(
    entry=_entry("ads_only", Scope.ADS), description="Ads.", arguments=EchoArguments, output=ANYTHING, run=_echo
)
BREAKS = Tool(entry=_entry("breaks"), description="Breaks.", arguments=Arguments, output=ANYTHING, run=_breaks)
GROUP = Tool(entry=_entry("group"), description="Breaks.", arguments=Arguments, output=ANYTHING, run=_group)
OFFLINE = Tool(entry=_entry("offline"), description="Offline.", arguments=Arguments, output=ANYTHING, run=_offline)
SHAPELESS = Tool(entry=_entry("shapeless"), description="NaN.", arguments=Arguments, output=ANYTHING, run=_shapeless)

DIAGNOSTICS = Catalogue.of(ECHO, ADS_ONLY, BREAKS, GROUP, OFFLINE, SHAPELESS)
