"""Touches as lines of an import."""

from __future__ import annotations

from typing import Any


def touch(
    order_id: str | int,
    place: int,
    channel: str,
    date: str | None = None,
    **more: Any,  # noqa: ANN401  # what JSON holds
) -> dict[str, Any]:
    """Give a touch on the path to an order; its day, or `at` among the rest."""
    line = {"type": "touch", "order_id": str(order_id), "place": place, "channel": channel, **more}
    return line if date is None else {**line, "date": date}
