"""The figures of SKUs by day and what is known of each, worked out by hand from what the lines say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.domain.analytics.periods import DateRange
from shared.domain.facts.products import Product, ProductPart, ProductRange, part_of
from shared.domain.facts.running import Running
from shared.services.figures.sums_between import sums_between
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order, refund

OCTOBER = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))


def grown(*lines: Line) -> Merchant:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return merchant


def skus(merchant: Merchant, span: DateRange = OCTOBER) -> Mapping[str, Mapping[str, int]]:
    """Give what is not zero."""
    found = sums_between(Running.VARIANT, span, workspace_id=WORKSPACE, figures=merchant.figures)
    return {sku: {name: value for name, value in sums.items() if value} for sku, sums in found.items()}


def product(merchant: Merchant, sku: str) -> Product:
    (part,) = merchant.figures.rollups(WORKSPACE, ProductPart, part_of(sku), part_of(sku))
    found = part.product(sku)
    assert found is not None
    return found


def test_what_an_order_costs_is_split_by_what_its_lines_came_to_to_the_last_micro() -> None:
    merchant = grown(
        order(
            lines=[
                {"sku": "C", "quantity": 1, "price": "1.00"},
                {"sku": "B", "quantity": 1, "price": "2.00", "discount": "1.00"},
                {"sku": "A", "quantity": 1, "price": "1.00"},
            ],
            fulfilment_cost="0.000002",
            payment_fee="1.00",
            platform_fee="0.000001",
        )
    )
    found = skus(merchant)

    assert {sku: found[sku]["fees"] for sku in "ABC"} == {"A": 333_333, "B": 333_334, "C": 333_334}
    assert [found[sku].get("fulfilment", 0) for sku in "ABC"] == [0, 1, 1]


def test_gifts_bear_the_costs_of_their_order_by_the_piece() -> None:
    gifts = [{"sku": "A", "quantity": 1, "price": "0.00"}, {"sku": "B", "quantity": 3, "price": "0.00"}]
    found = skus(grown(order(lines=gifts, fulfilment_cost="4.00")))

    assert [found[sku]["fulfilment"] for sku in "AB"] == [1_000_000, 3_000_000]


def test_a_refund_counts_by_its_lines_on_its_day_and_its_order_on_that_of_the_order() -> None:
    merchant = grown(
        order(
            lines=[
                {"sku": "A", "quantity": 2, "price": "10.00", "unit_cost": "3.00"},
                {"sku": "B", "quantity": 1, "price": "5.00"},
            ]
        ),
        refund(
            1,
            "2026-11-03",
            lines=[{"sku": "A", "quantity": 1, "amount": "9.00", "restocked": True}, {"sku": "Z", "amount": "3.00"}],
            return_shipping_cost="4.00",
        ),
    )
    november = skus(merchant, DateRange(first=date(2026, 11, 1), last=date(2026, 11, 30)))

    assert november == {
        "A": {
            "returns": 9_000_000,
            "units_returned": 1,
            "cogs_restocked": 3_000_000,
            "return_shipping": 3_000_000,
        },
        "Z": {"returns": 3_000_000, "return_shipping": 1_000_000},
    }
    assert {sku: sums.get("orders_refunded", 0) for sku, sums in skus(merchant).items()} == {"A": 1, "B": 0}


def test_money_back_for_no_sku_in_particular_is_for_the_order_as_a_whole() -> None:
    lines = [{"sku": "A", "quantity": 1, "price": "30.00"}, {"sku": "B", "quantity": 1, "price": "10.00"}]
    found = skus(grown(order(lines=lines), refund(1, "2026-10-20", lines=[{"amount": "8.00"}])))

    assert [(found[sku]["returns"], found[sku]["orders_refunded"]) for sku in "AB"] == [(6_000_000, 1), (2_000_000, 1)]


def test_money_back_for_an_order_that_nobody_knows_is_for_no_sku() -> None:
    assert skus(grown(refund(1, "2026-10-20"))) == {"": {"returns": 10_000_000}}


def test_a_sku_is_known_by_products_by_costs_and_by_sales_and_is_one() -> None:
    merchant = grown(
        {"type": "product", "sku": "A", "title": "Alpha", "category": "Tops", "price": "12.50"},
        {"type": "cost", "sku": "B", "effective_from": "2026-01-01", "unit_cost": "1.00"},
        order(1, "2026-10-05", lines=[{"sku": "C", "quantity": 4, "price": "2.00", "discount": "1.00"}]),
        order(2, "2026-08-05", lines=[{"sku": "C", "quantity": 1, "price": "2.00"}]),
        order(3, "2026-07-01", lines=[{"sku": "C", "quantity": 7, "price": "2.00"}]),
    )
    alpha, costly, sold = (product(merchant, sku) for sku in "ABC")

    assert (alpha.title, alpha.category, alpha.price, alpha.units_30d) == ("Alpha", "Tops", 12_500_000, 0)
    assert [version[2] for version in costly.versions] == [1_000_000]
    assert (sold.units_30d, sold.sales_30d) == (4, 7_000_000)
    # The 90 days that end with the last order, 5 October, begin on 8 July.
    assert (sold.last_90d["units"], sold.last_90d["orders"]) == (5, 2)
    (head,) = merchant.figures.rollups(WORKSPACE, ProductRange)
    assert (head.skus, head.units_30d, head.last_90d["units"]) == (3, [[4, 1]], 5)


def test_a_cost_that_is_told_again_is_the_same_version_until_another_is() -> None:
    def cost(day: str, amount: str, **more: str) -> Line:
        return {"type": "cost", "sku": "A", "effective_from": day, "unit_cost": amount, **more}

    merchant = grown(
        order(),
        cost("2026-01-01", "1.00"),
        cost("2026-02-01", "1.00"),
        cost("2026-03-01", "2.00"),
        cost("2026-04-01", "1.00"),
        cost("2026-05-01", "1.00", currency="EUR"),
        {"type": "fx", "date": "2026-10-05", "base": "EUR", "quote": "USD", "rate": "1.25"},
    )

    assert product(merchant, "A").versions == [
        ["2026-01-01", "2026-02-01", 1_000_000, "USD", "shop", 1_000_000],
        ["2026-03-01", "2026-03-01", 2_000_000, "USD", "shop", 2_000_000],
        ["2026-04-01", "2026-04-01", 1_000_000, "USD", "shop", 1_000_000],
        ["2026-05-01", "2026-05-01", 1_000_000, "EUR", "shop", 1_250_000],
    ]


def test_a_sku_that_nobody_tells_of_any_more_is_gone() -> None:
    merchant = grown({"type": "product", "sku": "A"}, {"type": "product", "sku": "B"})
    merchant.import_lines(header("2026-11-20T13:00:00Z"), {"type": "product", "sku": "A", "deleted": True})

    every = [sku for part in merchant.figures.rollups(WORKSPACE, ProductPart) for sku in part.skus]
    assert every == ["B"]
    (head,) = merchant.figures.rollups(WORKSPACE, ProductRange)
    assert head.skus == 1


def test_days_that_did_not_change_are_not_made_again_and_those_that_did_are() -> None:
    merchant = grown(
        order(1, "2026-09-05", lines=[{"sku": "A", "quantity": 1, "price": "1.00"}]),
        order(2, "2026-10-05", lines=[{"sku": "A", "quantity": 1, "price": "1.00"}]),
    )
    before = dict(merchant.figures.running_digests(WORKSPACE, Running.VARIANT))
    merchant.import_lines(
        header("2026-11-20T13:00:00Z"), {"type": "order", "id": 2, "date": "2026-10-05", "deleted": True}
    )
    after = merchant.figures.running_digests(WORKSPACE, Running.VARIANT)

    assert before.keys() == {"2026-09", "2026-10"}
    assert after["2026-09"] == before["2026-09"]
    assert after.get("2026-10", "") == ""
    assert skus(merchant) == {}
