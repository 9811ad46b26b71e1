"""Addresses as rows, in a partition of their own, so that a role can be kept from them.

core   W#{ws}#CONTACTS   {member_id}   `address`, written with the change of the workspace that it belongs to
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.storage.engine import Engine, Key, Table
from shared.storage.rows.values import text
from shared.storage.rows.workspaces import contacts_pk


class StoredContacts:
    """Keeps the contract of `ContactStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_workspace(self, workspace_id: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        after: Key | None = None
        while True:
            page = self._engine.query(Table.CORE, contacts_pk(workspace_id), after=after)
            found |= {text(item, "sk"): text(item, "address") for item in page.items}
            after = page.next
            if after is None:
                return found
