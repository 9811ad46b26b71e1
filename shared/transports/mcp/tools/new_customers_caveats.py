"""What a reader of a number of new customers must know."""

from __future__ import annotations

from datetime import date

from shared.domain.analytics.money import share
from shared.domain.analytics.periods import DateRange
from shared.services.figures.frame import Caveat, Frame

CUSTOMERS_SETTLE_DAYS = 365
"""So long after the first order that we know, customers who had ordered before it keep coming up as new."""


def new_customers_caveats(
    frame: Frame, period: DateRange, new_customers: int | None, *, orders: int, with_customer: int
) -> list[Caveat]:
    """Say why more or fewer seem new than are."""
    caveats: list[Caveat] = []
    if new_customers:
        wrong = "new_customers is too high, and ncac and cac_loaded are too low"
        caveats += overcounted_caveats(frame, period.first, wrong)
    known = share(with_customer, orders)
    if known is not None and known < 1:
        message = (
            f"{with_customer:,} of {orders:,} orders name a customer; the others are nobody's first order, so "
            "new_customers may be too low. Import orders with their customers."
        )
        caveats.append(Caveat(code="customers_unknown", message=message, share=known))
    return caveats


def overcounted_caveats(frame: Frame, first: date, wrong: str) -> list[Caveat]:
    """Say what is wrong with customers who are new from a day on that is soon after the data begins."""
    begins = frame.overview.data_from
    if begins is None or (first - begins).days >= CUSTOMERS_SETTLE_DAYS:
        return []
    message = (
        f"New means no order since {begins}, where the data begins: some had ordered before, so {wrong}. Import "
        "earlier orders."
    )
    return [Caveat(code="new_customers_overcounted", message=message)]
