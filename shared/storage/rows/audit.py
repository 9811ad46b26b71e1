"""The trail as rows, one partition for each day of a workspace.

    audit  W#{ws}#{yyyy-mm-dd}   {ms:013}#{token}#{number}              a call: its token's row names this key
                                 {ms:013}#{token}#denied#{request id}   refusals of a token
                                 {ms:013}#{token}#{number}#unaccounted  a call of which nothing more is known
                                 {ms:013}#tamper#{sequence}             a change that the stream showed
                                 {ms:013}#{type}#{request id}           exports, members who were forgotten
                                 {ms:013}#{stream}#{seq:08}             lifecycle events, written by their stores
    core   TAMPER#{ws}           {yyyy-mm-ddThh}                        the first such change that was found in an hour,
                                                                        for the notice

Rows are put under a key that must be free and never touched again; `ttl` ends their time in the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from shared.domain.activity import CallDenied, CallEvent, ToolCalled
from shared.domain.trail.events import CallUnaccounted, TamperFound, TrailEvent
from shared.domain.trail.places import end_of, moment_of, start_of
from shared.storage.codec import EVENTS
from shared.storage.contracts.audit import AuditEntry, AuditFilter, TrailConflict
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.streams import Origin, Page, PositionInvalid
from shared.storage.engine import ConditionFailed, Engine, Item, Key, Missing, Put, Table, TransactionRefused
from shared.storage.rows.calls import place_of_call
from shared.storage.rows.envelope import KEPT_IN_TABLE, enveloped, opened, place_of, trail_pk, trail_row
from shared.storage.rows.values import optional_text, text, time

DAYS_A_PAGE = 31
ROWS_A_PAGE = 1_000
"""The most that one page looks at, however little the filter lets through."""
ROWS_A_READ = 200
HOUR = len("2026-11-21T12")
CLOCKS_DIFFER = timedelta(minutes=5)
"""A container whose clock is ahead of ours may have begun the next day already."""


OfToken = (ToolCalled, CallDenied, CallUnaccounted)


class StoredAudit:
    """Keeps the contract of `AuditLog` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    def record(self, event: CallEvent | TrailEvent, *, workspace_id: str, origin: Origin) -> None:
        of_token = f"token:{event.token_id}" if isinstance(event, OfToken) else None
        stream = of_token or f"workspace:{workspace_id}"
        seq = event.number if isinstance(event, ToolCalled) else None
        row = enveloped(event, stream=stream, seq=seq, workspace_id=workspace_id, origin=origin)
        item = trail_row(row, at=event.at, kept=self._trail_kept)
        in_trail = Put(table=Table.AUDIT, item=item, when=Missing("pk"))
        if isinstance(event, TamperFound):
            told: Item = {**row, "pk": f"TAMPER#{workspace_id}", "sk": str(row["at"])[:HOUR]}
            first = Put(table=Table.CORE, item=told, when=Missing("pk"))
            with suppress(TransactionRefused):  # people were told of another in this hour, or it is written already
                self._engine.transact([in_trail, first], request_token=str(uuid4()))
                return
        try:
            self._engine.write(in_trail)
        except ConditionFailed as failed:
            if failed.item != item:  # the same row is our own, written already by a try whose answer was lost
                raise TrailConflict(f"{item['pk']} {item['sk']}") from failed

    @property
    def kept(self) -> timedelta:
        return self._trail_kept

    def rows(self, workspace_id: str, *, since: str, below: str, limit: int) -> Page[AuditEntry]:
        pk = trail_pk(workspace_id, _day(moment_of(since)).isoformat())
        # Both bounds are inclusive, so the row that the last page ended with comes first and is dropped.
        page = self._engine.query(Table.AUDIT, pk, first=since, last=below, newest_first=True, limit=limit + 1)
        entries = tuple(_entry(item) for item in page.items if item["sk"] != below)
        return Page(items=entries, next=entries[-1].place if entries and page.next is not None else None)

    def calls(self, workspace_id: str, counted: Collection[CountedCall]) -> Mapping[str, AuditEntry]:
        keys = {
            Key(trail_pk(workspace_id, _day(call.at).isoformat()), place_of_call(call)): call.token_id
            for call in counted
        }
        found = self._engine.get_many(Table.AUDIT, [*keys], consistently=False)
        return {keys[key]: _entry(item) for key, item in found.items()}

    def archived(self, line: str) -> AuditEntry:
        row = json.loads(line)
        return _entry({**row, "sk": place_of(row)})

    def entries(
        self, workspace_id: str, *, matching: AuditFilter, limit: int, now: datetime, after: str | None = None
    ) -> Page[AuditEntry]:
        oldest = _day(max(now - self._trail_kept, matching.since or now - self._trail_kept))
        newest = _day(min(now + CLOCKS_DIFFER, matching.until or now + CLOCKS_DIFFER))
        place = _Place(day=newest) if after is None else _Place.read(after, newest=newest)
        last_day = max(oldest, place.day - timedelta(days=DAYS_A_PAGE))
        looked_at = 0
        found: list[AuditEntry] = []
        while place.day >= last_day and looked_at < ROWS_A_PAGE:
            rows = self._read(workspace_id, place, matching, wanted=limit - len(found))
            looked_at += len(rows)
            for row in rows:
                place = _Place(day=place.day, before=text(row, "sk"))
                entry = _entry(row)
                if matching.matches(entry):
                    found.append(entry)
                    if len(found) == limit:
                        return Page(items=tuple(found), next=str(place))
            if not rows:
                place = _Place(day=place.day - timedelta(days=1))
        return Page(items=tuple(found), next=str(place) if place.day >= oldest else None)

    def _read(self, workspace_id: str, place: _Place, matching: AuditFilter, *, wanted: int) -> list[Item]:
        """Read some rows of a day, newest first; none if that was all."""
        pk = trail_pk(workspace_id, place.day.isoformat())
        # Both bounds are inclusive, so the row that the last read ended with comes first and is dropped.
        limit = 1 + (wanted if matching == AuditFilter() else ROWS_A_READ)
        first = start_of(matching.since) if matching.since is not None else None
        last = end_of(matching.until) if matching.until is not None else None
        if place.before is not None:
            last = min(place.before, last or place.before)
        page = self._engine.query(Table.AUDIT, pk, first=first, last=last, newest_first=True, limit=limit)
        return [item for item in page.items if item["sk"] != place.before]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """How far the trail has been read backwards."""

    day: date
    before: str | None = None
    """Only rows of the day that lie before this sort key."""

    def __str__(self) -> str:
        return f"{self.day.isoformat()}/{self.before or ''}"

    @classmethod
    def read(cls, position: str, *, newest: date) -> _Place:
        shape = re.fullmatch(r"(\d{4}-\d\d-\d\d)/(\d{13}#.{1,900})?", position, flags=re.DOTALL)
        try:
            day = date.fromisoformat(shape[1]) if shape is not None else None
        except ValueError:
            day = None
        if shape is None or day is None:
            raise PositionInvalid(position)
        return cls(day=min(day, newest), before=shape[2])


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _entry(row: Item) -> AuditEntry:
    return AuditEntry(
        place=text(row, "sk"),
        event_id=text(row, "id"),
        type=text(row, "type"),
        at=time(row, "at"),
        workspace_id=text(row, "workspace"),
        stream=text(row, "stream"),
        origin=Origin(
            actor=text(row, "actor"),
            request_id=text(row, "request_id"),
            ip=optional_text(row, "ip"),
            user_agent=optional_text(row, "user_agent"),
        ),
        data=EVENTS.upcast(opened(row)),
    )
