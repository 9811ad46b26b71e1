"""Goes once through everything that the functions do, and keeps what they asked of AWS on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig  # noqa: TID251 - it makes no client, it says how large files are sent

from functions.wiring import now
from shared.domain.activity import CallDenied
from shared.domain.scopes import Scope
from shared.domain.trail.places import start_of
from shared.domain.workspace.commands import ChangePlan
from shared.domain.workspace.decider import decide, replay
from shared.services.imports.names import raw_key
from shared.services.tool_catalogue import TOOLS
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Table
from shared.storage.rows.envelope import KEPT_IN_TABLE, trail_pk
from tests.data.tenants import A_DAY, origin, workspace
from tests.data.tenants import token as token_of
from tests.doors.events import INVOKE, event, tool_call
from tests.doors.uploads import upload
from tests.policies.cloud import Cloud
from tests.policies.simulator import Request
from tests.policies.visiting import Visit
from tests.transports.http.issuer import LoopbackIssuer

LONGER_THAN_ROWS_ARE_KEPT = KEPT_IN_TABLE + 5 * A_DAY
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "assess_product_viability": {"price": 20, "unit_cost": 5},
    "pma_query_custom": {"connector": "shop", "report_type": "order", "metrics": ["orders"]},
}
"""What a tool cannot do without."""
DOOR_OF = {"mcp": "mcp_server", "oauth": "mcp_server", "page": "token_api", "rest": "token_api"}
"""How the name of an event begins -> who gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What was asked for, and what lay in the tables in the end."""

    asked: frozenset[Request]
    keys: Mapping[str, frozenset[str]]
    """Table, by its name in the template -> every partition key in it."""


def drive(cloud: Cloud, *, issuer: LoopbackIssuer, folder: Path) -> Driven:
    """Go through it all."""
    stores = cloud.doors.stores
    workspace(stores, issuer=issuer.url)
    workspace(stores, "wks_2", plan="alpha")
    with cloud.watched() as asked:
        _import(cloud, folder)
        _call(cloud)
        _manage(cloud, issuer)
        Visit(cloud, issuer).people()
        Visit(cloud, issuer).client()
        _sweep(cloud)
        _tell(cloud)
        _seal(cloud)
        _look_back(cloud, issuer)
    tables = {f"{table.capitalize()}Table": cloud.keys_in(f"{table.capitalize()}Table") for table in Table}
    return Driven(asked=frozenset(asked), keys=tables)


def _import(cloud: Cloud, folder: Path) -> None:
    doors = cloud.doors
    uploaded = partial(upload, objects=doors.objects, folder=folder)

    def arrived(key: str) -> None:
        doors.invoke("importer", event("s3_object_created", raw_key=key))

    arrived(uploaded({"1": "100.00"}))
    arrived(uploaded({"1": "90.00"}))  # is compared with the first
    (folder / "torn.ndjson").write_text("{")
    doors.objects.put_file(raw_key("wks_1", "torn"), folder / "torn.ndjson")
    arrived(raw_key("wks_1", "torn"))
    with pytest.MonkeyPatch.context() as library:
        # Facts of more than eight megabytes go in parts, and what was sent is given up if one of them does not arrive.
        library.setattr("boto3.s3.inject.TransferConfig", partial(TransferConfig, multipart_threshold=1))
        key = uploaded({"2": "80.00"})
        with cloud.without_answers_to("UploadPart"), pytest.raises(StoreUnavailable):
            arrived(key)
        arrived(key)
        _import_in_parts(cloud, folder)
    used = token_of(doors.stores, at=now()).token.token_id
    for stream in ("stream_core", "stream_use", "stream_audit", "stream_call", "stream_facts"):
        doors.invoke("projector", event(stream, workspace_id="wks_1", token_id=used))
    arrived(uploaded({"1": "70.00"}))  # of a month that is summed up already
    doors.invoke("projector", event("stream_facts", workspace_id="wks_1", token_id=used))


def _import_in_parts(cloud: Cloud, folder: Path) -> None:
    """Import a file whose first run has no time for more than its first megabyte."""
    file, key = folder / "large", raw_key("wks_1", "large")
    day = f"{now() - A_DAY:%Y-%m-%d}"
    header = {"type": "export", "schema": 1, "exported_at": f"{now():%Y-%m-%dT%H:%M:%SZ}", "source": "shop"}
    lines = [{"quantity": 1, "price": "1.00"}]
    orders = [{"type": "order", "id": n, "date": day, "channel": "x" * 900_000, "lines": lines} for n in range(3)]
    file.write_text("".join(json.dumps(line) + "\n" for line in (header, *orders)))
    cloud.doors.objects.put_file(key, file)
    with pytest.MonkeyPatch.context() as hurried:
        hurried.setattr("tests.doors.opening.SECONDS", 0)
        with cloud.without_answers_to("UploadPart"), pytest.raises(StoreUnavailable):
            cloud.doors.invoke("importer", event("s3_object_created", raw_key=key))
        cloud.doors.invoke("importer", event("s3_object_created", raw_key=key))
    cloud.doors.invoke("importer", event("sqs_import_part", raw_key=key))


def _call(cloud: Cloud) -> None:
    doors = cloud.doors
    token = token_of(doors.stores, scopes=tuple(Scope), at=now())
    shared_limit = token_of(doors.stores, workspace_id="wks_2", days=365, at=now())
    for tool in TOOLS:
        answer = doors.send("mcp_server", tool_call(tool.name, token=token.text, **NEEDED.get(tool.name, {})))
        result = answer.json["result"]
        # Of a shop of few days no lifetimes and no unusual days are known: what there is was read all the same.
        assert not result["isError"] or result["structuredContent"]["code"] == "insufficient_data", answer.text
    doors.send("mcp_server", tool_call("get_pnl", token=shared_limit.text))


def _manage(cloud: Cloud, issuer: LoopbackIssuer) -> None:
    """Answer each request of `events/invoke`; one of them revokes the token that the later ones show."""
    token = token_of(cloud.doors.stores, scopes=tuple(Scope), at=now())
    values = {
        "token": token.text,
        "revoked_token": token.text,
        "token_id": token.token.token_id,
        "leaked_token": token_of(cloud.doors.stores, at=now()).text,
        "owner_bearer": issuer.bearer("olivia", now=now()),
    }
    (alert, *_) = cloud.doors.ask("token_api", "rest_list_alerts", **values).json["data"]
    values["alert_id"] = alert["id"]
    for name in (path.stem for path in sorted(INVOKE.glob("*.json"))):
        if door := DOOR_OF.get(name.partition("_")[0]):
            cloud.doors.ask(door, name, **values)
    cloud.doors.ask("token_api", "rest_announce_import", **values)  # again: it might have been refused


def _tell(cloud: Cloud) -> None:
    """Tell the owner, whose address `rest_keep_contact` has left, of a leak."""
    leaked = token_of(cloud.doors.stores, at=now()).token.token_id
    told = cloud.doors.invoke("notifier", event("stream_notice", workspace_id="wks_1", token_id=leaked))
    assert told == {"batchItemFailures": []}


def _seal(cloud: Cloud) -> None:
    """Seal what has been written, and what was long ago; look for a call whose row was never written."""
    stores, today = cloud.doors.stores, now()
    long_ago = today - LONGER_THAN_ROWS_ARE_KEPT
    token = token_of(stores, at=today).token.token_id
    refused = CallDenied(
        token_id=token, reason="token_expired", method="tools/call", tool="get_pnl", count=1, at=long_ago
    )
    stores.audit.record(refused, workspace_id="wks_1", origin=origin())
    for since, until in ((long_ago, long_ago), (today - A_DAY, now())):
        stores.seals.mark("wks_1", since=since, until=until, now=today - timedelta(minutes=1))
    lost = CountedCall(token_id=token, number=1, at=today - timedelta(minutes=10))
    stores.counted_calls.mark("wks_1", [lost], now=today - timedelta(minutes=9), name="lost")
    cloud.doors.invoke("sealer", event("schedule_seal"))
    sealed = _changed("INSERT", "W#wks_1#SEALS", f"{1:010d}")
    altered = _changed("MODIFY", trail_pk("wks_1", f"{today:%Y-%m-%d}"), f"{start_of(today)}#{token}#1")
    with cloud.without_archive():
        assert not cloud.doors.invoke("projector", sealed)["batchItemFailures"]
    for change in (sealed, altered):
        taken = cloud.doors.invoke("projector", change)
        assert taken == {"batchItemFailures": []}


def _look_back(cloud: Cloud, issuer: LoopbackIssuer) -> None:
    """Ask for what happened so long ago that its rows are in their table no more."""
    doors = cloud.doors
    token = token_of(doors.stores, scopes=tuple(Scope), at=now())
    day = now() - LONGER_THAN_ROWS_ARE_KEPT
    days = {"date_from": f"{day - A_DAY:%Y-%m-%d}", "date_to": f"{day + A_DAY:%Y-%m-%d}"}
    activity = tool_call("list_activity", token=token.text, **days)
    answer = doors.send("mcp_server", activity)
    assert answer.json["result"]["structuredContent"]["data"]["rows"], answer.text
    until = f"{day + A_DAY:%Y-%m-%dT%H:%M:%SZ}"
    page = event("rest_audit_events", owner_bearer=issuer.bearer("olivia", now=now()))
    page |= {"rawQueryString": f"until={until}", "queryStringParameters": {"until": until}}
    answer = doors.send("token_api", page)
    assert answer.json["data"], answer.text
    with cloud.without_archive():
        for function, request in (("mcp_server", activity), ("token_api", page)):
            assert "archive_incomplete" in doors.send(function, request).text


def _changed(kind: str, pk: str, sk: str) -> dict[str, Any]:
    """Make of the event that shows a row of the trail one that shows this change."""
    shown = event("stream_audit", workspace_id="wks_1")
    (record,) = shown["Records"]
    record["eventName"] = kind
    record["dynamodb"]["Keys"] = {"pk": {"S": pk}, "sk": {"S": sk}}
    return shown


def _sweep(cloud: Cloud) -> None:
    """Sweep when a token has expired, and when a workspace has another plan of which its tokens do not know yet."""
    stores = cloud.doors.stores
    token_of(stores, days=30, at=now() - 31 * A_DAY)
    before = stores.workspaces.get("wks_2")
    assert before is not None
    events = decide(ChangePlan(plan="plus", at=now()), before.workspace)
    after = replay(events, before.workspace)
    assert after is not None
    stores.workspaces.append(
        events, after, expected_version=before.version, origin=origin(), fence_by=now() - timedelta(minutes=1)
    )
    swept = cloud.doors.invoke("sweeper", event("schedule_sweep"))
    assert swept == {"due": 1, "happened": {"token.expired": 1}, "fenced": 1, "more": False}
