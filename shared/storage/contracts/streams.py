"""What every store of events shares: who caused a change, what a page is, what can go wrong.

The errors of the engine pass through unchanged where they mean something to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.storage.engine import StoreUnavailable

__all__ = ["Origin", "Page", "PositionInvalid", "StoreUnavailable", "StreamMoved"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked for a change, and by which request: the envelope of its events."""

    actor: str
    """A member id, or what no member id can be: `token:<id>`, `operator:<user>`, `system:<part>`."""
    request_id: str
    ip: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, and the position to go on from (None: that was all).

    A page may hold fewer than were asked for, or none, and still not be the last.
    """

    items: tuple[T, ...]
    next: str | None


class StreamMoved(Exception):
    """Somebody else changed the thing, or one that the change depends on, since it was loaded: load and decide anew."""


class PositionInvalid(Exception):
    """The position to go on from is none that a page of this list gave."""
