"""What the page of tokens costs with few and with many of them: requests, read units, bytes, processor time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from time import process_time

from shared.storage.dynamodb.engine import KEYS_A_BATCH
from shared.storage.engine import Item, Key, Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.metered import Metered, Spent
from tests.bench.table import say_table
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, NOON, workspace
from tests.data.uses import call
from tests.transports.web.web import SETTINGS, Web

SIZES = (1, 50, 200, 1_000)
ON_A_PAGE = 50
DAYS = 30
TIMES = 9


class InBatches(Metered):
    """Counts a request for each hundred keys, as DynamoDB takes them."""

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        found = super().get_many(table, keys, consistently=consistently)
        self.spent.requests["get_many"] += -(-len(set(keys)) // KEYS_A_BATCH) - 1
        return found


def say_listing() -> None:
    """Print a line for each number of tokens."""
    say_table(
        f"The first page of the list, its tokens used on each of the last {DAYS} days",
        ("tokens", "requests", "read units", "bytes", "ms of CPU"),
        (_row(size) for size in SIZES),
    )


def _row(size: int) -> Sequence[str]:
    engine = SqliteEngine()
    metered = InBatches(engine)
    web = Web(stores=Stores.over(metered))
    workspace(web.stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    made = many_tokens(engine, [Wanted(owner="olivia", at=NOON - timedelta(days=60, minutes=n)) for n in range(size)])
    for new in made[:ON_A_PAGE]:
        for ago in reversed(range(DAYS)):
            call(web.stores, new.token.token_id, at=NOON - ago * A_DAY)
    web.get(SETTINGS)
    metered.spent = Spent()
    page = web.get(SETTINGS)
    assert page.status == 200
    spent, metered.spent = metered.spent, Spent()
    took = median(_seconds(web) for _ in range(TIMES))
    return (
        f"{size:,}",
        f"{spent.requests.total()}",
        f"{spent.read_units:,.0f}",
        f"{len(page.text.encode()):,}",
        f"{took * 1_000:.0f}",
    )


def _seconds(web: Web) -> float:
    began = process_time()
    web.get(SETTINGS)
    return process_time() - began
