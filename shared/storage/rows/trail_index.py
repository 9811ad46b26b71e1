"""What is folded from sealed rows, as rows: one JSON document each, and `through`, the last seal that is in it.

core   W#{ws}#TRAIL   DAY#{yyyy-mm-dd}               which values occur in the day, and how often
                      HOUR#{yyyy-mm-dd}#{hh}         in which minutes of the hour
                      USE#{yyyy-mm-dd}#{token}       what a token did in the day
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.trail.index import DIMENSIONS, DayIndex, DayUse, HourIndex, Use
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.trail_index import Document, Folded, Kept, Slot
from shared.storage.engine import AllOf, ConditionFailed, Delete, Engine, Equals, Exists, Item, Key, Missing, Put, Table
from shared.storage.rows.values import text, whole_number


class StoredTrailIndex:
    """Keeps the contract of `TrailIndex` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, slot: Slot) -> Kept:
        item = self._engine.get(Table.CORE, _key(slot))
        if item is None:
            return Kept(slot=slot, value=_empty(slot), through=0)
        return Kept(slot=slot, value=_value(slot, json.loads(text(item, "doc"))), through=whole_number(item, "through"))

    def keep(self, kept: Kept, *, was: int) -> None:
        key = _key(kept.slot)
        # Sorted, so that what is made anew is the same to the byte.
        doc = json.dumps(_document(kept.value), sort_keys=True, separators=(",", ":"))
        item: Item = {"pk": key.pk, "sk": key.sk, "through": kept.through, "doc": doc}
        when = Equals("through", was) if was else Missing("pk")
        try:
            self._engine.write(Put(table=Table.CORE, item=item, when=when))
        except ConditionFailed as failed:
            if failed.item != item:  # the same is our own write, repeated because its answer was lost
                raise StreamMoved(key.sk) from failed

    def newest(self, workspace_id: str) -> datetime | None:
        for place, doc in self._last(workspace_id, "HOUR#", "HOUR$", limit=1):
            hour = datetime.strptime(place, "HOUR#%Y-%m-%d#%H").replace(tzinfo=UTC)
            return hour + timedelta(minutes=_hour(doc).minutes.bit_length() - 1)
        return None

    def days(self, workspace_id: str, *, since: str, upto: str, limit: int) -> Sequence[tuple[str, DayIndex]]:
        found = self._last(workspace_id, f"DAY#{since}", f"DAY#{upto}", limit=limit)
        return [(place.removeprefix("DAY#"), _day(doc)) for place, doc in found]

    def hours(self, workspace_id: str, day: str, *, upto: int, limit: int) -> Sequence[tuple[int, HourIndex]]:
        found = self._last(workspace_id, f"HOUR#{day}#", f"HOUR#{day}#{upto:02d}", limit=limit)
        return [(int(place[-2:]), _hour(doc)) for place, doc in found]

    def uses(self, workspace_id: str, token_id: str, days: Sequence[str]) -> Mapping[str, DayUse]:
        keys = {_key(Slot(workspace_id=workspace_id, day=day, token_id=token_id)): day for day in days}
        found = self._engine.get_many(Table.CORE, [*keys])
        return {keys[key]: _use(json.loads(text(item, "doc"))) for key, item in found.items()}

    def uses_of_many(self, workspace_id: str, wanted: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], DayUse]:
        keys = {_key(Slot(workspace_id=workspace_id, day=day, token_id=token)): (token, day) for token, day in wanted}
        found = self._engine.get_many(Table.CORE, [*keys], consistently=False)
        return {keys[key]: _use(json.loads(text(item, "doc"))) for key, item in found.items()}

    def documents(self, workspace_id: str) -> Iterator[Document]:
        after: Key | None = None
        while True:
            page = self._engine.query(Table.CORE, _pk(workspace_id), after=after)
            yield from (_as_it_lies(item) for item in page.items)
            after = page.next
            if after is None:
                return

    def document(self, workspace_id: str, place: str) -> Document | None:
        item = self._engine.get(Table.CORE, Key(_pk(workspace_id), place))
        return _as_it_lies(item) if item is not None else None

    def put_right(self, workspace_id: str, place: str, *, lies: Document | None, right: Document | None) -> None:
        key = Key(_pk(workspace_id), place)
        when = _still(lies) if lies is not None else Missing("pk")
        item: Item | None = {"pk": key.pk, "sk": key.sk, **right.content} if right is not None else None
        try:
            if item is not None:
                self._engine.write(Put(table=Table.CORE, item=item, when=when))
            else:
                self._engine.write(Delete(table=Table.CORE, key=key, when=when))
        except ConditionFailed as failed:
            if failed.item != item:  # as above
                raise StreamMoved(place) from failed

    def _last(self, workspace_id: str, first: str, last: str, *, limit: int) -> Iterator[tuple[str, Any]]:
        """Read so many documents, the last of those between two places, latest first."""
        after: Key | None = None
        while True:
            page = self._engine.query(
                Table.CORE, _pk(workspace_id), first=first, last=last, newest_first=True, limit=limit, after=after
            )
            yield from ((text(item, "sk"), json.loads(text(item, "doc"))) for item in page.items)
            limit -= len(page.items)
            after = page.next
            if after is None or limit == 0:
                return


def _as_it_lies(item: Item) -> Document:
    content = {name: value for name, value in item.items() if name not in {"pk", "sk"}}
    return Document(place=text(item, "sk"), content=content)


def _still(lies: Document) -> AllOf:
    """Ask that nobody has folded anything into a document since."""
    parts = ((name, lies.content.get(name)) for name in ("through", "doc"))
    return AllOf((Exists("pk"), *(Equals(name, value) for name, value in parts if isinstance(value, str | int))))


def _pk(workspace_id: str) -> str:
    return f"W#{workspace_id}#TRAIL"


def _key(slot: Slot) -> Key:
    if slot.token_id is not None:
        return Key(_pk(slot.workspace_id), f"USE#{slot.day}#{slot.token_id}")
    place = f"DAY#{slot.day}" if slot.hour is None else f"HOUR#{slot.day}#{slot.hour:02d}"
    return Key(_pk(slot.workspace_id), place)


def _empty(slot: Slot) -> Folded:
    if slot.token_id is not None:
        return DayUse()
    return DayIndex() if slot.hour is None else HourIndex()


def _value(slot: Slot, doc: Mapping[str, Any]) -> Folded:
    if slot.token_id is not None:
        return _use(doc)
    return _day(doc) if slot.hour is None else _hour(doc)


def _document(value: Folded) -> Mapping[str, object]:
    match value:
        case DayIndex():
            return {"rows": value.rows, "counts": value.counts}
        case HourIndex():
            # A number of 60 bits is more than JSON's readers agree on.
            where = {name: {each: f"{bits:x}" for each, bits in known.items()} for name, known in value.where.items()}
            return {"minutes": f"{value.minutes:x}", "where": where, "seals": value.seals}
        case DayUse():
            return {
                tool: {outcome: [use.calls, use.milliseconds, use.result_bytes] for outcome, use in outcomes.items()}
                for tool, outcomes in value.uses.items()
            }


def _day(doc: Mapping[str, Any]) -> DayIndex:
    return DayIndex(rows=doc["rows"], counts={name: dict(doc["counts"][name]) for name in DIMENSIONS})


def _hour(doc: Mapping[str, Any]) -> HourIndex:
    return HourIndex(
        minutes=int(doc["minutes"], 16),
        where={name: {each: int(bits, 16) for each, bits in doc["where"][name].items()} for name in DIMENSIONS},
        seals={int(minute): list(numbers) for minute, numbers in doc["seals"].items()},
    )


def _use(doc: Mapping[str, Any]) -> DayUse:
    return DayUse(
        uses={
            tool: {
                outcome: Use(calls=calls, milliseconds=milliseconds, result_bytes=result_bytes)
                for outcome, (calls, milliseconds, result_bytes) in outcomes.items()
            }
            for tool, outcomes in doc.items()
        }
    )
