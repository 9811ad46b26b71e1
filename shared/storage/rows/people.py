"""The keys of people as rows.

core   W#{ws}#PEOPLE   {who}   `key`; one without it stands for a person who was forgotten
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from shared.storage.engine import ConditionFailed, Engine, Item, Key, Missing, Put, Table
from shared.storage.rows.values import optional_text, text

KEY_BYTES = 32


class StoredPeopleKeys:
    """Keeps the contract of `PeopleKeys` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def key_of(self, workspace_id: str, who: str) -> bytes | None:
        item = self._engine.get(Table.CORE, _key(workspace_id, who)) or self._made(workspace_id, who)
        key = optional_text(item, "key")
        return bytes.fromhex(key) if key is not None else None

    def known(self, workspace_id: str) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        after: Key | None = None
        while True:
            page = self._engine.query(Table.CORE, _pk(workspace_id), after=after)
            found |= {text(item, "sk"): bytes.fromhex(text(item, "key")) for item in page.items if "key" in item}
            after = page.next
            if after is None:
                return found

    def forget(self, workspace_id: str, who: str) -> None:
        key = _key(workspace_id, who)
        self._engine.write(Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk}))

    def _made(self, workspace_id: str, who: str) -> Item:
        key = _key(workspace_id, who)
        item: Item = {"pk": key.pk, "sk": key.sk, "key": secrets.token_hex(KEY_BYTES)}
        try:
            self._engine.write(Put(table=Table.CORE, item=item, when=Missing("pk")))
        except ConditionFailed as failed:  # another came first: theirs is the key
            return failed.item or item
        return item


def _pk(workspace_id: str) -> str:
    return f"W#{workspace_id}#PEOPLE"


def _key(workspace_id: str, who: str) -> Key:
    return Key(_pk(workspace_id), who)
