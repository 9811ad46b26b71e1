"""What a reader of a number of customers must know of the orders that it is made of."""

from __future__ import annotations

from shared.domain.analytics.money import counted, share
from shared.services.figures.frame import Caveat, Frame


def orders_caveats(frame: Frame, orders: tuple[int, int], *, as_of: str, nowhere: str) -> list[Caveat]:
    """Say what is as of the last known order, where that is not of yesterday, and where orders of nobody are not.

    Orders: those that name a customer, and all.
    """
    caveats: list[Caveat] = []
    ends, (named, in_all) = frame.overview.data_through, orders
    behind = 0 if ends is None else (frame.today - ends).days - 1
    if behind > 0:
        message = (
            f"Orders are known up to {ends}: {as_of} are as of then, {counted(behind, 'day')} before yesterday. "
            "Import the latest orders."
        )
        caveats.append(Caveat(code="upstream_stale", message=message))
    if named < in_all:
        message = f"Orders that name a customer: this share. The others are in {nowhere}."
        caveats.append(Caveat(code="no_customer", message=message, share=share(named, in_all)))
    return caveats
