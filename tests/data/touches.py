"""Touches as lines of an import."""

from __future__ import annotations

from typing import Any


def touch(order_id: str | int, place: int, channel: str, date: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # what JSON holds
    """Give a touch on the path to an order."""
    return {
        "type": "touch",
        "order_id": str(order_id),
        "place": place,
        "channel": channel,
        **({} if "at" in more else {"date": date}),
        **more,
    }
