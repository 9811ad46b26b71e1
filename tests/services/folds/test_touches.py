"""Which touches are on the path of an order, and how its credits are split: worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from shared.domain.analytics.attribution import CHANNELS, MILLION, Lookback
from shared.domain.analytics.periods import DateRange
from shared.domain.facts.settings import Settings
from shared.services.figures.sums_between import sums_between
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order, refund
from tests.data.touches import touch

OCTOBER = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))


def sums(
    *lines: Line, lookback: Lookback = Lookback.MONTH, settings: Settings | None = None
) -> Mapping[str, Mapping[str, int]]:
    """Give the sums of October."""
    merchant = Merchant()
    if settings is not None:
        merchant.settle(settings)
    merchant.import_lines(header(), *lines)
    return sums_of(merchant, lookback)


def sums_of(merchant: Merchant, lookback: Lookback = Lookback.MONTH) -> Mapping[str, Mapping[str, int]]:
    """Read the sums of October; what is nothing is left out."""
    found = sums_between(CHANNELS[lookback], OCTOBER, workspace_id=WORKSPACE, figures=merchant.figures)
    told = {key: {figure: value for figure, value in figures.items() if value} for key, figures in found.items()}
    return {key: figures for key, figures in told.items() if figures}


def credits_of(model: str, *lines: Line, **more: Any) -> dict[str, tuple[int, int]]:  # noqa: ANN401  # as `sums`
    """Give millionths of orders and micros by channel; what is nothing is left out."""
    found = {
        channel: (figures.get(f"{model}_orders", 0), figures.get(f"{model}_revenue", 0))
        for channel, figures in sums(*lines, **more).items()
    }
    return {channel: credit for channel, credit in found.items() if any(credit)}


def steps(*lines: Line, **more: Any) -> dict[str, int]:  # noqa: ANN401  # as `sums`
    """Give the steps, written with an arrow; an order without a path is one from nothing to nothing."""
    return {
        key.replace("\t", ">"): figures["steps"] for key, figures in sums(*lines, **more).items() if "steps" in figures
    }


SOLD = order(1, "2026-10-20", lines=[{"quantity": 1, "price": "100.00"}])
FOUR = [
    touch(1, 1, "meta", "2026-10-06"),
    touch(1, 2, "email", "2026-10-13"),
    touch(1, 3, "google", "2026-10-13"),
    touch(1, 4, "direct", "2026-10-20"),
]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("last_touch", {"direct": 1_000_000}),
        ("last_non_direct", {"google": 1_000_000}),
        ("first_touch", {"meta": 1_000_000}),
        ("linear", {"meta": 250_000, "email": 250_000, "google": 250_000, "direct": 250_000}),
        ("position_based", {"meta": 400_000, "email": 100_000, "google": 100_000, "direct": 400_000}),
        # 14, 7, 7 and 0 days before: 1/4 : 1/2 : 1/2 : 1 of 9/4, as differences of running totals rounded down.
        ("time_decay", {"meta": 111_111, "email": 222_222, "google": 222_222, "direct": 444_445}),
    ],
)
def test_each_rule_splits_an_order_and_its_revenue_in_its_way(model: str, expected: dict[str, int]) -> None:
    # 100 dollars are a hundred times as many micros as an order has millionths; the last share takes what was rounded.
    found = credits_of(model, SOLD, *FOUR)

    assert {channel: orders for channel, (orders, _) in found.items()} == expected
    assert sum(revenue for _, revenue in found.values()) == 100 * MILLION
    assert all(abs(revenue - 100 * orders) < 100 for orders, revenue in found.values())


def test_two_touches_have_a_half_each_of_a_position_based_order() -> None:
    assert credits_of("position_based", SOLD, *FOUR[:2]) == {
        "meta": (500_000, 50_000_000),
        "email": (500_000, 50_000_000),
    }


def test_an_order_that_only_direct_touches_came_before_is_direct_s() -> None:
    lines = [touch(1, 1, "(none)", "2026-10-18"), touch(1, 2, "Direct", "2026-10-19")]

    assert credits_of("last_non_direct", SOLD, *lines) == {"Direct": (1_000_000, 100_000_000)}


def test_places_and_not_days_say_which_touch_came_first() -> None:
    later_first = [touch(1, 7, "meta", "2026-10-01"), touch(1, 2, "email", "2026-10-19")]

    assert credits_of("first_touch", SOLD, *later_first) == {"email": (1_000_000, 100_000_000)}
    assert steps(SOLD, *later_first) == {">email": 1, "email>meta": 1, "meta>": 1}


@pytest.mark.parametrize("lookback", Lookback)
@pytest.mark.parametrize(("earlier", "counts"), [(0, True), (1, False)])
def test_a_touch_is_on_the_path_up_to_so_many_days_before_the_order(
    lookback: Lookback, earlier: int, *, counts: bool
) -> None:
    day = date.fromordinal(date(2026, 10, 20).toordinal() - lookback - earlier).isoformat()

    found = credits_of("linear", SOLD, touch(1, 1, "meta", day), lookback=lookback)

    assert found == ({"meta": (1_000_000, 100_000_000)} if counts else {})


@pytest.mark.parametrize(
    ("ordered", "seen", "counts"),
    [
        ({"date": "2026-10-20"}, {"date": "2026-10-20"}, True),
        ({"date": "2026-10-20"}, {"date": "2026-10-21"}, False),
        ({"at": "2026-10-20T10:00:00Z"}, {"at": "2026-10-20T10:00:00Z"}, True),
        ({"at": "2026-10-20T10:00:00Z"}, {"at": "2026-10-20T10:00:01Z"}, False),
        # Of one of them only the day is known.
        ({"at": "2026-10-20T10:00:00Z"}, {"date": "2026-10-20"}, True),
        ({"date": "2026-10-20"}, {"at": "2026-10-20T23:00:00Z"}, True),
    ],
)
def test_a_touch_after_the_order_is_not_on_its_path(
    ordered: dict[str, str], seen: dict[str, str], *, counts: bool
) -> None:
    sold = {"type": "order", "id": "1", "lines": [{"quantity": 1, "price": "10.00"}], **ordered}
    found = steps(sold, touch(1, 1, "meta", **seen))

    assert found == ({">meta": 1, "meta>": 1} if counts else {">": 1})


def test_days_between_are_those_of_the_shop_s_calendar() -> None:
    # In New York the touch is of 12 October and the order of the 20th: eight days, though not quite seven of hours.
    sold = {"type": "order", "id": "1", "at": "2026-10-20T04:30:00Z", "lines": [{"quantity": 1, "price": "10.00"}]}
    seen = touch(1, 1, "meta", at="2026-10-13T03:30:00Z")

    found = steps(sold, seen, lookback=Lookback.WEEK, settings=Settings(timezone="America/New_York"))

    assert found == {">": 1}
    assert steps(sold, seen, lookback=Lookback.WEEK) == {">meta": 1, "meta>": 1}


def test_refunds_are_taken_off_the_order_whenever_they_were_processed() -> None:
    back = refund(1, "2026-11-10", lines=[{"amount": "30.00"}], shipping="0.00")

    assert credits_of("linear", SOLD, FOUR[0], back) == {"meta": (1_000_000, 70_000_000)}


def test_of_an_order_of_which_more_was_refunded_than_paid_channels_share_the_loss_to_the_last_micro() -> None:
    back = refund(1, "2026-11-10", lines=[{"amount": "100.000010"}])

    found = credits_of("linear", SOLD, *FOUR[:3], back)

    assert {channel: revenue for channel, (_, revenue) in found.items()} == {"meta": -3, "email": -3, "google": -4}


def test_orders_that_are_in_no_figure_are_on_no_path() -> None:
    test_order, in_euro = order(2, "2026-10-20", test=True), order(3, "2026-10-20", currency="EUR")
    found = sums(test_order, in_euro, touch(2, 1, "meta", "2026-10-20"), touch(3, 1, "meta", "2026-10-20"))

    assert found == {"\t": {"unconverted": 1}}


def test_a_touch_is_of_the_order_of_its_own_source() -> None:
    assert steps(SOLD, touch(1, 1, "meta", "2026-10-20", source="another_shop")) == {">": 1}
    assert steps(SOLD, touch(1, 1, "meta", "2026-10-20", account="another")) == {">": 1}


def test_a_touch_that_is_taken_back_is_on_no_path() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), SOLD, *FOUR[:2])
    gone = {"type": "touch", "order_id": "1", "place": 2, "date": "2026-10-13", "deleted": True}
    merchant.import_lines(header("2026-11-20T13:00:00Z"), gone)

    assert sorted(sums_of(merchant)) == ["\tmeta", "meta", "meta\t"]


def test_an_order_s_credits_lie_on_the_day_of_the_order() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), order(1, "2026-11-02"), touch(1, 1, "meta", "2026-10-20"))

    assert not sums_of(merchant)
