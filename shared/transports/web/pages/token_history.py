"""What happened to a token, as a line for each event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    GrantApproved,
    GrantRefreshed,
    LeakReported,
    OverlapEnded,
    RotationAdopted,
    TokenCreated,
    TokenEvent,
    TokenExpired,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.transports.web.pages.people import by_whom
from shared.transports.web.visitors import Visitor
from shared.transports.web.wording import count, distance

MOST = 20
"""The newest so many are shown; all of them are in the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A line of the history."""

    title: str
    at: datetime
    icon: str
    tone: str = "idle"
    text: str = ""


def history_of(events: Iterable[TokenEvent], visitor: Visitor) -> Sequence[Passage]:
    """Tell of events, the newest first."""
    return [passage_of(event, visitor) for event in [*events][-MOST:]][::-1]


def passage_of(  # noqa: C901, PLR0911 - one return for each event
    event: TokenEvent, visitor: Visitor
) -> Passage:
    """Tell of an event."""
    at = event.at
    match event:
        case TokenCreated() if event.predecessor_id is not None:
            return Passage(title="Made by a rotation", text=f"In place of {event.predecessor_id}", at=at, icon="rotate")
        case TokenCreated():
            return Passage(title="Generated", text=by_whom(event.owner_id, visitor), at=at, icon="key")
        case TokenRenamed():
            by = by_whom(event.renamed_by, visitor)
            return Passage(title=f"Renamed to “{event.name}”", text=by, at=at, icon="pencil")
        case TokenRevoked():
            by = by_whom(event.revoked_by, visitor)
            return Passage(title="Revoked", text=f"{by}: {event.reason}", at=at, icon="trash", tone="bad")
        case TokenExpired():
            return Passage(title="Expired", at=at, icon="clock")
        case TokenRotated():
            by = by_whom(event.rotated_by, visitor)
            overlap = distance(timedelta(seconds=event.overlap_seconds))
            text = f"{by}, with an overlap of {overlap}" if overlap else f"{by}, without an overlap"
            return Passage(title="Rotated", text=text, at=at, icon="rotate", tone="info")
        case RotationAdopted():
            return Passage(
                title="First used", text="Its secret has reached the client", at=at, icon="check", tone="good"
            )
        case OverlapEnded():
            return Passage(title="Overlap ended", text="Only the successor is let in", at=at, icon="clock")
        case TokenSuspended():
            by = by_whom(event.suspended_by, visitor)
            return Passage(title="Suspended", text=f"{by}: {event.reason}", at=at, icon="pause", tone="warn")
        case TokenResumed():
            by = by_whom(event.resumed_by, visitor)
            return Passage(title="Resumed", text=f"{by}: {event.reason}", at=at, icon="play", tone="good")
        case ExpiryReminded():
            left = count(event.days_left, "day")
            return Passage(title="Reminder sent", text=f"{left} before it expires", at=at, icon="bell")
        case AbandonmentFlagged():
            text = f"Nobody had used it for {count(event.after_days, 'day')}"
            return Passage(title="Flagged as abandoned", text=text, at=at, icon="alert", tone="warn")
        case AbandonmentCleared():
            return Passage(title="Used again", text="No longer flagged as abandoned", at=at, icon="check", tone="good")
        case LeakReported():
            return Passage(title="Reported as leaked", text=f"Source: {event.source}", at=at, icon="alert", tone="bad")
        case GrantApproved():
            return Passage(title="Connected", text=by_whom(event.owner_id, visitor), at=at, icon="plug")
        case GrantRefreshed():
            return Passage(title="Renewed by its app", at=at, icon="rotate")
