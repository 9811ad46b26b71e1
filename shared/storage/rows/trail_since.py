"""What the trail of a workspace has recorded since a seal: whole histories of tokens and the workspace, and calls.

Seals tell the time here. A backup knows the last seal that there was when it was taken, so whatever came later is
younger than that seal, and nobody has to say of which moment the backup is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

from shared.domain.activity import ToolCalled
from shared.domain.token.events import TokenEvent
from shared.domain.trail.events import CallUnaccounted, MemberForgotten
from shared.domain.trail.places import start_of
from shared.domain.trail.seal import Seal
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.codec import EVENTS, UnknownEvent
from shared.storage.contracts.restoration import CallsSince, Recorded, Since
from shared.storage.engine import Engine, Item, Key, Table
from shared.storage.rows.envelope import opened, trail_pk
from shared.storage.rows.seals import StoredSeals, sealed_pk, seals_pk, trail_row_of
from shared.storage.rows.values import text, texts, whole_number

MARGIN = timedelta(hours=1)
"""By how much a row of the trail may seem older than its write: clocks differ, and a request takes its time."""
OF_A_HISTORY = re.compile(r"\d{13}#(?P<stream>(?:token|workspace):[^#]+)#\d{8}")
"""The place of an event that has a history."""
NO_CALLS = CallsSince(number=0, first=None, last=None, scopes=frozenset())


def trail_since(engine: Engine, workspace_id: str, seal: Seal | None, *, oldest: datetime, now: datetime) -> Since:
    """Read what was recorded since a seal (None: since ever); rows before `oldest` are no longer in their table."""
    known = seal.number if seal is not None else 0
    begins = oldest if seal is None else max(oldest, datetime.fromisoformat(seal.at) - MARGIN)
    found = _Found()
    day, last_day = begins.astimezone(UTC).date(), (now + MARGIN).astimezone(UTC).date()
    while day <= last_day:
        _read_day(engine, workspace_id, day, found, begins=begins, known=known)
        day += timedelta(days=1)
    return Since(
        begins=begins,
        events={stream: [events[seq] for seq in sorted(events)] for stream, events in found.events.items()},
        calls=found.calls,
        forgotten=tuple(found.forgotten),
        lost=frozenset(found.lost),
        reaches_back=_is_kept(engine, workspace_id, known + 1, oldest=oldest),
        is_of_others=seal is not None and not _is_ours(engine, seal),
    )


def rows_of(
    engine: Engine, table: Table, pk: str, *, first: str | None = None, last: str | None = None
) -> Iterator[Item]:
    """Read all rows of a partition, or of a part of it."""
    after: Key | None = None
    while True:
        page = engine.query(table, pk, first=first, last=last, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _read_day(engine: Engine, workspace_id: str, day: date, found: _Found, *, begins: datetime, known: int) -> None:
    places: set[str] = set()
    for item in rows_of(engine, Table.AUDIT, trail_pk(workspace_id, day.isoformat()), first=start_of(begins)):
        places.add(text(item, "sk"))
        found.take(item)
    for item in rows_of(engine, Table.AUDIT, sealed_pk(workspace_id, day), first=f"{known + 1:010d}"):
        gone = (place for place in texts(item, "places") if place >= start_of(begins) and place not in places)
        found.lost.update(match["stream"] for place in gone if (match := OF_A_HISTORY.fullmatch(place)))


def _is_kept(engine: Engine, workspace_id: str, number: int, *, oldest: datetime) -> bool:
    """Tell whether the rows of a seal, and of all later ones, are still in their table."""
    place = f"{number:010d}"
    seals = rows_of(engine, Table.AUDIT, seals_pk(workspace_id), first=place, last=place)
    return all(datetime.fromisoformat(text(seal, "at")) - MARGIN > oldest for seal in seals)


def _is_ours(engine: Engine, seal: Seal) -> bool:
    """Tell whether a seal is one of this trail, whose seals are kept for ever."""
    return [kept.seal for kept in StoredSeals(engine).seals(seal.workspace_id, first=seal.number, limit=1)] == [seal]


class _Found:
    """What rows of the trail tell."""

    def __init__(self) -> None:
        self.events: dict[str, dict[int, Recorded]] = defaultdict(dict)
        self.calls: dict[str, CallsSince] = {}
        self.forgotten: list[str] = []
        self.lost: set[str] = set()

    def take(self, item: Item) -> None:
        event = event_of(item)
        history = OF_A_HISTORY.fullmatch(text(item, "sk"))
        if history is not None:
            seq = whole_number(item, "seq")
            read = cast("TokenEvent | WorkspaceEvent | None", event)  # no others have such a history
            self.events[history["stream"]][seq] = Recorded(seq=seq, event=read, row=trail_row_of(item))
        elif isinstance(event, ToolCalled):
            self._called(event)
        elif isinstance(event, CallUnaccounted):
            known = self.calls.get(event.token_id, NO_CALLS)
            self.calls[event.token_id] = replace(known, number=max(known.number, event.number))
        elif isinstance(event, MemberForgotten):
            self.forgotten.append(event.member_id)

    def _called(self, call: ToolCalled) -> None:
        known = self.calls.get(call.token_id, NO_CALLS)
        self.calls[call.token_id] = CallsSince(
            number=max(known.number, call.number),
            first=min(known.first or call.at, call.at),
            last=max(known.last or call.at, call.at),
            scopes=known.scopes | {(call.at.astimezone(UTC).date(), call.scope)},
        )


def event_of(item: Item) -> object:
    """Read the event of a row; None: it is none that this program can read."""
    try:
        return EVENTS.decode(opened(item))
    except (UnknownEvent, KeyError, TypeError, ValueError):
        return None
