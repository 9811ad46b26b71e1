"""No kind of customers keeps a shop from its figures: where no model fits them, nothing is expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from shared.domain.facts.lifetimes import Lifetimes
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order, refund

LAST = date(2026, 11, 20)
Lines = Iterator[dict[str, Any]]


def ordered(customer: str, back: int, price: str = "10.00", channel: str = "web") -> dict[str, Any]:
    return order(
        f"{customer}-{back}",
        (LAST - timedelta(days=back)).isoformat(),
        customer=customer,
        channel=channel,
        lines=[{"quantity": 1, "price": price}],
    )


def every_day(days: int = 30, channel: str = "web") -> Lines:
    for customer in range(300):
        yield from (ordered(f"{channel}{customer}", back, channel=channel) for back in range(days))


def every_day_for_differently_long() -> Lines:
    for customer in range(300):
        yield from (ordered(f"d{customer}", back, str(5 + back % 40)) for back in range(20 + customer % 20))


def a_channel_of_every_day() -> Lines:
    yield from every_day(channel="kiosk")
    yield from some()


def some(price: str | None = None) -> Lines:
    random = Random(1)
    for customer in range(400):
        first = random.randint(60, 700)
        for back in {first, *(random.randrange(first) for _ in range(random.choice((0, 0, 0, 1, 2, 5))))}:
            yield ordered(f"s{customer}", back, price or str(random.randint(5, 90)))


def same_price() -> Lines:
    return some("10.00")


def for_nothing() -> Lines:
    return some("0.00")


def one_of_a_fortune() -> Lines:
    yield from some()
    yield ordered("s3", 5, "900000000000.00")


def once() -> Lines:
    yield from (ordered(f"o{customer}", customer % 700) for customer in range(400))


def back_at_once() -> Lines:
    for customer in range(300):
        yield from (ordered(f"b{customer}", back) for back in (2, 1))


def same_two_days() -> Lines:
    for customer in range(400):
        yield from (ordered(f"t{customer}", back) for back in (300, 200))


@pytest.mark.parametrize(
    "lines",
    [
        every_day,
        every_day_for_differently_long,
        a_channel_of_every_day,
        same_price,
        for_nothing,
        one_of_a_fortune,
        once,
        back_at_once,
        same_two_days,
    ],
)
def test_a_fold_comes_to_an_end_and_expects_what_can_be(lines: Any) -> None:  # noqa: ANN401 - one of the above
    merchant = Merchant()
    merchant.import_bytes(as_file([header(), *lines()]))
    merchant.fold()

    assert merchant.months()
    for found in merchant.figures.rollups(WORKSPACE, Lifetimes):
        days = [found.customers * 365 * month / 12 for month in range(1, 37)]
        for (before, upto), most in zip(pairwise((0, *found.expected_orders)), days, strict=False):
            assert 0 <= before <= upto <= most * 1_030_000
        assert all(value >= 0 for value in found.expected_value)


def hardly_any_at_first() -> Lines:
    yield from (ordered(f"e{customer}", back) for customer in range(19) for back in (300, 280, 30))
    for customer in range(400):
        yield from (
            ordered(f"n{customer}", back, str(5 + customer % 40)) for back in (80 - customer % 60, customer % 9)
        )


def test_models_of_hardly_any_customers_are_held_against_nothing() -> None:
    merchant = Merchant()
    merchant.import_bytes(as_file([header(), *hardly_any_at_first()]))
    merchant.fold()

    now = max(merchant.figures.rollups(WORKSPACE, Lifetimes), key=lambda found: found.through)

    assert now.orders_model is not None
    assert now.holdout is None


def paid_back() -> Lines:
    for each in some():
        yield each
        if each["id"].startswith("s1"):
            yield refund(f"r{each['id']}", "2026-11-19", order_id=each["id"], lines=[{"amount": "500.00"}])


def test_who_came_back_and_was_paid_back_is_counted() -> None:
    merchant = Merchant()
    merchant.import_bytes(as_file([header(), *paid_back()]))
    merchant.fold()
    repeaters: dict[str, set[str]] = {}
    for each in some():
        repeaters.setdefault(each["customer"], set()).add(each["date"])

    now = max(merchant.figures.rollups(WORKSPACE, Lifetimes), key=lambda found: (found.segment == "all", found.through))

    without = [who for who, days in repeaters.items() if len(days) > 1 and who.startswith("s1")]
    assert now.without_spending == len(without) > 10
