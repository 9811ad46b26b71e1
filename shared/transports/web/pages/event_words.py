"""An event of the trail in plain words: what happened, to which token, by whom, and how it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from shared.domain.activity import Outcome
from shared.domain.scopes import Scope
from shared.domain.trail.activity_feed import TOLD, activity_of
from shared.services.refusals import FORMS, Reason
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.storage.contracts.audit import AuditEntry
from shared.transports.web import wording

OUTCOMES: Mapping[str, tuple[str, str]] = {
    Outcome.OK: ("Answered", "good"),
    Outcome.ERROR: ("Error", "bad"),
    Outcome.DENIED_SCOPE: ("Scope missing", "warn"),
}
"""Outcome -> how it is called, and its tone."""
BADGES: Mapping[str, tuple[str, str]] = {
    "mcp.call_denied": ("Refused", "warn"),
    "mcp.call_unaccounted": ("Unaccounted", "bad"),
    "audit.tamper_found": ("Tampering", "bad"),
    "token.leak_reported": ("Leaked", "bad"),
    "token.revoked": ("Revoked", "idle"),
    "token.suspended": ("Suspended", "warn"),
    "import.refused": ("Refused", "bad"),
}
OF_THE_PAGE: Mapping[str, str] = {
    "audit.exported": "Seals {first_seal} to {last_seal} of the trail were exported as {form}.",
    "audit.tamper_found": "A row of the trail was {tampering} in its table, which nobody may do.",
    "token.rotated": "The token was rotated: a successor takes its place. Overlap: {overlap_seconds}.",
    "token.expiry_reminded": "A reminder was due: {days_left} until the token expires.",
    "token.abandonment_flagged": "The token was flagged as abandoned: nobody had used it for more than {after_days}.",
    "import.started": "The import of a file of {bytes} began.",
    "import.finished": "The import finished: {lines} lines, of them {new} new, {changed} changed, {rejected} rejected.",
}
"""What `TOLD` leaves out, as it is for readers of the trail alone; and what it tells in numbers, for programs."""
UNITS: Mapping[str, Callable[[int], str]] = {
    "_seconds": lambda seconds: (
        wording.distance(timedelta(seconds=seconds)) or ("none" if not seconds else f"{seconds} seconds")
    ),
    "milliseconds": wording.took,
    "bytes": wording.size,
    "days_left": lambda days: wording.count(days, "day"),
    "_days": lambda days: wording.count(days, "day"),
}
"""How the name of a field ends -> its number in people's words."""
NOTES = ("reason", "error_code", "file_name", "client_name")
"""Fields, of whatever event, that say more than its sentence; people and programs wrote them."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
"""As events say it."""


class Badge(NamedTuple):
    """A word with a tone."""

    label: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A line of the list."""

    at: datetime
    title: str
    who: str
    event_id: str | None = None
    """None: there is no more to see of it for this visitor."""
    token_id: str | None = None
    badge: Badge | None = None
    note: str = ""


class Fact(NamedTuple):
    """A field of an event."""

    term: str
    value: str
    is_code: bool = False
    help: str = ""


def happening(entry: AuditEntry, *, who: str) -> Happening:
    """Tell of a row of the trail."""
    return Happening(
        event_id=entry.event_id,
        at=entry.at,
        title=title_of(entry),
        who=who,
        token_id=entry.stream.removeprefix("token:") if entry.stream.startswith("token:") else None,
        badge=badge_of(entry),
        note=_note(entry),
    )


def title_of(entry: AuditEntry) -> str:
    """Say in a sentence what happened."""
    data = entry.data
    match entry.type:
        case "mcp.call":
            tool = TOOL_BY_NAME.get(str(data.get("tool")))
            return f"Called {tool.title if tool else data.get('tool') or 'an unknown tool'}"
        case "mcp.call_denied" if (reason := _reason(data.get("reason"))) is not None:
            return f"Refused: {FORMS[reason].message}"
        case type_ if type_ in OF_THE_PAGE:
            return OF_THE_PAGE[type_].format_map({name: _text(value, name) for name, value in data.items()})
        case _ if entry.type in TOLD:
            return activity_of(
                type_=entry.type, at=entry.at, actor=entry.origin.actor, stream=entry.stream, data=data
            ).summary
        case _:
            return entry.type


def badge_of(entry: AuditEntry) -> Badge | None:
    """Give the word that says at a glance how it ended."""
    if entry.type == "mcp.call":
        return Badge(*OUTCOMES.get(str(entry.data.get("outcome")), (str(entry.data.get("outcome")), "idle")))
    return Badge(*BADGES[entry.type]) if entry.type in BADGES else None


def _note(entry: AuditEntry) -> str:
    data = entry.data
    match entry.type:
        case "mcp.call":
            client = f"{data.get('client_name') or ''} {data.get('client_version') or ''}".strip()
            return " · ".join(
                part for part in (str(data.get("tool") or ""), client, str(data.get("error_code") or "")) if part
            )
        case "mcp.call_denied":
            tool, count = data.get("tool"), data.get("count")
            many = f"{count} or more of these within a minute" if isinstance(count, int) and count > 1 else ""
            return " · ".join(part for part in (str(tool or ""), many) if part)
        case "token.renamed":
            return f"New name: {data.get('name')}"
        case _:
            return next((str(data[name]) for name in NOTES if data.get(name)), "")


def facts_of(entry: AuditEntry) -> Sequence[Fact]:
    """List everything that the event says, that of a call in the order in which one looks for it."""
    return [*(_of_call(entry.data) if entry.type == "mcp.call" else _of_any(entry)), *_of_request(entry)]


def _of_call(data: Mapping[str, object]) -> Iterator[Fact]:
    tool = TOOL_BY_NAME.get(str(data.get("tool")))
    yield Fact("Tool", str(data.get("tool") or "none of ours"), is_code=True, help=tool.title if tool else "")
    yield Fact("Scope", str(data.get("scope") or "none needed"), is_code=data.get("scope") is not None)
    if data.get("error_code"):
        yield Fact("Error", str(data["error_code"]), is_code=True)
    yield Fact("Took", _text(data.get("milliseconds"), "milliseconds"))
    yield Fact("Answer", _text(data.get("result_bytes"), "result_bytes"), help="What stood in it is not kept.")
    named = f"{data.get('client_name') or ''} {data.get('client_version') or ''}".strip()
    yield Fact("Client", named or "It does not say; see its user agent.")
    yield Fact("MCP version", str(data.get("protocol_version") or "unknown"))
    yield Fact("Number", _number(data.get("number")), help="Numbers have no gaps: a missing one would be seen.")
    yield Fact(
        "Arguments",
        str(data.get("arguments_hash")),
        is_code=True,
        help="A keyed hash: equal arguments have equal hashes, and nobody can read arguments back out of one.",
    )


def _of_any(entry: AuditEntry) -> Iterator[Fact]:
    reason = _reason(entry.data.get("reason")) if entry.type == "mcp.call_denied" else None
    for name, value in entry.data.items():
        if value is None or (name.endswith("_id") and entry.stream.endswith(f":{value}")):
            continue
        help_ = FORMS[reason].hint if name == "reason" and reason is not None else ""
        term = name.removesuffix("_seconds").replace("_", " ").capitalize()
        yield Fact(term, _text(value, name), help=help_)


def _of_request(entry: AuditEntry) -> Iterator[Fact]:
    yield Fact("Address", entry.origin.ip or "not known")
    yield Fact("User agent", entry.origin.user_agent or "not given")
    yield Fact("Request", entry.origin.request_id, is_code=True)


def _reason(text: object) -> Reason | None:
    return Reason(text) if isinstance(text, str) and text in {*Reason} else None


def _number(value: object) -> str:
    return wording.number(value) if isinstance(value, int) else "unknown"


def _text(value: object, name: str = "") -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int():
            return next((told(value) for ending, told in UNITS.items() if name.endswith(ending)), wording.number(value))
        case list() if name == "scopes":
            return ", ".join(scope for scope in Scope if scope in value)
        case str() if MOMENT.fullmatch(value):
            return wording.clock(datetime.fromisoformat(value))
        case str():
            return value
        case list():
            return ", ".join(_text(each) for each in value) or "none"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - whatever a list holds can be told
        case dict():
            told = cast("dict[str, object]", value).items()
            return "; ".join(f"{each.replace('_', ' ')} {_text(one, each)}" for each, one in told if one is not None)
        case _:
            return json.dumps(value)
