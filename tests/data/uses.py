"""Calls of tokens as the call path, the follower of uses and the index leave them."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.scopes import Scope
from shared.domain.trail.index import DayUse, Use
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import Admitted, Arrival
from shared.storage.contracts.trail_index import Kept, Slot
from tests.data.stores import Stores
from tests.data.tenants import NOON

PLENTY = 10_000


def call(
    stores: Stores,
    token_id: str,
    *,
    at: datetime = NOON,
    scope: Scope | None = Scope.PNL,
    tool: str = "get_pnl",
    client: tuple[str, str] = ("claude-code", "2.1.330"),
    ip: str = "192.0.2.44",
    outcome: Outcome = Outcome.OK,
    times: int = 1,
) -> None:
    """Call a tool with a token, and let everything that follows from the call have happened."""
    for number in range(times):
        arrival = Arrival(request_id=f"{token_id}-{at.isoformat()}-{number}", now=at, is_call=True, token_id=token_id)
        admitted = stores.tokens.admit(token_id, arrival, limit=PLENTY)
        assert isinstance(admitted, Admitted)
        assert admitted.row is not None
        record_call(
            stores, token_id, number=admitted.number, at=at, scope=scope, tool=tool, client=client, ip=ip,
            outcome=outcome, workspace_id=admitted.row.token.workspace_id,
        )  # fmt: skip
    row = stores.tokens.get(token_id)
    assert row is not None
    count_calls(stores, row.token.workspace_id, token_id, at=at, tool=tool, outcome=outcome, times=times)


def record_call(
    stores: Stores,
    token_id: str,
    *,
    number: int,
    at: datetime,
    scope: Scope | None = Scope.PNL,
    tool: str = "get_pnl",
    client: tuple[str, str] = ("claude-code", "2.1.330"),
    ip: str = "192.0.2.44",
    outcome: Outcome = Outcome.OK,
    workspace_id: str = "wks_1",
) -> None:
    """Write a call to the trail, and what it says of the scopes that the token needs."""
    name, version = client
    event = ToolCalled(
        token_id=token_id,
        number=number,
        tool=tool,
        scope=scope,
        arguments_hash="hash",
        outcome=outcome,
        error_code=None,
        milliseconds=12,
        result_bytes=340,
        protocol_version="2026-07-28",
        client_name=name,
        client_version=version,
        at=at,
    )
    origin = Origin(actor="mem_olivia", request_id=f"call-{token_id}-{number}", ip=ip, user_agent="python-httpx/1")
    stores.audit.record(event, workspace_id=workspace_id, origin=origin)
    stores.evidence.note(token_id, at.astimezone(UTC).date(), scope=scope)


def count_calls(
    stores: Stores,
    workspace_id: str,
    token_id: str,
    *,
    at: datetime,
    tool: str = "get_pnl",
    outcome: Outcome = Outcome.OK,
    times: int = 1,
) -> None:
    """Add calls to what the index says of a token's day."""
    day = at.astimezone(UTC).date().isoformat()
    kept = stores.trail_index.read(Slot(workspace_id=workspace_id, day=day, token_id=token_id))
    assert isinstance(kept.value, DayUse)
    use = kept.value.uses.setdefault(tool, {}).setdefault(outcome.value, Use())
    use.calls += times
    stores.trail_index.keep(Kept(slot=kept.slot, value=kept.value, through=kept.through + 1), was=kept.through)
