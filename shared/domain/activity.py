"""Facts about calls: things that merely happened, so there is no decider: record them or withhold the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """How an admitted call ended."""

    OK = "ok"
    ERROR = "error"
    DENIED_SCOPE = "denied_scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """An admitted `tools/call` came to its end. It holds no argument value and no result."""

    token_id: str
    number: int
    """Gapless per limit subject: a number without an event is a call that was not accounted for."""
    tool: str | None
    """The tool, or None where the name asked for is not one of ours."""
    scope: str | None
    arguments_hash: str
    """Keyed, so that equal arguments can be recognised and none can be guessed."""
    outcome: Outcome
    error_code: str | None
    milliseconds: int
    result_bytes: int
    protocol_version: str
    client_name: str
    client_version: str
    at: datetime
    type: Literal["mcp.call"] = "mcp.call"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDenied:
    """Requests of a known token were refused. Counts are lower bounds: see `is_recorded`."""

    token_id: str
    reason: str
    method: str
    tool: str | None
    count: int
    """How many refusals for this reason this container had seen in the window, this one included."""
    at: datetime
    type: Literal["mcp.call_denied"] = "mcp.call_denied"


CallEvent = ToolCalled | CallDenied

FIRST_RECORDED = 10


def is_recorded(count: int) -> bool:
    """Tell whether the count-th refusal in a window is written down.

    The first ten, then each doubling (20, 40, 80, …): a flood costs next to nothing and still shows its size.
    """
    doublings, rest = divmod(count, FIRST_RECORDED)
    return count <= FIRST_RECORDED or (rest == 0 and doublings & (doublings - 1) == 0)
