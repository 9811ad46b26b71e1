"""A file that was imported for two accounts is found out, and is taken back as docs/data.md says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from shared.domain.facts.imports import Counts, Declared, ImportReport
from shared.domain.facts.rollups import Figure
from shared.services.figures.inspect_org_data import inspect_org_data
from tests.data.merchants import WORKSPACE, Merchant
from tests.data.shopify_rows import order_row, orders_sheet

DOCS = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
ORDERS = orders_sheet(*(order_row(Name=f"#{number}", Id=f"{number}") for number in range(1001, 1005)))
BANK = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n" + "".join(
    f"DEBIT,10/0{day}/2026,COFFEE,-3.50,DEBIT_CARD,{100 - day}.00,,\n" for day in (5, 4, 3, 2)
)


def import_(merchant: Merchant, content: str, account: str | None = None, *, is_said: bool = True) -> ImportReport:
    said = Declared(account=account, exported_at=datetime(2026, 11, 19, tzinfo=UTC)) if is_said else Declared()
    record = merchant.take_up(merchant.send(content.encode(), declared=said))
    merchant.fold()
    assert record.report is not None
    assert record.report.refusal is None, record.report.refusal
    return record.report


def found(merchant: Merchant) -> list[str]:
    report = inspect_org_data(
        connector=None, report_type=None, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures
    )
    return [each.message.split(" stand ")[0] for each in report.diagnoses if each.cause == "wrong_account"]


def test_orders_and_bank_lines_that_were_imported_for_two_accounts_are_found_out() -> None:
    merchant = Merchant()
    import_(merchant, ORDERS)
    import_(merchant, BANK)
    assert found(merchant) == []

    import_(merchant, ORDERS, "shop2")
    import_(merchant, BANK, "checking")

    assert found(merchant) == ["chase: 4 rows of bank_txn", "shopify: 4 rows of order"]


def test_an_import_for_the_wrong_account_is_taken_back_by_the_file_of_the_documentation() -> None:
    (claim,) = re.findall(r"^## Taking back an import\n.*?```json\n(.*?)```", DOCS, re.MULTILINE | re.DOTALL)
    merchant = Merchant()
    import_(merchant, ORDERS)
    import_(merchant, ORDERS, "shop2")

    report = import_(merchant, claim, is_said=False)

    assert report.counts == {"order": Counts(gone=4), "refund": Counts()}
    assert found(merchant) == []
    assert merchant.month("2026-10").total(Figure.ORDERS) == 4
