"""Addresses as rows, in a partition of their own, so that a role can be kept from them.

core   W#{ws}#CONTACTS   {member_id}   `address`
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.workspaces import WorkspaceRow
from shared.storage.engine import Check, Delete, Engine, Equals, Put, Table, TransactionRefused
from shared.storage.rows.values import text
from shared.storage.rows.workspaces import contact_key, contacts_pk, workspace_key


class StoredContacts:
    """Keeps the contract of `ContactStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_workspace(self, workspace_id: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        pk, after = contacts_pk(workspace_id), None
        while True:
            page = self._engine.query(Table.CORE, pk, after=after)
            found |= {text(item, "sk"): text(item, "address") for item in page.items}
            after = page.next
            if after is None:
                return found

    def keep(self, member_id: str, address: str, *, based_on: WorkspaceRow) -> None:
        key = contact_key(based_on.workspace.workspace_id, member_id)
        put = Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, "address": address})
        self._write(put, based_on)

    def forget(self, member_id: str, *, based_on: WorkspaceRow) -> None:
        key = contact_key(based_on.workspace.workspace_id, member_id)
        self._write(Delete(table=Table.CORE, key=key), based_on)

    def _write(self, write: Put | Delete, row: WorkspaceRow) -> None:
        """Write only while members and roles are as they were judged: whoever leaves leaves no address behind."""
        workspace_id = row.workspace.workspace_id
        still = Check(table=Table.CORE, key=workspace_key(workspace_id), when=Equals("version", row.version))
        try:
            self._engine.transact([still, write], request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved(workspace_id) from refused
