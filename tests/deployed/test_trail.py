"""The schedule seals the trail, what is handed out of it can be checked, and whoever alters it is told of."""

from __future__ import annotations

import json
from pathlib import Path

from functions.wiring import now
from shared.storage.rows.envelope import trail_pk
from tests.deployed.stack import DeployedStack, Tenant, until

TWO_MINUTES_AND_A_LOOK = 160.0
"""Seconds: what is marked within a minute is sealed in the next, and the emulator looks at its schedules every ten."""


def test_what_was_called_is_sealed_by_the_schedule_and_an_export_holds_under_the_key_of_the_stack(
    stack: DeployedStack, called: Tenant, tmp_path: Path
) -> None:
    rows = called.trail()
    file, keys = tmp_path / "trail.ndjson", tmp_path / "keys.txt"

    def they_are_sealed_signed_and_folded() -> bool:
        seals = stack.wiring.seals
        head, signed = seals.head(called.workspace_id), seals.note()
        if head is None or signed is None or head.last.total < len(rows) or head.folded < head.last.number:
            return False
        (last,) = seals.seals(called.workspace_id, first=head.last.number, limit=1)
        return last.index < signed[0]

    until(they_are_sealed_signed_and_folded, within=TWO_MINUTES_AND_A_LOOK)
    keys.write_text(stack.command("audit", "keys"))
    stack.command("audit", "export", "--workspace", called.workspace_id, "--output", str(file))
    checked = json.loads(stack.command("audit", "verify", str(file), "--key", str(keys), "--json"))

    assert checked["holds"] is True
    assert checked["log"] == stack.deployed.outputs["LogOrigin"]
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if '"kind":"event"' in line]
    assert {row.event_id for row in rows} <= {event["id"] for event in events}
    assert sum(event["type"] == "mcp.call" for event in events) == 3


def test_a_row_that_somebody_altered_is_told_of_in_the_trail(stack: DeployedStack) -> None:
    """The table's policy would keep anybody from it; the emulator does not have that policy (see `dropped.py`)."""
    tenant = stack.tenant()
    assert stack.ask(tenant.token().text).is_success
    (call,) = tenant.trail("mcp.call")
    table, client = stack.deployed.resources["AuditTable"], stack.account.client("dynamodb")
    of_the_day = {":pk": {"S": trail_pk(tenant.workspace_id, f"{call.at:%Y-%m-%d}")}}
    lying_there = client.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=of_the_day
    )["Items"]
    (row,) = (item for item in lying_there if item["id"]["S"] == call.event_id)

    client.update_item(
        TableName=table,
        Key={name: row[name] for name in ("pk", "sk")},
        UpdateExpression="SET actor = :somebody",
        ExpressionAttributeValues={":somebody": {"S": "mem_somebody_else"}},
    )

    until(lambda: tenant.trail("audit.tamper_found"))
    (found,) = tenant.trail("audit.tamper_found")
    assert found.data["row"] == f"{row['pk']['S']} {row['sk']['S']}"
    assert (found.data["tampering"], found.origin.actor) == ("modified", "system:projector")
    assert found.at <= now()
