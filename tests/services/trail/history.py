"""A workspace's trail while time goes by: rows are written, sealed, folded, and leave their table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from shared.domain.activity import CallDenied, CallEvent, ToolCalled
from shared.domain.token.events import TokenCreated, TokenRevoked
from shared.domain.trail.events import TrailEvent
from shared.services.trail.query_trail import query_trail
from shared.services.trail.sources import TrailSources
from shared.storage.codec import EVENTS
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.streams import Origin, Page
from shared.storage.engine import Delete, Key, Table
from shared.storage.rows.envelope import KEPT_IN_TABLE, stream_writes
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON
from tests.services.trail.sealing import A_MINUTE, Sealing

EVERYTHING = AuditFilter()
MOST_PAGES = 2_000
ORIGIN = Origin(actor="mem_olga", request_id="req", ip="203.0.113.7", user_agent="curl/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event, who did it, and, of one with a history of its own, whose."""

    event: CallEvent | TrailEvent | TokenCreated | TokenRevoked
    actor: str = "mem_olga"
    token_id: str | None = None


@dataclass(kw_only=True)
class History:
    engine: SqliteEngine = field(default_factory=SqliteEngine)
    now: datetime = NOON
    rows: list[AuditEntry] = field(default_factory=list[AuditEntry])
    """What was written, as it is to be read; without what only the store gives it, and without its address."""

    def __post_init__(self) -> None:
        self.sealing = Sealing.over(self.engine)
        self._numbers = count(1)

    @property
    def trail(self) -> TrailSources:
        on = self.sealing
        return TrailSources(
            audit=on.audit, seals=on.seals, index=on.index, people=on.people, open_archive=lambda: on.archive
        )

    def write(self, *some: Happened) -> None:
        """Write rows, and have the stream tell of them."""
        for happened in some:
            self._write(happened)
        if some:
            times = [happened.event.at for happened in some]
            self.sealing.seals.mark("ws1", since=min(times), until=max(times), now=self.now)

    def seal(self) -> None:
        self.now += A_MINUTE
        self.sealing.run(self.now)
        self.sealing.fold()

    def wait(self, some: timedelta, *, forgetting: Callable[[int], bool] = lambda _: True) -> None:
        """Let time go by. The table loses rows that are too old, at once or some time later."""
        self.now += some
        for day in {f"{row.at:%Y-%m-%d}" for row in self.rows}:
            for item in self.engine.query(Table.AUDIT, f"W#ws1#{day}").items:
                if int(str(item["ttl"])) < self.now.timestamp() and forgetting(len(str(item["sk"]))):
                    self.engine.write(Delete(table=Table.AUDIT, key=Key(str(item["pk"]), str(item["sk"]))))

    def page(self, matching: AuditFilter, *, limit: int = 100, after: str | None = None) -> Page[AuditEntry]:
        return query_trail("ws1", matching=matching, limit=limit, now=self.now, after=after, trail=self.trail)

    def pages(
        self, matching: AuditFilter = EVERYTHING, *, limit: int = 100, meanwhile: Callable[[], None] = lambda: None
    ) -> list[AuditEntry]:
        """Ask until there is no more; something may happen between two pages."""
        found: list[AuditEntry] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = self.page(matching, limit=limit, after=after)
            assert len(page.items) <= limit
            found += page.items
            after = page.next
            if after is None:
                return found
            meanwhile()
        raise AssertionError("the trail does not end")

    def _write(self, happened: Happened) -> None:
        event, number = happened.event, next(self._numbers)
        origin = replace(ORIGIN, actor=happened.actor, request_id=f"req-{number}")
        if isinstance(event, ToolCalled):
            event = replace(event, number=number)
        stream = f"token:{event.token_id}" if isinstance(event, ToolCalled | CallDenied) else "workspace:ws1"
        if not isinstance(event, TokenCreated | TokenRevoked):
            self.sealing.audit.record(event, workspace_id="ws1", origin=origin)
        else:
            stream = f"token:{happened.token_id}"
            for write in stream_writes(
                [event],
                pk=f"TOK#{happened.token_id}",
                stream=stream,
                after_version=number,
                workspace_id="ws1",
                origin=origin,
                kept=KEPT_IN_TABLE,
            ):
                self.engine.write(write)
        self.rows.append(
            AuditEntry(
                place="",
                event_id="",
                type=event.type,
                at=event.at,
                workspace_id="ws1",
                stream=stream,
                origin=replace(origin, ip=None),
                data=EVENTS.encode(event).data,
            )
        )


def bare(rows: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Leave out what only the store gives a row, and the address, of which old ones have the network."""
    return [replace(row, place="", event_id="", origin=replace(row.origin, ip=None)) for row in rows]


def by_request(rows: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Put rows in an order that says nothing of time; each has a request of its own."""
    return sorted(rows, key=lambda row: row.origin.request_id)
