"""Ten thousand paths of twelve channels, with what they led to.

19,785 conversions worth 74,802.97, and 68,602 paths that led to nothing, as the R package ChannelAttribution made them
known. They are read from the installed package `mta`, which is never imported (it would ask for numpy, pandas and
scikit-learn), and the data is not copied into this repository.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

DAY = "2026-10-15"


@dataclass(frozen=True, slots=True, kw_only=True)
class MtaPath:
    """The same touches in the same order, as often as it happened."""

    channels: tuple[str, ...]
    conversions: int
    value: float
    """Of all these conversions."""
    nulls: int


def paths() -> Iterator[MtaPath]:
    """Give the paths as the file has them."""
    file = Path(str(distribution("mta").locate_file("mta/data/data.csv.gz")))
    with gzip.open(file, "rt", encoding="ascii", newline="") as rows:
        for row in csv.DictReader(rows):
            yield MtaPath(
                channels=tuple(row["path"].split(" > ")),
                conversions=int(row["total_conversions"]),
                value=float(row["total_conversion_value"]),
                nulls=int(row["total_null"]),
            )


def lines() -> Iterator[str]:
    """Give the lines of an import in which each conversion is an order; its first has what the path's rounding left.

    The data knows no dates: all touches are of the day of their order.
    """
    yield json.dumps(
        {"type": "export", "schema": 1, "exported_at": "2026-10-16T12:00:00Z", "source": "mta", "currency": "USD"}
    )
    number = 0
    for path in paths():
        micros = round(path.value * 1_000_000)
        for left in range(path.conversions, 0, -1):
            number += 1
            worth = micros // left if left == 1 else round(micros / left)
            micros -= worth
            price = f"{worth // 1_000_000}.{worth % 1_000_000:06d}"
            yield json.dumps({"type": "order", "id": number, "date": DAY, "lines": [{"quantity": 1, "price": price}]})
            for place, channel in enumerate(path.channels, start=1):
                touch = {"type": "touch", "order_id": number, "place": place, "date": DAY, "channel": channel}
                yield json.dumps(touch)
