"""Idempotency keys as rows.

core   IDEM#{caller}   {sha256 of the key}   what the key was first used for; `ttl` a day later
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from shared.storage.contracts.replies import Reply
from shared.storage.engine import AnyOf, Below, ConditionFailed, Engine, Item, Missing, Put, Table
from shared.storage.rows.values import text

REMEMBERED = timedelta(days=1)


class StoredReplies:
    """Keeps the contract of `ReplyStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, caller: str, key: str, reply: Reply, *, now: datetime) -> Reply:
        item: Item = {
            "pk": f"IDEM#{caller}",
            "sk": hashlib.sha256(key.encode()).hexdigest(),
            "fingerprint": reply.fingerprint,
            "resource_id": reply.resource_id,
            "ttl": int((now + REMEMBERED).timestamp()),
        }
        # DynamoDB deletes what outlived its ttl only hours later: such a row counts as gone.
        free = AnyOf((Missing("pk"), Below("ttl", int(now.timestamp()))))
        try:
            self._engine.write(Put(table=Table.CORE, item=item, when=free))
        except ConditionFailed as failed:
            held = failed.item or item
            return Reply(fingerprint=text(held, "fingerprint"), resource_id=text(held, "resource_id"))
        return reply
