"""The change feed: everything stored, in the order of commit, as records of a DynamoDB stream."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from shared.storage.attributes import image_of
from shared.storage.engine import Item, Table
from shared.storage.sqlite.file import SqliteFile

STREAM_ARN = "arn:aws:dynamodb:local:000000000000:table/{table}/stream/local"
TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who is said to have deleted an item that outlived its `ttl`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, and its place in the order of all."""

    sequence: int
    table: Table
    record: Mapping[str, Any]
    """As in the `Records` of a stream event: NEW_AND_OLD_IMAGES."""


class ChangeFeed:
    """Reads the feed of one file. Where it was read up to is the reader's to remember."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    @classmethod
    def at(cls, path: str | Path) -> Self:
        """Follow a file that other processes write."""
        return cls(SqliteFile(path))

    def read(self, after: int, *, limit: int) -> tuple[Change, ...]:
        """Read the changes that came after this sequence number, oldest first."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, at, tbl, by_ttl, before, after FROM changes"
                " WHERE sequence > ? ORDER BY sequence LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple(
            Change(sequence=sequence, table=Table(tbl), record=_record(sequence, at, tbl, by_ttl=by_ttl, images=images))
            for sequence, at, tbl, by_ttl, *images in rows
        )

    def last(self) -> int:
        """Give the sequence number of the latest change (0: there was none)."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
        return row[0] if row else 0

    def trim(self, up_to: int) -> None:
        """Forget the changes up to and including this sequence number."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM changes WHERE sequence <= ?", (up_to,))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _item(text: str | None) -> Item | None:
    return None if text is None else json.loads(text)


def _record(sequence: int, at: int, tbl: str, *, by_ttl: int, images: Sequence[str | None]) -> dict[str, Any]:
    old, new = (_item(text) for text in images)
    held = new or old or {}
    changed: dict[str, Any] = {"Keys": image_of({"pk": held["pk"], "sk": held["sk"]})}
    if new is not None:
        changed["NewImage"] = image_of(new)
    if old is not None:
        changed["OldImage"] = image_of(old)
    record: dict[str, Any] = {
        "eventID": f"{sequence:032x}",
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "local",
        "dynamodb": {
            "ApproximateCreationDateTime": at,
            **changed,
            "SequenceNumber": f"{sequence:021d}",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": STREAM_ARN.format(table=tbl),
    }
    if by_ttl:
        record["userIdentity"] = TIME_TO_LIVE
    return record
