"""Reads attributes as what our own writes made of them; anything else under the name is a broken row and an error."""

from __future__ import annotations

from datetime import datetime

from shared.storage.engine import Item


def text(item: Item, name: str) -> str:
    """Read a string."""
    value = item[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a string")
    return value


def optional_text(item: Item, name: str) -> str | None:
    """Read a string that may be missing."""
    return text(item, name) if item.get(name) is not None else None


def whole_number(item: Item, name: str) -> int:
    """Read a number; a missing one is 0."""
    value = item.get(name, 0)
    if not isinstance(value, int):
        raise TypeError(f"{name} is not a number")
    return value


def texts(item: Item, name: str) -> list[str]:
    """Read a list of strings."""
    value = item[name]
    if not isinstance(value, list):
        raise TypeError(f"{name} is not a list")
    return [each for each in value if isinstance(each, str)]


def mapping(item: Item, name: str) -> Item:
    """Read attributes within an attribute."""
    value = item[name]
    if not isinstance(value, dict):
        raise TypeError(f"{name} is not a mapping")
    return value


def time(item: Item, name: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text(item, name))


def optional_time(item: Item, name: str) -> datetime | None:
    """Read a moment that may be missing."""
    return time(item, name) if item.get(name) is not None else None
