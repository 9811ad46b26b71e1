"""What goods earned, worked out by hand, and the order in which they are told."""

from __future__ import annotations

from fractions import Fraction

import pytest

from shared.domain.analytics.product_profit import SortBy, common_title, margins, rank
from shared.domain.facts.products import VariantFigure

SOLD: dict[str, int] = {
    VariantFigure.UNITS: 10,
    VariantFigure.ORDERS: 8,
    VariantFigure.ORDERS_REFUNDED: 2,
    VariantFigure.GROSS_SALES: 1_000,
    VariantFigure.DISCOUNTS: 100,
    VariantFigure.RETURNS: 150,
    VariantFigure.COGS: 400,
    VariantFigure.COGS_RESTOCKED: 40,
    VariantFigure.COST_KNOWN_UNITS: 10,
    VariantFigure.COST_KNOWN_SALES: 900,
    VariantFigure.FULFILMENT: 60,
    VariantFigure.RETURN_SHIPPING: 10,
    VariantFigure.FEES: 30,
}


def test_sales_less_what_they_cost() -> None:
    found = margins(SOLD)

    assert (found.net_sales, found.sales, found.cogs, found.cm1, found.cm2) == (750, 900, 360, 390, 290)
    assert (found.cm2_margin, found.refund_rate) == (Fraction(290, 750), Fraction(2, 8))


def test_where_goods_were_sold_and_no_cost_is_known_no_margin_is() -> None:
    unknown: set[str] = {VariantFigure.COGS, VariantFigure.COGS_RESTOCKED, VariantFigure.COST_KNOWN_UNITS}
    found = margins({figure: value for figure, value in SOLD.items() if figure not in unknown})

    assert (found.cogs, found.cm1, found.cm2, found.cm2_margin) == (None,) * 4
    assert found.net_sales == 750


def test_where_the_cost_of_some_is_known_what_is_left_of_all_is_no_margin() -> None:
    found = margins({**SOLD, VariantFigure.COST_KNOWN_SALES: 899})

    assert (found.cm2, found.cm2_margin) == (290, None)


def test_goods_that_cost_nothing_have_a_known_cost() -> None:
    found = margins({VariantFigure.UNITS: 1, VariantFigure.GROSS_SALES: 5, VariantFigure.COST_KNOWN_UNITS: 1})

    assert (found.cogs, found.cm2) == (0, 5)


def test_returns_of_earlier_sales_alone_are_a_loss_and_no_margin() -> None:
    found = margins({VariantFigure.RETURNS: 100, VariantFigure.COGS_RESTOCKED: 30})

    assert (found.net_sales, found.cogs, found.cm2, found.cm2_margin, found.refund_rate) == (-100, -30, -70, None, None)


def test_what_is_unknown_comes_last_in_either_order() -> None:
    unknown = margins({VariantFigure.UNITS: 1, VariantFigure.GROSS_SALES: 99})
    sales = dict.fromkeys((VariantFigure.GROSS_SALES.value, VariantFigure.COST_KNOWN_SALES.value), 5)
    one = {VariantFigure.UNITS.value: 1, VariantFigure.COST_KNOWN_UNITS.value: 1, **sales}
    loss, gain = (margins({**one, VariantFigure.COGS.value: cost}) for cost in (7, 2))
    found = [unknown, gain, loss]

    assert sorted(found, key=rank(SortBy.CM2, is_descending=False)) == [loss, gain, unknown]
    assert sorted(found, key=rank(SortBy.CM2, is_descending=True)) == [gain, loss, unknown]
    assert sorted(found, key=rank(SortBy.CM2_MARGIN, is_descending=True)) == [gain, loss, unknown]
    assert min(found, key=rank(SortBy.NET_SALES, is_descending=True)) == unknown


@pytest.mark.parametrize(
    ("titles", "product"),
    [
        (["Knife - L"], "Knife - L"),
        (["Knife - L", "Knife - Large"], "Knife"),
        (["Mug / blue", "Mug / red", "Mug"], "Mug"),
        (["Shirt, red", "Shirt, blue"], "Shirt"),
        (["Red knife", "Blue knife"], None),
    ],
)
def test_a_product_is_called_what_all_its_variants_are(titles: list[str], product: str | None) -> None:
    assert common_title(titles) == product
