"""Payments give orders their fees, and refunds that nobody dated their days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.fields import FIELDS
from shared.domain.facts.rollups import Figure
from shared.domain.facts.running import Running
from shared.domain.facts.settings import Settings
from shared.services.folds.columns import ROW
from tests.data.merchants import WORKSPACE, Merchant, header, order, refund

Line = dict[str, Any]

RULE = Settings(payment_fee_ppm=29_000, payment_fee_fixed=300_000)
OCTOBER = "2026-10"


def payment(id_: str, date: str = "2026-10-05", **more: Any) -> Line:  # noqa: ANN401 - what JSON holds
    """Give a charge of 11.00 for #1001, which cost 0.62."""
    plain = {"order_id": "#1001", "nature": "charge", "amount": "11.00", "fee": "0.62"}
    return {"type": "payment", "id": id_, "date": date, **plain, **more}


def paid_back(id_: str, date: str, amount: str, **more: Any) -> Line:  # noqa: ANN401 - as above
    return payment(id_, date, nature="refund", amount=amount, **{"fee": "0", **more})


def sold(**more: Any) -> Line:  # noqa: ANN401 - as above
    """Give an order of 10.00 and 1.00 of tax, of the fifth of October."""
    return order("1", name="#1001", tax="1.00", **more)


def assumed(amount: str = "5.00", tax: str = "0.50", **more: Any) -> Line:  # noqa: ANN401 - as above
    """Give a refund of 5.50, of which nobody said when."""
    return refund("1-refunded", "2026-10-05", lines=[{"amount": amount}], tax=tax, date_assumed=True, **more)


def merchant_with(*lines: Line, settings: Settings | None = None) -> Merchant:
    merchant = Merchant()
    if settings is not None:
        merchant.settle(settings)
    merchant.import_lines(header(), *lines)
    return merchant


def days(merchant: Merchant, figure: Figure) -> dict[int, int]:
    column = merchant.month(OCTOBER).days.get(figure, ())
    return {day: value for day, value in enumerate(column, start=1) if value}


# --- fees -------------------------------------------------------------------------------------------------------------


def test_a_fee_that_was_paid_goes_before_the_rule_and_counts_on_the_day_of_the_order() -> None:
    merchant = merchant_with(sold(), payment("c1", "2026-10-07"), settings=RULE)

    assert days(merchant, Figure.PAYMENT_FEES) == {5: 620_000}
    assert days(merchant, Figure.PAYMENT_FEES_KNOWN_ORDERS) == {5: 1}
    assert days(merchant, Figure.PAYMENT_FEES_ESTIMATED) == {}


def test_what_an_order_states_itself_goes_before_its_payments() -> None:
    merchant = merchant_with(sold(payment_fee="0.50"), payment("c1"), paid_back("p1", "2026-10-20", "-2.00", fee="0.1"))

    assert days(merchant, Figure.PAYMENT_FEES) == {5: 500_000}


def test_the_fee_of_an_order_is_that_of_all_its_payments() -> None:
    merchant = merchant_with(sold(), payment("c1"), paid_back("p1", "2026-10-20", "-2.00", fee="-0.12"))

    assert days(merchant, Figure.PAYMENT_FEES) == {5: 500_000}


def test_without_the_charge_the_rule_still_estimates_it_and_what_is_known_counts_on_its_own_day() -> None:
    merchant = merchant_with(sold(), payment("d1", "2026-10-20", nature="chargeback", fee="15.00"), settings=RULE)

    assert days(merchant, Figure.PAYMENT_FEES_ESTIMATED) == {5: 619_000}  # 2.9 % of 11.00 and 0.30
    assert days(merchant, Figure.PAYMENT_FEES) == {20: 15_000_000}


@pytest.mark.parametrize("order_id", [None, "#9999"])
def test_fees_of_no_order_that_we_know_count_on_their_own_day(order_id: str | None) -> None:
    merchant = merchant_with(sold(), payment("a1", "2026-10-09", order_id=order_id, nature="adjustment", fee="0.15"))

    assert days(merchant, Figure.PAYMENT_FEES) == {9: 150_000}


def test_a_test_order_has_no_fee() -> None:
    assert days(merchant_with(sold(test=True), order("2"), payment("c1")), Figure.PAYMENT_FEES) == {}


def test_an_order_goes_by_its_id_before_another_goes_by_it_as_its_name() -> None:
    merchant = merchant_with(
        order("1001", "2026-10-05"), order("2", "2026-10-06", name="1001"), payment("c1", order_id="1001")
    )

    assert days(merchant, Figure.PAYMENT_FEES) == {5: 620_000}


def test_the_payments_of_another_account_are_of_other_orders() -> None:
    merchant = merchant_with(sold(), payment("c1", "2026-10-08", account="outlet"))

    assert days(merchant, Figure.PAYMENT_FEES) == {8: 620_000}
    assert days(merchant, Figure.PAYMENT_FEES_KNOWN_ORDERS) == {}


def test_a_fee_in_a_currency_without_a_rate_is_told_and_not_added() -> None:
    merchant = merchant_with(sold(), payment("c1", "2026-10-06", currency="EUR"))

    assert days(merchant, Figure.PAYMENT_FEES) == {}
    assert days(merchant, Figure.UNCONVERTED) == {6: 1}


def test_a_fee_is_converted_by_the_rate_of_its_own_day() -> None:
    rate = {"type": "fx", "base": "EUR", "quote": "USD"}
    merchant = merchant_with(
        sold(),
        payment("c1", "2026-10-20", currency="EUR", fee="1.00"),
        {**rate, "date": "2026-10-05", "rate": "1.1"},
        {**rate, "date": "2026-10-20", "rate": "1.2"},
    )

    assert days(merchant, Figure.PAYMENT_FEES) == {5: 1_200_000}


# --- refunds ----------------------------------------------------------------------------------------------------------


def test_until_somebody_says_when_a_refund_counts_on_the_day_of_its_order() -> None:
    merchant = merchant_with(sold(), assumed())

    assert days(merchant, Figure.RETURNS) == {5: 5_000_000}
    assert (days(merchant, Figure.REFUNDS), days(merchant, Figure.REFUNDS_DATE_ASSUMED)) == ({5: 1}, {5: 1})


def test_payments_say_when_and_the_refund_how_much() -> None:
    merchant = merchant_with(
        sold(), assumed(), paid_back("p1", "2026-10-20", "-2.20"), paid_back("p2", "2026-10-25", "-3.30")
    )

    assert days(merchant, Figure.RETURNS) == {20: 2_000_000, 25: 3_000_000}
    assert days(merchant, Figure.RETURNS_BY_ORDER) == {5: 5_000_000}
    assert days(merchant, Figure.REFUNDS_DATE_ASSUMED) == {}
    assert days(merchant, Figure.ORDERS_REFUNDED) == {5: 1}


def test_what_payments_do_not_cover_keeps_its_assumed_date() -> None:
    merchant = merchant_with(sold(), assumed(), paid_back("p1", "2026-10-20", "-1.10"))

    assert days(merchant, Figure.RETURNS) == {5: 4_000_000, 20: 1_000_000}
    assert days(merchant, Figure.REFUNDS_DATE_ASSUMED) == {5: 1}


def test_what_payments_gave_back_after_the_export_of_orders_waits_for_the_next_one() -> None:
    merchant = merchant_with(
        sold(), assumed(), paid_back("p1", "2026-10-20", "-5.50"), paid_back("p2", "2026-10-30", "-5.50")
    )

    assert days(merchant, Figure.RETURNS) == {20: 5_000_000}


def test_a_refund_that_only_payments_know_of_is_in_no_figure() -> None:
    merchant = merchant_with(sold(), paid_back("p1", "2026-10-20", "-5.50"))

    assert days(merchant, Figure.RETURNS) == {}


def test_a_refund_that_somebody_dated_goes_before_the_one_of_which_nobody_did_and_is_not_added_to_it() -> None:
    dated = refund("r-7", "2026-10-12", lines=[{"amount": "5.00"}])

    merchant = merchant_with(sold(), assumed(), dated, paid_back("p1", "2026-10-20", "-5.50"))

    assert days(merchant, Figure.RETURNS) == {12: 5_000_000}
    assert days(merchant, Figure.REFUNDS_DATE_ASSUMED) == {}


def test_a_refund_that_somebody_dated_stays_where_it_is_whatever_payments_say() -> None:
    merchant = merchant_with(sold(), refund("r-7", "2026-10-12"), paid_back("p1", "2026-10-20", "-11.00"))

    assert days(merchant, Figure.RETURNS) == {12: 10_000_000}


def test_a_later_import_of_payments_moves_a_refund_and_a_later_export_of_orders_raises_it() -> None:
    merchant = merchant_with(sold(), assumed())
    merchant.import_lines(header("2026-11-20T13:00:00Z"), paid_back("p1", "2026-10-20", "-5.50"))
    assert days(merchant, Figure.RETURNS) == {20: 5_000_000}

    merchant.import_lines(header("2026-11-20T14:00:00Z"), assumed("10.00", "1.00"))
    assert days(merchant, Figure.RETURNS) == {5: 5_000_000, 20: 5_000_000}


def test_parts_add_up_to_the_micro_and_the_pieces_come_back_once() -> None:
    whole = assumed(shipping="0.000001") | {
        "lines": [{"sku": "A", "quantity": 1, "amount": "3.333333", "restocked": True}, {"amount": "1.666666"}]
    }
    cost = {"type": "cost", "sku": "A", "effective_from": "2026-01-01", "unit_cost": "4.00"}
    third = [paid_back(f"p{number}", f"2026-10-{20 + number}", "-1.833333") for number in range(3)]

    merchant = merchant_with(sold(lines=[{"sku": "A", "quantity": 1, "price": "10.00"}]), cost, whole, *third)

    assert sum(days(merchant, Figure.RETURNS).values()) == 4_999_999
    assert sum(days(merchant, Figure.SHIPPING_REFUNDED).values()) == 1
    assert days(merchant, Figure.UNITS_RETURNED) == {20: 1}
    assert days(merchant, Figure.COGS_RESTOCKED) == {20: 4_000_000}
    (variants,) = merchant.figures.running(WORKSPACE, Running.VARIANT, [date(2026, 10, 31)])
    assert (sum(variants.columns["returns"]), sum(variants.columns["cogs_restocked"])) == (4_999_999, 4_000_000)


def test_a_part_of_a_refund_is_never_taken_for_another_refund() -> None:
    lines = [{"sku": "A", "quantity": 1, "price": "10.00", "unit_cost": "4.00"}]
    other = order("2", name="#1002", lines=lines)
    back = [{"sku": "A", "quantity": 1, "amount": "10.00", "restocked": True}]
    split = refund("r", "2026-10-05", lines=back, date_assumed=True)
    alike = refund("r#1", "2026-10-08", order_id="2", lines=back)

    merchant = merchant_with(sold(lines=lines), other, split, alike, paid_back("p1", "2026-10-07", "-10.00"))

    assert days(merchant, Figure.COGS_RESTOCKED) == {7: 4_000_000, 8: 4_000_000}


def test_payments_in_another_currency_share_the_refund_out_by_their_amounts() -> None:
    rate = {"type": "fx", "date": "2026-10-20", "base": "EUR", "quote": "USD", "rate": "1.1"}

    merchant = merchant_with(
        sold(), assumed(), rate, paid_back("p1", "2026-10-20", "-1.00", currency="EUR"),
        paid_back("p2", "2026-10-21", "-3.00", currency="EUR"),
    )  # fmt: skip

    assert days(merchant, Figure.RETURNS) == {20: 1_250_000, 21: 3_750_000}


def test_no_field_of_any_line_is_called_as_what_every_row_has() -> None:
    kept = {*ROW, "exported_at", "month"}

    assert {field.name for fields in FIELDS.values() for field in fields} & kept == set()
