"""Imports, their ledger and their rollups, on every engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from shared.domain.facts.imports import (
    Counts,
    ImportFinished,
    ImportRefused,
    ImportReport,
    ImportStarted,
    ImportStatus,
    Refusal,
    RowError,
)
from shared.domain.facts.rollups import Cohort, Overview, ShopMonth
from shared.domain.facts.settings import Settings, SettingsChanged, changed_names
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.facts import ImportRecord, LedgerEntry
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.engine import Table
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups
from tests.data.rollups import cohort, data_month, fx_month, overview, shop_month
from tests.storage.places import Place

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
WORKSPACE = "wks_1"
ORIGIN = Origin(actor="mem_1", request_id="request-1")
REPORT = ImportReport(
    exported_at=NOON,
    lines=3,
    rejected=1,
    counts={"order": Counts(new=2)},
    errors=(RowError(line=3, code="wrong_date", message="`date` must be a date.", field="date"),),
    connectors=("shop",),
    unmapped_columns=("Colour",),
    personal_columns=("Billing Name",),
)


def waiting(import_id: str = "imp_1", *, at: datetime = NOON) -> ImportRecord:
    return ImportRecord(
        import_id=import_id,
        file_name="orders.ndjson",
        bytes=100,
        status=ImportStatus.WAITING,
        requested_by="mem_1",
        requested_at=at,
    )


def start(imports: StoredImports, import_id: str = "imp_1") -> ImportRecord | None:
    event = ImportStarted(import_id=import_id, file_name="orders.ndjson", bytes=100, at=NOON)
    return imports.start(WORKSPACE, waiting(import_id), event, origin=ORIGIN)


def finish(
    imports: StoredImports,
    import_id: str = "imp_1",
    *,
    generation: int = 1,
    timezone: str = "UTC",
    report: ImportReport = REPORT,
) -> None:
    event = ImportFinished(
        import_id=import_id,
        generation=generation,
        lines=3,
        rejected=1,
        new=2,
        changed=0,
        buckets=("order#2026-10", "order#2026-11"),
        at=NOON,
    )
    imports.finish(WORKSPACE, event, report, version="9f", timezone=timezone, origin=ORIGIN)


def refuse(imports: StoredImports, import_id: str = "imp_1") -> None:
    report = ImportReport(lines=3, rejected=3, refusal=Refusal(code="too_many_bad_rows", message="Too many."))
    event = ImportRefused(import_id=import_id, code="too_many_bad_rows", lines=3, rejected=3, at=NOON)
    imports.refuse(WORKSPACE, event, report, origin=ORIGIN)


def settle(imports: StoredImports, settings: Settings, *, before: Settings) -> None:
    event = SettingsChanged(changed=changed_names(before, settings), at=NOON)
    origin = replace(ORIGIN, request_id=f"request-{uuid4()}")
    imports.set_settings(WORKSPACE, settings, event, before=before, origin=origin)


def trail(place: Place) -> Sequence[AuditEntry]:
    """Read the trail, latest first."""
    return StoredAudit(place.engine()).entries(WORKSPACE, matching=AuditFilter(), limit=10, now=NOON).items


def test_an_import_goes_its_way_and_the_trail_tells_it(place: Place) -> None:
    engine = place.engine()
    imports, figures = StoredImports(engine), StoredRollups(engine)
    assert imports.announce(WORKSPACE, waiting()) == waiting()
    assert start(imports)
    imports.progress(WORKSPACE, "imp_1", lines_read=2, bytes_read=60, at=LATER)
    running = imports.get(WORKSPACE, "imp_1")
    assert running == replace(waiting(), status=ImportStatus.RUNNING, lines_read=2, bytes_read=60, moved_at=LATER)

    finish(imports)

    assert imports.get(WORKSPACE, "imp_1") == replace(
        waiting(),
        status=ImportStatus.FINISHED,
        lines_read=3,
        bytes_read=100,
        moved_at=LATER,
        ended_at=NOON,
        generation=1,
        report=REPORT,
    )
    entry = LedgerEntry(generation=1, import_id="imp_1", buckets=("order#2026-10", "order#2026-11"), version="9f")
    assert (figures.ledger(WORKSPACE), figures.marks(WORKSPACE)) == ([entry], [1])
    assert [row.type for row in reversed(trail(place))] == ["import.started", "import.finished"]


def test_a_finished_import_cannot_be_started_ended_or_announced_again(place: Place) -> None:
    imports = StoredImports(place.engine())
    start(imports)
    finish(imports)
    ended = imports.get(WORKSPACE, "imp_1")

    assert not start(imports)
    assert imports.announce(WORKSPACE, waiting(at=NOON.replace(hour=13))) == ended
    with pytest.raises(StreamMoved):
        finish(imports, generation=2)
    with pytest.raises(StreamMoved):
        refuse(imports)
    imports.progress(WORKSPACE, "imp_1", lines_read=1, bytes_read=1, at=LATER)
    assert imports.get(WORKSPACE, "imp_1") == ended


def test_of_runs_that_began_at_one_checkpoint_one_moves_it_on(place: Place) -> None:
    imports = StoredImports(place.engine())
    start(imports)

    def advance(before: str | None, checkpoint: str) -> None:
        imports.advance(WORKSPACE, "imp_1", before=before, checkpoint=checkpoint, at=LATER)

    advance(None, "first")
    for before in (None, "another"):
        with pytest.raises(StreamMoved):
            advance(before, "of a run that came late")
    advance("first", "second")

    running = start(imports)
    assert running is not None
    assert (running.checkpoint, running.moved_at, running.status) == ("second", LATER, ImportStatus.RUNNING)


def test_a_run_whose_answer_was_lost_keeps_its_checkpoint_again_and_goes_on(place: Place) -> None:
    imports = StoredImports(place.engine())
    start(imports)

    for _ in range(2):
        imports.advance(WORKSPACE, "imp_1", before=None, checkpoint="first", at=LATER)

    running = start(imports)
    assert running is not None
    assert running.checkpoint == "first"


@pytest.mark.parametrize("end", [finish, refuse])
def test_no_checkpoint_outlives_its_import(place: Place, end: Callable[[StoredImports], None]) -> None:
    imports = StoredImports(place.engine())
    start(imports)
    imports.advance(WORKSPACE, "imp_1", before=None, checkpoint="first", at=LATER)
    end(imports)

    ended = imports.get(WORKSPACE, "imp_1")
    assert ended is not None
    assert ended.checkpoint is None
    with pytest.raises(StreamMoved):
        imports.advance(WORKSPACE, "imp_1", before=None, checkpoint="second", at=LATER)


def test_a_refused_import_waits_again_when_it_is_announced_again(place: Place) -> None:
    imports = StoredImports(place.engine())
    start(imports)
    refuse(imports)
    refused = imports.get(WORKSPACE, "imp_1")
    assert refused is not None
    assert refused.report is not None
    assert (refused.status, refused.report.refusal and refused.report.refusal.code) == (
        ImportStatus.REFUSED,
        "too_many_bad_rows",
    )

    assert imports.announce(WORKSPACE, waiting()) == waiting()
    assert start(imports)
    finish(imports)
    assert StoredRollups(place.engine()).imports(WORKSPACE, limit=10).items == (imports.get(WORKSPACE, "imp_1"),)


def test_a_generation_is_taken_once(place: Place) -> None:
    imports = StoredImports(place.engine())
    for import_id in ("imp_1", "imp_2"):
        start(imports, import_id)
    finish(imports, "imp_1")

    with pytest.raises(StreamMoved):
        finish(imports, "imp_2", generation=1)
    assert imports.last_generation(WORKSPACE) == 1
    finish(imports, "imp_2", generation=2)
    assert [entry.import_id for entry in StoredRollups(place.engine()).ledger(WORKSPACE)] == ["imp_1", "imp_2"]


def test_of_imports_that_finish_together_each_has_a_generation_and_none_is_left_out(place: Place) -> None:
    ids = [f"imp_{number}" for number in range(8)]
    for import_id in ids:
        start(StoredImports(place.engine()), import_id)

    def come_to_an_end(import_id: str) -> None:
        imports = StoredImports(place.engine())
        while True:
            try:
                return finish(imports, import_id, generation=imports.last_generation(WORKSPACE) + 1)
            except StreamMoved:
                continue

    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(come_to_an_end, ids))
    ledger = StoredRollups(place.engine()).ledger(WORKSPACE)
    assert [entry.generation for entry in ledger] == list(range(1, 9))
    assert sorted(entry.import_id for entry in ledger) == ids


def test_the_time_zone_is_fixed_by_the_first_import(place: Place) -> None:
    imports, figures = StoredImports(place.engine()), StoredRollups(place.engine())
    assert figures.settings(WORKSPACE) == Settings()
    tokyo = Settings(timezone="Asia/Tokyo", currency="JPY", payment_fee_ppm=29_000)
    settle(imports, tokyo, before=Settings())
    assert figures.settings(WORKSPACE) == tokyo
    assert imports.last_generation(WORKSPACE) == 0

    start(imports)
    with pytest.raises(StreamMoved):
        finish(imports, timezone="UTC")
    finish(imports, timezone="Asia/Tokyo")
    with pytest.raises(StreamMoved):
        settle(imports, Settings(), before=tokyo)

    settle(imports, replace(tokyo, currency="USD"), before=tokyo)
    assert figures.settings(WORKSPACE).currency == "USD"
    assert figures.marks(WORKSPACE) == [1, 2], "other settings make other figures"


def test_a_change_of_settings_is_told_in_the_trail_by_names_and_without_values(place: Place) -> None:
    imports = StoredImports(place.engine())
    first = Settings(ledger_accounts={"John Smith": {"line": "opex"}}, k_min=20)
    settle(imports, first, before=Settings())
    start(imports)
    finish(imports)
    settle(imports, replace(first, k_min=30), before=first)

    told = trail(place)
    assert sorted(str(row.data["changed"]) for row in told if row.type == "workspace.settings_changed") == [
        "['k_min', 'ledger_accounts']",
        "['k_min']",
    ]
    assert {row.origin.actor for row in told} == {"mem_1"}
    assert "Smith" not in str(told)


def test_settings_that_somebody_else_has_changed_since_are_not_overwritten(place: Place) -> None:
    imports, figures = StoredImports(place.engine()), StoredRollups(place.engine())
    theirs = Settings(k_min=20)
    settle(imports, theirs, before=Settings())

    with pytest.raises(StreamMoved):
        settle(imports, Settings(currency="EUR"), before=Settings())
    assert (figures.settings(WORKSPACE), len(trail(place))) == (theirs, 1)


def test_what_an_import_changes_of_costs_goals_and_accounts_is_told_with_its_end(place: Place) -> None:
    imports = StoredImports(place.engine())
    start(imports)
    counts = {
        "order": Counts(new=5),
        "cost": Counts(new=2, changed=1, unchanged=4),
        "goal": Counts(gone=1),
        "account": Counts(unchanged=3),
    }
    finish(imports, report=replace(REPORT, counts=counts))

    told = [(row.type, {name: row.data.get(name) for name in ("new", "changed", "gone")}) for row in trail(place)]
    assert sorted(told[:-1], key=str)[:2] == [
        ("import.costs_changed", {"new": 2, "changed": 1, "gone": 0}),
        ("import.finished", {"new": 2, "changed": 0, "gone": None}),
    ]
    assert ("import.goals_changed", {"new": 0, "changed": 0, "gone": 1}) in told
    assert len(told) == 4, "of accounts nothing has changed"
    assert not start(imports)


def test_what_is_stored_is_what_is_read(place: Place) -> None:
    figures = StoredRollups(place.engine())
    months = [shop_month(f"2026-{month:02}", {}) for month in range(8, 12)]
    months = [replace(month, days={"orders": [1] * 30}) for month in months]
    cohorts = [cohort(month, [20, 3, 1]) for month in ("2026-08", "2026-09")]
    rates = fx_month("2026-10", {"EUR": [None, 1_084_300_000]})
    data = [
        data_month("2026-10", {1: 2}),
        data_month("2026-11", {2: 1}),
        data_month("2026-10", {3: 1}, family="refund"),
    ]
    figures.claim(WORKSPACE, "run")
    figures.store(WORKSPACE, [*months, *cohorts, rates, *data], overview(), run="run")

    assert figures.shop_months(WORKSPACE, "2026-09", "2026-10") == months[1:3]
    assert figures.cohorts(WORKSPACE, "2026-01", "2026-12") == cohorts
    assert figures.fx_months(WORKSPACE, "2026-10", "2026-10") == [rates]
    assert [(each.family, each.month) for each in figures.data_months(WORKSPACE)] == [
        ("order", "2026-10"),
        ("order", "2026-11"),
        ("refund", "2026-10"),
    ]
    (refunds,) = figures.data_months(WORKSPACE, "refund")
    assert (refunds.accounts[0].first, refunds.accounts[0].days[2]) == (date(2026, 10, 3), 1)
    assert figures.overview(WORKSPACE).data_through == overview().data_through
    assert figures.overview("wks_2") == Overview()


def test_rollups_that_hold_nothing_any_more_are_not_read(place: Place) -> None:
    figures = StoredRollups(place.engine())
    figures.claim(WORKSPACE, "run")
    gone: Sequence[ShopMonth | Cohort] = [shop_month("2026-10", {}), cohort("2026-10", [1])]
    figures.store(WORKSPACE, gone, overview(), run="run")
    figures.store(WORKSPACE, [], overview(), gone=gone, run="run")

    assert figures.shop_months(WORKSPACE, "2026-10", "2026-10") == []
    assert figures.cohorts(WORKSPACE, "2026-10", "2026-10") == []


def test_a_run_without_the_claim_stores_nothing(place: Place) -> None:
    figures = StoredRollups(place.engine())
    figures.claim(WORKSPACE, "first")
    figures.claim(WORKSPACE, "second")
    month = replace(shop_month("2026-10", {}), days={"orders": [1] * 31})

    with pytest.raises(StreamMoved):
        figures.store(WORKSPACE, [month], overview(), run="first")
    assert (figures.shop_months(WORKSPACE, "2026-10", "2026-10"), figures.overview(WORKSPACE)) == ([], Overview())
    figures.store(WORKSPACE, [month], overview(), run="second")
    assert figures.shop_months(WORKSPACE, "2026-10", "2026-10") == [month]


def test_marks_stay_that_came_after_the_run_had_looked(place: Place) -> None:
    imports, figures = StoredImports(place.engine()), StoredRollups(place.engine())
    for number in (1, 2, 3):
        start(imports, f"imp_{number}")
        finish(imports, f"imp_{number}", generation=number)
    figures.claim(WORKSPACE, "run")
    figures.store(WORKSPACE, [], replace(overview(), generation=2), run="run")

    assert figures.marks(WORKSPACE) == [3]


def test_a_hundred_months_are_stored_and_read_though_no_transaction_holds_them(place: Place) -> None:
    figures = StoredRollups(place.engine())
    column = [10**14] * 31
    days = {f"figure_{number}": column for number in range(40)}
    months = [
        ShopMonth(month=f"{1990 + number // 12}-{number % 12 + 1:02}", currency="USD", generation=1, days=days)
        for number in range(150)
    ]
    figures.claim(WORKSPACE, "run")
    figures.store(WORKSPACE, months, overview(), run="run")

    assert figures.shop_months(WORKSPACE, "1990-01", "2099-12") == months, "more than one page of a megabyte"


def test_a_large_rollup_is_the_same_when_it_is_read_and_smaller_where_it_lies(place: Place) -> None:
    engine = place.engine()
    figures = StoredRollups(engine)
    figures.claim(WORKSPACE, "run")
    month = replace(shop_month("2026-10", {}), days={f"figure {n}": [n * 1_000_000] * 31 for n in range(40)})
    figures.store(WORKSPACE, [month], overview(), run="run")

    assert figures.shop_months(WORKSPACE, "2026-10", "2026-10") == [month]
    (item,) = engine.query(Table.FACTS, f"T#{WORKSPACE}#R", first="PNL#", last="PNL#~").items
    assert len(str(item["doc"])) < len(json.dumps(month.days)) / 4
