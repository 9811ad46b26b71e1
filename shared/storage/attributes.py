"""DynamoDB's typed form of values, `{"S": "…"}` and its like: on the wire, and in stream records of either engine.

Not boto3's serializer: it makes a `Decimal` of every number, and the SQLite engine is to start without boto3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.storage.engine import Item, Value

Typed = dict[str, Any]
"""One value with its type, as `{"N": "7"}`."""

ITEM_BYTES = 400 * 1024
"""The most that one item may hold."""
NUMBER_BYTES = 21
"""The most that a number takes."""


def to_typed(value: Value) -> Typed:
    """Write one value in typed form.

    Raises:
        TypeError: no attribute may hold such a value.

    """
    match value:
        case str():
            return {"S": value}
        case bool():  # before int, of which it is a kind
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case list():
            return {"L": [to_typed(each) for each in value]}
        case dict():
            return {"M": {name: to_typed(each) for name, each in value.items()}}
        case _:  # pyright: ignore[reportUnnecessaryComparison] # a float or bytes, where the checker was not asked
            raise TypeError(f"an attribute cannot hold {type(value).__name__}")


def from_typed(typed: Mapping[str, Any]) -> Value:
    """Read one value from its typed form."""
    ((kind, content),) = typed.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content)
        case "NULL":
            return None
        case "L":
            return [from_typed(each) for each in content]
        case "M":
            return {name: from_typed(each) for name, each in content.items()}
        case _:
            raise TypeError(f"we write no attribute of the type {kind}")


def image_of(item: Item) -> dict[str, Typed]:
    """Write an item as a stream record holds it."""
    return {name: to_typed(value) for name, value in item.items()}


def item_of(image: Mapping[str, Mapping[str, Any]]) -> Item:
    """Read an item from a stream record or an answer."""
    return {name: from_typed(typed) for name, typed in image.items()}


def size_of(value: Value) -> int:
    """Count the bytes of a value about as DynamoDB does (numbers at their most).

    Raises:
        TypeError: no attribute may hold such a value.

    """
    match value:
        case str():
            return len(value) if value.isascii() else len(value.encode())
        case bool() | None:
            return 1
        case int():
            return NUMBER_BYTES
        case list():
            return 3 + sum([1 + size_of(each) for each in value])
        case dict():
            size = 3
            for name, each in value.items():  # most are numbers: the slots of a window
                size += 1 + size_of(name) + (NUMBER_BYTES if type(each) is int else size_of(each))
            return size
        case _:  # pyright: ignore[reportUnnecessaryComparison] # a float or bytes, where the checker was not asked
            raise TypeError(f"an attribute cannot hold {type(value).__name__}")
