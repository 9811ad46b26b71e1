"""Documents, and how what is too large for one row is cut into several."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

MOST_BYTES = 250_000
"""Of a part. DynamoDB takes items of 400 kB, and what cannot be compressed is stored in a third more than it has."""

T = TypeVar("T")


def compact_json(value: Any) -> str:  # noqa: ANN401 - what JSON holds
    """Write JSON in few bytes, the same text for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def in_parts(
    things: Sequence[T], written: Callable[[Sequence[T]], str] = compact_json
) -> Iterator[tuple[Sequence[T], str]]:
    """Halve things until what is written of each part is small enough; one part at least, of one thing at least."""
    document = written(things)
    if len(things) <= 1 or len(document.encode()) <= MOST_BYTES:
        yield things, document
        return
    middle = len(things) // 2
    yield from in_parts(things[:middle], written)
    yield from in_parts(things[middle:], written)
