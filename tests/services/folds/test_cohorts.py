"""Who came first when, and what they did since."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.rollups import Cohort
from tests.data.merchants import Line, Merchant, header, order, refund


def cohorts(*lines: Line) -> dict[str, Cohort]:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return {cohort.month: cohort for cohort in merchant.cohorts()}


def bought(customer: Any, *days: str, **more: Any) -> list[Line]:  # noqa: ANN401  # whatever a customer is known by
    return [order(f"{customer}-{day}".replace("@", "-"), day, customer=customer, **more) for day in days]


def test_a_customer_belongs_to_the_month_of_the_first_order() -> None:
    found = cohorts(
        *bought("ann@example.com", "2026-07-31", "2026-08-01", "2026-08-31", "2026-10-01"),
        *bought("ben@example.com", "2026-07-02"),
        *bought("Ann@Example.com", "2026-09-05"),
        *bought("c", "2026-08-15"),
        order("guest", "2026-07-05"),
    )
    assert {month: cohort.size for month, cohort in found.items()} == {"2026-07": 2, "2026-08": 1}
    july = found["2026-07"]
    assert list(july.active) == [2, 1, 1, 1]
    assert list(july.orders) == [2, 2, 1, 1]
    assert list(july.net_revenue) == [20_000_000, 20_000_000, 10_000_000, 10_000_000]
    assert {day: new for day, new in enumerate(july.new_by_day, start=1) if new} == {2: 1, 31: 1}


def test_a_refund_is_charged_to_its_order_s_cohort_in_the_month_it_was_processed() -> None:
    (july,) = cohorts(
        *bought("ann", "2026-07-31", shipping="2.00"),
        refund(date="2026-09-05", order_id="ann-2026-07-31", lines=[{"amount": "4.00"}], shipping="1.00"),
    ).values()

    assert list(july.net_revenue) == [12_000_000, 0, -5_000_000]
    assert list(july.active) == [1, 0, 0]
    assert sum(july.new_revenue_by_day) == 7_000_000, "the first order, less what was given back of it"


def test_a_refund_that_is_dated_before_its_order_counts_in_the_month_of_the_order() -> None:
    (july,) = cohorts(
        *bought("ann", "2026-07-05"),
        refund(date="2026-06-30", order_id="ann-2026-07-05", lines=[{"amount": "4.00"}]),
    ).values()

    assert list(july.net_revenue) == [6_000_000]


def test_contribution_is_what_the_known_costs_leave() -> None:
    line = {"quantity": 1, "price": "10.00", "sku": "A", "unit_cost": "3.00"}
    (july,) = cohorts(
        *bought("ann", "2026-07-31", lines=[line], fulfilment_cost="2.00", payment_fee="0.50", platform_fee="0.25"),
        refund(
            date="2026-07-31",
            order_id="ann-2026-07-31",
            lines=[{"sku": "A", "quantity": 1, "amount": "10.00", "restocked": True}],
            return_shipping_cost="1.00",
        ),
    ).values()

    assert list(july.cm2) == [(10 - 3 - 2) * 1_000_000 - 750_000 + (-10 - 1 + 3) * 1_000_000]
    assert (list(july.sales), list(july.cost_known_sales)) == ([10_000_000], [10_000_000])


def test_an_older_order_that_comes_late_moves_its_customer_to_another_cohort() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-01T00:00:00Z"), *bought("ann", "2026-09-05"))
    merchant.import_lines(header("2026-11-02T00:00:00Z"), *bought("ann", "2026-07-05"))

    (july,) = merchant.cohorts()
    assert (july.month, july.size, list(july.active)) == ("2026-07", 1, [1, 0, 1])


def test_of_two_first_orders_on_a_day_the_earlier_moment_counts() -> None:
    merchant = Merchant()
    late = {"type": "order", "id": "a", "at": "2026-07-05T20:00:00Z", "customer": "ann"}
    early = {"type": "order", "id": "b", "at": "2026-07-05T19:00:00Z", "customer": "ann"}
    merchant.import_lines(
        header(),
        late | {"lines": [{"quantity": 1, "price": "1.00"}]},
        early | {"lines": [{"quantity": 1, "price": "2.00"}]},
    )
    (july,) = merchant.cohorts()

    assert sum(july.new_revenue_by_day) == 2_000_000
