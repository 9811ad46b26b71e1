"""Places in the trail of a workspace: texts in the order of its rows, by millisecond and then by what they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DIGITS = 13
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """Count the milliseconds since the epoch, without a detour through floating point."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def start_of(at: datetime) -> str:
    """Give the place before all rows of a millisecond."""
    return f"{milliseconds(at):0{DIGITS}d}"


def end_of(at: datetime) -> str:
    """Give the place behind all rows of a millisecond."""
    return f"{start_of(at)}$"  # a row goes on with #, which comes before $


def moment_of(place: str) -> datetime:
    """Give the millisecond in which a place lies."""
    return EPOCH + timedelta(milliseconds=int(place[:DIGITS]))


def moment_before(place: str) -> datetime:
    """Give the last millisecond in which rows may lie before a place."""
    return moment_of(place) if len(place) > DIGITS else moment_of(place) - timedelta(milliseconds=1)
