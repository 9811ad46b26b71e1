"""What is told of the first customers is what the slow, obvious count of random merchants' files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.rfm import Rfm
from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.settings import Settings
from shared.domain.facts.top_customers import SortBy, TopCustomer, TopCustomers, Window, place_of
from tests.data.merchants import WORKSPACE, Line, Merchant, as_file, header, order
from tests.data.random_merchants import histories
from tests.data.recount import Rules
from tests.data.recount_customers import Person, people_of, purchases_of

EXAMPLES = settings().max_examples // 16
NEW_YORK = "America/New_York"
LAST_DAY = date(2026, 11, 20)
IS_FIRST: Mapping[SortBy, Callable[[TopCustomer], Any]] = {
    SortBy.NET_REVENUE: lambda row: (-row.net_revenue, row.customer),
    SortBy.ORDERS: lambda row: (-row.orders, row.customer),
    SortBy.PREDICTED_VALUE: lambda row: row.customer,  # too few customers to expect anything
    SortBy.DAYS_SINCE_LAST: lambda row: (row.last_month, row.customer),
}

baskets = st.lists(
    st.tuples(st.integers(1, 25), st.integers(0, 500), st.integers(0, 9_999)), min_size=1, max_size=60, unique=True
)
"""Customer, days before the last one, cents."""


def shop_of(baskets: Sequence[tuple[int, int, int]]) -> list[Line]:
    lines = [
        order(
            number,
            (LAST_DAY - timedelta(days=ago)).isoformat(),
            customer={"id": f"c{customer}"},
            lines=[{"quantity": 1, "price": f"{cents / 100:.2f}"}],
        )
        for number, (customer, ago, cents) in enumerate(baskets)
    ]
    return [header(), *lines]


def grown(history: Sequence[Sequence[Line]]) -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(timezone=NEW_YORK))
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    return merchant


def lists_of(merchant: Merchant) -> Mapping[str, TopCustomers]:
    return {found.place: found for found in merchant.figures.rollups(WORKSPACE, TopCustomers)}


def told(rows: Sequence[TopCustomer]) -> Counter[Person]:
    return Counter(
        Person(
            first_month=row.first_month,
            last_month=row.last_month,
            orders=row.orders,
            net_revenue=row.net_revenue,
            kind=row.kind,
        )
        for row in rows
    )


def days_of(window: Window, through: date) -> tuple[date, date]:
    """Go back from the last day that ends a month, a month at a time."""
    if window is Window.ALL:
        return date.min, through
    following = through + timedelta(days=1)
    last = following.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    for _ in range({Window.MONTH: 0, Window.QUARTER: 2, Window.YEAR: 11}[window]):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, last


def check(history: Sequence[Sequence[Line]]) -> None:
    merchant = grown(history)
    overview, lists = merchant.overview(), lists_of(merchant)
    through = overview.data_through
    if overview.data_from is None or through is None:  # that nothing was sold up to a day may be known alone
        assert not lists
        return
    purchases = purchases_of(history, Rules(zone=NEW_YORK))
    for window in Window:
        people = people_of(purchases, *days_of(window, through), through)
        by_kind = {EVERYBODY: people}
        for person in people:
            by_kind.setdefault(person.kind, []).append(person)
        for sort_by, of_kind in product(SortBy, [EVERYBODY, *Rfm]):
            found = lists.get(place_of(window, sort_by, of_kind))
            matching = by_kind.get(of_kind)
            if matching is None:
                assert found is None
                continue
            assert found is not None
            rows = found.listed()
            assert told(rows) == Counter(matching)
            assert rows == sorted(rows, key=IS_FIRST[sort_by])
            assert found.customers == len(matching)
            assert found.orders == sum(person.orders for person in matching)
            assert found.net_revenue == sum(person.net_revenue for person in matching)
            assert found.kinds[window] == Counter(person.kind for person in people)


@settings(max_examples=EXAMPLES)
@given(history=histories())
def test_of_any_files_every_customer_and_every_total_is_what_the_slow_count_says(
    history: list[list[dict[str, Any]]],
) -> None:
    check(history)


@settings(max_examples=EXAMPLES)
@given(baskets=baskets)
def test_of_many_customers_each_is_of_the_kind_that_going_through_the_rule_says(
    baskets: list[tuple[int, int, int]],
) -> None:
    check([shop_of(baskets)])


@pytest.mark.parametrize(
    "baskets",
    [
        [(customer, customer % 3, 1_000 + customer) for customer in range(12)] + [(1, 9, 500), (2, 8, 500)],
        [(customer, 90 if customer % 4 == 0 else 10, 1_000) for customer in range(12)],
        [(customer, 10 if customer % 4 == 0 else 90, 1_000) for customer in range(12)],
    ],
    ids=["all in one month", "most in the last", "most in the first"],
)
def test_whoever_ordered_in_the_last_month_is_not_away_and_in_the_first_alone_not_new(
    baskets: list[tuple[int, int, int]],
) -> None:
    found = lists_of(grown([shop_of(baskets)]))[place_of(Window.ALL, SortBy.NET_REVENUE, EVERYBODY)].listed()
    months = sorted({row.last_month for row in found})

    away = {Rfm.AT_RISK, Rfm.LAPSED}
    assert away.isdisjoint(row.kind for row in found if row.last_month == months[-1])
    assert len(months) == 1 or {Rfm.CHAMPIONS, Rfm.NEW}.isdisjoint(
        row.kind for row in found if row.last_month == months[0]
    )


@pytest.mark.parametrize("others", [0, 40])
def test_whoever_has_not_ordered_for_more_than_half_a_year_is_away_however_many_they_are(others: int) -> None:
    """As of CDNOW's customers, all won in a quarter, most of whom never came back."""
    away = [(customer, 450, 2_000) for customer in range(2, 40)]
    earlier = [(customer, 480, 100) for customer in (2, 3, 4)]
    lately = [(100 + customer, 20, 1_000) for customer in range(others)]

    found = lists_of(grown([shop_of([(1, 0, 50), *away, *earlier, *lately])]))
    rows = found[place_of(Window.ALL, SortBy.NET_REVENUE, EVERYBODY)].listed()

    assert {row.kind for row in rows if row.last_month < "2026-05"} == {Rfm.AT_RISK, Rfm.LAPSED}
    assert {Rfm.AT_RISK, Rfm.LAPSED}.isdisjoint(row.kind for row in rows if row.last_month >= "2026-05")


@settings(max_examples=EXAMPLES // 2)
@given(baskets=baskets, data=st.data())
def test_no_list_tells_anything_of_the_day_of_an_order_within_its_month(
    baskets: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    lines = shop_of(baskets)
    moved = [
        {**line, "date": f"{line['date'][:8]}{data.draw(st.integers(1, 20)):02}"} if line["type"] == "order" else line
        for line in lines
    ]

    before, after = (lists_of(grown([each])) for each in (lines, moved))

    assert {place: found.rows for place, found in after.items()} == {
        place: found.rows for place, found in before.items()
    }
