"""The tools that the suite calls by name, behind our door: what they answer is theirs, how it travels is ours.

Two are tools of a catalogue of ours. The others answer with what none of our tools does (pictures, sound, questions
to the client), so they stand beside the catalogue, in the SDK's server that the door hands each request to.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, cast

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    CallToolRequestParams,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    TextResourceContents,
)
from mcp_types import Tool as ListedTool

from shared.domain.facts.rollups import Overview
from shared.domain.facts.settings import Settings
from shared.services.figures.frame import Frame
from shared.services.tool_catalogue import ANY, ToolEntry
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import Arguments
from shared.transports.mcp.tools.errors import ToolError
from shared.transports.mcp.tools.schemas import output_schema, record
from shared.transports.mcp.tools.tool import Call, Catalogue, Tool

Json = dict[str, Any]
Context = ServerRequestContext[dict[str, Any]]

FRAME = Frame(settings=Settings(), overview=Overview(), today=date(2026, 11, 21))


def _says(_: Arguments, __: Call) -> Answer:
    return Answer(summary="This is a simple text response for testing.", frame=FRAME, data={})


def _fails(_: Arguments, __: Call) -> NoReturn:
    raise ToolError("on_purpose", "This tool intentionally returns an error for testing.")


def _of_ours(name: str, run: Any) -> Tool[Arguments]:  # noqa: ANN401 - either of the two above
    entry = ToolEntry(name=name, title=name, summary=name, scope=ANY)
    return Tool(entry=entry, description=name, arguments=Arguments, output=output_schema(record({})), run=run)


OF_OURS = Catalogue.of(_of_ours("test_simple_text", _says), _of_ours("test_error_handling", _fails))

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
IMAGE = ImageContent(data=PIXEL, mime_type="image/png")
AUDIO = AudioContent(data=SILENCE, mime_type="audio/wav")
RESOURCE = EmbeddedResource(
    resource=TextResourceContents(uri="test://embedded-resource", mime_type="text/plain", text="An embedded resource.")
)
CONTENT: Mapping[str, Sequence[ContentBlock]] = {
    "test_image_content": [IMAGE],
    "test_audio_content": [AUDIO],
    "test_embedded_resource": [RESOURCE],
    "test_multiple_content_types": [TextContent(text="Several things:"), IMAGE, RESOURCE],
    "test_streaming_elicitation": [TextContent(text="All at once: there is no stream.")],
    "test_logging_tool": [TextContent(text="Nothing is logged to the client.")],
    "json_schema_2020_12_tool": [TextContent(text="The schema is what counts.")],
}

OBJECT: Json = {"type": "object"}
TEXT: Json = {"type": "string"}
SCHEMAS: Mapping[str, Json] = {
    "json_schema_2020_12_tool": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {"$anchor": "addressDef", "type": "object", "properties": {"street": TEXT, "city": TEXT}},
        },
        "properties": {
            "name": TEXT,
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": TEXT,
            "email": TEXT,
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
}

SAMPLE: Json = {
    "method": "sampling/createMessage",
    "params": {
        "messages": [{"role": "user", "content": {"type": "text", "text": "What is the capital of France?"}}],
        "maxTokens": 100,
    },
}
ROOTS: Json = {"method": "roots/list", "params": {}}


def _form(field: str, kind: str = "string") -> Json:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return {"method": "elicitation/create", "params": {"message": f"Tell {field}.", "requestedSchema": schema}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A tool that asks the client before it answers: one round of questions after the other."""

    rounds: Sequence[Mapping[str, Json]]
    keeps_state: bool = True
    """Whether the client carries back, signed, which round was asked."""


ASKING: Mapping[str, Asking] = {
    "test_input_required_result_elicitation": Asking(rounds=[{"user_name": _form("name")}], keeps_state=False),
    "test_input_required_result_sampling": Asking(rounds=[{"sample_request": SAMPLE}], keeps_state=False),
    "test_input_required_result_list_roots": Asking(rounds=[{"roots_request": ROOTS}], keeps_state=False),
    "test_input_required_result_request_state": Asking(rounds=[{"confirm": _form("ok", "boolean")}]),
    "test_input_required_result_tampered_state": Asking(rounds=[{"confirm": _form("ok", "boolean")}]),
    "test_input_required_result_multiple_inputs": Asking(
        rounds=[{"user_name": _form("name"), "greeting": SAMPLE, "client_roots": ROOTS}]
    ),
    "test_input_required_result_multi_round": Asking(rounds=[{"step1": _form("name")}, {"step2": _form("color")}]),
}
BY_CAPABILITY = "test_input_required_result_capabilities"
NEEDS_SAMPLING = "test_missing_capability"
BESIDE = (*CONTENT, *ASKING, BY_CAPABILITY, NEEDS_SAMPLING)


def add_tools(server: Server[dict[str, Any]]) -> None:
    """Put the tools that are none of a catalogue's beside those that are."""
    listing, calling = server.get_request_handler("tools/list"), server.get_request_handler("tools/call")
    assert listing is not None
    assert calling is not None

    async def list_tools(context: Context, params: PaginatedRequestParams) -> ListToolsResult:
        ours = cast("ListToolsResult", await listing.handler(context, params))
        beside = [ListedTool(name=name, description=name, input_schema=SCHEMAS.get(name, OBJECT)) for name in BESIDE]
        return ours.model_copy(update={"tools": [*ours.tools, *beside]})

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        if params.name not in BESIDE:
            return cast("CallToolResult", await calling.handler(context, params))
        return _answer(params, context)

    server.add_request_handler("tools/list", PaginatedRequestParams, list_tools)
    server.add_request_handler("tools/call", CallToolRequestParams, call_tool)


def _answer(params: CallToolRequestParams, context: Context) -> CallToolResult | InputRequiredResult:
    if params.name in CONTENT:
        return CallToolResult(content=list(CONTENT[params.name]))
    if params.name in ASKING:
        return _next_round(ASKING[params.name], params)
    declared = context.session.client_capabilities
    can_sample = declared is not None and declared.sampling is not None
    if params.name == NEEDS_SAMPLING:
        if not can_sample:
            needed: Json = {"requiredCapabilities": {"sampling": {}}}
            raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "This tool needs sampling.", needed)
        return _done()
    can_fill_in = declared is not None and declared.elicitation is not None
    asked = {**({"sample": SAMPLE} if can_sample else {}), **({"form": _form("value")} if can_fill_in else {})}
    return _asked(asked, None) if asked and not params.input_responses else _done()


def _next_round(tool: Asking, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
    """Ask what is still unanswered, or answer."""
    asked = 0
    if tool.keeps_state and params.request_state is not None:
        asked = _round_in(params.request_state)
    was_asked = params.request_state is not None or not tool.keeps_state
    if was_asked and tool.rounds[asked].keys() <= (params.input_responses or {}).keys():
        asked += 1
    if asked == len(tool.rounds):
        return _done()
    return _asked(tool.rounds[asked], _signed(asked) if tool.keeps_state else None)


def _asked(requests: Mapping[str, Json], state: str | None) -> InputRequiredResult:
    return InputRequiredResult.model_validate({"inputRequests": requests, "requestState": state})


def _done() -> CallToolResult:
    return CallToolResult(content=[TextContent(text="state-ok: everything was told.")])


def _signed(asked: int) -> str:
    signature = hmac.new(b"a key of the fixture", str(asked).encode(), hashlib.sha256).hexdigest()
    return f"{asked}.{signature}"


def _round_in(state: str) -> int:
    asked = state.partition(".")[0]
    if not asked.isdecimal() or not hmac.compare_digest(_signed(int(asked)), state):
        raise MCPError(INVALID_PARAMS, "requestState is not the one that was given.")
    return int(asked)
