"""What a change of the trail's table says: a row is new, a seal is, or somebody touched what nobody may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.trail.events import TamperFound, Tampering
from shared.domain.trail.places import start_of
from shared.domain.trail.seal import seal_rows
from shared.storage.attributes import image_of
from shared.storage.contracts.audit import TrailConflict
from shared.storage.contracts.notices import WorkspaceHappened
from shared.storage.contracts.seals import NewSeal
from shared.storage.contracts.trail_changes import RowAdded, RowTouched
from shared.storage.engine import Delete, Engine, Key, Table, Update
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.notices import event_told
from shared.storage.rows.trail_changes import row_added, row_touched, sealed_workspace
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, ONE_DAY, ORIGIN, call_denied, store_token, store_workspace, tool_called
from tests.data.stores import Stores

Seen = tuple[Table, str, str, str]
"""A change: of which table, of which kind, and the keys of its row."""
A_MILLISECOND = timedelta(milliseconds=1)
SEALS, SEALED = Key("W#ws1#SEALS", "0000000001"), Key("W#ws1#2026-11-21#SEALED", "0000000001")
OF_THE_LOG = (Key("LOG", "000000000000000"), Key("LOG#NOTES", "000000000000001"))


@pytest.fixture
def engine_of_trail() -> SqliteEngine:
    """Give a store in which a workspace, a token, a call and a refusal stand in the trail, and some of it is sealed."""
    engine = SqliteEngine()
    stores = Stores.over(engine)
    store_workspace(stores)
    store_token(stores)
    stores.audit.record(tool_called(at=NOON + A_MILLISECOND), workspace_id="ws1", origin=ORIGIN)
    stores.audit.record(call_denied(at=NOON + ONE_DAY), workspace_id="ws1", origin=ORIGIN)
    seal = seal_rows([bytes(32)], workspace_id="ws1", after=None, at="2026-11-21T12:01:00.000000Z")
    stores.seals.commit([NewSeal(seal=seal, places=(f"{start_of(NOON)}#a",))])
    stores.seals.keep_note(1, "a note")
    return engine


def seen(engine: SqliteEngine, *, after: int = 0) -> Sequence[Seen]:
    return [
        (change.table, change.record["eventName"], keys["pk"]["S"], keys["sk"]["S"])
        for change in engine.changes().read(after, limit=1_000)
        for keys in [change.record["dynamodb"]["Keys"]]
    ]


def touched(engine: SqliteEngine, *, after: int) -> Sequence[RowTouched | None]:
    found: list[RowTouched | None] = []
    for change in engine.changes().read(after, limit=1_000):
        keys, ended = change.record["dynamodb"]["Keys"], "userIdentity" in change.record
        found.append(row_touched(change.record["eventName"], keys["pk"]["S"], keys["sk"]["S"], by_time_to_live=ended))
    return found


def test_each_row_of_a_trail_is_new_at_its_moment_and_nothing_else_is(engine_of_trail: SqliteEngine) -> None:
    added = [row for _, kind, pk, sk in seen(engine_of_trail) if (row := row_added(kind, pk, sk))]

    assert added == [
        RowAdded(workspace_id="ws1", at=at) for at in (NOON, NOON, NOON, NOON + A_MILLISECOND, NOON + ONE_DAY)
    ]  # the workspace, its owner, the token, the call, the refusal


def test_a_row_under_a_key_that_we_do_not_make_is_none_of_the_trail() -> None:
    assert row_added("INSERT", "W#ws1#2026-11-21", "put in by hand") is None


def test_a_new_seal_is_known_by_its_row_alone(engine_of_trail: SqliteEngine) -> None:
    sealed = [(pk, found) for _, kind, pk, _ in seen(engine_of_trail) if (found := sealed_workspace(kind, pk))]

    assert sealed == [("W#ws1#SEALS", "ws1")]


@pytest.mark.parametrize("tampering", Tampering)
def test_whatever_changes_or_deletes_a_row_of_the_trail_is_known_with_its_place(
    engine_of_trail: SqliteEngine, tampering: Tampering
) -> None:
    written = seen(engine_of_trail)
    before = engine_of_trail.changes().last()
    assert touched(engine_of_trail, after=0) == [None] * before
    for table, _, pk, sk in written:
        key = Key(pk, sk)
        change = Update(table=table, key=key, set={"at": "never"})
        engine_of_trail.write(change if tampering is Tampering.MODIFIED else Delete(table=table, key=key))

    of_trail = [(pk, sk) for table, _, pk, sk in written if table is Table.AUDIT]

    found = touched(engine_of_trail, after=before)
    assert [(row.row, row.tampering) for row in found if row] == [(f"{pk} {sk}", tampering) for pk, sk in of_trail]
    assert {Key(pk, sk) for pk, sk in of_trail} >= {SEALS, SEALED, *OF_THE_LOG}
    assert {row.workspace_id for row in found if row and not row.row.startswith("LOG")} == {"ws1"}
    assert [row.workspace_id for row in found if row and row.row.startswith("LOG")] == [None, None]


def test_a_row_whose_time_is_over_may_go(engine_of_trail: SqliteEngine) -> None:
    before = engine_of_trail.changes().last()

    engine_of_trail.purge(NOON + 200 * ONE_DAY)

    gone = touched(engine_of_trail, after=before)
    assert len(gone) == 6  # five rows of the trail, and the places of the sealed ones
    assert set(gone) == {None}


# --- what is found ----------------------------------------------------------------------------------------------------


FOUND = TamperFound(tampering=Tampering.DELETED, row="W#ws1#2026-11-21 1#tok1#7", sequence="24", at=NOON)


def rows(engine: Engine, pk: str, table: Table = Table.AUDIT) -> int:
    return len(engine.query(table, pk).items)


def record(engine: Engine, *found: TamperFound) -> None:
    for each in found:
        StoredAudit(engine).record(each, workspace_id="ws1", origin=replace(ORIGIN, request_id=each.sequence))


def test_what_is_found_again_is_the_same_row_and_is_told_once(engine: Engine) -> None:
    record(engine, FOUND, FOUND)

    assert rows(engine, "W#ws1#2026-11-21") == 1
    (told,) = engine.query(Table.CORE, "TAMPER#ws1").items
    assert event_told("INSERT", image_of(told)) == WorkspaceHappened(
        event_id=str(told["id"]), workspace_id="ws1", event=FOUND
    )


def test_of_all_that_is_found_in_an_hour_the_first_is_told(engine: Engine) -> None:
    others = [replace(FOUND, sequence=str(number), at=NOON + number * timedelta(minutes=20)) for number in (1, 2, 3)]
    record(engine, FOUND, *others)
    record(engine, *others)

    assert rows(engine, "W#ws1#2026-11-21") == 4
    assert rows(engine, "TAMPER#ws1", Table.CORE) == 2


def test_what_somebody_put_in_its_place_is_not_taken_for_it(engine: Engine) -> None:
    record(engine, FOUND)

    with pytest.raises(TrailConflict):
        record(engine, replace(FOUND, tampering=Tampering.MODIFIED))
