"""Decides conditions on an item at hand, as DynamoDB decides them on its side."""

from __future__ import annotations

from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Differs,
    Equals,
    Exists,
    Item,
    Missing,
    Value,
)


def holds(condition: Condition | None, item: Item | None) -> bool:
    """Tell whether a condition holds for the item that lies there (None: nothing does)."""
    there: Item = item or {}
    match condition:
        case None:
            return True
        case Exists(name):
            return name in there
        case Missing(name):
            return name not in there
        case Equals(name, value):
            return name in there and _same(there[name], value)
        case Differs(name, value):
            return name not in there or not _same(there[name], value)
        case Below(name, value):
            return _order(there.get(name), value) < 0
        case Above(name, value):
            return _order(there.get(name), value) > 0
        case AllOf(conditions):
            return all(holds(each, item) for each in conditions)
        case AnyOf(conditions):
            return any(holds(each, item) for each in conditions)


def _same(found: Value, wanted: str | int | bool) -> bool:  # noqa: FBT001  # a value that happens to be able to be a bool
    return type(found) is type(wanted) and found == wanted


def _order(found: Value, wanted: str | int) -> int:
    """Compare as -1, 0 or 1; values of different types have no order and give 0."""
    if isinstance(found, str) and isinstance(wanted, str):
        return (found > wanted) - (found < wanted)
    if isinstance(found, int) and isinstance(wanted, int) and not isinstance(found, bool):
        return (found > wanted) - (found < wanted)
    return 0
