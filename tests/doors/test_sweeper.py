"""The schedule's function: the handler that is deployed, three times in one process."""

from __future__ import annotations

from functions.wiring import now
from shared.storage.contracts.audit import AuditFilter
from tests.data.tenants import A_DAY
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.opening import Doors


def test_what_is_due_is_recorded_once_however_often_the_clock_ticks(doors: Doors) -> None:
    old = token_of(doors.stores, days=30, at=now() - 31 * A_DAY)
    young = token_of(doors.stores, days=30, at=now())

    swept = [doors.invoke("sweeper", event("schedule_sweep")) for _ in range(3)]

    assert [ran["happened"] for ran in swept] == [{"token.expired": 1}, {}, {}]
    trail = doors.stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.expired"})), limit=10, now=now()
    )
    assert [entry.stream for entry in trail.items] == [f"token:{old.token.token_id}"]
    refused = doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=old.text)
    assert (refused.status, refused.json["error"]["data"]["reason"]) == (401, "token_expired")
    assert doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=young.text).status == 200
