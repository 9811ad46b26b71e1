"""The envelope in which an event is stored: in its stream in `core`, and as a row of the trail in `audit`.

Attributes:
    id            UUIDv7 of the event's time; a repeat of the same write gives the same id
    type, v, at   what happened, the version of its shape, when
    stream, seq   whose history it belongs to (`token:…`, `workspace:…`), and its place there
    actor, workspace, request_id, ip, user_agent
    data          the event's own fields: see `shared.storage.codec`

"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.trail.places import milliseconds, start_of
from shared.storage.codec import EVENTS, Event, Stored, storable
from shared.storage.contracts.streams import Origin
from shared.storage.engine import Engine, Item, Key, Missing, Put, Table

KEPT_IN_TABLE = timedelta(days=90)
"""How long the trail stays in its table unless a deployment says otherwise; after that it is in the archive."""


def event_id(at: datetime, *place: str) -> str:
    """Make the UUIDv7 of an event out of its time and its place, which no other event has.

    The random part comes from a hash: a write that is repeated because its answer was lost says the same again.
    """
    chance = int.from_bytes(hashlib.sha256("\n".join(place).encode()).digest()[:10])
    number = milliseconds(at) << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62 | chance & ((1 << 62) - 1)
    return str(UUID(int=number))


def enveloped(event: Event, *, stream: str, seq: int | None, workspace_id: str, origin: Origin) -> Item:
    """Write an event and its envelope as attributes, still without a key."""
    stored = EVENTS.encode(event)
    row: Item = {
        "id": event_id(event.at, stream, str(seq), stored.type, origin.request_id),
        "type": stored.type,
        "v": stored.version,
        "at": stored.at,
        "stream": stream,
        "seq": seq,
        "actor": storable(origin.actor),
        "workspace": workspace_id,
        "request_id": storable(origin.request_id),
        "ip": origin.ip,
        "user_agent": storable(origin.user_agent) if origin.user_agent is not None else None,
        "data": stored.data,
    }
    return {name: value for name, value in row.items() if value is not None}


def opened(row: Item) -> Stored:
    """Take the stored event out of its row."""
    match row:
        case {"type": str(type_), "v": int(version), "at": str(at), "data": dict(data)}:
            return Stored(type=type_, version=version, at=at, data=data)
        case _:
            raise ValueError(f"the row {row.get('pk')} {row.get('sk')} holds no event")


def stream_of(engine: Engine, pk: str) -> Iterator[object]:
    """Read the events of a stream, oldest first; whoever writes the partition knows of which kind they are."""
    after: Key | None = None
    while True:
        page = engine.query(Table.CORE, pk, first="E#", last="E$", after=after)
        yield from (EVENTS.decode(opened(item)) for item in page.items)
        after = page.next
        if after is None:
            return


def trail_pk(workspace_id: str, day: str) -> str:
    """Give the partition of one day of a workspace's trail, `day` as yyyy-mm-dd in UTC."""
    return f"W#{workspace_id}#{day}"


def place_of(row: Item) -> str:
    """Give the key of an enveloped event within its workspace's trail; an archived one has the same.

    What has a history of its own lies where that says; the others lie where a repeat of the same write meets them.
    """
    match row:
        case {"type": "mcp.call", "data": {"token_id": token_id, "number": number}}:
            what = f"{token_id}#{number}"
        case {"type": "mcp.call_denied", "data": {"token_id": token_id}, "request_id": request_id}:
            what = f"{token_id}#denied#{request_id}"
        case {"type": "mcp.call_unaccounted", "data": {"token_id": token_id, "number": number}}:
            what = f"{token_id}#{number}#unaccounted"
        case {"type": "audit.tamper_found", "data": {"sequence": sequence}}:
            what = f"tamper#{sequence}"
        case {"stream": stream, "seq": int(seq)}:
            what = f"{stream}#{seq:08d}"
        case _:
            what = f"{row['type']}#{row['request_id']}"
    return f"{start_of(datetime.fromisoformat(str(row['at'])))}#{what}"


def trail_row(row: Item, *, at: datetime, kept: timedelta) -> Item:
    """Make of an enveloped event the row of the trail."""
    return {
        **row,
        "pk": trail_pk(str(row["workspace"]), str(row["at"])[:10]),
        "sk": place_of(row),
        "ttl": int((at + kept).timestamp()),
    }


def stream_writes(
    events: Sequence[Event],
    *,
    pk: str,
    stream: str,
    after_version: int,
    workspace_id: str,
    origin: Origin,
    kept: timedelta,
) -> list[Put]:
    """Give the writes that record lifecycle events: each in its stream, and each in the trail."""
    writes: list[Put] = []
    for seq, event in enumerate(events, start=after_version + 1):
        row = enveloped(event, stream=stream, seq=seq, workspace_id=workspace_id, origin=origin)
        in_stream: Item = {**row, "pk": pk, "sk": f"E#{seq:08d}"}
        in_trail = trail_row(row, at=event.at, kept=kept)
        writes += [
            Put(table=Table.CORE, item=in_stream, when=Missing("pk")),
            Put(table=Table.AUDIT, item=in_trail, when=Missing("pk")),
        ]
    return writes
