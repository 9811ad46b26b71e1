"""What a buyer asks of each month of a shop beside its P&L: on what its sales hang, and which costs end with a sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

MOST_CHANNELS = 20
"""So many channels of a month are kept by name: names are outsiders' text, and there may be any number of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationMonth:
    """A month, in what only a valuation reads: so it reads two dozen short rows, and no books and no running sums."""

    kind: ClassVar[str] = "WORTH"

    month: str
    """yyyy-mm"""
    currency: str
    generation: int
    channels: Mapping[str, int]
    """Sales channel of the order -> net revenue as in the P&L: a refund counts in the month it was processed."""
    other_channels: int
    """Net revenue of the channels that are not among the largest of the month."""
    no_channel: int
    """Net revenue of orders that name none, and of refunds whose order is not known."""
    top_sku: int
    """Net sales of the SKU that sold the most in the twelve months that end with this one."""
    skus: int
    """Net sales in these twelve months of all SKUs of which more was sold than came back."""
    goods: int
    """The same with what was sold under no SKU."""
    addbacks: Mapping[str, int]
    """Why a buyer would not have it -> expenses of the month that lower EBITDA. Interest and the like are apart."""

    @property
    def place(self) -> str:
        """Lies under its month."""
        return self.month
