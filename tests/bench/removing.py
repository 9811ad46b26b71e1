"""What it costs to take a member out of a workspace with many tokens, beside what concerns every token of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from shared.domain.token.state import Status
from shared.domain.workspace.commands import RemoveMember, SuspendAccess, WorkspaceCommand
from shared.domain.workspace.decider import Standing
from shared.services.change_workspace import live_tokens
from shared.storage.engine import Engine
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.measured_store import copy_of
from tests.bench.metered import Metered, Spent
from tests.bench.table import say_table
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import NOON, order, workspace

TOKENS = 10_000
ONE_IN = 10
"""So many of the tokens are the member's who goes."""
CHANGES: dict[str, WorkspaceCommand] = {
    "member removed": RemoveMember(member_id="mem_adam", at=NOON),
    "access suspended": SuspendAccess(reason="unpaid", at=NOON),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one change cost."""

    spent: Spent
    seconds: float


def say_removal(tokens: int = TOKENS) -> None:
    """Print it; the rows are made first."""
    with TemporaryDirectory() as folder:
        full = Path(folder, "full.db")
        with closing(SqliteEngine(full)) as engine:
            workspace(Stores.over(engine))
            theirs = [Wanted(owner="olivia" if number % ONE_IN else "adam", at=NOON) for number in range(tokens)]
            many_tokens(engine, theirs)
        costs = [_cost(partial(copy_of, full), change, tokens=tokens) for change in CHANGES.values()]
    say_table(
        f"A workspace of {tokens:,} tokens, {tokens // ONE_IN:,} of them the member's", ("", *CHANGES), _rows(costs)
    )


def _cost(copy: partial[Path], change: WorkspaceCommand, *, tokens: int) -> Cost:
    with closing(SqliteEngine(copy("changed.db"))) as engine:
        metered = Metered(engine)
        began = perf_counter()
        order(change, stores=Stores.over(metered))
        seconds = perf_counter() - began - metered.looking_seconds
        _check(engine, change, tokens=tokens)
    return Cost(spent=metered.spent, seconds=seconds)


def _check(engine: Engine, change: WorkspaceCommand, *, tokens: int) -> None:
    """Look whether the change did what it is to be measured by."""
    rows = list(live_tokens("wks_1", Stores.over(engine).tokens))
    left = tokens - tokens // ONE_IN if isinstance(change, RemoveMember) else tokens
    shut_out = [row for row in rows if row.terms.standing is not Standing.OPEN]
    if len(rows) != left or any(row.token.status is not Status.ACTIVE for row in rows):
        raise RuntimeError(f"{len(rows)} tokens are left instead of {left}")
    if len(shut_out) != (0 if isinstance(change, RemoveMember) else tokens):
        raise RuntimeError(f"{len(shut_out)} tokens are shut out")


def _rows(costs: list[Cost]) -> Iterator[tuple[str, ...]]:
    def row(name: str, *figures: float) -> tuple[str, ...]:
        return name, *(f"{figure:,.0f}" for figure in figures)

    yield row("requests to read", *(one.spent.requests.total() - _writes(one) for one in costs))
    yield row("rows read", *(one.spent.items for one in costs))
    yield row("read units", *(one.spent.read_units for one in costs))
    yield row("transactions", *(one.spent.requests["transact"] for one in costs))
    yield row("single writes", *(one.spent.requests["write"] for one in costs))
    yield row("write units", *(one.spent.write_units for one in costs))
    yield "seconds", *(f"{one.seconds:.1f}" for one in costs)


def _writes(cost: Cost) -> int:
    return cost.spent.requests["transact"] + cost.spent.requests["write"]
