"""What it costs, for each call, that the trail can be proved: bytes that are kept, writes, and what a reader gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from shared.services.trail.export_trail import Wanted, export_trail
from shared.storage.engine import Engine, Item, Table
from shared.storage.rows.envelope import trail_pk
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.metered import Metered, item_bytes
from tests.bench.table import say, say_table
from tests.data.examples import NOON, ORIGIN, tool_called
from tests.services.trail.sealing import Sealing

BUSY = {1: 33, 10: 33, 100: 33, 2_000: 3}
"""Calls a minute in each workspace -> workspaces. A commit of seals takes 33; the busiest are measured with fewer."""
MINUTES = 20
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of all that was recorded and sealed."""

    calls: int
    rows: int
    """Bytes of the rows of the trail themselves."""
    seals: int
    """Bytes of the seals, and of the places of what is under them."""
    log: int
    """Bytes of the log: its leaves, its nodes, its checkpoints."""
    archived: int
    """Bytes of the archive, packed."""
    write_units: int
    """Of marking, sealing and signing."""
    proof: int
    """Bytes of the line that an export ends with."""
    checkpoint: int
    """Bytes of the newest signed checkpoint."""


def say_sealing() -> None:
    """Print it for workspaces of four sizes."""
    costs = [_cost(number, workspaces) for number, workspaces in BUSY.items()]
    say_table(f"Calls a minute, sealed for {MINUTES} minutes", ("", *(f"{number:,}" for number in BUSY)), _rows(costs))
    say("Bytes as DynamoDB counts them; the proof of a seal grows by one hash when the log doubles.")


def _rows(costs: list[Cost]) -> Iterator[tuple[str, ...]]:
    def of_a_call(name: str, figures: list[float]) -> tuple[str, ...]:
        return (name, *(f"{figure / cost.calls:,.2f}" for figure, cost in zip(figures, costs, strict=True)))

    yield "workspaces", *(f"{workspaces}" for workspaces in BUSY.values())
    yield of_a_call("bytes a call: its row", [cost.rows for cost in costs])
    yield of_a_call("  seal and places", [cost.seals for cost in costs])
    yield of_a_call("  log and checkpoints", [cost.log for cost in costs])
    yield of_a_call("  archive, packed", [cost.archived for cost in costs])
    yield of_a_call("write units a call", [cost.write_units for cost in costs])
    yield "bytes of a proof", *(f"{cost.proof:,}" for cost in costs)
    yield "bytes of a checkpoint", *(f"{cost.checkpoint:,}" for cost in costs)


def _cost(number: int, workspaces: int) -> Cost:
    everyone = [f"wks_{each:016d}" for each in range(workspaces)]
    with closing(SqliteEngine()) as engine:
        metered = Metered(engine)
        sealing, recording = Sealing.over(metered), Sealing.over(engine)
        for minute in range(MINUTES):
            begins = NOON + minute * A_MINUTE
            some = [
                tool_called(
                    token_id="Zq81mXw0PbT5cKd3",
                    number=1 + minute * number + each,
                    arguments_hash="5f0c" * 8,
                    at=begins + each * A_MINUTE / number,
                )
                for each in range(number)
            ]
            for workspace_id in everyone:
                for event in some:
                    recording.audit.record(event, workspace_id=workspace_id, origin=ORIGIN)
                sealing.mark(*some, workspace_id=workspace_id, now=begins)
            sealing.run(begins + A_MINUTE)
        days = [trail_pk(each, NOON.date().isoformat()) for each in everyone]
        note = sealing.seals.note()
        if note is None:
            raise RuntimeError("nothing was sealed")
        *_, proof = export_trail(everyone[0], Wanted(), seals=sealing.seals, archive=sealing.archive)
        return Cost(
            calls=MINUTES * number * workspaces,
            rows=sum(_bytes(engine, day) for day in days),
            seals=sum(
                _bytes(engine, pk)
                for pk in (*(f"W#{each}#SEALS" for each in everyone), *(f"{day}#SEALED" for day in days))
            ),
            log=_bytes(engine, "LOG") + _bytes(engine, "LOG#NOTES"),
            archived=sum(map(len, sealing.archive.contents.values())),
            write_units=metered.spent.write_units,
            proof=len(proof.encode()),
            checkpoint=len(note[1].encode()),
        )


def _bytes(engine: Engine, pk: str) -> int:
    """Weigh the rows of a partition of the trail's table."""
    return sum(map(item_bytes, _items(engine, pk)))


def _items(engine: Engine, pk: str) -> Iterator[Item]:
    page = engine.query(Table.AUDIT, pk)
    yield from page.items
    while page.next is not None:
        page = engine.query(Table.AUDIT, pk, after=page.next)
        yield from page.items
