"""The days of a shop that are unlike those before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

SHOP = "shop"
"""The scope of what is told of the shop as a whole."""


class Anomaly(NamedTuple):
    """A number of a day that is unlike those of the days before. Values are millionths, and so is money of one unit."""

    day: date
    metric: str
    scope: str
    """`shop`, or an ad platform."""
    actual: int
    expected: int
    low: int
    high: int
    """Between these it would have been usual."""
    score: int
    """Thousandths; negative: below what was expected."""
    severity: str
    impact: int
    """Micros."""
    days: int
    """The how-manieth day of a run on the same side."""
    causes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyMonth:
    """A month's unusual days, and which days could be judged at all."""

    kind: ClassVar[str] = "ANO"

    month: str
    currency: str
    generation: int
    judged: Mapping[str, Sequence[int]]
    """metric, or metric#platform -> the days of the month that could be judged."""
    unusual: Sequence[Mapping[str, Any]]
    """By day, metric and scope; read them by `told`."""

    @property
    def place(self) -> str:
        """Lies under its month."""
        return self.month

    def told(self) -> Sequence[Anomaly]:
        """Give the unusual days by their names."""
        return [_anomaly(each) for each in self.unusual]


def _anomaly(stored: Mapping[str, Any]) -> Anomaly:
    named: dict[str, Any] = {**stored, "day": date.fromisoformat(stored["day"])}
    return Anomaly(**named)


def series_key(metric: str, scope: str) -> str:
    """Name a series of days."""
    return metric if scope == SHOP else f"{metric}#{scope}"
