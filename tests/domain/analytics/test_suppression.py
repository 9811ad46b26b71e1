"""What is hidden does not follow from what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.analytics.cohorts import whole_quarters
from shared.domain.analytics.periods import later_month
from shared.domain.analytics.suppression import (
    Hidden,
    hidden_in_segments,
    hidden_of_all,
    hidden_parts,
    hidden_parts_of_all,
)
from tests.data.elimination import follows, null_space

QUARTER = ("2026-01", "2026-02", "2026-03")
START = QUARTER[0]
SEGMENTS = ("channel=a", "channel=b", "channel=c")

sizes_of_a_year = st.lists(st.integers(0, 40), min_size=12, max_size=12).map(
    lambda sizes: {later_month("2026-01", place): size for place, size in enumerate(sizes) if size}
)


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ((50, 60, 70), set[str]()),
        ((9, 60, 70), {"2026-01", "2026-02"}),  # alone, nine would be the quarter less the other two
        ((9, 8, 70), {"2026-01", "2026-02"}),  # together they are seventeen
        ((3, 4, 70), {"2026-01", "2026-02", "2026-03"}),  # together they are seven: the third covers for them
        ((3, 2, 1), {"2026-01", "2026-02", "2026-03"}),
    ],
)
def test_small_months_are_hidden_and_so_is_what_would_give_them_away(sizes: tuple[int, ...], hidden: set[str]) -> None:
    assert hidden_parts(dict(zip(QUARTER, sizes, strict=True)), 10) == hidden
    assert hidden_of_all(dict(zip(QUARTER, sizes, strict=True)), 10, 1).months == hidden


@given(sizes_of_a_year, st.integers(1, 12), st.integers(1, 25))
def test_nothing_that_can_be_worked_out_stands_on_fewer_customers_than_allowed(
    sizes: dict[str, int], fiscal_start: int, k_min: int
) -> None:
    hidden = hidden_of_all(sizes, k_min, fiscal_start)

    assert all(size >= k_min for month, size in sizes.items() if month not in hidden.months)
    quarters: dict[str, list[str]] = {}
    for month in sizes:
        quarters.setdefault(whole_quarters(month, month, fiscal_start)[0], []).append(month)
    for start, months in quarters.items():
        total = sum(sizes[month] for month in months)
        rest = sum(sizes[month] for month in months if month in hidden.months)
        assert (start in hidden.quarters) == (total < k_min)
        if total >= k_min:  # the quarter is shown: its difference to the shown months must not be too few
            assert rest == 0 or rest >= k_min
        else:
            assert set(months) <= hidden.months


@given(sizes_of_a_year, st.integers(1, 25), st.integers(0, 11), st.integers(0, 11))
def test_what_is_hidden_does_not_depend_on_which_quarters_are_asked_for(
    sizes: dict[str, int], k_min: int, one: int, other: int
) -> None:
    first, last = sorted((one, other))
    start, end = whole_quarters(later_month("2026-01", first), later_month("2026-01", last), 1)
    part = {month: size for month, size in sizes.items() if start <= month <= end}

    assert hidden_of_all(part, k_min, 1).months == hidden_of_all(sizes, k_min, 1).months & part.keys()


# --- segments --------------------------------------------------------------------------------------------------------

Table = tuple[tuple[int, ...], ...]
"""A row for each segment, a column for each month of the quarter."""


def hidden_of(table: Table, k_min: int = 10) -> Mapping[str, Hidden]:
    sizes: dict[str, dict[str, int]] = {
        name: dict(zip(QUARTER, row, strict=True)) for name, row in zip(SEGMENTS, table, strict=True)
    }
    return hidden_in_segments(sizes, k_min, 1)


@pytest.mark.parametrize(
    ("table", "months", "quarters"),
    [
        (((50, 60, 70), (10, 10, 10), (12, 0, 12)), "", ""),
        # Nine of b in January would be all of January less a and c: the smaller of these covers for them.
        (((50, 60, 70), (9, 60, 70), (20, 20, 20)), "bc", ""),
        (((50, 60, 70), (9, 60, 70), (1, 20, 20)), "bc", ""),
        # Five in the quarter: what covers for them in a month covers for them in the quarter.
        (((50, 60, 70), (2, 2, 1), (20, 20, 20)), "bc", "bc"),
        (((50, 60, 70), (4, 4, 4), (4, 4, 4)), "abc", ""),  # the months of b and c together are eight
        (((50, 60, 70), (5, 5, 5), (5, 5, 5)), "bc", ""),
        # What covers for b in the quarter is not there in January, where a covers for b.
        (((50, 60, 70), (5, 0, 0), (0, 20, 0)), "abc", "bc"),
        (((2, 50, 50), (2, 50, 50), (2, 50, 50)), "abc", ""),  # January is hidden of all
    ],
)
def test_small_segments_are_hidden_and_so_is_what_would_give_them_away(
    table: Table, months: str, quarters: str
) -> None:
    found = hidden_of(table)

    assert [name for name in SEGMENTS if found[name].months] == [f"channel={letter}" for letter in months]
    assert all(found[name].months in {frozenset(), frozenset(QUARTER)} for name in SEGMENTS)
    assert [name for name in SEGMENTS if found[name].quarters] == [f"channel={letter}" for letter in quarters]


CELLS = tuple(product(range(len(SEGMENTS)), range(len(QUARTER))))


def known_sums(table: Table, k_min: int) -> list[list[int]]:
    """Write down all that is shown of a quarter, each as how often a cell of the table counts in it."""
    found = hidden_of(table, k_min)
    by_month = {month: sum(row[place] for row in table) for place, month in enumerate(QUARTER)}
    of_all = hidden_of_all({month: size for month, size in by_month.items() if size}, k_min, 1)
    sums: list[list[int]] = []
    for n, name in enumerate(SEGMENTS):
        if START not in found[name].quarters:
            sums.append([segment == n for segment, _ in CELLS])
        for m, month in enumerate(QUARTER):
            if month not in found[name].months:
                sums.append([(segment, place) == (n, m) for segment, place in CELLS])
    for m, month in enumerate(QUARTER):
        if month not in of_all.months:
            sums.append([place == m for _, place in CELLS])
    if START not in of_all.quarters:
        sums.append([1] * len(CELLS))
    return sums


@settings(max_examples=settings().max_examples // 2)
@given(st.tuples(*[st.tuples(*[st.integers(0, 9)] * 3)] * 3), st.integers(2, 6))
@example(((4, 0, 0), (2, 5, 5), (9, 9, 9)), 5)
@example(((4, 1, 0), (1, 4, 0), (0, 0, 9)), 5)
@example(((9, 9, 9), (3, 0, 0), (0, 6, 0)), 5)
def test_no_sum_over_too_few_customers_follows_from_all_that_is_shown(table: Table, k_min: int) -> None:
    changes = null_space(known_sums(table, k_min), len(CELLS))

    for n in range(1, len(CELLS) + 1):
        for chosen in combinations(range(len(CELLS)), n):
            customers = sum(table[segment][month] for segment, month in (CELLS[place] for place in chosen))
            if 0 < customers < k_min:
                assert not follows([place in chosen for place in range(len(CELLS))], changes), chosen


kinds = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40))


@given(st.lists(kinds, max_size=4), st.integers(1, 25))
def test_what_one_of_several_wholes_hides_all_hide_and_in_each_it_is_many_or_none(
    wholes: list[dict[str, int]], k_min: int
) -> None:
    hidden = hidden_parts_of_all(wholes, k_min)

    for sizes in wholes:
        assert all(size >= k_min for part, size in sizes.items() if size and part not in hidden)
        block = sum(size for part, size in sizes.items() if part in hidden)
        assert block == 0 or block >= k_min or not any(size for part, size in sizes.items() if part not in hidden)
