"""Goes once through everything that the functions do, and keeps what they asked of AWS on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig  # noqa: TID251 - it makes no client, it says how large files are sent

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.domain.workspace.commands import ChangePlan
from shared.domain.workspace.decider import decide, replay
from shared.services.imports.names import raw_key
from shared.services.tool_catalogue import TOOLS
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Table
from tests.data.tenants import A_DAY, origin, workspace
from tests.data.tenants import token as token_of
from tests.doors.events import INVOKE, event, tool_call
from tests.doors.uploads import upload
from tests.policies.cloud import Cloud
from tests.policies.simulator import Request
from tests.transports.http.issuer import LoopbackIssuer

DOOR_OF = {"mcp": "mcp_server", "oauth": "mcp_server", "rest": "token_api"}
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
        _sweep(cloud)
        _tell(cloud)
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
    used = token_of(doors.stores, at=now()).token.token_id
    for stream in ("stream_core", "stream_use", "stream_audit", "stream_call", "stream_facts"):
        doors.invoke("projector", event(stream, workspace_id="wks_1", token_id=used))


def _call(cloud: Cloud) -> None:
    doors = cloud.doors
    token = token_of(doors.stores, scopes=tuple(Scope), at=now())
    shared_limit = token_of(doors.stores, workspace_id="wks_2", days=365, at=now())
    for tool in TOOLS:
        answer = doors.send("mcp_server", tool_call(tool.name, token=token.text))
        assert answer.json["result"]["isError"] is False, answer.text
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
    for name in (path.stem for path in sorted(INVOKE.glob("*.json"))):
        if door := DOOR_OF.get(name.partition("_")[0]):
            cloud.doors.ask(door, name, **values)


def _tell(cloud: Cloud) -> None:
    """Tell the owner, whose address `rest_keep_contact` has left, of a leak."""
    leaked = token_of(cloud.doors.stores, at=now()).token.token_id
    told = cloud.doors.invoke("notifier", event("stream_notice", workspace_id="wks_1", token_id=leaked))
    assert told == {"batchItemFailures": []}


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
