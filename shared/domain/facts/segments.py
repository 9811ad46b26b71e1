"""Segments: what customers are told apart by, as it was with their first order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

EVERYBODY = "all"
"""The segment in which every customer is."""
OTHER = "(other)"
"""The value of all those that have no segment of their own; shops have channels that are called other."""
UNKNOWN = "(unknown)"
"""The value where no source has told any."""


class Dimension(StrEnum):
    """What customers are told apart by; every customer is in one segment of each. The values stand in stored keys."""

    CHANNEL = "channel"
    """The sales channel of the first order."""
    FIRST_PRODUCT = "first_product"
    """The product of the line of it that sold the most: its id, else its SKU."""
    DISCOUNTED_FIRST_ORDER = "discounted_first_order"
    """Whether it had any discount: yes or no."""


MOST_OWN = {Dimension.CHANNEL: 12, Dimension.FIRST_PRODUCT: 20, Dimension.DISCOUNTED_FIRST_ORDER: 2}
"""So many values have a segment of their own: those that brought the most customers over all time."""


def segment_of(dimension: Dimension, value: str) -> str:
    """Name a segment."""
    return f"{dimension}={value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Which segments there are, and how many customers each month brought to each."""

    kind: ClassVar[str] = "SEG"

    generation: int
    months: Sequence[str]
    """In which anybody ordered for the first time, in order."""
    sizes: Mapping[str, Sequence[int]]
    """Segment -> the new customers of each of these months; those of a dimension add up to those of the shop."""
    titles: Mapping[str, str]
    """Segment of a product -> its title, as its variants have it in common; where sources tell one."""

    @property
    def place(self) -> str:
        """There is one."""
        return "head"

    def of(self, dimension: Dimension) -> Mapping[str, Mapping[str, int]]:
        """Give the new customers by segment and month; what brought the most customers comes first."""
        found = [(segment, sizes) for segment, sizes in self.sizes.items() if segment.startswith(f"{dimension}=")]
        found.sort(key=lambda each: (-sum(each[1]), each[0]))
        return {segment: dict(zip(self.months, sizes, strict=True)) for segment, sizes in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCohort:
    """The part of a month's cohort that is in one segment; its fields mean what those of `Cohort` mean."""

    kind: ClassVar[str] = "SEGCOH"

    segment: str
    month: str
    currency: str
    generation: int
    size: int
    active: Sequence[int] = ()
    orders: Sequence[int] = ()
    net_revenue: Sequence[int] = ()
    cm2: Sequence[int] = ()
    sales: Sequence[int] = ()
    cost_known_sales: Sequence[int] = ()

    @property
    def place(self) -> str:
        """Lies under its segment and month: what is asked of one segment reads no other."""
        return f"{self.segment}#{self.month}"
