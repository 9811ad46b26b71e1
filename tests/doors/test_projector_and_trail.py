"""What the projector does for the trail with the streams of core and audit: the deployed handler, three times."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.wiring import now
from shared.storage.attributes import image_of
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import ORIGIN, tool_called
from tests.data.tenants import A_DAY
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.opening import Doors

TAKEN = {"batchItemFailures": list[Any]()}
AT = datetime(2026, 11, 21, 15, 40, tzinfo=UTC)
BY_TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@pytest.fixture
def removal(doors: Doors) -> dict[str, Any]:
    """What the stream shows when the row of a call is deleted."""
    made = token_of(doors.stores, at=now())
    return event("stream_tampered", workspace_id="wks_1", token_id=made.token.token_id)


def sealing_of(workspace_id: str) -> list[dict[str, Any]]:
    """Give what the stream shows when the first seal of a workspace is kept."""
    records = event("stream_audit", workspace_id=workspace_id)["Records"]
    for record in records:
        record["dynamodb"]["Keys"] = {"pk": {"S": f"W#{workspace_id}#SEALS"}, "sk": {"S": "0000000001"}}
    return records


def found(doors: Doors) -> list[AuditEntry]:
    page = doors.stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"audit.tamper_found"})), limit=100, now=now()
    )
    return [*page.items]


def test_a_new_row_is_marked_to_be_sealed(doors: Doors) -> None:
    change = event("stream_audit", workspace_id="wks_1")

    taken = [doors.invoke("projector", change) for _ in range(3)]

    assert taken == [TAKEN] * 3
    marks = doors.stores.seals.marks(before=now() + timedelta(minutes=1), limit=100)
    # One, or two if a minute ended in between.
    assert {mark.workspace_id for mark in marks} == {"wks_1"}
    assert all(mark.since <= AT <= mark.until for mark in marks)
    doors.stores.seals.unmark(marks)


def test_a_call_that_was_counted_is_marked_to_be_looked_for(doors: Doors) -> None:
    made = token_of(doors.stores, at=now())
    change = event("stream_use", workspace_id="wks_1", token_id=made.token.token_id)

    taken = [doors.invoke("projector", change) for _ in range(3)]

    assert taken == [TAKEN] * 3
    marks = doors.stores.counted_calls.marks(before=now() + timedelta(minutes=1), limit=100)
    calls = {(mark.workspace_id, call.token_id, call.number, call.at) for mark in marks for call in mark.calls}
    assert calls == {("wks_1", made.token.token_id, 7, AT)}


def test_a_row_that_somebody_deletes_is_in_the_trail_once_and_counted_each_time(
    doors: Doors, removal: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    taken = [doors.invoke("projector", removal) for _ in range(3)]

    assert taken == [TAKEN] * 3
    keys = removal["Records"][0]["dynamodb"]["Keys"]
    (row,) = found(doors)
    assert row.data == {
        "tampering": "deleted",
        "row": f"{keys['pk']['S']} {keys['sk']['S']}",
        "sequence": "100000000000000000031",
    }
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TamperFound"' in line]
    assert [(line["TamperFound"], line["CoreTable"], line["tampering"]) for line in written] == [
        ([1.0], "local", "deleted")
    ] * 3


def test_its_owners_are_told_of_it(doors: Doors, removal: dict[str, Any]) -> None:
    mailbox = Path(doors.settings["notifier"]["MAILBOX_DIR"]) / "topic"
    change = removal["Records"][0]["dynamodb"]
    change["ApproximateCreationDateTime"] += 3_600  # in an hour in which nobody was told of another
    change["SequenceNumber"] = "100000000000000000032"
    before = {*mailbox.glob("*.json")}

    doors.invoke("projector", removal)
    engine = SqliteEngine(doors.settings["projector"]["SQLITE_PATH"])
    *_, row = engine.query(Table.CORE, "TAMPER#wks_1").items
    shown = event("stream_notice", workspace_id="wks_1", token_id="unused")
    shown["Records"][0]["dynamodb"]["NewImage"] = image_of(row)
    told = [doors.invoke("notifier", shown) for _ in range(3)]

    assert told == [TAKEN] * 3
    (message,) = {*mailbox.glob("*.json")} - before
    assert json.loads(message.read_text())["type"] == "audit.tamper_found"


def test_a_row_whose_time_is_over_is_no_tampering(doors: Doors, removal: dict[str, Any]) -> None:
    before = found(doors)
    removal["Records"][0]["userIdentity"] = BY_TIME_TO_LIVE
    removal["Records"][0]["dynamodb"]["SequenceNumber"] = "100000000000000000033"

    assert doors.invoke("projector", removal) == TAKEN

    assert found(doors) == before


def test_a_seal_that_is_lost_is_counted_and_stops_nobody_else(doors: Doors, capsys: pytest.CaptureFixture[str]) -> None:
    for workspace_id in ("wks_1", "wks_2"):
        doors.stores.audit.record(tool_called(at=now() - A_DAY), workspace_id=workspace_id, origin=ORIGIN)
        doors.stores.seals.mark(workspace_id, since=now() - A_DAY, until=now(), now=now() - A_DAY)
    doors.invoke("sealer", event("schedule_seal"))
    for kept in Path(doors.settings["sealer"]["ARCHIVE_DIR"]).glob("trail/wks_1/*"):
        kept.unlink()
    of_others = event("stream_audit", workspace_id="wks_2")["Records"]
    shown = [*sealing_of("wks_1"), *sealing_of("wks_2"), *of_others]

    assert doors.invoke("projector", {"Records": shown}) == TAKEN

    lost, folded = doors.stores.seals.head("wks_1"), doors.stores.seals.head("wks_2")
    assert lost is not None
    assert folded is not None
    assert lost.folded < lost.last.number
    assert folded.folded == folded.last.number
    marks = doors.stores.seals.marks(before=now() + timedelta(minutes=1), limit=100)
    assert {mark.workspace_id for mark in marks} == {"wks_2"}
    doors.stores.seals.unmark(marks)
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TamperFound"' in line]
    assert [line["TamperFound"] for line in written] == [[1.0]]
