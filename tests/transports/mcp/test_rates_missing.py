"""What a merchant is told whose facts, or whose costs, are in a currency without a rate."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import Scope
from tests.data.merchants import Line, Merchant, header, order
from tests.transports.mcp.ads_told import ad_day
from tests.transports.mcp.shop import Shop

OCTOBER = {"date_from": "2026-10-01", "date_to": "2026-10-31"}
SOLD = order(1, "2026-10-05", lines=[{"sku": "A", "quantity": 1, "price": "10.00"}])
COST = {"type": "cost", "sku": "A", "effective_from": "2026-01-01", "unit_cost": "4.00", "currency": "NOK"}


def shop_with(*lines: Line) -> Shop:
    shop = Shop(scopes=frozenset(Scope))
    Merchant(engine=shop.engine).import_lines(header(), *lines)
    return shop


def warnings(shop: Shop, tool: str, **arguments: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    found = shop.call(tool, **OCTOBER, **arguments).content["meta"]["warnings"]
    return {each["code"]: each["message"] for each in found}


def test_a_refusal_names_currency_days_and_the_line_to_import_and_blames_no_argument() -> None:
    shop = shop_with(SOLD, ad_day(day="2026-10-03", currency="GBP"), ad_day(day="2026-10-09", currency="GBP"))
    for tool in ("get_pnl", "explain_profit_change", "get_marketing_efficiency"):
        told = shop.call(tool, **OCTOBER).content

        assert (told["code"], "field" in told) == ("fx_rate_missing", False)
        assert "GBP (2026-10-03 to 2026-10-09)" in told["message"]
        assert '{"type":"fx","base":"GBP","quote":"USD","date":"2026-10-03"' in told["hint"]
        assert "leave out currency" not in told["hint"]


def test_the_argument_is_blamed_where_it_was_given() -> None:
    told = shop_with(SOLD).call("get_pnl", **OCTOBER, currency="GBP").content

    assert (told["code"], told["field"]) == ("fx_rate_missing", "currency")
    assert "leave out currency" in told["hint"]


def test_the_inspection_names_the_rates_that_lack() -> None:
    shop = shop_with(SOLD, COST, ad_day(day="2026-10-03", currency="GBP"))
    told = shop.call("pma_inspect_org_data").content["data"]["diagnosis"]
    lacking = [each["message"] for each in told if each["cause"] == "rates_missing"]

    assert ["GBP (2026-10-03)" in each for each in lacking] == [True, False]
    assert ["NOK (2026-10-05)" in each for each in lacking] == [False, True]


def test_costs_without_a_rate_are_said_to_lack_one_and_not_to_be_untold() -> None:
    shop = shop_with(SOLD, COST)
    for tool in ("get_pnl", "get_marketing_efficiency", "explain_profit_change"):
        found = warnings(shop, tool)

        assert "NOK (2026-10-05)" in found["fx_rate_missing"]
        assert "cogs" not in found["costs_unknown"]


def test_costs_that_nobody_told_are_still_said_to_be_untold() -> None:
    found = warnings(shop_with(SOLD), "get_pnl")

    assert "fx_rate_missing" not in found
    assert "cogs" in found["costs_unknown"]


@pytest.mark.parametrize(
    ("tool", "arguments"), [("list_product_costs", {}), ("assess_product_viability", {"sku": "A"})]
)
def test_what_is_told_of_the_last_days_names_their_orders_without_a_rate(tool: str, arguments: dict[str, str]) -> None:
    """The days are those that end with the last order, whatever its currency."""
    long_ago = order(2, "2025-01-05", currency="SEK")
    shop = shop_with(long_ago, SOLD, order(3, "2026-10-09", currency="GBP"), order(4, "2026-10-12", currency="GBP"))

    found = {each["code"]: each for each in shop.call(tool, **arguments).content["meta"]["warnings"]}

    assert "GBP (2026-10-09 to 2026-10-12)" in found["fx_rate_missing"]["message"]
    assert '{"type":"fx","base":"GBP","quote":"USD","date":"2026-10-09"' in found["fx_rate_missing"]["message"]
    assert "SEK" not in found["fx_rate_missing"]["message"]


def test_a_unit_cost_without_a_rate_is_told_to_lack_one_where_it_is_not_given() -> None:
    shop = shop_with(SOLD, COST)

    def told(**given: Any) -> list[str]:  # noqa: ANN401 - any JSON
        found = shop.call("assess_product_viability", sku="A", **given).content["meta"]["warnings"]
        return [each["message"] for each in found if each["code"] == "fx_rate_missing"]

    (message,) = told()
    assert "NOK (2026-10-05)" in message
    assert told(unit_cost=4) == []


def test_days_whose_orders_lack_a_rate_are_not_said_to_be_missing() -> None:
    shop = shop_with(SOLD, *(order(id_, f"2026-10-{id_}", currency="GBP") for id_ in range(10, 32)))

    found = warnings(shop, "list_product_profitability")

    assert "upstream_stale" not in found
    assert "GBP (2026-10-10 to 2026-10-31)" in found["fx_rate_missing"]


BANK = {"source": "bank", "account": "a"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_ad_performance", OCTOBER),
        ("list_expenses", OCTOBER),
        ("list_product_profitability", OCTOBER),
        ("compare_attribution", OCTOBER),
        ("get_cash_position", {"as_of": "2026-10-31", "burn_window_months": 1}),
    ],
)
def test_every_tool_names_the_currency_its_days_and_the_line_to_import(tool: str, arguments: dict[str, Any]) -> None:
    """Each names what it adds up itself, and not what others lack."""
    lacking = {
        "get_ad_performance": [ad_day(day="2026-10-03", currency="GBP"), ad_day(day="2026-10-09", currency="GBP")],
        "list_expenses": [
            {"type": "expense", "id": id_, "date": day, "amount": "5.00", "currency": "GBP"}
            for id_, day in (("1", "2026-10-03"), ("2", "2026-10-09"))
        ],
        "list_product_profitability": [order(id_, f"2026-10-0{id_}", currency="GBP") for id_ in (3, 9)],
        "compare_attribution": [ad_day(day="2026-10-03", currency="GBP"), ad_day(day="2026-10-09", currency="GBP")],
        "get_cash_position": [
            {**BANK, "type": "bank_txn", "id": id_, "date": day, "amount": "-5.00", "currency": "GBP"}
            for id_, day in (("1", "2026-10-03"), ("2", "2026-10-09"), ("3", "2026-10-28"))
        ],
    }
    others = {"type": "balance", **BANK, "account": "b", "date": "2026-10-30", "amount": "1.00", "currency": "CHF"}
    shop = shop_with(SOLD, others, *lacking[tool])

    found = shop.call(tool, **arguments).content["meta"]["warnings"]
    messages = [each["message"] for each in found if each["code"] == "fx_rate_missing"]
    last = "2026-10-28" if tool == "get_cash_position" else "2026-10-09"

    assert f"GBP (2026-10-03 to {last})" in messages[-1]
    assert '{"type":"fx","base":"GBP","quote":"USD","date":"2026-10-03"' in messages[-1]
    assert ["CHF (2026-10-30)" in message for message in messages] == (
        [True, False] if tool == "get_cash_position" else [False]
    )
