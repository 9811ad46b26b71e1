"""An import from the file to the record: what it reports, what it leaves, what the trail says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from shared.domain.facts.imports import Counts, ImportReport, ImportStatus
from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.services.imports.import_upload import import_upload
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.facts import ImportRecord
from shared.storage.contracts.objects import ObjectMissing
from shared.storage.contracts.streams import StreamMoved
from shared.storage.rows.audit import StoredAudit
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file, header, order, refund

TWO = as_file([header(), order(1), order(2, "2026-09-30")])


def trail(merchant: Merchant) -> list[AuditEntry]:
    page = StoredAudit(merchant.engine).entries(WORKSPACE, matching=AuditFilter(), limit=50, now=NOW)
    return list(reversed(page.items))


def report_of(record: ImportRecord) -> ImportReport:
    assert record.report is not None
    return record.report


def test_a_file_becomes_facts_in_the_months_of_its_days() -> None:
    merchant = Merchant()
    record = merchant.import_bytes(TWO)

    assert (record.status, record.generation, record.lines_read, record.bytes_read) == (
        ImportStatus.FINISHED,
        1,
        2,
        len(TWO),
    )
    assert report_of(record) == ImportReport(
        exported_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        lines=2,
        counts={"order": Counts(new=2)},
        format="ndjson",
        connectors=("shop",),
    )
    (entry,) = merchant.figures.ledger(WORKSPACE)
    assert entry.buckets == ("order#2026-09", "order#2026-10")
    assert [info.key for info in merchant.objects.list("facts/")] == [
        f"facts/{WORKSPACE}/order/{month}/{record.import_id}.{entry.version}.parquet"
        for month in ("2026-09", "2026-10")
    ]


def test_the_same_bytes_again_give_the_first_report_and_touch_nothing() -> None:
    merchant = Merchant()
    first = merchant.import_bytes(TWO)
    merchant.fold()
    assert isinstance(merchant.objects, MemoryObjects)
    objects, operations = dict(merchant.objects.contents), trail(merchant)
    merchant.now = datetime(2027, 1, 1, tzinfo=UTC)

    sent = merchant.send(TWO, name="the same under another name.ndjson")
    assert sent == first, "the sender has the answer before anything is sent"
    assert merchant.take_up(sent) == first, "and so has an event that comes twice"
    assert (merchant.objects.contents, trail(merchant)) == (objects, operations)
    assert merchant.fold() is None


def test_the_trail_tells_who_sent_what_and_what_came_of_it() -> None:
    merchant = Merchant()
    good = merchant.import_bytes(TWO)
    merchant.now += timedelta(minutes=1)
    bad = merchant.import_bytes(as_file([header(), order(1, "2026-11-99")]))

    told = [(entry.type, entry.origin.actor, entry.data["import_id"]) for entry in trail(merchant)]
    assert told == [
        ("import.started", "mem_1", good.import_id),
        ("import.finished", "mem_1", good.import_id),
        ("import.started", "mem_1", bad.import_id),
        ("import.refused", "mem_1", bad.import_id),
    ]
    assert trail(merchant)[1].data["buckets"] == ["order#2026-09", "order#2026-10"]


def test_a_refused_file_leaves_nothing_but_its_report_and_may_be_tried_again() -> None:
    merchant = Merchant()
    record = merchant.import_bytes(as_file([header(), order(1, "2026-11-99"), order(2)]))
    report = report_of(record)

    assert record.status is ImportStatus.REFUSED
    assert report.refusal is not None
    assert (report.refusal.code, report.lines, report.rejected) == ("too_many_bad_rows", 2, 1)
    assert [(error.line, error.field) for error in report.errors] == [(2, "date")]
    assert list(merchant.objects.list("facts/")) == []
    assert (merchant.figures.ledger(WORKSPACE), merchant.fold()) == ([], None)

    again = merchant.import_bytes(as_file([header(), order(1, "2026-11-99"), order(2)]))
    assert replace(again, requested_at=record.requested_at) == record


def test_each_fact_is_compared_with_what_is_known() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-10T00:00:00Z"), order(1), order(2), order(3))
    changed = order(2, lines=[{"quantity": 1, "price": "11.00"}])
    report = merchant.import_lines(header("2026-11-12T00:00:00Z"), order(1), changed, order(4), order(4))

    assert report.counts == {"order": Counts(new=1, changed=1, unchanged=1, repeated=1)}

    late = merchant.import_lines(
        header("2026-11-11T00:00:00Z"), order(1), order(2), order(3, lines=[{"quantity": 2, "price": "10.00"}])
    )
    assert late.counts == {"order": Counts(changed=1, unchanged=1, older=1)}
    assert merchant.month("2026-10").total(Figure.GROSS_SALES) == 51_000_000


DELETED = {"type": "order", "id": 4, "date": "2026-10-05", "deleted": True}
OCTOBER = [{"type": "order", "from": "2026-10-01", "to": "2026-10-31"}]


def test_what_a_complete_export_does_not_tell_any_more_is_counted_as_gone_once() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header("2026-11-10T00:00:00Z"), *(order(number) for number in range(1, 5)), order(9, "2026-09-30")
    )
    merchant.import_lines(header("2026-11-11T00:00:00Z"), DELETED, order(8))
    merchant.import_lines(header("2026-11-13T00:00:00Z"), order(7))

    complete = merchant.import_lines(header("2026-11-12T00:00:00Z", complete=OCTOBER), order(1))
    again = merchant.import_lines(header("2026-11-12T01:00:00Z", complete=OCTOBER), order(1))

    assert complete.counts == {"order": Counts(unchanged=1, gone=3)}, "2, 3 and 8: 4 was deleted, 7 was told later"
    assert again.counts == {"order": Counts(unchanged=1)}
    assert merchant.month("2026-10").total(Figure.ORDERS) == 2


def test_lines_that_a_later_complete_export_did_not_tell_are_older() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-10T00:00:00Z"), order(1), order(2))
    merchant.import_lines(header("2026-11-12T00:00:00Z", complete=OCTOBER), order(1))

    late = merchant.import_lines(header("2026-11-11T00:00:00Z"), order(1), order(2), order(3), order(4, "2026-11-01"))
    back = merchant.import_lines(header("2026-11-13T00:00:00Z"), order(2))

    assert late.counts == {"order": Counts(new=1, unchanged=1, older=2)}
    assert back.counts == {"order": Counts(new=1)}, "there was no such order any more"


def test_a_fact_that_a_later_export_told_again_does_not_fall_back_to_one_between() -> None:
    """The later export says what we have already, and must still outdo a file of the time between that comes late."""
    merchant = Merchant()
    dearer = order(1, lines=[{"quantity": 1, "price": "99.00"}])
    merchant.import_lines(header("2026-11-01T00:00:00Z"), order(1))
    merchant.import_lines(header("2026-11-03T00:00:00Z"), order(1), order(2))
    merchant.import_lines(header("2026-11-02T00:00:00Z"), dearer)

    assert merchant.month("2026-10").total(Figure.GROSS_SALES) == 20_000_000


def test_a_deleted_fact_is_gone_until_a_later_export_has_it_again() -> None:
    merchant = Merchant()
    gone = {"type": "order", "id": "1", "date": "2026-10-05", "deleted": True}
    merchant.import_lines(header("2026-11-02T00:00:00Z"), gone)
    merchant.import_lines(header("2026-11-01T00:00:00Z"), order("1"), order("2"))
    assert merchant.month("2026-10").total(Figure.ORDERS) == 1

    merchant.import_lines(header("2026-11-03T00:00:00Z"), order("1"))
    assert merchant.month("2026-10").total(Figure.ORDERS) == 2


def test_a_complete_export_takes_away_what_it_does_not_hold_and_only_that() -> None:
    merchant = Merchant()
    days = ("2026-10-01", "2026-10-05", "2026-10-10", "2026-11-05")
    merchant.import_lines(header("2026-11-10T00:00:00Z"), *(order(day, day) for day in days))
    merchant.import_lines(header("2026-11-10T00:00:00Z"), order("another shop's", "2026-10-05", account="B"))
    merchant.import_lines(header("2026-11-12T00:00:00Z"), order("newer", "2026-10-05"))
    claim = {"type": "order", "from": "2026-10-05", "to": "2026-11-04"}
    merchant.import_lines(header("2026-11-11T00:00:00Z", complete=[claim]), order("2026-10-10", "2026-10-10"))

    by_day = merchant.month("2026-10").days["orders"]
    assert {day: orders for day, orders in enumerate(by_day, start=1) if orders} == {1: 1, 5: 2, 10: 1}
    assert merchant.month("2026-11").total(Figure.ORDERS) == 1


def test_an_undated_family_can_be_complete_as_well() -> None:
    merchant = Merchant()
    products = [{"type": "product", "sku": sku} for sku in ("A", "B")]
    merchant.import_lines(header("2026-11-10T00:00:00Z"), *products)
    merchant.import_lines(header("2026-11-11T00:00:00Z", complete=[{"type": "product"}]), products[0])

    (bucket,) = merchant.figures.data_months(WORKSPACE, "product")
    assert [account.rows for account in bucket.accounts] == [1]


def test_bytes_that_are_not_those_announced_are_refused() -> None:
    merchant = Merchant()
    sent = merchant.send(TWO)
    assert isinstance(merchant.objects, MemoryObjects)
    merchant.objects.contents[f"raw/{WORKSPACE}/{sent.import_id}"] += b"\n"
    record = merchant.take_up(sent)
    refusal = report_of(record).refusal

    assert (record.status, refusal and refusal.code) == (ImportStatus.REFUSED, "bytes_differ")


def test_a_file_that_nobody_announced_is_imported_as_the_importer_s() -> None:
    merchant = Merchant()
    assert isinstance(merchant.objects, MemoryObjects)
    merchant.objects.contents[f"raw/{WORKSPACE}/from a script.ndjson"] = TWO
    record = import_upload(f"raw/{WORKSPACE}/from a script.ndjson", request_id="r", tools=merchant.importer)

    assert record is not None
    assert (record.status, record.requested_by, record.file_name) == (
        ImportStatus.FINISHED,
        "system:importer",
        "from a script.ndjson",
    )
    assert merchant.send(TWO) == record


@pytest.mark.parametrize("key", ["staging/wks_1/x", "facts/wks_1/x.ndjson", "raw/x.ndjson", "raw/a/b/c.ndjson"])
def test_other_objects_are_left_alone(key: str) -> None:
    assert import_upload(key, request_id="r", tools=Merchant().importer) is None


def test_a_file_that_is_gone_is_an_error_for_whoever_delivered_the_event() -> None:
    with pytest.raises(ObjectMissing):
        import_upload(f"raw/{WORKSPACE}/gone.ndjson", request_id="r", tools=Merchant().importer)


def test_imports_are_listed_latest_first_page_by_page() -> None:
    merchant = Merchant()
    ids: list[str] = []
    for day in range(1, 6):
        merchant.now = datetime(2026, 11, 21, day, tzinfo=UTC)
        ids.insert(0, merchant.import_bytes(as_file([header(), order(day)])).import_id)
    found: list[str] = []
    after = None
    while True:
        page = merchant.figures.imports(WORKSPACE, limit=2, after=after)
        found += [record.import_id for record in page.items]
        after = page.next
        if after is None:
            break

    assert found == ids


def test_the_time_zone_cannot_change_under_an_import_that_is_being_read() -> None:
    merchant = Merchant()
    sent = merchant.send(TWO)
    tools = merchant.importer
    looks = count(1)

    def clock() -> datetime:
        if next(looks) == 3:  # the last look at the clock before the import would become visible
            merchant.settle(Settings(timezone="Asia/Tokyo"))
        return NOW

    with pytest.raises(StreamMoved):
        import_upload(f"raw/{WORKSPACE}/{sent.import_id}", request_id="r", tools=replace(tools, clock=clock))

    assert merchant.figures.ledger(WORKSPACE) == []
    assert merchant.take_up(sent).status is ImportStatus.FINISHED


def test_figures_are_of_the_workspace_whose_file_it_was() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), order(1), refund())

    assert merchant.figures.shop_months("wks_2", "2026-10", "2026-10") == []
    assert merchant.figures.overview("wks_2").generation == 0
