"""Which currencies lack rates on which days is what the slow look at the files says."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings

from shared.domain.facts.settings import Settings
from tests.data.merchants import Merchant, as_file, header, order
from tests.data.random_merchants import histories
from tests.data.recount import Rules
from tests.data.recount_rates import missing

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 16


@settings(max_examples=EXAMPLES)
@given(histories())
def test_every_currency_without_a_rate_is_named_with_its_days(history: list[list[dict[str, Any]]]) -> None:
    merchant = Merchant()
    merchant.settle(Settings(timezone=NEW_YORK))
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()

    assert merchant.overview().unrated == missing(history, Rules(zone=NEW_YORK))


def test_fees_of_payments_lack_rates_too_and_a_rate_that_comes_mends_it() -> None:
    merchant = Merchant()
    fee = {"type": "payment", "id": "p1", "date": "2026-10-05", "nature": "charge", "amount": "9", "fee": "1"}
    free = {**fee, "id": "p2", "date": "2026-10-09", "fee": "0"}
    merchant.import_lines(header(), order(1), *({**each, "order_id": "1", "currency": "EUR"} for each in (fee, free)))
    assert merchant.overview().unrated == {"payment": {"EUR": (date(2026, 10, 5), date(2026, 10, 5))}}

    rate = {"type": "fx", "date": "2026-10-01", "base": "EUR", "quote": "USD", "rate": "1.1"}
    merchant.import_lines(header(), rate)
    assert merchant.overview().unrated == {}


def test_bookings_that_are_in_no_number_need_no_rate() -> None:
    merchant = Merchant()
    booking = {"type": "expense", "date": "2026-10-05", "amount": "9", "currency": "GBP"}
    merchant.import_lines(header(), {**booking, "id": "1", "line": "unsettled"})
    assert merchant.overview().unrated == {}

    merchant.import_lines(header(), {**booking, "id": "2"})
    assert merchant.overview().unrated == {"expense": {"GBP": (date(2026, 10, 5), date(2026, 10, 5))}}


def test_what_the_bank_tells_lacks_rates_apart_from_what_the_shop_does() -> None:
    merchant = Merchant()
    line = {"source": "bank", "account": "a", "amount": "9", "currency": "GBP"}
    merchant.import_lines(
        header(),
        {**line, "type": "bank_txn", "id": "t", "date": "2026-10-05"},
        {**line, "type": "balance", "date": "2026-10-06"},
    )

    assert merchant.overview().unrated == {
        "bank_txn": {"GBP": (date(2026, 10, 5), date(2026, 10, 5))},
        "balance": {"GBP": (date(2026, 10, 6), date(2026, 10, 6))},
    }
