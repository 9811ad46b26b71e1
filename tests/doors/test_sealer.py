"""The function that seals the trail: the handler that is deployed, three times in one process."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from functions.wiring import now
from infra.local.functions import LOG_ORIGIN
from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.calls import CountedCall
from shared.storage.objects.folder import FolderObjects
from shared.storage.signing.key_file import KeyFileSigner
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.tenants import A_DAY
from tests.data.tenants import token as token_of
from tests.doors.events import event, tool_call
from tests.doors.opening import Doors

A_MINUTE = timedelta(minutes=1)
NONE_COUNTED = {"calls": 0, "unaccounted": 0}
NOTHING_NEW = {"workspaces": 0, "seals": 0, "rows": 0}


@pytest.fixture
def archive(doors: Doors) -> FolderObjects:
    return FolderObjects(Path(doors.settings["sealer"]["ARCHIVE_DIR"]))


@pytest.fixture
def trusted(doors: Doors) -> TrustedKeys:
    """The key of this stack, and no other."""
    signer = KeyFileSigner(Path(doors.settings["sealer"]["SIGNING_KEY_FILE"]))
    return TrustedKeys.of_lines([str(NamedKey(name=LOG_ORIGIN, public=signer.public_key))])


def test_what_is_new_is_sealed_and_signed_once_however_often_the_clock_ticks(
    doors: Doors, archive: FolderObjects, trusted: TrustedKeys
) -> None:
    yesterday = now() - A_DAY
    made = token_of(doors.stores, at=yesterday)
    doors.stores.seals.mark("wks_1", since=yesterday, until=yesterday, now=yesterday)

    ran = [doors.invoke("sealer", event("schedule_seal")) for _ in range(3)]

    one_row = {"workspaces": 1, "seals": 1, "rows": 1}
    assert [each["sealed"] for each in ran] == [one_row, NOTHING_NEW, NOTHING_NEW]
    assert len(doors.stores.seals.keys()) == 1
    lines = list(export_trail("wks_1", Wanted(), seals=doors.stores.seals, archive=archive))
    verdict = verify_export(lines, check_signature=trusted.check)
    assert verdict.holds, verdict.findings
    assert verdict.rows == 1
    (row,) = (line for line in lines if '"kind":"event"' in line)
    assert f'"stream":"token:{made.token.token_id}"' in row
    assert "mem_olivia" not in row  # who owns it has another name there


def test_a_call_that_was_counted_and_has_no_row_gets_one_once_however_often_the_clock_ticks(doors: Doors) -> None:
    earlier = now() - 10 * A_MINUTE
    made = token_of(doors.stores, at=earlier)
    call = CountedCall(token_id=made.token.token_id, number=1, at=earlier)
    doors.stores.counted_calls.mark("wks_1", [call], now=earlier, name="counted")

    ran = [doors.invoke("sealer", event("schedule_seal")) for _ in range(3)]

    one_call = {"calls": 1, "unaccounted": 1}
    assert [each["accounted"] for each in ran] == [one_call, NONE_COUNTED, NONE_COUNTED]
    matching = AuditFilter(types=frozenset({"mcp.call_unaccounted"}))
    (row,) = doors.stores.audit.entries("wks_1", matching=matching, limit=10, now=now()).items
    assert (row.stream, row.data["number"]) == (f"token:{made.token.token_id}", 1)


def test_the_stream_takes_all_that_calls_and_seals_write_and_folds_what_is_sealed(doors: Doors) -> None:
    yesterday = now() - A_DAY
    made = token_of(doors.stores, at=yesterday)
    called_at = now()
    doors.send("mcp_server", tool_call("get_workspace_context", token=made.text))
    doors.stores.seals.mark("wks_1", since=yesterday, until=now(), now=yesterday)
    doors.invoke("sealer", event("schedule_seal"))

    stream_everything(doors)

    head = doors.stores.seals.head("wks_1")
    assert head is not None
    assert head.folded == head.last.number
    days = {at.date().isoformat() for at in (called_at, now())}  # two, if it was at midnight
    used = doors.stores.trail_index.uses("wks_1", made.token.token_id, [*days])
    assert [tool for use in used.values() for tool in use.uses] == ["get_workspace_context"]


def stream_everything(doors: Doors) -> None:
    """Show the projector every change, and those that it makes itself, until there are no more."""
    feed = SqliteEngine(doors.settings["projector"]["SQLITE_PATH"]).changes()
    after = 0
    while changes := feed.read(after, limit=100):
        taken = doors.invoke("projector", {"Records": [change.record for change in changes]})
        assert taken == {"batchItemFailures": []}
        after = changes[-1].sequence
