"""What each metric is called, counted in and made of: the words that go out with the numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that tools give."""

    key: str
    label: str
    unit: str
    """`money`, `count`, `ratio` (0 to 1)."""
    formula: str
    version: str
    """A formula never changes under its version."""


PNL_VERSION = "pnl.v1"
COHORT_VERSION = "cohort.v1"

METRICS: tuple[Metric, ...] = ()
