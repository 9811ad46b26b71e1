"""What questions about a year of a workspace's trail cost, beside reading its partitions from the newest day on."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import BinaryIO

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.trail.archival import archived
from shared.domain.trail.export import leaves_line
from shared.domain.trail.index import DayIndex, HourIndex, Occurrence
from shared.domain.trail.merkle import leaf_hash, nodes_of, root
from shared.domain.trail.seal import NO_SEAL, Seal
from shared.services.trail.pseudonyms import pseudonym_of
from shared.services.trail.query_trail import query_trail
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.trail_index import Folded, Kept, Slot
from shared.storage.engine import Item, Table
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.envelope import KEPT_IN_TABLE, enveloped, trail_row
from shared.storage.rows.people import StoredPeopleKeys
from shared.storage.rows.seals import StoredSeals
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.metered import Metered, item_bytes, read_units
from tests.bench.table import say_table
from tests.data.examples import NOON, tool_called
from tests.data.memory_objects import MemoryObjects

SIZES = (1_000, 100_000, 1_000_000)
YEAR, A_MINUTE, A_DAY = timedelta(days=365), timedelta(minutes=1), timedelta(days=1)
BEGIN = NOON - YEAR
TOKENS, MEMBERS, TOOLS = 60, 20, 15
BUSY_SHARE = 3
"""One call of so many is of the busy token."""
RARE = 10
"""Calls of the rare token."""
ASKED_FOR = 50

A_CALL = tool_called(arguments_hash="5f0c" * 16)

QUESTIONS = {
    "no filter": AuditFilter(),
    "a busy token": AuditFilter(token_id="busy"),
    "a token with 10 calls": AuditFilter(token_id="rare"),
    "a tool": AuditFilter(tool="tool-7"),
    "outcome=error": AuditFilter(outcome="error"),
    "a member": AuditFilter(actor="mem_8"),
    "a day 60 days ago": AuditFilter(since=NOON - 60 * A_DAY, until=NOON - 59 * A_DAY),
    "a day 200 days ago": AuditFilter(since=NOON - 200 * A_DAY, until=NOON - 199 * A_DAY),
    "its errors": AuditFilter(since=NOON - 200 * A_DAY, until=NOON - 199 * A_DAY, outcome="error"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Calls at equal distances; what each is follows from its number alone."""

    calls: int

    def call(self, number: int) -> ToolCalled:
        """Make a call, counted from 0."""
        chance = number * 2_654_435_761 % 2**32  # multiplicative hashing, as Knuth has it
        token = "busy" if chance % BUSY_SHARE == 0 else f"tok-{chance % TOKENS}"
        if number % (self.calls // RARE) == 0:
            token = "rare"
        return replace(
            A_CALL,
            token_id=token,
            number=number + 1,
            tool=f"tool-{chance // 7 % TOOLS}",
            outcome=Outcome.ERROR if chance // 11 % 50 == 0 else Outcome.OK,
            at=BEGIN + YEAR * number / self.calls,
        )

    def row(self, number: int) -> Item:
        """Make its row in the table."""
        call = self.call(number)
        origin = Origin(
            actor=_member(call), request_id=f"request-{number:026d}", ip="203.0.113.7", user_agent="agent/1"
        )
        row = enveloped(call, stream=f"token:{call.token_id}", seq=call.number, workspace_id="ws1", origin=origin)
        return trail_row(row, at=call.at, kept=KEPT_IN_TABLE)

    def of_seal(self, number: int) -> range:
        """Give the calls under a seal: those of one minute."""
        first, last = (-(-(minute * A_MINUTE * self.calls) // YEAR) for minute in (number - 1, number))
        return range(first, min(last, self.calls))

    def sealed(self, number: int, names: Mapping[str, str]) -> tuple[Seal, Sequence[str]]:
        """Make a seal, and the lines that the archive has under it."""
        rows: list[str] = []
        for each in self.of_seal(number):
            row = self.row(each)
            data = row.pop("data")
            envelope = {name: value for name, value in row.items() if name not in {"pk", "sk", "ttl"}}
            if isinstance(data, dict):
                rows.append(archived(envelope, data, pseudonym=lambda who: names.get(who, who), salt="0" * 32))
        leaves = [leaf_hash(row.encode()) for row in rows]
        seal = Seal(
            workspace_id="ws1",
            number=number,
            count=len(rows),
            total=number * len(rows),
            root=root(len(leaves), nodes_of(leaves)),
            previous=NO_SEAL,  # nobody looks at the chain
            at="2026-11-21T12:00:00.000000Z",
        )
        return seal, (seal.line, leaves_line(leaves), *rows)


class MadeArchive(MemoryObjects):
    """An archive whose objects are made when they are read: a year has half a million of them."""

    def __init__(self, year: Year, names: dict[str, str]) -> None:
        super().__init__()
        self.year, self.names, self.reads = year, names, 0

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        self.reads += 1
        number = int(key.split("/")[2][:10])
        _, lines = self.year.sealed(number, self.names)
        yield BytesIO(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an answer took."""

    rows: int
    pages: int
    requests: int
    read_units: float
    objects: int
    seconds: float


def say_queries() -> None:
    """Print a table for each size; the rows are made first."""
    for calls in SIZES:
        with TemporaryDirectory() as folder:
            path = Path(folder, "year.db")
            with closing(SqliteEngine(path)) as engine:
                names = {
                    f"mem_{each}": pseudonym_of(StoredPeopleKeys(engine).key_of("ws1", f"mem_{each}") or b"")
                    for each in range(MEMBERS)
                }
                began = perf_counter()
                scan = _fill(path, engine, Year(calls=calls), names)
                made_in = perf_counter() - began
                rows = [(name, *_told(_asked(engine, Year(calls=calls), names, of))) for name, of in QUESTIONS.items()]
        say_table(
            f"{calls:,} calls in a year (made in {made_in:.0f} s); reading the year: {scan:,} read units",
            ("the first 50 of", "rows", "pages", "requests", "read units", "objects", "ms"),
            rows,
        )


def _asked(engine: SqliteEngine, year: Year, names: dict[str, str], matching: AuditFilter) -> Cost:
    metered, archive = Metered(engine), MadeArchive(year, names)
    trail = TrailSources(
        audit=StoredAudit(metered),
        seals=StoredSeals(metered),
        index=StoredTrailIndex(metered),
        people=StoredPeopleKeys(metered),
        open_archive=lambda: archive,
    )
    began, rows, pages = perf_counter(), 0, 0
    after: str | None = None
    while rows < ASKED_FOR:
        page = query_trail("ws1", matching=matching, limit=ASKED_FOR - rows, now=NOON, after=after, trail=trail)
        rows, pages, after = rows + len(page.items), pages + 1, page.next
        if after is None:
            break
    return Cost(
        rows=rows,
        pages=pages,
        requests=metered.spent.requests.total(),
        read_units=metered.spent.read_units,
        objects=archive.reads,
        seconds=perf_counter() - began,
    )


def _told(cost: Cost) -> Iterator[str]:
    for figure in (cost.rows, cost.pages, cost.requests, cost.read_units, cost.objects, cost.seconds * 1000):
        yield f"{figure:,.0f}"


def _fill(path: Path, engine: SqliteEngine, year: Year, names: dict[str, str]) -> int:
    """Write what a year leaves: the rows of its last 90 days, the seals of the others, the index of all.

    Give what it would cost to read all rows, were they all there.
    """
    folds: dict[Slot, Folded] = {}
    seals: set[int] = set()
    size = 0
    with closing(sqlite3.connect(path)) as connection:
        for number in range(year.calls):
            call = year.call(number)
            _fold(call, names, folds)
            seals.add(_seal_of(call.at))
            if call.at >= NOON - KEPT_IN_TABLE - A_DAY:
                row = year.row(number)
                size += item_bytes(row)
                _insert(connection, Table.AUDIT, row)
        for number in seals:
            seal, _ = year.sealed(number, names)
            _insert(connection, Table.AUDIT, _seal(seal))
        connection.commit()
    for slot, value in folds.items():
        StoredTrailIndex(engine).keep(Kept(slot=slot, value=value, through=1), was=0)
    in_table = (KEPT_IN_TABLE + A_DAY) / YEAR
    return read_units(int(size / in_table))


def _fold(call: ToolCalled, names: dict[str, str], folds: dict[Slot, Folded]) -> None:
    seen = Occurrence(
        day=call.at.date().isoformat(),
        hour=call.at.hour,
        minute=call.at.minute,
        values={
            "token": call.token_id,
            "actor": names[_member(call)],
            "type": call.type,
            "tool": call.tool or "",
            "outcome": call.outcome.value,
        },
        milliseconds=call.milliseconds,
        result_bytes=call.result_bytes,
    )
    day = folds.setdefault(Slot(workspace_id="ws1", day=seen.day), DayIndex())
    hour = folds.setdefault(Slot(workspace_id="ws1", day=seen.day, hour=seen.hour), HourIndex())
    if isinstance(day, DayIndex) and isinstance(hour, HourIndex):
        day.add(seen)
        hour.add(seen, seal=_seal_of(call.at))


def _seal_of(at: datetime) -> int:
    return (at - BEGIN) // A_MINUTE + 1


def _seal(seal: Seal) -> Item:
    return {
        "pk": "W#ws1#SEALS",
        "sk": f"{seal.number:010d}",
        "number": seal.number,
        "count": seal.count,
        "total": seal.total,
        "root": seal.root.hex(),
        "previous": seal.previous.hex(),
        "at": seal.at,
        "index": seal.number,
    }


def _insert(connection: sqlite3.Connection, table: Table, item: Item) -> None:
    connection.execute(
        "INSERT INTO items (tbl, pk, sk, item) VALUES (?, ?, ?, ?)", (table, item["pk"], item["sk"], json.dumps(item))
    )


def _member(call: ToolCalled) -> str:
    """Give the owner of a call's token."""
    return f"mem_{sum(call.token_id.encode()) % MEMBERS}"
