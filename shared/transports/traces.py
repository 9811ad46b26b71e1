"""How a bug is logged: where it happened, and not what it said, for the text of an exception may hold a value."""

from __future__ import annotations

import traceback


def trace_of(bug: BaseException) -> str:
    """Give the types of an exception and of its causes, with their frames, innermost cause first."""
    parts: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = bug
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = "".join(traceback.format_tb(link.__traceback__))
        parts.append(f"{type(link).__module__}.{type(link).__qualname__}\n{frames}")
        link = link.__cause__ or link.__context__
    return "\n".join(reversed(parts))
