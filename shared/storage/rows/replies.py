"""Idempotency keys as rows.

core   IDEM#{caller}   {sha256 of the key}   what the key was first used for; `ttl` a day later
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from shared.storage.contracts.replies import Reply
from shared.storage.engine import AnyOf, Below, ConditionFailed, Engine, Item, Key, Missing, Put, Table
from shared.storage.rows.values import text, whole_number

REMEMBERED = timedelta(days=1)


class StoredReplies:
    """Keeps the contract of `ReplyStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, caller: str, key: str, *, now: datetime) -> Reply | None:
        item = self._engine.get(Table.CORE, _row_of(caller, key))
        if item is None or whole_number(item, "ttl") < int(now.timestamp()):
            return None
        return _reply_in(item)

    def claim(self, caller: str, key: str, reply: Reply, *, now: datetime) -> Reply:
        row = _row_of(caller, key)
        item: Item = {
            "pk": row.pk,
            "sk": row.sk,
            "fingerprint": reply.fingerprint,
            "resource_id": reply.resource_id,
            "ttl": int((now + REMEMBERED).timestamp()),
        }
        # DynamoDB deletes what outlived its ttl only hours later: such a row counts as gone.
        free = AnyOf((Missing("pk"), Below("ttl", int(now.timestamp()))))
        try:
            self._engine.write(Put(table=Table.CORE, item=item, when=free))
        except ConditionFailed as failed:
            return _reply_in(failed.item or item)
        return reply


def _row_of(caller: str, key: str) -> Key:
    return Key(f"IDEM#{caller}", hashlib.sha256(key.encode()).hexdigest())


def _reply_in(item: Item) -> Reply:
    return Reply(fingerprint=text(item, "fingerprint"), resource_id=text(item, "resource_id"))
