"""What a sweep costs where one token in a hundred is due, beside a scan of the same table that does the same job."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from shared.domain.moments import moment
from shared.domain.token.attendance import Rules
from shared.services.attend_token import attend_token
from shared.services.sweep import sweep
from shared.storage.engine import Engine, Item
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.measured_store import copy_of
from tests.bench.metered import Metered, Spent, item_bytes, read_units
from tests.bench.table import say, say_table
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, origin, workspace

TOKENS = 100_000
ONE_IN = 100
WORKSPACES = 10
NOW = NOON + 100 * A_DAY
PAGE_BYTES = 1_048_576
"""As much as DynamoDB reads for one answer."""


@dataclass(kw_only=True)
class Scan:
    """One way through the whole table, page by page."""

    pages: int = 0
    items: int = 0
    read_units: float = 0
    """Of reads that are not consistent, as the index's are: half of the others' price."""
    of_tokens: float = 0
    """What it would be if the rows of tokens had a table for themselves."""
    due: list[str] = field(default_factory=list[str])
    """Ids of the tokens that are due."""


def say_sweep(tokens: int = TOKENS) -> None:
    """Print the comparison; the rows are made first."""
    with TemporaryDirectory() as folder:
        full = Path(folder, "full.db")
        expected = _fill(full, tokens)
        copy = partial(copy_of, full)
        with closing(SqliteEngine(copy("swept.db"))) as engine:
            metered = Metered(engine)
            began = perf_counter()
            runs = _sweep_all(metered, expected)
            swept_in = perf_counter() - began - metered.looking_seconds
        with closing(SqliteEngine(copy("scanned.db"))) as engine:
            began = perf_counter()
            scan = _scan(Path(folder, "scanned.db"))
            found_in = perf_counter() - began
            _attend_all(engine, scan.due)
            scanned_in = perf_counter() - began
    say_table(
        f"A sweep of {tokens:,} tokens of which {len(scan.due):,} are due ({runs} runs), beside a scan",
        ("", "sweep", "scan", "ratio"),
        _rows(metered.spent, scan, swept_in, scanned_in),
    )
    say(f"the scan alone {found_in:.1f} s; without all rows but those of tokens {scan.of_tokens:,.0f} units")


def _rows(spent: Spent, scan: Scan, swept_in: float, scanned_in: float) -> Iterator[tuple[str, ...]]:
    """Finding what is due differs; attending to it is the same."""
    yield _row("requests to find the due", spent.requests["query_due"], scan.pages)
    yield _row("entries or rows read", spent.index_entries, scan.items)
    yield _row("read units to find them", spent.index_read_units, scan.read_units)
    yield _row("rows read of the due", spent.items, spent.items)
    yield _row("read units of the due", spent.read_units, spent.read_units)
    yield _row("transactions", spent.requests["transact"], spent.requests["transact"])
    yield _row("write units", spent.write_units, spent.write_units)
    yield "seconds", f"{swept_in:.1f}", f"{scanned_in:.1f}", f"{scanned_in / swept_in:.1f}"


def _row(name: str, swept: float, scanned: float) -> tuple[str, ...]:
    return name, f"{swept:,.0f}", f"{scanned:,.0f}", f"{scanned / swept:,.1f}"


def _fill(path: Path, tokens: int) -> dict[str, int]:
    """Make the tokens, and give what a sweep is to find: a third each expires, is told of its end, is abandoned."""
    with closing(SqliteEngine(path)) as engine:
        stores = Stores.over(engine)
        for number in range(WORKSPACES):
            workspace(stores, f"wks_{number}")
        made = many_tokens(engine, (_wanted(number) for number in range(tokens)))
        kinds = [number // ONE_IN % 3 for number in range(0, tokens, ONE_IN)]
        for one, kind in zip(made[::ONE_IN], kinds, strict=True):
            if kind == 1:  # it is in use, so that nothing but its end is worth a word
                stores.tokens.note_use(one.token.token_id, NOW - A_DAY)
                stores.evidence.note(one.token.token_id, (NOW - A_DAY).date(), scope="mcp:pnl:read")
        engine.changes().trim(engine.changes().last())
    types = ("token.expired", "token.expiry_reminded", "token.abandonment_flagged")
    return {type_: kinds.count(kind) for kind, type_ in enumerate(types)}


def _wanted(number: int) -> Wanted:
    share, rest = divmod(number, ONE_IN)
    kind = partial(Wanted, owner="olivia", workspace_id=f"wks_{number % WORKSPACES}")
    if rest:
        return kind(at=NOW - (number % 13) * A_DAY - timedelta(milliseconds=number))  # the next look comes later
    return (
        kind(at=NOW - 30 * A_DAY, days=30),
        kind(at=NOW - 60 * A_DAY, days=90),
        kind(at=NOW - 14 * A_DAY),
    )[share % 3]


def _sweep_all(engine: Engine, expected: dict[str, int]) -> int:
    """Sweep until nothing is due, and give the number of runs."""
    stores = Stores.over(engine)
    happened: dict[str, int] = dict.fromkeys(expected, 0)
    for run in range(1, 1_000_000):
        swept = sweep(
            now=NOW,
            request_id=f"run-{run}",
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            evidence=stores.evidence,
        )
        happened = {type_: times + swept.happened.get(type_, 0) for type_, times in happened.items()}
        if not swept.more:
            if happened != expected:
                raise RuntimeError(f"the sweep recorded {happened} instead of {expected}")
            return run
    raise RuntimeError("the sweep comes to no end")


def _scan(path: Path) -> Scan:
    """Read the whole core table as DynamoDB's Scan would, a megabyte at a time; the product has no such request."""
    scan = Scan()
    last = moment(NOW)
    page = 0
    with closing(sqlite3.connect(path)) as connection:
        for (text,) in connection.execute("SELECT item FROM items WHERE tbl = 'core' ORDER BY pk, sk"):
            item: Item = json.loads(text)
            size = item_bytes(item)
            if page and page + size > PAGE_BYTES:
                scan.pages, scan.read_units, page = scan.pages + 1, scan.read_units + read_units(page) / 2, 0
            page += size
            scan.items += 1
            if item["sk"] == "STATE" and str(item["pk"]).startswith("TOK#"):
                scan.of_tokens += size / 8192
                if "due_sk" in item and str(item["due_sk"]) <= last:
                    scan.due.append(str(item["pk"]).removeprefix("TOK#"))
    scan.pages, scan.read_units = scan.pages + 1, scan.read_units + read_units(page) / 2
    return scan


def _attend_all(engine: Engine, due: list[str]) -> None:
    stores = Stores.over(engine)
    for token_id in due:
        events = attend_token(
            token_id,
            now=NOW,
            rules_for=lambda _: Rules(),
            origin=origin("system:sweeper"),
            keys=KEYS,
            tokens=stores.tokens,
            evidence=stores.evidence,
        )
        if not events:
            raise RuntimeError(f"{token_id} was not due")
