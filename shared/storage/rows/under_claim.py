"""Writes of the run that holds the claim of a workspace, in as few transactions as there can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import uuid4

from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import Check, Delete, Engine, Equals, Put, Table, TransactionRefused
from shared.storage.rows.facts import run_key
from shared.storage.rows.values import text

MOST_TOGETHER = 98
"""Writes in one transaction, beside the check of the claim: DynamoDB takes a hundred."""
LARGEST_TOGETHER = 3_000_000
"""Bytes of documents in one transaction: DynamoDB takes 4 MB."""


def write_under_claim(engine: Engine, workspace_id: str, run: str, groups: Iterable[Sequence[Put | Delete]]) -> None:
    """Write groups of rows in their order: a group changes as one, and as many with it as fit into one transaction.

    Raises:
        StreamMoved: another run has claimed the workspace; what came before this transaction stands.

    """
    claimed = Check(table=Table.FACTS, key=run_key(workspace_id), when=Equals("run", run))
    for chunk in _chunks(groups):
        try:
            engine.transact([claimed, *chunk], request_token=uuid4().hex)
        except TransactionRefused as refused:
            raise StreamMoved(workspace_id) from refused


def _chunks(groups: Iterable[Sequence[Put | Delete]]) -> Iterator[Sequence[Put | Delete]]:
    chunk: list[Put | Delete] = []
    size = 0
    for group in groups:
        length = sum(len(text(put.item, "doc").encode()) for put in group if isinstance(put, Put) and "doc" in put.item)
        if chunk and (len(chunk) + len(group) > MOST_TOGETHER or size + length > LARGEST_TOGETHER):
            yield chunk
            chunk, size = [], 0
        chunk.extend(group)
        size += length
    if chunk:
        yield chunk
