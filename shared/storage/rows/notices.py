"""What notices are made of and what is left of them, as rows.

    core   NOTICE#{event id}   TOPIC, MAIL#{member_id}   that this was sent; `ttl` thirty days later

The events themselves are the rows of the streams, see `envelope`, and what was found in the trail, see `audit`:
`event_told` reads one off a change of `core`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from shared.domain.notices import TOLD
from shared.domain.token.events import TokenEvent
from shared.domain.trail.events import TamperFound
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.attributes import from_typed
from shared.storage.codec import EVENTS
from shared.storage.contracts.notices import Happened, TokenHappened, WorkspaceHappened
from shared.storage.engine import Engine, Put, Table
from shared.storage.rows.brought_back import is_brought_back
from shared.storage.rows.envelope import opened
from shared.storage.rows.values import text

KEPT = timedelta(days=30)
TOKEN = "token:"


def event_told(kind: str, image: Mapping[str, Any]) -> Happened | None:
    """Read off a change of `core` an event that may lead to a notice; None: it shows none."""
    if kind != "INSERT" or image.get("type", {}).get("S") not in TOLD or is_brought_back(before={}, after=image):
        return None
    item = {name: from_typed(value) for name, value in image.items()}
    event_id, workspace_id, stream = (text(item, name) for name in ("id", "workspace", "stream"))
    event = EVENTS.decode(opened(item))  # of a token, a workspace or its trail, by its type
    if stream.startswith(TOKEN):
        token_id, of_token = stream.removeprefix(TOKEN), cast("TokenEvent", event)
        return TokenHappened(event_id=event_id, workspace_id=workspace_id, token_id=token_id, event=of_token)
    of_workspace = cast("WorkspaceEvent | TamperFound", event)
    return WorkspaceHappened(event_id=event_id, workspace_id=workspace_id, event=of_workspace)


class StoredSentNotices:
    """Keeps the contract of `SentNotices` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, event_id: str) -> frozenset[str]:
        # One row for each member who was told, at most: a workspace with so many that they fill a page of 1 MB is none.
        page = self._engine.query(Table.CORE, _pk(event_id))
        return frozenset(text(item, "sk") for item in page.items)

    def note(self, event_id: str, way: str, *, now: datetime) -> None:
        ttl = int((now + KEPT).timestamp())
        self._engine.write(Put(table=Table.CORE, item={"pk": _pk(event_id), "sk": way, "ttl": ttl}))


def _pk(event_id: str) -> str:
    return f"NOTICE#{event_id}"
