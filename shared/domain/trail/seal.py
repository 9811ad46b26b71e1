"""Seals: a workspace's new rows of the trail under one root, each seal chained to the one before.

A seal says how many rows it covers and how many all seals up to it do, so that none of either can be left out between
two that are known. Its statement is one line; the hash of that line as a leaf is the seal's own leaf in the log, and
what the next seal of the workspace names as `previous`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.trail.archival import line_of
from shared.domain.trail.merkle import leaf_hash, nodes_of, root

NO_SEAL = bytes(32)
"""What the first seal of a workspace names as the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is stated about some rows of one workspace."""

    workspace_id: str
    number: int
    """1, 2, 3, … within the workspace."""
    count: int
    """The rows under this seal."""
    total: int
    """The rows under all seals up to this one."""
    root: bytes
    previous: bytes
    """The hash of the workspace's seal before."""
    at: str
    """When it was made, as events say it."""

    @property
    def line(self) -> str:
        """The statement, as it is hashed and exported."""
        return line_of(
            {
                "kind": "seal",
                "workspace": self.workspace_id,
                "number": self.number,
                "count": self.count,
                "total": self.total,
                "root": self.root.hex(),
                "previous": self.previous.hex(),
                "at": self.at,
            }
        )

    @property
    def hash(self) -> bytes:
        """The hash of the statement: the seal's leaf in the log."""
        return leaf_hash(self.line.encode())


def seal_rows(leaves: Sequence[bytes], *, workspace_id: str, after: Seal | None, at: str) -> Seal:
    """Seal rows, given by their leaf hashes in the order of the trail, behind the workspace's last seal.

    Raises:
        ValueError: there is nothing to seal.

    """
    if not leaves:
        raise ValueError("a seal covers at least one row")
    return Seal(
        workspace_id=workspace_id,
        number=after.number + 1 if after is not None else 1,
        count=len(leaves),
        total=(after.total if after is not None else 0) + len(leaves),
        root=root(len(leaves), nodes_of(leaves)),
        previous=after.hash if after is not None else NO_SEAL,
        at=at,
    )
