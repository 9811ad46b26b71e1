"""An attacker holds every list of `list_top_customers`, in every order and to its end, and works out what they can.

Totals are sums over the customers of a kind who ordered in a window; what follows from such sums follows by linear
algebra, and must never be the sum of some customers, but fewer than `k_min`. Pseudonyms are the same in all windows, so
that a kind which one of them hides must stand in the rows of none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.settings import Settings
from shared.domain.facts.top_customers import TopCustomers
from tests.data.elimination import follows, null_space
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order
from tests.transports.mcp.shop import Shop

K_MIN = 10
WINDOWS = ("all", "last_12_months", "last_3_months", "last_month")
SORTS = ("net_revenue", "orders", "days_since_last")
KINDS = ("champions", "loyal", "promising", "new", "at_risk", "lapsed")
MONTHS = ("2025-03", "2025-09", "2026-02", "2026-06", "2026-08", "2026-09", "2026-10", "2026-11")
EXAMPLES = max(settings().max_examples // 100, 2)


class Buyers(NamedTuple):
    """So many customers who order alike: from a month on, so often, in each of the next months."""

    customers: int
    first: int
    orders: int
    price: int


groups = st.builds(
    Buyers,
    customers=st.one_of(st.integers(1, 9), st.integers(1, 25)),
    first=st.integers(0, len(MONTHS) - 1),
    orders=st.integers(1, 5),
    price=st.integers(5, 400),
)


def opened(shop: Sequence[Buyers]) -> tuple[Shop, dict[str, Mapping[str, int]]]:
    """Import a shop, and tell of each window how many customers of each kind there truly are."""
    lines: list[Line] = []
    for number, each in enumerate(shop):
        for customer in range(each.customers):
            for nth in range(each.orders + customer % 2):
                name, month = f"{number}-{customer}", MONTHS[min(each.first + nth, len(MONTHS) - 1)]
                item = {"quantity": 1, "price": f"{each.price + customer}.00"}
                lines.append(order(f"{name}-{nth}", f"{month}-{1 + nth:02}", customer=name, lines=[item]))
    merchant = Merchant()
    merchant.settle(Settings(k_min=K_MIN))
    merchant.import_lines(header(), order("guest", "2026-11-20"), *lines)
    merchant.fold()
    sizes = {
        found.window: found.kinds[found.window]
        for found in merchant.figures.rollups(WORKSPACE, TopCustomers)
        if found.of_kind == EVERYBODY
    }
    return Shop(engine=merchant.engine), sizes


def pages(shop: Shop, **arguments: Any) -> tuple[dict[str, Any], list[list[Any]]]:  # noqa: ANN401 - any JSON
    """Ask for a list to its end: its totals and all its rows."""
    rows: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while True:
        shop.clock.advance(seconds=2)
        content = shop.call("list_top_customers", limit=50, **arguments, **cursor).content
        rows += content["data"]["rows"]
        if not content["meta"]["page"]["next_cursor"]:
            return content["totals"], rows
        cursor = {"cursor": content["meta"]["page"]["next_cursor"]}


@settings(max_examples=EXAMPLES)
@given(st.lists(groups, min_size=2, max_size=5))
@example([Buyers(40, 0, 1, 20), Buyers(12, 1, 4, 90), Buyers(30, 6, 1, 30), Buyers(3, 6, 4, 300)])
@example([Buyers(60, 0, 1, 20), Buyers(14, 0, 5, 99), Buyers(25, 5, 3, 200), Buyers(4, 7, 1, 10)])
def test_of_a_kind_of_fewer_than_ten_customers_nothing_follows_from_all_lists(shop: Sequence[Buyers]) -> None:
    asked, sizes = opened(shop)
    told: dict[str, set[str | None]] = {}
    hidden: set[frozenset[str]] = set()
    for number, window in enumerate(WINDOWS):
        known: list[tuple[str, ...]] = [KINDS]
        by_kind: dict[str, int | None] = {}
        for sort in {SORTS[0], SORTS[number % len(SORTS)]}:
            totals, rows = pages(asked, period=window, sort_by=sort)
            for row in rows:
                told.setdefault(row[0], set()).add(row[5])
            by_kind = totals["customers_by_rfm"]
            hidden.add(frozenset(kind for kind in KINDS if by_kind[kind] is None))
            nameless = Counter(row[5] for row in rows)[None]
            assert nameless in {0, len(rows)} or nameless >= K_MIN, "rows of an unknown kind are too few"
        for kind in KINDS:
            of_kind, rows = pages(asked, period=window, segment=kind)
            assert of_kind["customers"] == by_kind[kind]
            if of_kind["customers"] is None:
                assert (rows, of_kind["orders"], of_kind["net_revenue"]) == ([], None, None)
            else:
                known.append((kind,))
                for row in rows:
                    told.setdefault(row[0], set()).add(row[5])
        changes = null_space([[int(kind in each) for kind in KINDS] for each in known], len(KINDS))
        for many in range(1, len(KINDS) + 1):
            for chosen in combinations(KINDS, many):
                if 0 < sum(sizes.get(window, {}).get(kind, 0) for kind in chosen) < min(K_MIN, _all(sizes, window)):
                    assert not follows([int(kind in chosen) for kind in KINDS], changes), (window, chosen)
    assert len(hidden) == 1, "what is hidden hangs on nothing that is asked"
    assert all(len(kinds) == 1 for kinds in told.values()), "a kind is told in one list and not in another"


def _all(sizes: Mapping[str, Mapping[str, int]], window: str) -> int:
    """Count the customers of a window: how many there are in all is no secret."""
    return sum(sizes.get(window, {}).values())
