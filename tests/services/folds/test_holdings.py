"""What a workspace is said to hold: rows, days, gaps, duplicates, accounts and how far the data reaches."""

from __future__ import annotations

from datetime import UTC, date, datetime

from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.pnl import Imported
from shared.domain.facts.rollups import AccountMonth, Overview
from tests.data.merchants import WORKSPACE, Merchant, header, order


def test_a_workspace_without_an_import_holds_nothing() -> None:
    assert Merchant().overview() == Overview()


def test_rows_are_counted_by_account_and_day() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header("2026-11-10T00:00:00Z"),
        order(1, "2026-10-03", channel="online_store"),
        order(2, "2026-10-03"),
        order(3, "2026-10-05"),
        order(1, "2026-10-04", account="B"),
    )
    (bucket,) = merchant.figures.data_months(WORKSPACE, "order")
    main, other = sorted(bucket.accounts, key=lambda account: account.account, reverse=True)

    assert main == AccountMonth(
        source="shop",
        account="main",
        rows=3,
        days=tuple(2 if day == 3 else 1 if day == 5 else 0 for day in range(1, 32)),
        first=date(2026, 10, 3),
        last=date(2026, 10, 5),
        duplicate_keys=0,
        fields=("channel", "currency"),
        last_export=datetime(2026, 11, 10, tzinfo=UTC),
    )
    assert (other.account, other.rows, other.fields) == ("B", 1, ("currency",))


def test_a_key_that_one_export_tells_in_two_ways_is_a_duplicate() -> None:
    merchant = Merchant()
    other = order(1, lines=[{"quantity": 1, "price": "11.00"}])
    merchant.import_lines(header(), order(1), other, order(2), order(2))
    ((bucket,),) = (month.accounts for month in merchant.figures.data_months(WORKSPACE, "order"))

    assert (bucket.rows, bucket.duplicate_keys) == (2, 1)


def test_an_account_is_shown_with_its_status_even_if_it_gave_nothing() -> None:
    merchant = Merchant()
    lost = {"type": "account", "source": "tiktok_ads", "account": "77", "name": "Kitchen", "status": "lost_access"}
    spent = {"type": "ad_day", "platform": "meta", "campaign_id": "c", "date": "2026-10-05", "spend": 1}
    merchant.import_lines(header("2026-11-10T00:00:00Z"), lost, spent | {"source": "meta_ads", "account": "act_1"})
    merchant.import_lines(header("2026-11-11T00:00:00Z"), spent | {"source": "meta_ads", "date": "2026-10-06"})
    found = merchant.overview().accounts

    assert [(account.source, account.account, account.name, account.status) for account in found] == [
        ("meta_ads", "act_1", "act_1", "synced"),
        ("meta_ads", "main", "main", "synced"),
        ("tiktok_ads", "77", "Kitchen", "lost_access"),
    ]
    assert [[(each.family, each.rows, each.first) for each in account.holdings] for account in found] == [
        [("ad_day", 1, date(2026, 10, 5))],
        [("ad_day", 1, date(2026, 10, 6))],
        [],
    ]
    assert found[1].last_export == datetime(2026, 11, 11, tzinfo=UTC)


def test_orders_are_known_up_to_the_last_of_them_or_as_far_as_an_export_was_complete() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-10T00:00:00Z"), order(1, "2026-10-03"), order(2, "2026-10-20"))
    assert (merchant.overview().data_from, merchant.overview().data_through) == (date(2026, 10, 3), date(2026, 10, 20))

    claim = {"type": "order", "from": "2026-10-01", "to": "2026-11-09"}
    merchant.import_lines(header("2026-11-11T00:00:00Z", complete=[claim]), order(1, "2026-10-03"))
    assert (merchant.overview().data_from, merchant.overview().data_through) == (date(2026, 10, 3), date(2026, 11, 9))


def test_orders_that_lack_a_rate_are_known_orders() -> None:
    merchant = Merchant()
    gift = [{"quantity": 1, "price": "5.00", "gift_card": True}]
    merchant.import_lines(
        header("2026-11-10T00:00:00Z"),
        order(1, "2026-10-03"),
        order(2, "2026-10-01", currency="GBP"),
        order(3, "2026-10-20", currency="GBP"),
        order(4, "2026-10-25", currency="GBP", lines=gift),
    )

    assert (merchant.overview().data_from, merchant.overview().data_through) == (date(2026, 10, 1), date(2026, 10, 20))


def test_the_lines_of_expenses_are_named_with_the_days_that_they_say_something_about() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header(),
        {"type": "expense", "id": 1, "date": "2026-10-15", "amount": 1},
        {"type": "expense", "id": 2, "date": "2026-09-15", "amount": 1, "covers": "month", "line": "interest"},
    )
    assert merchant.overview().expense_lines == {
        "interest": (date(2026, 9, 1), date(2026, 9, 30)),
        "opex": (date(2026, 10, 15), date(2026, 10, 15)),
    }


def test_books_reach_as_far_as_what_nobody_has_settled() -> None:
    merchant = Merchant()
    booking = {"type": "expense", "id": 1, "date": "2026-11-15", "amount": 1}
    merchant.import_lines(
        header(),
        {**booking, "date": "2026-03-01"},
        {**booking, "id": 2, "line": "unsettled"},
        {**booking, "id": 3, "line": "unsettled", "currency": "GBP", "date": "2026-11-18"},
    )
    assert Imported.of(merchant.overview()).books == DateRange(first=date(2026, 3, 1), last=date(2026, 11, 18))


def test_books_that_claim_to_be_complete_reach_as_far_as_they_claim() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header(complete=[{"type": "expense", "from": "2026-09-28", "to": "2026-11-03"}]),
        {"type": "expense", "id": 1, "date": "2026-10-15", "amount": 1},
    )
    assert merchant.overview().expense_lines == {"opex": (date(2026, 9, 28), date(2026, 11, 3))}


def test_ads_that_claim_to_be_complete_reach_as_far_as_they_claim() -> None:
    merchant = Merchant()
    ad = {"type": "ad_day", "platform": "meta", "campaign_id": "1", "date": "2026-10-31", "spend": "5.00"}
    claim = {"type": "ad_day", "from": "2026-10-01", "to": "2026-11-18"}
    elsewhere = {**claim, "account": "of which nothing is told", "to": "2026-11-19"}
    merchant.import_lines(header(complete=[claim, elsewhere]), ad)

    assert Imported.of(merchant.overview()).ads == DateRange(first=date(2026, 10, 1), last=date(2026, 11, 18))


def test_a_claim_of_books_that_hold_nothing_more_stretches_no_other_books() -> None:
    merchant = Merchant()
    rent = {"type": "expense", "id": "1", "date": "2026-10-05", "amount": "9.00"}
    claim = {"type": "expense", "from": "2026-09-01", "to": "2026-11-10", "account": "taken back"}
    merchant.import_lines(header(complete=[claim]), rent)

    assert Imported.of(merchant.overview()).books == DateRange(first=date(2026, 10, 5), last=date(2026, 10, 5))
