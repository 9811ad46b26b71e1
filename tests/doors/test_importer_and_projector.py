"""From a file in the bucket to an answer over MCP, through the handlers that are deployed, each event three times."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.storage.contracts.audit import AuditFilter
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.opening import Doors
from tests.doors.uploads import upload

FOLDED = {"batchItemFailures": list[Any]()}


def test_a_file_becomes_figures_once_however_often_its_events_come(doors: Doors, tmp_path: Path) -> None:
    key = upload({"1": "100.00", "2": "20.50"}, objects=doors.objects, folder=tmp_path)
    imported = [doors.invoke("importer", event("s3_object_created", raw_key=key)) for _ in range(3)]
    folded = [doors.invoke("projector", event("stream_facts", workspace_id="wks_1")) for _ in range(3)]
    made = token_of(doors.stores, scopes=(Scope.PNL,), at=now())

    answers = doors.ask_three_times("mcp_server", "mcp_tools_call_2026_07_28", token=made.text)

    assert imported == [None] * 3
    assert folded == [FOLDED] * 3
    for answer in answers:
        lines = {line["line"]: line["amount"] for line in rows(answer.json["result"]["structuredContent"]["data"])}
        assert (lines["gross_sales"], lines["net_revenue"]) == (120.5, 120.5)
    trail = doors.stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"import.finished"})), limit=10, now=now()
    )
    assert len(trail.items) == 1


def test_a_token_under_a_limit_of_its_workspace_shows_its_last_use_however_often_the_change_comes(
    doors: Doors,
) -> None:
    made = token_of(doors.stores, at=now())
    change = event("stream_use", workspace_id="wks_1", token_id=made.token.token_id)

    taken = [doors.invoke("projector", change) for _ in range(3)]

    row = doors.stores.tokens.get(made.token.token_id)
    assert taken == [FOLDED] * 3
    assert row is not None
    assert row.last_used_at == datetime(2026, 11, 21, 15, 40, tzinfo=UTC)


def rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]


def test_changes_that_lead_to_nothing_are_taken(doors: Doors) -> None:
    taken = [doors.invoke("projector", event("stream_core", workspace_id="wks_1")) for _ in range(3)]

    assert taken == [FOLDED] * 3


def test_the_first_change_that_fails_is_named_so_that_it_and_what_follows_come_again(
    doors: Doors, tmp_path: Path
) -> None:
    key = upload({"1": "100.00"}, objects=doors.objects, folder=tmp_path, workspace_id="wks_2")
    doors.invoke("importer", event("s3_object_created", raw_key=key))
    for fact in list(doors.objects.list("facts/wks_2/")):
        doors.objects.delete(fact.key)
    names = ("stream_core", "stream_facts", "stream_audit")
    batch = {"Records": [event(name, workspace_id="wks_2")["Records"][0] for name in names]}

    taken = [doors.invoke("projector", batch) for _ in range(3)]

    failed = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    assert taken == [{"batchItemFailures": [{"itemIdentifier": failed}]}] * 3
