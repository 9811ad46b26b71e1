"""The figures of a day, each worked out by hand from what the lines say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order, refund

EUR_RATE = {"type": "fx", "date": "2026-10-02", "base": "EUR", "quote": "USD", "rate": "1.100000001"}


def figures(*lines: Line, settings: Settings | None = None, month: str = "2026-10") -> Mapping[str, int]:
    """Give the totals of a month; what is zero is left out."""
    merchant = Merchant()
    if settings is not None:
        merchant.settle(settings)
    merchant.import_lines(header(), *lines)
    return {name: sum(column) for name, column in merchant.month(month).days.items()}


def items(*lines: Mapping[str, Any]) -> dict[str, Any]:
    return {"lines": list(lines)}


def test_a_sale_before_and_after_its_discounts() -> None:
    found = figures(
        order(
            **items(
                {"quantity": 2, "price": "30.00", "discount": "10.00"},
                {"quantity": 1, "price": "25.00"},
                {"quantity": 1, "price": "100.00", "gift_card": True},
            ),
            discount="7.50",
            shipping="4.90",
            tax="6.10",
        )
    )
    assert found == {
        "orders": 1,
        "units": 3,
        "gross_sales": 85_000_000,
        "discounts": 17_500_000,
        "shipping_charged": 4_900_000,
    }


def test_tests_and_sales_of_nothing_but_gift_cards_are_in_no_figure() -> None:
    gift = items({"quantity": 1, "price": "50.00", "gift_card": True})
    found = figures(
        order(1),
        order(2, test=True, shipping="5.00"),
        order(3, **gift, payment_fee="1.75"),
        refund(1, order_id="2"),
        refund(2, order_id="3"),
    )
    assert found == {"orders": 1, "units": 1, "gross_sales": 10_000_000}


def test_an_order_for_nothing_is_an_order() -> None:
    assert figures(order(**items({"quantity": 1, "price": "0.00"}))) == {"orders": 1, "units": 1}


def test_a_refund_counts_on_its_day_and_by_order_on_the_day_of_the_order() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header(),
        order(1, "2026-09-20"),
        refund(
            1, "2026-10-02", lines=[{"amount": "4.00", "quantity": 1}], shipping="1.00", return_shipping_cost="3.00"
        ),
        refund(2, "2026-10-03", lines=[{"amount": "2.00"}]),
    )
    september, october = (
        {name: sum(column) for name, column in merchant.month(month).days.items()} for month in ("2026-09", "2026-10")
    )
    assert october == {
        "refunds": 2,
        "units_returned": 1,
        "returns": 6_000_000,
        "shipping_refunded": 1_000_000,
        "return_shipping": 3_000_000,
    }
    assert september == {
        "orders": 1,
        "units": 1,
        "gross_sales": 10_000_000,
        "returns_by_order": 6_000_000,
        "shipping_refunded_by_order": 1_000_000,
        "return_shipping_by_order": 3_000_000,
        "orders_refunded": 1,
    }


def test_a_refund_whose_order_is_not_known_counts_on_its_own_day_until_the_order_comes() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-01T00:00:00Z"), refund(date="2026-10-20"))
    assert merchant.month("2026-10").total(Figure.RETURNS_BY_ORDER) == 10_000_000

    merchant.import_lines(header("2026-11-02T00:00:00Z"), order("1", "2026-09-05"))
    assert merchant.month("2026-10").total(Figure.RETURNS_BY_ORDER) == 0
    assert merchant.month("2026-10").total(Figure.RETURNS) == 10_000_000
    assert merchant.month("2026-09").total(Figure.RETURNS_BY_ORDER) == 10_000_000


def test_a_piece_costs_what_its_line_says_or_what_held_on_the_day_of_the_order() -> None:
    found = figures(
        {"type": "cost", "sku": "A", "effective_from": "2026-10-01", "unit_cost": "3.00"},
        {"type": "cost", "sku": "A", "effective_from": "2026-10-10", "unit_cost": "4.00"},
        order(1, "2026-10-09", **items({"quantity": 2, "price": "10.00", "sku": "A"})),
        order(2, "2026-10-10", **items({"quantity": 1, "price": "10.00", "discount": "1.00", "sku": "A"})),
        order(3, "2026-10-11", **items({"quantity": 1, "price": "10.00", "sku": "A", "unit_cost": "4.50"})),
        order(4, "2026-09-30", **items({"quantity": 1, "price": "10.00", "sku": "A"})),
        order(
            5, "2026-10-12", **items({"quantity": 1, "price": "10.00", "sku": "B"}, {"quantity": 1, "price": "1.00"})
        ),
    )
    assert (found["cogs"], found["cost_known_units"], found["cost_known_sales"]) == (14_500_000, 4, 39_000_000)
    assert found["gross_sales"] - found["discounts"] == 50_000_000


def test_what_goes_back_on_the_shelf_costs_what_it_had_cost_in_its_order() -> None:
    sold = [
        {"quantity": 1, "price": "10.00", "sku": "A", "unit_cost": "3.00"},
        {"quantity": 2, "price": "10.00", "sku": "A", "unit_cost": "4.50"},
    ]
    back = [
        {"sku": "A", "quantity": 2, "amount": "20.00", "restocked": True},
        {"sku": "A", "quantity": 1, "amount": "10.00"},
    ]
    found = figures(order(1, lines=sold), refund(lines=back))

    assert (found["cogs"], found["cogs_restocked"]) == (12_000_000, 8_000_000), "two of three that cost 12.00 together"


def test_no_more_goes_back_on_the_shelf_than_the_order_had_taken_away() -> None:
    sold = [{"quantity": 3, "price": "10.00", "sku": "A", "unit_cost": "4.00"}]
    two, ten = [{"sku": "A", "quantity": number, "amount": "10.00", "restocked": True} for number in (2, 10)]
    found = figures(order(1, lines=sold), refund("r1", lines=[two]), refund("r2", "2026-10-21", lines=[ten, two]))

    assert (found["cogs"], found["cogs_restocked"]) == (12_000_000, 12_000_000)


def test_what_goes_back_without_a_known_order_costs_what_held_on_that_day() -> None:
    found = figures(
        {"type": "cost", "sku": "A", "effective_from": "2026-10-01", "unit_cost": "3.00"},
        refund(lines=[{"sku": "A", "quantity": 2, "amount": "20.00", "restocked": True}]),
    )
    assert (found["cogs_restocked"], found["cogs_restocked_by_order"]) == (6_000_000, 6_000_000)


def test_fees_are_as_stated_else_by_rule_and_flagged() -> None:
    rule = Settings(payment_fee_ppm=29_000, payment_fee_fixed=300_000, platform_fee_ppm=10_000)
    found = figures(
        order(1, payment_fee="0.50", platform_fee="0.20"),
        order(2, shipping="5.00", tax="1.00"),
        order(3, **items({"quantity": 1, "price": "0.00"})),
        settings=rule,
    )
    assert found["payment_fees"] == 500_000
    assert found["payment_fees_known_orders"] == 1
    assert found["payment_fees_estimated"] == 464_000 + 300_000, "2.9% of 16.00 and 0.30; nothing on nothing"
    assert found["payment_fees_estimated_orders"] == 2
    assert (found["platform_fees"], found["platform_fees_known_orders"]) == (200_000 + 160_000, 3)


def test_without_a_rule_a_fee_that_is_not_stated_is_unknown() -> None:
    found = figures(order(1))

    assert not {name for name in found if "fee" in name}


def test_the_cost_of_sending_is_counted_with_the_orders_that_state_it() -> None:
    found = figures(order(1, fulfilment_cost="3.20"), order(2, fulfilment_cost="0.00"), order(3))

    assert (found["fulfilment"], found["fulfilment_known_orders"], found["orders"]) == (3_200_000, 2, 3)


def test_a_monthly_expense_is_spread_to_the_last_micro() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header(), {"type": "expense", "id": "rent", "date": "2026-10-15", "amount": "100.00", "covers": "month"}
    )
    days = merchant.month("2026-10").days["opex"]

    assert (len(days), sum(days), min(days), max(days)) == (31, 100_000_000, 3_225_806, 3_225_807)


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        (None, "opex"),
        ("fulfilment", "fulfilment_invoiced"),
        ("payment_fees", "payment_fees_invoiced"),
        ("platform_fees", "platform_fees_invoiced"),
        ("ad_spend", "ad_spend_invoiced"),
        ("depreciation", "depreciation"),
        ("interest", "interest"),
        ("income_tax", "income_tax"),
    ],
)
def test_an_expense_stands_in_the_line_that_it_names(line: str | None, figure: str) -> None:
    booked = {"type": "expense", "date": "2026-10-15", "line": line}

    assert figures(booked | {"id": 1, "amount": "9.00"}, booked | {"id": 2, "amount": "-2.00"}) == {figure: 7_000_000}


def test_operating_expenses_for_marketing_are_told_by_their_category() -> None:
    booked = {"type": "expense", "date": "2026-10-15", "amount": "9.00"}
    found = figures(
        booked | {"id": 1, "category": "Marketing agency"},
        booked | {"id": 2, "category": "Online ADVERTISING"},
        booked | {"id": 3, "category": "Market stall"},
        booked | {"id": 4},
        booked | {"id": 5, "category": "Advertising", "line": "ad_spend"},
    )
    assert found == {"opex": 36_000_000, "opex_marketing": 18_000_000, "ad_spend_invoiced": 9_000_000}


def test_a_campaign_that_is_told_in_two_windows_spent_once() -> None:
    day = {"type": "ad_day", "platform": "meta", "campaign_id": "c1", "date": "2026-10-05", "spend": "20.00"}
    found = figures(day | {"window": "1d_click"}, day | {"window": "7d_click"}, day | {"campaign_id": "c2"})

    assert found == {"ad_spend": 40_000_000}


def test_of_a_campaign_s_day_the_latest_word_on_its_spend_counts() -> None:
    merchant = Merchant()
    day = {"type": "ad_day", "platform": "meta", "campaign_id": "c1", "date": "2026-10-05"}
    merchant.import_lines(header("2026-10-06T00:00:00Z"), day | {"window": "1d_click", "spend": "20.00"})
    merchant.import_lines(header("2026-10-09T00:00:00Z"), day | {"window": "7d_click", "spend": "21.50"})

    assert merchant.month("2026-10").total(Figure.AD_SPEND) == 21_500_000


def test_the_ads_of_a_campaign_add_up_and_the_campaign_told_anew_as_a_whole_takes_their_place() -> None:
    merchant = Merchant()
    day = {"type": "ad_day", "platform": "meta", "campaign_id": "c1", "date": "2026-10-05", "window": "1d_click"}
    ads = [day | {"ad_group_id": "g1", "ad_id": ad, "spend": "20.00"} for ad in ("a1", "a2")]
    merchant.import_lines(header("2026-10-06T00:00:00Z"), *ads, ads[0] | {"window": "7d_click"})
    assert merchant.month("2026-10").total(Figure.AD_SPEND) == 40_000_000

    merchant.import_lines(header("2026-10-07T00:00:00Z"), day | {"spend": "41.00"})
    assert merchant.month("2026-10").total(Figure.AD_SPEND) == 41_000_000


def test_of_two_sources_that_name_a_cost_from_the_same_day_the_later_export_counts() -> None:
    merchant = Merchant()
    cost = {"type": "cost", "sku": "A", "effective_from": "2026-10-01"}
    sold = order(1, "2026-10-05", **items({"quantity": 1, "price": "10.00", "sku": "A"}))
    merchant.import_lines(header("2026-10-07T00:00:00Z"), cost | {"unit_cost": "3.00", "source": "z_books"})
    merchant.import_lines(header("2026-10-08T00:00:00Z"), cost | {"unit_cost": "4.00", "source": "y_books"}, sold)

    assert merchant.month("2026-10").total(Figure.COGS) == 4_000_000


def test_money_is_converted_at_the_rate_of_its_day_and_rounded_half_away_from_zero() -> None:
    found = figures(
        EUR_RATE,
        order(1, "2026-10-02", currency="EUR", **items({"quantity": 1, "price": "0.500000"})),
        order(2, "2026-10-02", currency="EUR", **items({"quantity": 1, "price": "0.499999"})),
        {"type": "expense", "id": 1, "date": "2026-10-02", "amount": "-0.500000", "currency": "EUR"},
    )
    # 0.5 x 1.100000001 = 0.5500000005; 0.499999 x 1.100000001 = 0.5499989004…
    assert found["gross_sales"] == 550_000 + 549_999
    assert found["opex"] == -550_000


def test_a_rate_holds_for_seven_days_and_then_nothing_is_known() -> None:
    merchant = Merchant()
    days = ("2026-10-01", "2026-10-02", "2026-10-09", "2026-10-10")
    merchant.import_lines(header(), EUR_RATE, *(order(day, day, currency="EUR") for day in days))
    october = merchant.month("2026-10").days

    assert [october["orders"][int(day[-2:]) - 1] for day in days] == [0, 1, 1, 0]
    assert [october["unconverted"][int(day[-2:]) - 1] for day in days] == [1, 0, 0, 1]
    (rates,) = merchant.fx()
    assert list(rates.rates["EUR"][:10]) == [None, *[1_100_000_001] * 8, None]


def test_a_rate_may_be_given_the_other_way_round() -> None:
    turned = EUR_RATE | {"base": "USD", "quote": "EUR", "rate": "0.8"}

    assert figures(turned, order(1, "2026-10-02", currency="EUR"))["gross_sales"] == 12_500_000


def test_another_reporting_currency_folds_everything_anew() -> None:
    merchant = Merchant()
    merchant.import_lines(header(currency="EUR"), EUR_RATE | {"rate": "1.25"}, order(1, "2026-10-02"))
    assert merchant.month("2026-10").total(Figure.GROSS_SALES) == 12_500_000

    merchant.settle(Settings(currency="EUR"))
    merchant.fold()
    assert merchant.month("2026-10").currency == "EUR"
    assert merchant.month("2026-10").total(Figure.GROSS_SALES) == 10_000_000
    assert merchant.overview().generation == 2


def test_days_add_up_to_their_range() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *(order(day, f"2026-10-{day:02d}") for day in range(1, 31)))
    october = merchant.month("2026-10")

    single = [october.total(Figure.ORDERS, day, day) for day in range(5, 21)]
    assert (sum(single), october.total(Figure.ORDERS, 5, 20)) == (16, 16)


def test_figures_lie_under_the_name_of_their_own_workspace() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), order())

    assert [month.month for month in merchant.figures.shop_months(WORKSPACE, "2026-10", "2026-10")] == ["2026-10"]
    assert merchant.figures.shop_months(WORKSPACE, "2026-11", "2026-12") == []


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            [
                {"type": "fx", "date": "2026-10-05", "base": "EUR", "quote": "USD", "rate": "10000000"},
                order("e", currency="EUR", lines=[{"sku": "A", "quantity": 1, "price": "1000000000"}]),
                {"type": "touch", "order_id": "e", "place": 1, "date": "2026-10-05", "channel": "email"},
            ],
            id="the highest amount at the highest rate",
        ),
        pytest.param(
            [
                {"type": "cost", "sku": "A", "effective_from": "2026-10-01", "unit_cost": "1000000000"},
                order("c", lines=[{"sku": "A", "quantity": 1_000_000, "price": "0.01"}]),
            ],
            id="the highest cost of most pieces",
        ),
        pytest.param(
            [
                {"type": "expense", "id": f"{number}", "date": "2026-10-05", "amount": "1000000000"}
                for number in range(9_500)
            ],
            id="the highest expenses, many on a day",
        ),
    ],
)
def test_what_can_be_imported_can_be_folded_and_no_other_figure_suffers(lines: list[Line]) -> None:
    merchant = Merchant()
    merchant.import_lines(header(), order(1, "2026-10-06"), *lines)

    expected = figures(order(1, "2026-10-06"))["gross_sales"]
    assert merchant.month("2026-10").days["gross_sales"][5] == expected
