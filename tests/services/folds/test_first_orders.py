"""What a first order says of its customer."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.facts.segments import Segments
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order

MANY = 10
"""So many customers have a segment of their own."""


def segments(*bought: Line) -> dict[str, int]:
    """Let each of so many customers buy this, and count them by segment."""
    merchant = Merchant()
    lines = [
        {**line, "id": f"{customer}-{line['id']}", "customer": f"c{customer}"}
        for customer in range(MANY)
        for line in bought
    ]
    merchant.import_lines(header(), *lines)
    (head,) = merchant.figures.rollups(WORKSPACE, Segments)
    return {name: sum(sizes) for name, sizes in head.sizes.items()}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "no"),
        ({"discount": "0.00"}, "no"),
        ({"discount": "0.01"}, "yes"),
        ({"lines": [{"quantity": 1, "price": "10.00", "discount": "2.00"}]}, "yes"),
    ],
)
def test_an_order_is_discounted_if_it_or_a_line_of_it_had_any_discount(more: dict[str, Any], answer: str) -> None:
    found = segments(order("a", "2026-10-05", **more))

    assert found["first_product=(unknown)"] == MANY
    assert {name for name in found if name.startswith("discounted")} == {f"discounted_first_order={answer}"}


def test_the_product_is_that_of_the_line_that_sold_the_most() -> None:
    goods = [
        {"sku": "MUG", "quantity": 1, "price": "8.00"},
        {"sku": "PEN", "quantity": 9, "price": "1.00"},
        {"sku": "CAP", "quantity": 2, "price": "3.00"},
    ]

    assert segments(order("a", "2026-10-05", lines=goods))["first_product=PEN"] == MANY
