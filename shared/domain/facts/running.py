"""Running sums: what each of many things (variants, campaigns) came to from the first of a month up to a day.

Any range of days is then a few of these, added and taken off, however many days it has: the sums of 20 October to
20 November are those up to 31 October, less those up to 19 October, and those up to 20 November.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Running(StrEnum):
    """What is summed. The values are part of stored keys and never change their meaning."""

    VARIANT = "variant"
    """By SKU."""
    CAMPAIGN = "campaign"
    CHANNELS_7 = "channels7"
    """By channel and by step between two: credits of the orders of a day for touches up to 7 days before them."""
    CHANNELS_30 = "channels30"
    CHANNELS_90 = "channels90"
    TOUCHED_7 = "touched7"
    """By channel and campaign: the same credits."""
    TOUCHED_30 = "touched30"
    TOUCHED_90 = "touched90"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSums:
    """The sums of a month up to a day; what is zero throughout may be left out."""

    of: Running
    day: date
    keys: Sequence[str]
    """Which thing a place of the columns is about."""
    columns: Mapping[str, Sequence[int]]
    """Figure -> one number for each key. Money in whole micros of the reporting currency."""

    @property
    def month(self) -> str:
        """The month that it begins with, yyyy-mm."""
        return f"{self.day:%Y-%m}"
