"""The tool to call first: whose numbers these are, what day it is there, and what the token may do."""

from __future__ import annotations

from typing import Any

from shared.domain.analytics.definitions import METRICS
from shared.domain.text import quoted
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Token
from shared.services.figures.frame import without_figures
from shared.services.figures.get_workspace_context import get_workspace_context
from shared.services.refusals import instant
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import Arguments
from shared.transports.mcp.tools.schemas import (
    FLAG,
    INTEGER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    listing,
    or_null,
    output_schema,
    record,
)
from shared.transports.mcp.tools.tool import Call, Tool

KINDS = {TokenKind.PERSONAL: "pat", TokenKind.ORGANIZATION: "api_token", TokenKind.GRANT: "oauth"}

OUTPUT = output_schema(
    record(
        {
            "tenant_name": TEXT,
            "timezone": TEXT,
            "currency": TEXT,
            "fiscal_year_start": INTEGER,
            "plan": TEXT,
            "today": TEXT,
            "data_from": TEXT_OR_NULL,
            "data_through": TEXT_OR_NULL,
            "credential": record({"kind": {"enum": [*KINDS.values()]}, "scopes": TEXTS, "expires_at": TEXT_OR_NULL}),
            "limits": record({"per_minute": INTEGER, "remaining": {"type": ["integer", "null"]}}),
            "tools": listing(record({"name": TEXT, "scope": TEXT_OR_NULL, "allowed": FLAG})),
            "metrics": or_null(
                listing(record({"key": TEXT, "label": TEXT, "unit": TEXT, "formula": TEXT, "definition_version": TEXT}))
            ),
        }
    )
)


def run(arguments: Arguments, call: Call) -> Answer:
    """Tell what the credential can see."""
    context = get_workspace_context(
        workspace_id=call.workspace_id, now=call.now, workspaces=call.workspaces, figures=call.figures
    )
    frame, scopes = context.frame, call.credential.scopes
    through = frame.overview.data_through
    data: dict[str, Any] = {
        "tenant_name": context.name,
        "timezone": frame.settings.timezone,
        "currency": frame.settings.currency,
        "fiscal_year_start": frame.settings.fiscal_year_start,
        "plan": call.plan.key,
        "today": frame.today.isoformat(),
        "data_from": None if frame.overview.data_from is None else frame.overview.data_from.isoformat(),
        "data_through": None if through is None else through.isoformat(),
        "credential": _credential(call.credential),
        "limits": {
            "per_minute": call.plan.per_minute,
            "remaining": None if call.limit is None else call.limit.remaining,
        },
        "tools": [
            {
                "name": tool.name,
                "scope": " or ".join(sorted(tool.opened_by)) or None,
                "allowed": tool.is_open_to(scopes),
            }
            for tool in call.catalogue.entries
        ],
        "metrics": None
        if arguments.detail == "compact"
        else [
            {
                "key": metric.key,
                "label": metric.label,
                "unit": metric.unit,
                "formula": metric.formula,
                "definition_version": metric.version,
            }
            for metric in METRICS
        ],
    }
    allowed = len(call.catalogue.visible_to(scopes))
    reach = f"data reaches to {through}"
    if through is None:
        reach = f"no {'orders have' if frame.has_figures else 'data has'} been imported yet"
    summary = (
        f"{quoted(context.name)}: today is {frame.today} in {frame.settings.timezone}, amounts are in "
        f"{frame.settings.currency}, {reach}. The token may call {allowed} of the "
        f"{len(data['tools'])} tools."
    )
    return Answer(summary=summary, frame=frame, data=data, caveats=without_figures(frame))


def _credential(token: Token) -> dict[str, Any]:
    return {
        "kind": KINDS[token.kind],
        "scopes": sorted(str(scope) for scope in token.scopes),
        "expires_at": None if token.expires_at is None else instant(token.expires_at),
    }


TOOL = Tool(
    entry=TOOL_BY_NAME["get_workspace_context"],
    description=(
        "Whose numbers these are: the shop's name, its timezone, currency and fiscal year, what day it is there, from "
        "when to when there is data, what this token may call, until when, and how many calls are left in this "
        "minute; with detail=full also how every metric is calculated. Use it first, for what this token can see and "
        "what day it is for the shop, and whenever a date is meant relative to that. Not for figures: use get_pnl."
    ),
    arguments=Arguments,
    output=OUTPUT,
    run=run,
)
