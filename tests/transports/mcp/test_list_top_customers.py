from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.analytics.rfm import Rfm
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.rollups import Overview, Rollup
from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.top_customers import TopCustomer, TopCustomers
from shared.domain.scopes import Scope
from tests.data.merchants import Merchant, header, order
from tests.data.rollups import MICROS, account, overview, store
from tests.transports.mcp.shop import Shop

TOLD = overview(accounts=[account()])
ENOUGH = {"champions": 40, "loyal": 30, "new": 20}


def customer(number: int, kind: str = "champions", **more: Any) -> TopCustomer:  # noqa: ANN401 - whatever a field holds
    plain = TopCustomer(
        customer=f"cus_{number:04}",
        first_month="2025-11",
        last_month="2026-10",
        orders=7,
        net_revenue=123_456_789,
        kind=kind,
        p_alive=912_345,
        predicted_12m=45_678_900,
    )
    return plain._replace(**more)


def listed(
    rows: Sequence[TopCustomer],
    kinds: Mapping[str, int] = ENOUGH,
    *,
    elsewhere: Mapping[str, Mapping[str, int]] | None = None,
    of_kind: str = EVERYBODY,
    sort_by: str = "net_revenue",
    window: str = "all",
    **more: Any,  # noqa: ANN401 - as above
) -> TopCustomers:
    plain = TopCustomers(
        window=window,
        sort_by=sort_by,
        of_kind=of_kind,
        through="2026-11-20",
        currency="USD",
        generation=1,
        customers=len(rows),
        orders=700,
        net_revenue=9_000 * MICROS,
        kinds={window: kinds, **(elsewhere or {})},
        has_expectations=True,
        orders_in_all=700,
        orders_named=700,
        rows=[list(row) for row in rows],
    )
    return replace(plain, **more)


def shop_with(*rollups: Rollup, found: Overview = TOLD) -> Shop:
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    store(shop.engine, *rollups, found=found)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_top_customers", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def refused(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_top_customers", **arguments).result
    assert result["isError"] is True, result
    return result["structuredContent"]


def warnings(content: Mapping[str, Any]) -> dict[str, Any]:
    return {warning["code"]: warning for warning in content["meta"]["warnings"]}


def test_a_customer_is_a_pseudonym_with_months_and_figures() -> None:
    content = asked(shop_with(listed([customer(1), customer(2, "loyal", predicted_12m=0)])))

    assert content["data"]["columns"] == [
        "customer_ref",
        "first_order_month",
        "last_order_month",
        "orders",
        "net_revenue",
        "rfm",
        "p_alive",
        "predicted_value_12m",
    ]
    assert content["data"]["rows"] == [
        ["cus_0001", "2025-11", "2026-10", 7, 123.46, "champions", 0.9123, 45.68],
        ["cus_0002", "2025-11", "2026-10", 7, 123.46, "loyal", 0.9123, 0.0],
    ]
    assert content["totals"] == {
        "customers": 2,
        "orders": 700,
        "net_revenue": 9000.0,
        "customers_by_rfm": {"champions": 40, "loyal": 30, "promising": 0, "new": 20, "at_risk": 0, "lapsed": 0},
    }
    assert content["summary"] == (
        "2 customers ordered in 2025-01-01 to 2026-11-20: 700 orders, net revenue 9,000.00 USD."
    )
    assert content["meta"]["warnings"] == []


def test_each_list_is_that_of_its_period_its_order_and_its_kind() -> None:
    shop = shop_with(
        listed([customer(1)]),
        listed([customer(2)], sort_by="orders"),
        listed([customer(3)], window="last_3_months"),
        listed([customer(4)], of_kind="loyal"),
        listed([customer(5)], of_kind="loyal", window="last_3_months", sort_by="days_since_last"),
    )

    def first(**arguments: str) -> str:
        return asked(shop, **arguments)["data"]["rows"][0][0]

    assert first() == "cus_0001"
    assert first(sort_by="orders") == "cus_0002"
    assert first(period="last_3_months") == "cus_0003"
    assert first(segment="loyal") == "cus_0004"
    assert first(segment="loyal", period="last_3_months", sort_by="days_since_last") == "cus_0005"


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("all", "2025-01-01", "2026-11-20"),
        ("last_12_months", "2025-11-01", "2026-10-31"),
        ("last_3_months", "2026-08-01", "2026-10-31"),
        ("last_month", "2026-10-01", "2026-10-31"),
    ],
)
def test_a_period_is_all_that_is_known_or_the_last_months_that_are_known_whole(
    period: str, first: str, last: str
) -> None:
    content = asked(shop_with(listed([customer(1)], window=period)), period=period)

    assert content["meta"]["period"] == {"from": first, "to": last, "partial": False}


def test_pages_put_together_are_the_list_and_hold_fifty_at_most() -> None:
    rows = [customer(number) for number in range(120)]
    shop = shop_with(listed(rows))
    found: list[str] = []
    cursor = None
    while True:
        content = asked(shop, limit=50, cursor=cursor, detail="full")
        found += [row[0] for row in content["data"]["rows"]]
        cursor = content["meta"]["page"]["next_cursor"]
        if cursor is None:
            break

    assert found == [row.customer for row in rows]
    assert refused(shop, limit=51)["field"] == "limit"


SMALL = {"champions": 40, "at_risk": 4, "lapsed": 12, "loyal": 30}
"""Four at risk are too few; without the twelve who lapsed, all less the others would be those four."""


def test_a_kind_of_too_few_customers_is_not_told_nor_one_that_would_give_it_away() -> None:
    rows = [customer(1), customer(2, "at_risk"), customer(3, "lapsed"), customer(4, "loyal")]
    content = asked(shop_with(listed(rows, SMALL, customers=86)))

    assert [row[5] for row in content["data"]["rows"]] == ["champions", None, None, "loyal"]
    assert content["totals"]["customers"] == 86
    assert content["totals"]["customers_by_rfm"] == {
        "champions": 40,
        "loyal": 30,
        "promising": 0,
        "new": 0,
        "at_risk": None,
        "lapsed": None,
    }
    assert "at risk" not in content["summary"]
    assert "under 10" in warnings(content)["suppressed"]["message"]


@pytest.mark.parametrize("kind", ["at_risk", "lapsed"])
@pytest.mark.parametrize("sort_by", ["net_revenue", "days_since_last"])
def test_whoever_asks_for_a_kind_that_is_hidden_gets_nobody_and_no_total(kind: str, sort_by: str) -> None:
    shop = shop_with(listed([customer(2, kind)], SMALL, of_kind=kind, sort_by=sort_by))

    content = asked(shop, segment=kind, sort_by=sort_by)

    assert content["data"]["rows"] == []
    assert [content["totals"][name] for name in ("customers", "orders", "net_revenue")] == [None, None, None]
    assert "suppressed" in warnings(content)
    assert content["summary"].startswith("Nothing is told of")


def test_what_all_have_less_the_kinds_that_are_told_stands_on_enough_customers_or_none() -> None:
    """Play the one who subtracts, within a period: only what the tool answers is used."""
    sums = {kind: 100 * size * MICROS for kind, size in SMALL.items()}
    whole = listed([customer(1)], SMALL, customers=sum(SMALL.values()), net_revenue=sum(sums.values()))
    parts = [
        listed([customer(1, kind)], SMALL, of_kind=kind, customers=size, net_revenue=sums[kind])
        for kind, size in SMALL.items()
    ]
    shop = shop_with(whole, *parts)

    told = asked(shop)["totals"]
    kinds = [asked(shop, segment=kind)["totals"] for kind in Rfm]
    left = told["customers"] - sum(total["customers"] or 0 for total in kinds)
    left_revenue = told["net_revenue"] - sum(total["net_revenue"] or 0 for total in kinds)

    assert (left, left_revenue) == (16, 1600.0)


def test_a_kind_that_is_hidden_in_one_period_is_hidden_in_every_other() -> None:
    """Customers are in several periods under the same pseudonym: one that told their kind would tell it of all."""
    rows, kinds = [customer(1, "at_risk")], ENOUGH | {"at_risk": 50}
    month = {"last_month": {"at_risk": 4, "new": 60}}
    shop = shop_with(listed(rows, kinds, elsewhere=month), listed(rows, kinds, elsewhere=month, of_kind="at_risk"))

    content = asked(shop)

    assert content["data"]["rows"][0][5] is None
    assert content["totals"]["customers_by_rfm"] == {
        "champions": 40,
        "loyal": 30,
        "promising": 0,
        "new": None,  # in the month, all less the new would be those at risk
        "at_risk": None,
        "lapsed": 0,
    }
    assert asked(shop, segment="at_risk")["data"]["rows"] == []


def too_few_repeaters() -> Lifetimes:
    return Lifetimes(
        segment=EVERYBODY,
        through="2026-11-20",
        currency="USD",
        generation=1,
        digest="d",
        customers=2_000,
        repeaters=41,
        repeats=50,
    )


def test_without_a_model_that_holds_expectations_are_null_and_a_warning_says_what_it_takes() -> None:
    rows = [customer(1, p_alive=None, predicted_12m=None)]
    shop = shop_with(listed(rows, has_expectations=False), too_few_repeaters())

    content = asked(shop)

    assert content["data"]["rows"][0][6:] == [None, None]
    assert "repeaters 41 (need 60)" in warnings(content)["insufficient_data"]["message"]


def test_nobody_can_sort_by_what_is_expected_where_nothing_is() -> None:
    rows = [customer(1, p_alive=None, predicted_12m=None)]
    shop = shop_with(listed(rows, has_expectations=False, sort_by="predicted_value"), too_few_repeaters())

    error = refused(shop, sort_by="predicted_value")

    assert (error["code"], error["field"]) == ("insufficient_data", "sort_by")
    assert "repeaters 41 (need 60)" in error["message"]
    assert "net_revenue" in error["hint"]


def test_orders_that_name_no_customer_are_told_with_the_share_of_those_that_do() -> None:
    content = asked(shop_with(listed([customer(1)], orders_in_all=1000, orders_named=750)))

    assert warnings(content)["no_customer"]["share"] == 0.75
    assert content["meta"]["coverage"] == {"customers": 0.75}


def test_a_list_that_ends_says_of_how_many_customers() -> None:
    content = asked(shop_with(listed([customer(1), customer(2)], customers=4000)))

    assert warnings(content)["list_ends"]["message"] == "The list ends with 2 of 4,000 customers; totals are of all."
    assert content["totals"]["customers"] == 4000


def test_orders_that_are_behind_are_told() -> None:
    found = overview(accounts=[account()], data_through=date(2026, 11, 10))

    content = asked(shop_with(listed([customer(1)]), found=found))

    assert "known up to 2026-11-10" in warnings(content)["upstream_stale"]["message"]


def test_a_period_that_begins_before_the_first_order_says_so() -> None:
    found = overview(accounts=[account()], data_from=date(2026, 6, 1))

    content = asked(shop_with(listed([customer(1)], window="last_12_months"), found=found), period="last_12_months")

    assert "before_data" in warnings(content)


def test_a_kind_that_nobody_is_of_has_no_rows_and_zero_customers() -> None:
    content = asked(shop_with(listed([customer(1)])), segment="lapsed")

    assert content["data"]["rows"] == []
    assert content["totals"]["customers"] == 0
    assert content["summary"] == "No customers of kind lapsed ordered in 2025-01-01 to 2026-11-20."


def test_a_free_period_is_refused_with_those_that_there_are() -> None:
    error = refused(shop_with(listed([customer(1)])), period="last_30d")

    assert error["code"] == "invalid_argument"
    assert error["allowed"] == ["all", "last_12_months", "last_3_months", "last_month"]


def test_without_any_import_there_is_no_data() -> None:
    assert refused(Shop(scopes=frozenset({Scope.CUSTOMERS})))["code"] == "no_data"


def test_what_was_imported_of_people_is_in_no_answer_and_long_lists_end_with_totals_of_all() -> None:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.CUSTOMERS}))
    merchant.import_lines(
        header(),
        *(
            order(
                number,
                f"2026-{1 + number % 10:02}-17",
                customer={"email": f"person{number}@mail.example", "name": f"Person {number}"},
                lines=[{"quantity": 1, "price": f"{number}.00"}],
            )
            for number in range(1, 251)
        ),
    )

    content = asked(shop, detail="full", limit=50)

    text = str(content["data"])
    assert "erson" not in text
    assert "mail.example" not in text
    assert "-17" not in text, "no day of an order"
    rows = content["data"]["rows"]
    assert all(row[0].startswith("cus_") and len(row[0]) == 20 for row in rows)
    assert [row[4] for row in rows] == [float(number) for number in range(250, 200, -1)]
    assert content["meta"]["page"]["total"] == 200
    assert content["totals"]["customers"] == 250
    assert content["totals"]["net_revenue"] == 250 * 251 / 2
