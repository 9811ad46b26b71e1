"""The studied customers of CDNOW, imported and folded: over MCP come the figures that were published of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from math import isclose
from typing import Any

import pytest

from shared.domain.analytics.order_values import Spending, ValueModel, expected_value
from shared.domain.analytics.repeat_orders import (
    Habit,
    OrderModel,
    expected_orders,
    orders_of_new_customer,
    still_orders,
)
from tests.data import cdnow
from tests.data.merchants import Merchant
from tests.data.recount_lifetimes import lives
from tests.transports.mcp.shop import Shop

STUDIED = "1997-09-30"


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_customer_ltv", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


@pytest.fixture(scope="module")
def cdnow_shop() -> Shop:
    merchant = Merchant()
    merchant.import_bytes("".join(f"{line}\n" for line in cdnow.lines(cdnow.SAMPLE)).encode())
    merchant.fold()
    return Shop(engine=merchant.engine)


@pytest.fixture(scope="module")
def studied(cdnow_shop: Shop) -> dict[str, Any]:
    return asked(cdnow_shop, observed_through=STUDIED)["data"]


def models(data: Mapping[str, Any]) -> tuple[OrderModel, ValueModel]:
    params = data["model"]["params"]
    return (
        OrderModel(**{name: params[name] for name in ("r", "alpha", "a", "b")}),
        ValueModel(**{name: params[name] for name in ("p", "q", "v")}),
    )


def test_the_models_are_the_published_ones(studied: dict[str, Any]) -> None:
    model = studied["model"]
    params = model["params"]

    assert [round(params[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    assert round(model["log_likelihood"], 1) == -9582.4
    assert [round(params[name], 2) for name in ("p", "q", "v")] == [6.25, 3.74, 15.45]
    assert (model["n"], model["repeaters"], model["fitted_on"]) == (2357, 946, STUDIED)
    assert model["binned_days"] is None


@pytest.mark.parametrize(
    ("habit", "alive", "expected"),
    [(Habit(2, 30.43, 38.86), 0.73, 1.226), (Habit(7, 29.43, 38.86), 0.64, 3.34), (Habit(0, 0.0, 38.86), 1.0, 0.195)],
)
def test_what_is_expected_of_single_customers_follows_from_what_is_told(
    studied: dict[str, Any], habit: Habit, alive: float, expected: float
) -> None:
    orders, _ = models(studied)

    assert round(still_orders(orders, habit), 2) == alive
    assert round(expected_orders(orders, habit, 39), len(str(expected).partition(".")[2])) == expected


def test_so_does_what_an_order_of_theirs_is_worth(studied: dict[str, Any]) -> None:
    _, values = models(studied)

    assert round(expected_value(values, Spending(2, 22.35)), 2) == 24.66
    assert round(expected_value(values, Spending(1, 11.77)), 2) == 18.91


def test_the_weeks_after_the_study_came_true_as_published(studied: dict[str, Any]) -> None:
    afterwards = studied["afterwards"]

    assert (afterwards["days"], afterwards["orders"]) == (39 * 7, 1882)
    assert round(afterwards["cumulative_error"], 2) == -0.04


def test_those_weeks_were_expected_customer_by_customer(studied: dict[str, Any]) -> None:
    orders, _ = models(studied)
    found = lives(map(json.loads, cdnow.lines(cdnow.SAMPLE)), date.fromisoformat(STUDIED)).values()
    ahead = sum(expected_orders(orders, Habit(life.repeats, life.last, life.known), 39) for life in found)
    in_all = sum(orders_of_new_customer(orders, life.known + 39) for life in found)
    came_true = sum(life.later for life in found)

    afterwards = studied["afterwards"]
    # Those known for a week more or less are taken together.
    assert isclose(afterwards["expected_orders"], ahead, rel_tol=1e-4)
    assert isclose(afterwards["error"], ahead / came_true - 1, abs_tol=2e-4)
    assert afterwards["cumulative_error"] == round(in_all / (came_true + sum(life.repeats for life in found)) - 1, 4)


def test_the_last_day_that_is_known_has_nothing_after_it(cdnow_shop: Shop) -> None:
    content = asked(cdnow_shop)

    assert content["data"]["observed_through"] == "1998-06-30"
    assert content["data"]["afterwards"] is None


def test_customers_had_brought_what_their_purchases_came_to(cdnow_shop: Shop) -> None:
    brought: dict[int, float] = {}
    first: dict[str, str] = {}
    for customer, day, _, dollars in cdnow.purchases(cdnow.SAMPLE):
        begun = first.setdefault(customer, day)
        month = (int(day[:4]) - int(begun[:4])) * 12 + int(day[5:7]) - int(begun[5:7])
        brought[month] = brought.get(month, 0.0) + float(dollars)

    historical = asked(cdnow_shop, method="historical")["data"]["historical"]

    for months in (1, 3, 6, 12):
        assert historical[f"m{months}"] == round(sum(brought[k] for k in range(months + 1)) / 2357, 2)
