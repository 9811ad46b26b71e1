from __future__ import annotations

from datetime import date

import pytest

from shared.domain.analytics.cohorts import (
    CohortMetric,
    Grain,
    Group,
    grouped,
    last_complete_month,
    last_complete_quarter,
    per_customer,
    weighted_average,
    whole_quarters,
)
from shared.domain.analytics.periods import month_of
from shared.domain.facts.rollups import Cohort
from tests.data.rollups import cohort

END_OF_APRIL = date(2026, 4, 30)
QUARTER = ("2026-01", "2026-02", "2026-03")
JANUARY = cohort("2026-01", [40, 10, 8], orders=[44, 12, 9], net_revenue=[400, 100, -20], cm2=[100, 30, -30])
FEBRUARY = cohort("2026-02", [20, 5], orders=[20, 6], net_revenue=[300, 50], cm2=[90, 10])


def groups(
    *cohorts: Cohort,
    metric: CohortMetric = CohortMetric.RETENTION,
    grain: Grain = Grain.MONTH,
    max_offset: int = 4,
    through: date = END_OF_APRIL,
) -> tuple[Group, ...]:
    return grouped(cohorts, metric, grain=grain, fiscal_start=1, max_offset=max_offset, through=through)


@pytest.mark.parametrize(
    ("metric", "january", "february"),
    [
        (CohortMetric.RETENTION, (40, 10, 8, 0, None), (20, 5, 0, None, None)),
        (CohortMetric.ORDERS_PER_CUSTOMER, (44, 12, 9, 0, None), (20, 6, 0, None, None)),
        (CohortMetric.CUMULATIVE_NET_REVENUE, (400, 500, 480, 480, None), (300, 350, 350, None, None)),
        (CohortMetric.CUMULATIVE_CM2, (100, 130, 100, 100, None), (90, 100, 100, None, None)),
    ],
)
def test_a_cell_is_known_once_its_month_is_over_and_zero_where_nothing_happened(
    metric: CohortMetric, january: tuple[int | None, ...], february: tuple[int | None, ...]
) -> None:
    assert [group.cells for group in groups(JANUARY, FEBRUARY, metric=metric)] == [january, february]


@pytest.mark.parametrize(
    ("through", "cells"),
    [
        (date(2026, 3, 30), (40, 10, None)),
        (date(2026, 3, 31), (40, 10, 8)),
        (date(2026, 1, 30), (None, None, None)),
    ],
)
def test_the_last_day_of_a_month_completes_it(through: date, cells: tuple[int | None, ...]) -> None:
    (group,) = groups(JANUARY, through=through, max_offset=2)

    assert group.cells == cells


def test_a_quarter_is_its_months_together_each_counted_from_its_own_first_month() -> None:
    (quarter,) = groups(JANUARY, FEBRUARY, grain=Grain.QUARTER)

    assert (quarter.start, quarter.size) == ("2026-01", 60)
    # Offset 2 is March for January's customers and April for February's; offset 3 of February's is not over.
    assert quarter.cells == (60, 15, 8, None, None)


def test_quarters_are_those_of_the_fiscal_year() -> None:
    found = grouped(
        [JANUARY, FEBRUARY],
        CohortMetric.RETENTION,
        grain=Grain.QUARTER,
        fiscal_start=2,
        max_offset=0,
        through=END_OF_APRIL,
    )

    assert [(group.start, group.months) for group in found] == [("2025-11", ("2026-01",)), ("2026-02", ("2026-02",))]
    assert whole_quarters("2026-01", "2026-02", 2) == ("2025-11", "2026-04")
    assert whole_quarters("2026-01", "2026-02", 1) == ("2026-01", "2026-03")


def test_the_average_weighs_cohorts_by_size_and_takes_known_cells_only() -> None:
    # Offset 1: 15 of 60. Offset 2: 8 of 60. Offset 3: January alone, 0 of 40. Offset 4: nobody yet.
    assert weighted_average(groups(JANUARY, FEBRUARY)) == ((60, 60), (15, 60), (8, 60), (0, 40), None)


def test_the_average_of_nothing_is_nothing() -> None:
    assert weighted_average(()) == ()
    (hidden,) = groups(cohort("2026-01", [3]))
    assert weighted_average([Group(start=hidden.start, months=hidden.months, size=3, cells=(3,), hidden=True)]) == ()


@pytest.mark.parametrize(
    ("day", "month"),
    [(date(2026, 4, 30), "2026-04"), (date(2026, 4, 29), "2026-03"), (date(2024, 2, 29), "2024-02")],
)
def test_a_month_is_complete_with_its_last_day(day: date, month: str) -> None:
    assert last_complete_month(day) == month


def test_a_cell_is_divided_and_rounded_once() -> None:
    assert per_customer(1157, 7846, 4) == 0.1475
    assert per_customer(0, 7846, 4) == 0.0
    assert per_customer(-1, 3, 2) == -0.33


def test_what_is_hidden_of_a_group_is_every_cell_and_where_asked_its_size() -> None:
    (january,) = groups(JANUARY)

    for with_size, size in ((True, None), (False, 40)):
        hidden = january.concealed(with_size=with_size)
        assert (hidden.hidden, hidden.size, hidden.cells) == (True, size, (None,) * 5)
        assert weighted_average([hidden]) == ()


def test_months_are_named_as_rollups_name_them() -> None:
    assert month_of(date(998, 3, 1)) == "0998-03"


@pytest.mark.parametrize(
    ("day", "fiscal_start", "month"),
    [
        (date(2026, 11, 20), 1, "2026-09"),
        (date(2026, 9, 29), 1, "2026-06"),
        (date(2026, 9, 30), 1, "2026-09"),
        (date(2026, 10, 1), 1, "2026-09"),
        (date(2026, 1, 15), 1, "2025-12"),
        (date(2026, 11, 20), 2, "2026-10"),
    ],
)
def test_the_last_complete_quarter_is_the_one_that_is_over_by_the_end_of_the_day(
    day: date, fiscal_start: int, month: str
) -> None:
    assert last_complete_quarter(day, fiscal_start) == month
