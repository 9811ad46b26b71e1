"""What is known of a trail without reading it: how often which value occurs in a day, and in which minutes of an hour.

A question for a rare token goes by the days in which it occurs at all, then by the minutes, and reads only these. Made
from sealed rows, in the order of the seals, and from nothing else: made anew, it is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DIMENSIONS = ("token", "actor", "type", "tool", "outcome")
MOST_VALUES = 1_000
"""Of one dimension in one day or hour: a row of the table has 400 KB. Beyond it, any value may occur."""
MINUTES = 60
EVERY_MINUTE = (1 << MINUTES) - 1

Wanted = Mapping[str, frozenset[str]]
"""Dimension -> the values of which one is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What the index sees of a row."""

    day: str
    """yyyy-mm-dd, in UTC."""
    hour: int
    minute: int
    values: Mapping[str, str]
    """Dimension -> value, of those that the row has."""
    milliseconds: int
    result_bytes: int


@dataclass(slots=True, kw_only=True)
class DayIndex:
    """How often each value occurs in a day."""

    rows: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})

    def add(self, seen: Occurrence) -> None:
        """Count a row."""
        self.rows += 1
        for name, value in seen.values.items():
            known = self.counts[name]
            if value in known or len(known) < MOST_VALUES:
                known[value] = known.get(value, 0) + 1

    def may_hold(self, wanted: Wanted) -> bool:
        """Tell whether any row of the day can be wanted."""
        return self.rows > 0 and all(
            not values.isdisjoint(self.counts[name]) or len(self.counts[name]) >= MOST_VALUES
            for name, values in wanted.items()
        )


@dataclass(slots=True, kw_only=True)
class HourIndex:
    """In which minutes of an hour each value occurs, a bit for each minute; and which seals have rows of a minute."""

    minutes: int = 0
    """Those in which there is a row at all."""
    where: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    seals: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def add(self, seen: Occurrence, *, seal: int) -> None:
        """Note a row, which lies under a seal."""
        bit = 1 << seen.minute
        self.minutes |= bit
        for name, value in seen.values.items():
            known = self.where[name]
            if value in known or len(known) < MOST_VALUES:
                known[value] = known.get(value, 0) | bit
        under = self.seals.setdefault(seen.minute, [])
        if seal not in under:
            under.append(seal)

    def minutes_of(self, wanted: Wanted) -> Iterator[int]:
        """Give the minutes in which rows that are wanted may be, latest first."""
        found = self.minutes
        for name, values in wanted.items():
            known = self.where[name]
            unknown = 0 if len(known) < MOST_VALUES else EVERY_MINUTE
            minutes = 0
            for value in values:
                minutes |= known.get(value, unknown)
            found &= minutes
        return (minute for minute in reversed(range(MINUTES)) if found >> minute & 1)


@dataclass(slots=True, kw_only=True)
class Use:
    """What a token did with one tool on one day, as one outcome."""

    calls: int = 0
    milliseconds: int = 0
    result_bytes: int = 0

    def add(self, seen: Occurrence) -> None:
        """Count a call."""
        self.calls += 1
        self.milliseconds += seen.milliseconds
        self.result_bytes += seen.result_bytes


@dataclass(slots=True, kw_only=True)
class DayUse:
    """What a token did on one day: tool -> outcome -> how much."""

    uses: dict[str, dict[str, Use]] = field(default_factory=dict[str, dict[str, Use]])

    def add(self, seen: Occurrence) -> None:
        """Count a row, if it is a call of one of our tools."""
        if "tool" in seen.values and "outcome" in seen.values:
            outcomes = self.uses.setdefault(seen.values["tool"], {})
            outcomes.setdefault(seen.values["outcome"], Use()).add(seen)


def occurrences(lines: Iterable[str]) -> Iterator[Occurrence]:
    """Read what the index sees off archived rows, as `archival` writes them."""
    return (_occurrence(json.loads(line)) for line in lines)


def _occurrence(row: Mapping[str, Any]) -> Occurrence:
    at, data = row["at"], row["data"]
    values = {
        "token": row["stream"].removeprefix("token:") if row["stream"].startswith("token:") else None,
        "actor": row["actor"],
        "type": row["type"],
        "tool": data.get("tool"),
        "outcome": data.get("outcome"),
    }
    return Occurrence(
        day=at[:10],
        hour=int(at[11:13]),
        minute=int(at[14:16]),
        values={name: value for name, value in values.items() if isinstance(value, str)},
        milliseconds=data.get("milliseconds", 0),
        result_bytes=data.get("result_bytes", 0),
    )
