"""Facts about the trail itself: what was found missing or altered in it, who took it away, who was forgotten in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Tampering(StrEnum):
    """What was done to a row that nobody may touch."""

    MODIFIED = "modified"
    DELETED = "deleted"


class ExportForm(StrEnum):
    """How a trail is written when it is handed out."""

    NDJSON = "ndjson"
    OCSF = "ocsf"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnaccounted:
    """A call was counted, and no row says how it ended: its function died, or somebody left it out."""

    token_id: str
    number: int
    """As in `mcp.call`."""
    counted_at: datetime
    at: datetime
    type: Literal["mcp.call_unaccounted"] = "mcp.call_unaccounted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperFound:
    """The stream of the trail's table showed a change that nobody is allowed to make."""

    tampering: Tampering
    row: str
    """Where: the row's keys, which hold no person and no secret."""
    sequence: str
    """The change's place in the stream."""
    at: datetime
    type: Literal["audit.tamper_found"] = "audit.tamper_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailExported:
    """Somebody took the rows of some seals away."""

    first_seal: int
    last_seal: int
    form: ExportForm
    at: datetime
    type: Literal["audit.exported"] = "audit.exported"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberForgotten:
    """The key of a former member's pseudonym was deleted."""

    member_id: str
    at: datetime
    type: Literal["workspace.member_forgotten"] = "workspace.member_forgotten"


TrailEvent = CallUnaccounted | TamperFound | TrailExported | MemberForgotten
