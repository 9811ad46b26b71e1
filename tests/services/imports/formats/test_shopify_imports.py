"""Shopify's exports through the whole of an import, a fold and the P&L."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from shared.domain.analytics.periods import Asked
from shared.domain.analytics.pnl import Basis, Line, Statement
from shared.domain.facts.imports import Declared, ImportReport, ImportStatus
from shared.domain.facts.products import ProductPart
from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.services.figures.get_pnl import PnlQuestion, get_pnl
from shared.services.figures.inspect_org_data import inspect_org_data
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import WORKSPACE, Merchant
from tests.data.shopify_rows import PERSON, item_row, order_row, orders_sheet

TRANSACTIONS = "Transaction Date,Type,Order,Payout Date,Amount,Fee,Net,Currency\n"
PRODUCTS = "Handle,Title,Variant SKU,Variant Price,Cost per item\n"
SEPTEMBER, OCTOBER = "2026-09", "2026-10"
SETTLED = Settings(timezone="America/New_York", payment_fee_ppm=29_000, payment_fee_fixed=300_000)


def shop() -> Merchant:
    merchant = Merchant()
    merchant.settle(SETTLED)
    return merchant


def import_(merchant: Merchant, content: str, **declared: Any) -> ImportReport:  # noqa: ANN401 - what may be declared
    merchant.now += timedelta(minutes=1)
    record = merchant.take_up(merchant.send(content.encode(), name="export.csv", declared=Declared(**declared)))
    assert record.status is ImportStatus.FINISHED, record.report
    assert record.report is not None
    merchant.fold()
    return record.report


def pnl(merchant: Merchant, month: str, basis: Basis = Basis.PROCESSED_DATE) -> Statement:
    first = date.fromisoformat(f"{month}-01")
    question = PnlQuestion(period=Asked(first=first, last=first.replace(day=30)), basis=basis)
    return get_pnl(question, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures).total


SOLD = order_row(Created_at="2026-09-28 12:00:00 -0400")
REFUNDED = SOLD | {"Refunded Amount": "13.50", "Financial Status": "partially_refunded"}
CHARGE = "2026-09-28 12:00:05 -0400,charge,#1001,2026-10-01,27.00,1.08,25.92,USD\n"
REFUND = "2026-10-05 09:00:00 -0400,refund,#1001,2026-10-08,-13.50,0.00,-13.50,USD\n"


def test_a_refund_is_on_the_day_of_its_order_until_payments_tell_its_own_and_its_fee_is_theirs() -> None:
    merchant = shop()
    import_(merchant, orders_sheet(REFUNDED))
    september = pnl(merchant, SEPTEMBER)
    assert september.lines[Line.NET_REVENUE] == 12_500_000  # 20.00 and 5.00 of shipping, less 12.50 without tax
    assert september.lines[Line.PAYMENT_FEES] == 1_083_000  # 2.9 % of 27.00 and 0.30
    assert (september.refunds_by_date, september.estimated_fee_orders) == ((0, 1), 1)

    report = import_(merchant, TRANSACTIONS + CHARGE + REFUND)
    assert (report.format, report.counts["payment"].new) == ("shopify_payments_transactions", 2)
    september, october = pnl(merchant, SEPTEMBER), pnl(merchant, OCTOBER)
    assert september.lines[Line.NET_REVENUE] == 25_000_000
    assert september.lines[Line.PAYMENT_FEES] == 1_080_000
    assert september.estimated_fee_orders == 0
    assert october.lines[Line.NET_REVENUE] == -12_500_000
    assert october.refunds_by_date == (1, 1)
    by_order = pnl(merchant, SEPTEMBER, Basis.ORDER_DATE)
    assert (by_order.lines[Line.NET_REVENUE], by_order.refunds_by_date) == (12_500_000, (0, 0))


def test_payments_are_a_report_of_the_source_and_what_they_hold_can_be_looked_at() -> None:
    merchant = shop()
    import_(merchant, TRANSACTIONS + CHARGE + REFUND)

    found = inspect_org_data(
        connector="shopify", report_type="payment", workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures
    )

    (report,) = found.reports
    assert (report.rows, report.first, report.last) == (2, date(2026, 9, 28), date(2026, 10, 5))


def test_what_is_on_its_way_to_the_bank_is_a_balance_of_an_account_of_its_own() -> None:
    merchant = shop()
    import_(merchant, "Payout Date,Status,Charges,Refunds,Fees,Total,Currency\n2026-11-23,scheduled,9,0,0,9.00,USD\n")

    (account,) = merchant.overview().accounts
    assert (account.source, account.account, [holding.family for holding in account.holdings]) == (
        "shopify",
        "main payouts USD",
        ["balance"],
    )


def test_the_order_in_which_the_exports_come_in_changes_nothing() -> None:
    orders, payments = orders_sheet(REFUNDED), TRANSACTIONS + CHARGE + REFUND
    one, other = shop(), shop()
    for file in (orders, payments):
        import_(one, file)
    for file in (payments, orders):
        import_(other, file)

    assert [month.days for month in one.months()] == [month.days for month in other.months()]


def test_a_later_export_with_a_higher_amount_takes_the_place_of_the_lower_one() -> None:
    merchant = shop()
    import_(merchant, orders_sheet(REFUNDED))

    report = import_(merchant, orders_sheet(SOLD | {"Refunded Amount": "27.00", "Financial Status": "refunded"}))

    assert (report.counts["refund"].changed, report.counts["order"].unchanged) == (1, 1)
    assert pnl(merchant, SEPTEMBER).lines[Line.NET_REVENUE] == 0


def test_a_cancelled_order_is_a_sale_on_its_day_and_a_return_on_the_other() -> None:
    merchant = shop()
    import_(merchant, PRODUCTS + "mug,Mug,MUG-B,20.00,8.00\n", costs_from=date(2026, 1, 1))
    cancelled = {"Cancelled at": "2026-10-02 08:00:00 -0400", "Financial Status": "voided"}
    import_(merchant, orders_sheet(SOLD | cancelled | {"Lineitem fulfillment status": ""}))

    september, october = pnl(merchant, SEPTEMBER), pnl(merchant, OCTOBER)
    assert (september.lines[Line.NET_REVENUE], september.lines[Line.COGS]) == (25_000_000, 8_000_000)
    assert (october.lines[Line.NET_REVENUE], october.lines[Line.COGS]) == (-25_000_000, -8_000_000)
    assert october.refunds_by_date == (1, 1)


def test_the_same_orders_in_two_files_are_the_same_orders() -> None:
    whole, parts = shop(), shop()
    rows = [order_row(Name=f"#{number}", Id=str(number)) for number in range(4)]
    import_(whole, orders_sheet(*rows))
    import_(parts, orders_sheet(*rows[:2], item_row(Name="#1", Lineitem_sku="MUG-R") | {"Lineitem price": "0.00"}))
    import_(parts, orders_sheet(*rows[1:]))

    assert [month.days for month in whole.months()] == [month.days for month in parts.months()]


def test_a_daily_export_of_products_changes_a_cost_only_when_it_does() -> None:
    merchant = shop()
    import_(merchant, PRODUCTS + "mug,Mug,MUG-B,20.00,8.00\n", costs_from=date(2026, 9, 1))
    import_(merchant, PRODUCTS + "mug,Mug,MUG-B,21.00,8.00\n", costs_from=date(2026, 9, 2))
    import_(merchant, PRODUCTS + "mug,Mug,MUG-B,21.00,9.00\n", costs_from=date(2026, 10, 1))
    import_(merchant, orders_sheet(SOLD, order_row(Name="#2", Id="2")))

    assert pnl(merchant, SEPTEMBER).lines[Line.COGS] == 8_000_000
    assert pnl(merchant, OCTOBER).lines[Line.COGS] == 9_000_000
    (part,) = merchant.figures.rollups(WORKSPACE, ProductPart)
    assert [version[0] for version in part.skus["MUG-B"]["versions"]] == ["2026-09-01", "2026-10-01"]


def test_no_buyer_is_known_but_in_the_raw_file(tmp_path: Path) -> None:
    merchant = shop()
    assert isinstance(merchant.objects, MemoryObjects)
    assert isinstance(merchant.engine, SqliteEngine)
    good = [order_row(Name=f"#{number}", Id=str(number), Refunded_Amount="1.00") | PERSON for number in range(40)]
    bad = [
        order_row(Name="#100", Id="100", Lineitem_price="Planted") | PERSON,
        order_row(Name="#101", Id="101", Created_at="Planted") | PERSON,
    ]

    assert import_(merchant, orders_sheet(*good, *bad)).rejected == 2

    changes = merchant.engine.changes().read(0, limit=10_000)
    kept = [str(change.record) for change in changes]
    for number, (key, content) in enumerate(merchant.objects.contents.items()):
        if not key.startswith("raw/"):
            (tmp_path / str(number)).write_bytes(content)
            kept.append(str(duckdb.read_parquet(str(tmp_path / str(number))).fetchall()))
    assert len(kept) > len(changes)
    assert [text for text in kept if "plant" in text.lower() or "5552671" in text or "555 2671" in text] == []
    assert sum(merchant.month(OCTOBER).days[Figure.ORDERS_WITH_CUSTOMER]) == 40
