"""What a call, a question, a seal, an export and its check cost where the trail has a thousand to a million rows."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.services.trail.query_trail import query_trail
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import Origin
from shared.storage.engine import Engine, Put, Table
from shared.storage.rows.envelope import KEPT_IN_TABLE, enveloped, trail_row
from shared.storage.rows.seals import StoredSeals
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.growth_points import TIMES, Point, milliseconds, point_of
from tests.bench.metered import Metered
from tests.data.examples import NOON, tool_called
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores
from tests.services.trail.sealing import LOG_NAME, Sealing

ROWS = (1_000, 10_000, 100_000, 1_000_000)
PERIOD = timedelta(days=30)
"""That the rows lie in, all of it in the table still."""
A_SEAL = timedelta(hours=1)
"""The rows of so much time are under one seal."""
AT_ONCE = 100
NEW = 50
"""Rows under the seal that is measured."""
TOKENS, TOOLS = 60, 15
RARE = 10
"""Calls of the rare token."""
ASKED_FOR = 50
A_CALL = tool_called(arguments_hash="5f0c" * 16)
WORKSPACE = "ws1"
BEGIN = NOON - PERIOD


def by_rows(rows: int) -> dict[str, Point]:
    """Measure each operation with so many rows, all of them sealed and folded."""
    with TemporaryDirectory() as folder, closing(SqliteEngine()) as engine:
        sealing, metered = Sealing.over(engine), Metered(engine)
        _fill(engine, rows)
        _seal_all(sealing, rows)
        engine.changes().trim(engine.changes().last())
        return {
            f"the first {ASKED_FOR} of the trail": _query(engine, metered, sealing.archive, AuditFilter()),
            f"all {RARE} of a token": _query(engine, metered, sealing.archive, AuditFilter(token_id="rare")),
            **_export_and_check(sealing, metered, Path(folder, "trail.ndjson"), rows),
            "the row of a call": _record(engine, metered),
            f"a seal over {NEW} rows": _seal(sealing, metered),
        }


def _call(number: int, rows: int) -> ToolCalled:
    """Make a call; what it is follows from its number alone."""
    chance = number * 2_654_435_761 % 2**32  # multiplicative hashing, as Knuth has it
    return replace(
        A_CALL,
        token_id="rare" if number % (rows // RARE) == 0 else f"tok-{chance % TOKENS}",
        number=number + 1,
        tool=f"tool-{chance // 7 % TOOLS}",
        outcome=Outcome.ERROR if chance // 11 % 50 == 0 else Outcome.OK,
        at=BEGIN + PERIOD * number / rows,
    )


def _origin(number: int) -> Origin:
    return Origin(
        actor=f"mem_{number % 20}", request_id=f"request-{number:026d}", ip="203.0.113.7", user_agent="agent/1"
    )


def _fill(engine: SqliteEngine, rows: int) -> None:
    for first in range(0, rows, AT_ONCE):
        writes = [_put(number, rows) for number in range(first, min(first + AT_ONCE, rows))]
        engine.transact(writes, request_token=str(uuid4()))
        engine.changes().trim(engine.changes().last())


def _put(number: int, rows: int) -> Put:
    call = _call(number, rows)
    row = enveloped(
        call, stream=f"token:{call.token_id}", seq=call.number, workspace_id=WORKSPACE, origin=_origin(number)
    )
    return Put(table=Table.AUDIT, item=trail_row(row, at=call.at, kept=KEPT_IN_TABLE))


def _seal_all(sealing: Sealing, rows: int) -> None:
    """Seal and fold the rows of each hour, as the sealer and the projector do."""
    since = BEGIN
    while since < NOON:
        until = since + A_SEAL
        first, last = (-(-((at - BEGIN) * rows) // PERIOD) for at in (since, until))
        if first < last:
            sealing.seals.mark(
                WORKSPACE, since=_call(first, rows).at, until=_call(min(last, rows) - 1, rows).at, now=since
            )
            sealing.run(until)
            sealing.fold(WORKSPACE)
        since = until


def _record(engine: Engine, metered: Metered) -> Point:
    numbers = iter(range(1, TIMES + 2))

    def record(over: Engine) -> None:
        number = next(numbers)
        call = replace(A_CALL, token_id="new", number=number, at=NOON + timedelta(seconds=number))
        Stores.over(over).audit.record(call, workspace_id=WORKSPACE, origin=_origin(number))

    return point_of(metered, lambda: record(metered), lambda: record(engine))


def _query(engine: Engine, metered: Metered, archive: MemoryObjects, matching: AuditFilter) -> Point:
    def ask(over: Engine) -> None:
        trail, found, after = Stores.over(over, archive=archive).trail, 0, None
        while found < ASKED_FOR:
            page = query_trail(
                WORKSPACE, matching=matching, limit=ASKED_FOR - found, now=NOON, after=after, trail=trail
            )
            found, after = found + len(page.items), page.next
            if after is None:
                break
        if found != (RARE if matching.token_id else ASKED_FOR):
            raise RuntimeError(f"{found} rows were found")

    return point_of(metered, lambda: ask(metered), lambda: ask(engine))


def _seal(sealing: Sealing, metered: Metered) -> Point:
    """Count the sealing of one more minute, and time that of others; marks and rows are there before."""
    minutes = [NOON + timedelta(days=1, minutes=minute) for minute in range(TIMES + 1)]
    for begins in minutes:
        some = [
            replace(A_CALL, token_id=f"tok-{number}", number=number, at=begins + timedelta(seconds=number))
            for number in range(NEW)
        ]
        sealing.record(*some, workspace_id=WORKSPACE, now=begins)
    counting = replace(Sealing.over(metered, people=sealing.people), archive=sealing.archive, signer=sealing.signer)
    following = iter(minutes)

    def run(over: Sealing) -> None:
        if over.run(next(following) + timedelta(minutes=1)).rows != NEW:
            raise RuntimeError("other rows were sealed than were new")

    return point_of(metered, lambda: run(counting), lambda: run(sealing))


def _export_and_check(sealing: Sealing, metered: Metered, file: Path, rows: int) -> dict[str, Point]:
    """Count and time an export for each thousand rows of it, and time its check."""
    lines = partial(export_trail, WORKSPACE, Wanted(), archive=sealing.archive)
    keys = TrustedKeys.of_lines([str(NamedKey(name=LOG_NAME, public=sealing.signer.public_key))])

    def write() -> None:
        with file.open("w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in lines(seals=sealing.seals))

    def count() -> None:
        deque(lines(seals=StoredSeals(metered)), maxlen=0)

    def check() -> None:
        with file.open(encoding="utf-8") as export:
            verdict = verify_export((line.rstrip("\n") for line in export), check_signature=keys.check)
        if not verdict.holds or verdict.rows != rows:
            raise RuntimeError(f"of {verdict.rows} rows: {verdict.findings[:3]}")

    exported = point_of(metered, count, write, times=1)
    checked = Point(requests=0, read_units=0, write_units=0, milliseconds=milliseconds(check))
    return {
        "an export, each 1,000 rows": exported.shared_by(rows / 1_000),
        "its check, each 1,000 rows": checked.shared_by(rows / 1_000),
    }
