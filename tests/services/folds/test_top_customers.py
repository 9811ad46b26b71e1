"""What is expected of single customers is what the models say of somebody who ordered in the middle of their months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.domain.analytics.order_values import Spending, ValueModel, expected_value
from shared.domain.analytics.repeat_orders import Habit, OrderModel, expected_orders, still_orders
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import open_duck
from shared.services.folds.fold_top_customers import fold_top_customers
from shared.services.folds.lifetime_tables import build_customer_lifetimes
from tests.data import cdnow

THROUGH = date(1997, 9, 30)
# As published for these customers and this day.
ORDERS = OrderModel(r=0.243, alpha=4.414, a=0.793, b=2.426)
VALUES = ValueModel(p=6.25, q=3.74, v=15.45)
WEEKS = 52

Bought = Mapping[tuple[str, date], int]
"""Customer and day -> cents."""


def bought(days: Iterable[tuple[str, date, int]]) -> Bought:
    found: dict[tuple[str, date], int] = {}
    for customer, day, cents in days:
        if day <= THROUGH:
            found[customer, day] = found.get((customer, day), 0) + cents
    return found


@pytest.fixture(scope="module")
def history() -> Bought:
    return bought(
        (customer, date.fromisoformat(day), round(float(dollars) * 100))
        for customer, day, _, dollars in cdnow.purchases(cdnow.SAMPLE)
    )


def told(history: Bought, folder: Path) -> dict[str, tuple[float, int]]:
    """Give the chance of each customer, and the micros that are expected of them."""
    with open_duck(folder) as duck:
        duck.run(
            """
            CREATE TABLE customer_days AS
            SELECT unnest($who::VARCHAR[]) AS customer, unnest($days::DATE[]) AS day, 1::BIGINT AS orders,
                   unnest($worth::BIGINT[]) AS net_revenue, 0::BIGINT AS cm2
            """,
            who=[customer for customer, _ in history],
            days=[day for _, day in history],
            worth=[cents * 10_000 for cents in history.values()],
        )
        build_customer_lifetimes(duck, THROUGH, models=(ORDERS, VALUES))
        rows = duck.rows("SELECT customer, p_alive, predicted_12m FROM customer_lifetimes")
        return {customer: (chance, value) for customer, chance, value in rows}


def middle(day: date) -> date:
    return min(day.replace(day=15), THROUGH)


def test_chance_and_value_of_each_of_the_studied_customers_are_those_of_the_models(
    history: Bought, tmp_path: Path
) -> None:
    days: dict[str, list[date]] = {}
    for customer, day in history:
        days.setdefault(customer, []).append(day)

    found = told(history, tmp_path)

    assert len(found) == 2357
    for customer, ordered in days.items():
        first, *later = sorted(ordered)
        begun, last = middle(first), middle(max(ordered))
        habit = Habit(len(later), (last - begun).days / 7, (THROUGH - begun).days / 7)
        spent = sum(history[customer, day] for day in later) / 100
        value = expected_value(VALUES, Spending(len(later), spent / len(later)) if later else None)
        chance, expected = found[customer]
        assert chance == pytest.approx(still_orders(ORDERS, habit), rel=1e-9)
        assert expected == pytest.approx(expected_orders(ORDERS, habit, WEEKS) * value * 1_000_000, rel=1e-6, abs=1)


def test_the_day_within_a_month_is_in_neither(history: Bought, tmp_path: Path) -> None:
    """What is published of the models would else lead back to the days."""
    taken: set[tuple[str, date]] = set()
    moved: dict[tuple[str, date], int] = {}
    for (customer, day), cents in sorted(history.items(), key=lambda each: each[0], reverse=True):
        at = day.replace(day=28)
        while (customer, at) in taken:
            at -= timedelta(days=1)
        taken.add((customer, at))
        moved[customer, at] = cents

    assert moved != history
    assert told(moved, tmp_path) == told(history, tmp_path)


def test_of_customers_who_ordered_on_one_day_alone_nobody_says_how_likely_they_are_to_buy_again(tmp_path: Path) -> None:
    """The model says that all of these do, however long ago they ordered."""
    day = date(2026, 1, 5)
    with open_duck(tmp_path) as duck:
        duck.run("CREATE TABLE order_rows (kind VARCHAR, until DATE)")
        duck.run("CREATE TABLE orders AS SELECT 'once' AS customer, $day::DATE AS day", day=day)
        duck.run("CREATE TABLE order_facts_rated (source INT, account INT, key INT, day DATE, nanos BIGINT)")
        duck.run("CREATE TABLE goods (source INT, account INT, key INT)")
        duck.run(
            """
            CREATE TABLE customer_days AS
            SELECT customer, $day::DATE + days AS day, 2::BIGINT AS orders, 0::BIGINT AS net_revenue, 0::BIGINT AS cm2
            FROM (VALUES ('once', 0), ('again', 0), ('again', 70)) AS told (customer, days)
            """,
            day=day,
        )
        build_customer_lifetimes(duck, date(2026, 9, 30), models=(ORDERS, VALUES))
        lists = [*fold_top_customers(duck, Settings(), generation=1)]

    chances = {row.customer: row.p_alive for found in lists for row in found.listed()}
    assert chances.keys() == {"once", "again"}
    assert chances["once"] is None
    assert 0 < (chances["again"] or 0) < 1_000_000
