"""What happened in a workspace, for whoever may not read its trail: one plain sentence for each event.

A sentence is a template of ours with whole numbers, ids and words from closed sets in it. What somebody typed (a name,
a reason, a file's name, what a client calls itself) is in none, and neither is an address, an argument or a result: the
reader may be an agent, for which a name that a stranger chose would be an instruction as good as any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import cast

from shared.domain.facts.settings import Settings
from shared.domain.ids import is_plain_id
from shared.domain.token.wording import TOKEN_LIKE


class Kind(StrEnum):
    """What an activity is about."""

    SYNC = "sync"
    IMPORT = "import"
    ALERT = "alert"
    GOAL = "goal"
    COST_CHANGE = "cost_change"
    SETTINGS = "settings"
    TOKEN = "token"
    MCP_CALL = "mcp_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened."""

    at: datetime
    kind: Kind
    actor: str
    """A member's id (of one who was forgotten, a pseudonym), `token:<id>`, `operator` or `system`."""
    summary: str
    ref: str
    """Whose history it belongs to: `token:<id>`, `workspace:<id>`, `import:<id>`."""


_NEWS = "{new} new, {changed} changed, {gone} gone"

TOLD: Mapping[str, tuple[Kind, str]] = {
    "workspace.registered": (Kind.SETTINGS, "The workspace was registered."),
    "workspace.plan_changed": (Kind.SETTINGS, "The workspace moved to the plan {plan}."),
    "workspace.access_granted": (Kind.SETTINGS, "The workspace was let in to MCP."),
    "workspace.access_suspended": (Kind.SETTINGS, "The workspace was shut out of MCP."),
    "workspace.member_added": (Kind.SETTINGS, "Member {member_id} joined as {role}."),
    "workspace.member_role_changed": (Kind.SETTINGS, "Member {member_id} became {role}."),
    "workspace.member_removed": (Kind.SETTINGS, "Member {member_id} left."),
    "workspace.member_contact_changed": (Kind.SETTINGS, "Where member {member_id} gets notices was changed."),
    "workspace.member_forgotten": (Kind.SETTINGS, "A former member was forgotten in the sealed trail."),
    "workspace.token_policy_set": (Kind.SETTINGS, "The token policy was changed."),
    "workspace.settings_changed": (Kind.SETTINGS, "Other settings: {changed}."),
    "token.created": (Kind.TOKEN, "Token {prefix} was created."),
    "token.renamed": (Kind.TOKEN, "The token got another name."),
    "token.rotated": (
        Kind.TOKEN,
        "The token was rotated: {successor_id} takes its place, and it works for {overlap_seconds} seconds more.",
    ),
    "token.rotation_adopted": (Kind.TOKEN, "The token, made by a rotation, was used for the first time."),
    "token.overlap_ended": (Kind.TOKEN, "The overlap of the rotated token ended."),
    "token.suspended": (Kind.TOKEN, "The token was suspended."),
    "token.resumed": (Kind.TOKEN, "The token was resumed."),
    "token.revoked": (Kind.TOKEN, "The token was revoked."),
    "token.expired": (Kind.TOKEN, "The token expired."),
    "token.expiry_reminded": (Kind.TOKEN, "A reminder was due: {days_left} days until the token expires."),
    "token.abandonment_flagged": (
        Kind.TOKEN,
        "The token was flagged as abandoned: nobody had used it for more than {after_days} days.",
    ),
    "token.abandonment_cleared": (Kind.TOKEN, "The token was used again, and is not flagged as abandoned any more."),
    "token.leak_reported": (Kind.TOKEN, "The token was reported as leaked."),
    "grant.approved": (Kind.TOKEN, "An app was connected; its access tokens begin with {prefix}."),
    "grant.refreshed": (Kind.TOKEN, "The app was given its next access token, number {generation}."),
    "mcp.call": (Kind.MCP_CALL, "Tool {tool} was called: {outcome}."),
    "mcp.call_denied": (Kind.MCP_CALL, "Requests were refused, {count} or more: {reason}."),
    "mcp.call_unaccounted": (Kind.MCP_CALL, "Call number {number} was counted, and how it ended is not known."),
    "import.started": (Kind.IMPORT, "The import of a file of {bytes} bytes began."),
    "import.finished": (
        Kind.IMPORT,
        "The import finished: {lines} lines, of them {new} new, {changed} changed, {rejected} rejected.",
    ),
    "import.refused": (Kind.IMPORT, "The import was refused: {code}."),
    "import.costs_changed": (Kind.COST_CHANGE, f"An import told unit costs: {_NEWS}."),
    "import.goals_changed": (Kind.GOAL, f"An import told goals: {_NEWS}."),
    "alert.acknowledged": (Kind.ALERT, "Alert {alert_id} of the category {category} was acknowledged."),
    "import.accounts_changed": (Kind.SYNC, f"An import told how accounts of sources stand: {_NEWS}."),
}
"""Type of event -> its kind, and what is said of it. The names in braces are fields of the event."""

NOT_TOLD = frozenset({"audit.exported", "audit.tamper_found"})
"""They are about the trail itself, which is for its own readers to see."""

EVENT_TYPES = frozenset(TOLD) | NOT_TOLD
"""Every type of event that a trail can have."""

OF_CREDENTIALS = frozenset({Kind.TOKEN, Kind.MCP_CALL})
"""The kinds that show which tokens exist: only who may list the tokens may see them."""

_UNKNOWN = "(unknown)"
_SETTINGS = frozenset(each.name for each in fields(Settings))


def types_of(kinds: Collection[Kind]) -> frozenset[str]:
    """Name the types of event that are of any of these kinds."""
    return frozenset(type_ for type_, (kind, _) in TOLD.items() if kind in kinds)


def activity_of(*, type_: str, at: datetime, actor: str, stream: str, data: Mapping[str, object]) -> Activity:
    """Tell of an event whose type is in `TOLD`. What is no word and no number of ours is "(unknown)"."""
    kind, template = TOLD[type_]
    words = defaultdict(lambda: _UNKNOWN, {name: _word(value) for name, value in data.items()})
    return Activity(
        at=at,
        kind=kind,
        actor=_actor(stream if type_ in {"mcp.call", "mcp.call_denied"} else actor),
        summary=template.format_map(words),
        ref=_id(stream),
    )


def _actor(who: str) -> str:
    """Name who acted. What an operator is called on their own machine may be a person's name."""
    part, _, _ = who.partition(":")
    return part if part in {"operator", "system"} else _id(who)


def _id(text: str) -> str:
    """Give an id, with or without the word in front that says of what."""
    return text if all(_word(part) != _UNKNOWN for part in text.split(":", maxsplit=1)) else _UNKNOWN


def _word(value: object) -> str:
    match value:
        case int():
            return str(value)
        case list():
            names = [name for name in cast("Sequence[object]", value) if isinstance(name, str) and name in _SETTINGS]
            return ", ".join(names) if names and names == value else _UNKNOWN
        case str() if is_plain_id(value) and not TOKEN_LIKE.search(value):
            return value
        case _:
            return _UNKNOWN
