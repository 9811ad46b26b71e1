"""A person is planted wherever one could stand, and looked for in everything that is kept but the raw file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from shared.domain.facts.imports import ImportStatus
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order, refund

PERSON = {
    "email": "Planted.Person@example.com",
    "name": "Plantine Planted",
    "first_name": "Plantine",
    "last_name": "Planted",
    "phone": "+1 415 555 2671",
    "address": "17 Planted Street",
    "street": "17 Planted Street",
    "city": "Plantedville",
    "postcode": "94199",
    "ip": "203.0.113.77",
    "note": "leave it with Planted next door",
}
TEXT = "for planted.person@example.com, call 415-555-2671"
MARKS = ("plant", "5552671", "555-2671", "555 2671", "94199", "203.0.113.77")

FILE = as_file(
    [
        header(),
        order(1, customer=PERSON, channel=TEXT),
        order(2, customer=PERSON["email"]),
        refund(1),
        {"type": "ad_day", "date": "2026-10-05", "platform": "meta", "campaign_id": "c1", "campaign": TEXT, "spend": 1},
        {"type": "expense", "id": "e1", "date": "2026-10-05", "amount": 1, "category": TEXT, "vendor": TEXT},
        {"type": "bank_txn", "id": "b1", "date": "2026-10-05", "amount": 1, "description": TEXT},
        {"type": "balance", "date": "2026-10-05", "amount": 1, "name": TEXT},
        {"type": "product", "sku": "A", "title": TEXT, "category": TEXT, "vendor": TEXT},
        {"type": "touch", "order_id": "1", "place": 1, "date": "2026-10-05", "channel": TEXT, "campaign": TEXT},
        {"type": "account", "name": TEXT},
        *(order(number) for number in range(10, 200)),
    ]
)
BAD_ROWS = as_file(
    [
        order(3, customer={**PERSON, "email": "Planted"}),
        order(4, customer={"Planted Person": 1}),
        order("Planted\n", customer=PERSON),
        order(5, "Planted"),
        order(6) | {"planted.person@example.com": 1},
    ]
) + (b'{"type":"order","customer":"planted.person@example.com"\n')


@pytest.fixture(scope="module")
def merchant() -> Merchant:
    merchant = Merchant()
    sent = merchant.send(FILE + BAD_ROWS, name="orders of planted.person@example.com.ndjson")
    record = merchant.take_up(sent)
    assert record.status is ImportStatus.FINISHED
    assert record.report is not None
    assert record.report.rejected == 6
    merchant.fold()
    merchant.import_bytes(as_file([header()]) + BAD_ROWS)  # and one that is refused for such rows
    return merchant


def assert_nobody_in(kept: str) -> None:
    folded = kept.lower()
    assert [mark for mark in MARKS if mark in folded] == []


def test_no_row_of_any_table_knows_the_person(merchant: Merchant) -> None:
    assert isinstance(merchant.engine, SqliteEngine)
    changes = merchant.engine.changes().read(0, limit=10_000)

    assert {change.table.value for change in changes} == {"core", "audit", "facts"}
    assert_nobody_in(str([change.record for change in changes]))


def test_no_fact_knows_the_person(merchant: Merchant, tmp_path: Path) -> None:
    assert isinstance(merchant.objects, MemoryObjects)
    facts = {key: content for key, content in merchant.objects.contents.items() if key.startswith("facts/")}
    for place, content in enumerate(facts.values()):
        (tmp_path / f"{place}.parquet").write_bytes(content)
    rows = [duckdb.read_parquet(str(path)).fetchall() for path in tmp_path.iterdir()]
    assert len(rows) >= 9
    assert_nobody_in(str(rows))
    assert "cus_" in str(rows)


def test_the_raw_file_is_the_one_place_where_the_person_is_kept(merchant: Merchant) -> None:
    assert isinstance(merchant.objects, MemoryObjects)
    knowing = {key.partition("/")[0] for key, content in merchant.objects.contents.items() if b"lanted" in content}

    assert knowing == {"raw"}
    assert all(key.startswith(("raw/", f"facts/{WORKSPACE}/")) for key in merchant.objects.contents)
