"""Conditions on an item at hand, where engines under test differ from DynamoDB: values of different types."""

from __future__ import annotations

import pytest

from shared.storage.conditions import holds
from shared.storage.engine import Above, Below, Condition, Differs, Equals, Item

ITEM: Item = {"name": "cat", "legs": 4, "tame": True, "note": None, "list": [1]}


@pytest.mark.parametrize(
    "condition",
    [
        Equals("name", 4),
        Equals("legs", "4"),
        Equals("tame", 1),
        Equals("legs", value=True),
        Equals("note", "None"),
        Below("name", 4),
        Above("name", 4),
        Below("legs", "5"),
        Above("tame", 0),
        Above("list", 0),
    ],
    ids=str,
)
def test_values_of_different_types_are_neither_equal_nor_in_order(condition: Condition) -> None:
    assert not holds(condition, ITEM)


@pytest.mark.parametrize("condition", [Differs("tame", 1), Differs("legs", "4"), Differs("note", "None")], ids=str)
def test_values_of_different_types_differ(condition: Condition) -> None:
    assert holds(condition, ITEM)
