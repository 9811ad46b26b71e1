"""What may stand in the body of a request: JSON-RPC of either era, JSON that is none, text that is no JSON, and bytes.

JSON is made as text, for much of what is wrong with it cannot be said by `json.dumps`: a key that stands there twice, a
number that no float holds, half a surrogate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.transports.mcp.shop import HANDSHAKE, MODERN, envelope

CANARY = "canary-7f3a91"
"""Stands in texts that are sent: it must not be met in a log."""

ODD_TEXTS = (
    CANARY,
    "",
    " ",
    "\x00",
    "a\r\nx-injected: 1",
    "\u202e\u2066",
    "\uff2d\uff43\uff50",
    "\U0001f9fe" * 40,
    "e\u0301" * 50,
    "\ufdfa" * 20,
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}${7*7}%s%n",
    "<script>alert(1)</script>",
    "__proto__",
    "__class__",
    "x" * 70_000,
)
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(max_size=30)
NUMBERS = (
    "0",
    "-0",
    "-1",
    "1.0",
    "1e0",
    "1E400",
    "-1e400",
    "1e-400",
    "0.1e1",
    "1" + "0" * 5_000,
    "9" * 4_300,
    "9" * 4_301,
    "-" + "9" * 400,
    "0." + "3" * 5_000,
    "9223372036854775808",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
)
NO_JSON = (
    "NaN",
    "Infinity",
    "-Infinity",
    "01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "'a'",
    "undefined",
    "",
    "True",
    '"\t"',
    '"\\x"',
)
HALVES = ('"\\ud800"', '"\\udc00 a"', '"\\ud83e"', '"\\ud800\\ud800"')
"""Escapes that name half of a character."""


def written(value: object) -> st.SearchStrategy[str]:
    """Write a value in either of the two ways of JSON."""
    return st.sampled_from([json.dumps(value), json.dumps(value, ensure_ascii=False)])


scalars = (
    st.sampled_from(["null", "true", "false"])
    | st.sampled_from(NUMBERS)
    | st.integers().map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | TEXTS.flatmap(written)
)
broken = st.sampled_from(NO_JSON) | st.sampled_from(HALVES)


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs) + "}"


def _containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(TEXTS, inner), max_size=3)
    return (
        st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]")
        | members.map(_object)
        | members.map(lambda pairs: _object(pairs + pairs))  # every key twice
    )


values: st.SearchStrategy[str] = st.recursive(scalars, _containers, max_leaves=8)
"""JSON of any shape."""
wild = st.recursive(scalars | broken, _containers, max_leaves=8)
"""The same, and what only looks like it."""
DEPTHS = (1, 30, 100, 190, 199, 200, 201, 1_000, 20_000)
"""pydantic's parser goes down some two hundred levels."""
deep = st.sampled_from(
    [*('{"a":' * depth + "1" + "}" * depth for depth in DEPTHS), *("[" * d + "]" * d for d in DEPTHS)]
)

PARAMETERS = (
    *("name", "arguments", "_meta", "cursor", "protocolVersion", "capabilities", "clientInfo", "uri", "level", "ref"),
    *("requestId", "reason", "progressToken", "task", "argument", "io.modelcontextprotocol/protocolVersion"),
)
"""What methods take, by the names of the protocol."""
methods = (
    st.sampled_from(
        [
            "tools/call",
            "tools/list",
            "initialize",
            "ping",
            "server/discover",
            "notifications/initialized",
            "notifications/cancelled",
            "prompts/list",
            "resources/read",
            "resources/subscribe",
            "logging/setLevel",
            "completion/complete",
            "tasks/get",
            "sampling/createMessage",
            "rpc.discover",
            "TOOLS/CALL",
            "tools/call ",
            "tools\uff0fcall",
            "",
        ]
    )
    | TEXTS
)
ids = st.sampled_from(["0", "7", "-1", '""', '"7"', f'"{CANARY}"', "null", "true", "1.5", "1.0", "[]", "{}"]) | values
versions = st.sampled_from([*HANDSHAKE, MODERN, MODERN, "2031-01-01", "", None])


def as_parameters(params: str, *, modern: bool) -> str:
    """Put the envelope of the newer era beside what an object holds."""
    if not (modern and params.startswith("{")):
        return params
    meta = f'"_meta":{json.dumps(envelope())}'
    return "{" + meta + ("," if params != "{}" else "") + params[1:]


objects = st.lists(st.tuples(st.sampled_from(PARAMETERS) | TEXTS, values), max_size=4).map(_object)


def rarely(draw: st.DrawFn) -> bool:
    """Tell, one time in ten, to do what would keep most examples from coming far."""
    return draw(st.integers(0, 9)) == 0


@st.composite
def messages(draw: st.DrawFn, odd: st.SearchStrategy[str] = values) -> tuple[str, str | None, str]:
    """Draw a message, most of them well formed but for what they hold: its text, its version, its method."""
    version, method = draw(versions), draw(methods)
    modern = version == MODERN and not rarely(draw)
    pairs = [
        ("jsonrpc", draw(st.sampled_from(['"1.0"', "2.0", "null"])) if rarely(draw) else '"2.0"'),
        ("id", draw(ids) if rarely(draw) else draw(st.sampled_from(["1", "0", "-7", '""', f'"{CANARY}"']))),
        ("method", draw(odd) if rarely(draw) else json.dumps(method)),
        ("params", as_parameters(draw(odd if rarely(draw) else objects), modern=modern)),
    ]
    if rarely(draw):
        del pairs[draw(st.integers(0, 3))]
    if rarely(draw):
        more = draw(st.tuples(st.sampled_from(["id", "method", "params", "result", "error", "x"]), odd))
        pairs.insert(draw(st.integers(0, len(pairs))), more)
    return _object(pairs), version, method


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a message that something happened to on its way."""
    text, *_ = draw(messages(wild | deep) if rarely(draw) else messages())
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    match draw(st.integers(0, 6)):
        case 0:
            raw[:0] = draw(st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b" \n", b"\x0b"]))
        case 1:
            del raw[draw(st.integers(0, len(raw))) :]
        case 2:
            place = draw(st.integers(0, len(raw)))
            raw[place:place] = draw(
                st.sampled_from([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00"])
            )
        case 3:
            raw = bytearray(text.encode(draw(st.sampled_from(["utf-16", "utf-32", "utf-7", "utf-8-sig"])), "replace"))
        case 4:
            raw = raw + draw(st.sampled_from([b",", b"]", raw[:], b"//", b"\x00"]))
        case 5:
            raw = bytearray(b"[") + raw + b"]"
        case _:
            pass
    return bytes(raw)


def call_of(tool: str, arguments: str, *, modern: bool, message_id: str = "1") -> str:
    """Write a call."""
    params = as_parameters(f'{{"name":{json.dumps(tool)},"arguments":{arguments}}}', modern=modern)
    return f'{{"jsonrpc":"2.0","id":{message_id},"method":"tools/call","params":{params}}}'


def named(version: str | None, method: str, tool: str | None = None) -> Mapping[str, str]:
    """Give the headers that say what the body says, as clients of a version send them."""
    headers = {} if version is None else {"mcp-protocol-version": version}
    if version == MODERN:
        headers["mcp-method"] = method
        if tool is not None:
            headers["mcp-name"] = tool
    return headers


def plain(method: str, *, version: str | None = HANDSHAKE[-1], **params: Any) -> str:  # noqa: ANN401 - any JSON
    """Write a message that is in order."""
    held = {**params, "_meta": envelope()} if version == MODERN else params
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": held})
