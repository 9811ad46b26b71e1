"""Four years of a shop's weekly revenue and what it spent in five paid channels (simulated by the makers of Robyn).

It is read from the installed package `robynpy`, which is never imported (it would ask for numpy, pandas and more), and
the data is not copied into this repository.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path

CHANNELS = {"tv_S": "other", "ooh_S": "other", "print_S": "other", "facebook_S": "meta", "search_S": "google"}
"""Column of spend -> platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week, by its first day; money to the micro."""

    first: date
    revenue: Decimal
    spend: dict[str, Decimal]
    """By column."""


def weeks() -> list[Week]:
    """Give the 208 weeks."""
    robyn = distribution("robynpy")
    path = Path(str(robyn.locate_file("robyn/tutorials/resources/dt_simulated_weekly.csv")))
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Week(
                first=date.fromisoformat(row["DATE"]),
                revenue=_micros(row["revenue"]),
                spend={channel: _micros(row[channel]) for channel in CHANNELS},
            )
            for row in csv.DictReader(file)
        ]


def _micros(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.000001"))
