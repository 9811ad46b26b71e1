"""What tools say of the latest imports: of a workspace that has nothing else yet, and in pma_inspect_org_data."""

from __future__ import annotations

import pytest

from shared.domain.facts.imports import (
    MOST_UNMAPPED,
    ImportFinished,
    ImportRefused,
    ImportReport,
    ImportStarted,
    ImportStatus,
    Refusal,
    RowError,
)
from shared.storage.contracts.facts import ImportRecord
from tests.data.tenants import origin
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.test_sources import SHOPIFY, asked, diagnoses, shop_with


def announced(shop: Shop, name: str = "orders.csv", *, number: int = 1) -> ImportRecord:
    record = ImportRecord(
        import_id=f"imp_{number:040}",
        file_name=name,
        bytes=100,
        status=ImportStatus.WAITING,
        requested_by="mem_olivia",
        requested_at=shop.clock(),
    )
    return shop.stores.imports.announce("wks_1", record)


def begun(shop: Shop, record: ImportRecord) -> None:
    started = ImportStarted(import_id=record.import_id, file_name=record.file_name, bytes=record.bytes, at=shop.clock())
    shop.stores.imports.start("wks_1", record, started, origin=origin())


def ended(shop: Shop, record: ImportRecord, report: ImportReport) -> None:
    begun(shop, record)
    if report.refusal is not None:
        refused = ImportRefused(
            import_id=record.import_id, code=report.refusal.code, lines=0, rejected=0, at=shop.clock()
        )
        shop.stores.imports.refuse("wks_1", refused, report, origin=origin())
        return
    finished = ImportFinished(
        import_id=record.import_id,
        generation=shop.stores.imports.last_generation("wks_1") + 1,
        lines=report.lines,
        rejected=report.rejected,
        new=0,
        changed=0,
        buckets=(),
        at=shop.clock(),
    )
    shop.stores.imports.finish("wks_1", finished, report, timezone="UTC", origin=origin())


def test_a_workspace_without_figures_is_told_where_its_latest_import_stands() -> None:
    shop = Shop()

    def told() -> str:
        refused = shop.call("get_pnl").content
        for tool in ("get_workspace_context", "pma_list_data_sources", "list_alerts"):
            (warning,) = asked(shop, tool)["meta"]["warnings"]
            assert (warning["code"], warning["message"]) == ("no_data", f"{refused['message']} {refused['hint']}")
        assert refused["code"] == "no_data"
        return refused["message"]

    assert "Nothing has been imported" in told()
    first = announced(shop)
    assert "under way" in told()
    begun(shop, first)
    assert "under way" in told()
    ended(shop, first, ImportReport(refusal=Refusal(code="unknown_format", message="What it is, nobody knows.")))
    assert "was refused" in told()
    shop.clock.advance(seconds=1)
    ended(shop, announced(shop, number=2), ImportReport())
    assert "under way" in told(), "it is read to its end, and nothing is worked out of it yet"


def test_a_file_that_is_still_on_its_way_is_said_to_be() -> None:
    shop = shop_with(SHOPIFY)
    announced(shop)

    content = asked(shop, "pma_inspect_org_data")

    assert diagnoses(content)[0] == "sync_incomplete"
    assert content["summary"].startswith('The import of "orders.csv" is still waiting.')


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_file_that_stands_still_is_to_be_sent_again(*, is_begun: bool) -> None:
    shop = shop_with(SHOPIFY)
    record = announced(shop)
    if is_begun:
        begun(shop, record)
    shop.clock.advance(minutes=21)

    (found, *_) = asked(shop, "pma_inspect_org_data")["data"]["diagnosis"]

    assert found["cause"] == "import_stalled"
    assert "Send the same file again" in found["fix"]


def test_a_file_that_was_refused_says_why_and_what_to_do() -> None:
    shop = shop_with(SHOPIFY)
    why = Refusal(code="format_unknown", message="Nobody knows these headers.", hint="Send an export that we know.")
    ended(shop, announced(shop, "notes.csv"), ImportReport(refusal=why))

    content = asked(shop, "pma_inspect_org_data")

    assert content["data"]["diagnosis"][0] == {
        "cause": "import_refused",
        "message": '"notes.csv" was refused whole: Nobody knows these headers.',
        "fix": "Send an export that we know.",
    }
    assert content["data"]["last_imports"][0]["refusal"] == "Nobody knows these headers."


def test_rejected_rows_are_summed_up_by_what_is_wrong_with_them() -> None:
    shop = shop_with(SHOPIFY)
    errors = [RowError(line=line, code="wrong_date", message="`date` must be a date.", field="date") for line in (7, 9)]
    errors.append(RowError(line=8, code="not_json", message="The line is not a JSON object."))
    report = ImportReport(lines=400, rejected=3, errors=tuple(errors), format="shopify_orders")
    ended(shop, announced(shop), report)

    content = asked(shop, "pma_inspect_org_data")

    (last,) = content["data"]["last_imports"]
    assert (last["format"], last["status"], last["rejected"]) == ("shopify_orders", "finished", 3)
    assert last["errors"] == [
        {"code": "wrong_date", "field": "date", "rows": 2, "first_line": 7, "message": "`date` must be a date."},
        {"code": "not_json", "field": None, "rows": 1, "first_line": 8, "message": "The line is not a JSON object."},
    ]
    assert diagnoses(content)[0] == "rows_rejected"
    assert "3 of 400 rows were rejected, most of them as wrong_date (first in line 7)" in content["summary"]


def test_accounts_of_the_books_that_nobody_has_settled_are_named() -> None:
    shop = shop_with(SHOPIFY)
    ended(shop, announced(shop, "journal.csv"), ImportReport(lines=9, unmapped=("Sundries", "Suspense")))

    content = asked(shop, "pma_inspect_org_data")

    assert diagnoses(content)[0] == "books_unmapped"
    assert '"Sundries", "Suspense"' in content["summary"]
    assert content["data"]["last_imports"][0]["unmapped"] == ["Sundries", "Suspense"]


def test_a_report_that_names_as_many_accounts_as_it_can_may_have_left_some_out() -> None:
    def told(accounts: int) -> str:
        shop = shop_with(SHOPIFY)
        names = tuple(f"Odd {number}" for number in range(accounts))
        ended(shop, announced(shop, "journal.csv"), ImportReport(lines=900, unmapped=names))
        return asked(shop, "pma_inspect_org_data")["summary"]

    assert f"the bookings of at least {MOST_UNMAPPED} accounts are in no number" in told(MOST_UNMAPPED)
    assert f"the bookings of {MOST_UNMAPPED - 1} accounts are in no number" in told(MOST_UNMAPPED - 1)
