"""Segments: what customers are told apart by, as it was with their first order."""

from __future__ import annotations

from enum import StrEnum

EVERYBODY = "all"
"""The segment in which every customer is."""
OTHER = "other"
"""The value of all those that have no segment of their own."""
UNKNOWN = "unknown"
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
