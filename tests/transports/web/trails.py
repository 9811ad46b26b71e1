"""Calls and refusals in the trail of the workspace before which the browser stands, and their seals."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.activity import CallDenied, Outcome, ToolCalled
from shared.storage.contracts.streams import Origin
from tests.data.tenants import NOON
from tests.services.trail.sealing import A_MINUTE, Sealing
from tests.transports.web.web import SETTINGS, Page, Web

ACTIVITY = f"{SETTINGS}/activity"
HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}"
"""What would do something if it were not told as text."""

CALL = ToolCalled(
    token_id="",
    number=1,
    tool="get_pnl",
    scope="mcp:pnl:read",
    arguments_hash="ab" * 32,
    outcome=Outcome.OK,
    error_code=None,
    milliseconds=1234,
    result_bytes=34567,
    protocol_version="2026-07-28",
    client_name="claude-code",
    client_version="2.1",
    at=NOON,
)


def called(
    web: Web,
    token_id: str,
    number: int = 1,
    *,
    at: datetime = NOON,
    user_agent: str = "node",
    workspace_id: str = "wks_1",
    **fields: Any,  # noqa: ANN401 - any field of the event
) -> None:
    """Have a token make a call."""
    event = replace(CALL, token_id=token_id, number=number, at=at, **fields)
    came = Origin(actor="mem_olivia", request_id=f"call-{number}", ip="203.0.113.9", user_agent=user_agent)
    web.stores.audit.record(event, workspace_id=workspace_id, origin=came)


def denied(web: Web, token_id: str, *, reason: str = "token_revoked", tool: str = "get_pnl", count: int = 1) -> None:
    """Have a token refused."""
    event = CallDenied(token_id=token_id, reason=reason, method="tools/call", tool=tool, count=count, at=NOON)
    came = Origin(actor="mem_olivia", request_id=f"denied-{count}")
    web.stores.audit.record(event, workspace_id="wks_1", origin=came)


def sealed(web: Web, *, days: int = 40, workspace_id: str = "wks_1") -> Sealing:
    """Let minutes go by until everything is sealed, signed and counted."""
    stores = web.stores
    sealing = Sealing(
        audit=stores.audit,
        seals=stores.seals,
        people=stores.people,
        index=stores.trail_index,
        archive=stores.archive,
    )
    stores.seals.mark(workspace_id, since=NOON - timedelta(days=days), until=web.now, now=web.now)
    for _ in range(days + 1):
        web.now += A_MINUTE
        sealing.run(web.now)
        sealing.fold(workspace_id)
    return sealing


def events_on(page: Page) -> list[str]:
    """Give the ids of the events that a list leads to, in its order."""
    return re.findall(rf'<td class="head">\s*<a href="{ACTIVITY}/([0-9a-f-]{{36}})"', page.text)


def titles_on(page: Page) -> list[str]:
    """Give what the lines of a list say, in its order."""
    return [title.strip() for title in re.findall(r'<td class="head">\s*(?:<a href="[^"]*">)?([^<]*)', page.text)]
