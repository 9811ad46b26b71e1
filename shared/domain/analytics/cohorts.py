"""Cohorts: customers grouped by when they first ordered, and what they did in each month since.

An offset counts whole calendar months since the month of a customer's first order, whatever the cohorts are grouped
by; a quarter is the months of it taken together. A cell is known once its month is over for everybody in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.domain.analytics.money import rounded
from shared.domain.analytics.periods import MONTHS_OF_QUARTER, first_of, last_of, later_month, month_of, quarter_start
from shared.domain.facts.rollups import Cohort
from shared.domain.facts.segments import SegmentCohort


class CohortMetric(StrEnum):
    """What a cell says."""

    RETENTION = "retention"
    ORDERS_PER_CUSTOMER = "orders_per_customer"
    CUMULATIVE_NET_REVENUE = "cumulative_net_revenue"
    CUMULATIVE_CM2 = "cumulative_cm2"


class Grain(StrEnum):
    """What customers are grouped by: the month or the fiscal quarter of their first order."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A cohort as it is shown: the customers of one month, or of the months of a quarter."""

    start: str
    """Its first month, yyyy-mm."""
    months: tuple[str, ...]
    size: int | None
    """Its customers; None: hidden too."""
    cells: tuple[int | None, ...]
    """Per offset the value of all its customers together (customers, orders or micros); None: not over yet."""
    hidden: bool = False
    """Too few customers, or needed to keep those of another group from being worked out: no cell is told."""
    cost_unknown: bool = False
    """What it left over is asked, and nobody told what any of its goods cost: no cell is known."""

    def concealed(self, *, with_size: bool) -> Group:
        """Hide its cells, and the number of its customers if that would tell more than when they came."""
        cells = (None,) * len(self.cells)
        return replace(self, hidden=True, cells=cells, size=None if with_size else self.size)


def grouped(
    cohorts: Sequence[Cohort | SegmentCohort],
    metric: CohortMetric,
    *,
    grain: Grain,
    fiscal_start: int,
    max_offset: int,
    through: date,
) -> tuple[Group, ...]:
    """Take monthly cohorts together; `through` is the last day that is known."""
    starts: dict[str, list[Cohort | SegmentCohort]] = {}
    for cohort in cohorts:
        starts.setdefault(_start(cohort.month, grain, fiscal_start), []).append(cohort)
    groups: list[Group] = []
    for start, members in sorted(starts.items()):
        parts = [_cells(cohort, metric, max_offset, through) for cohort in members]
        cost_unknown = metric is CohortMetric.CUMULATIVE_CM2 and is_cost_unknown(*cost_coverage(members))
        groups.append(
            Group(
                start=start,
                months=tuple(cohort.month for cohort in members),
                size=sum(cohort.size for cohort in members),
                cells=tuple(None if cost_unknown else _together(column) for column in zip(*parts, strict=True)),
                cost_unknown=cost_unknown,
            )
        )
    return tuple(groups)


def cost_coverage(cohorts: Sequence[Cohort | SegmentCohort]) -> tuple[int, int]:
    """Give the sales of some cohorts whose cost is known, and all their sales."""
    return (
        sum(sum(cohort.cost_known_sales) for cohort in cohorts),
        sum(sum(cohort.sales) for cohort in cohorts),
    )


def is_cost_unknown(known_sales: int, sales: int) -> bool:
    """Tell whether goods were sold and no cost of any was ever told: what is left over is unknown, as in a P&L."""
    return sales > 0 and not known_sales


def weighted_average(groups: Sequence[Group]) -> tuple[tuple[int, int] | None, ...]:
    """Give per offset the value of all customers in known and shown cells, and their number.

    Hidden cells are left out, so that the average tells nothing that the shown cells do not.
    """
    shown = [(group.size, group.cells) for group in groups if group.size is not None and not group.hidden]
    if not shown:
        return ()
    averages: list[tuple[int, int] | None] = []
    for offset in range(len(shown[0][1])):
        known = [(cell, size) for size, cells in shown if (cell := cells[offset]) is not None]
        averages.append((sum(cell for cell, _ in known), sum(size for _, size in known)) if known else None)
    return tuple(averages)


def whole_quarters(first: str, last: str, fiscal_start: int) -> tuple[str, str]:
    """Widen a range of months to the quarters that it touches."""
    end = later_month(_start(last, Grain.QUARTER, fiscal_start), MONTHS_OF_QUARTER - 1)
    return _start(first, Grain.QUARTER, fiscal_start), end


def per_customer(value: int, size: int, digits: int) -> float:
    """Divide a cell by its customers, rounded to so many digits."""
    scale: int = 10**digits
    return rounded(value * scale, size) / scale


def last_complete_month(through: date) -> str:
    """Name the last month that is over by the end of a day."""
    month = month_of(through)
    return month if last_of(month) <= through else later_month(month, -1)


def last_complete_quarter(through: date, fiscal_start: int) -> str:
    """Name the last month of the last quarter that is over by the end of a day."""
    following = later_month(last_complete_month(through), 1)
    return later_month(_start(following, Grain.QUARTER, fiscal_start), -1)


def _start(month: str, grain: Grain, fiscal_start: int) -> str:
    return month if grain is Grain.MONTH else month_of(quarter_start(first_of(month), fiscal_start))


def _cells(
    cohort: Cohort | SegmentCohort, metric: CohortMetric, max_offset: int, through: date
) -> tuple[int | None, ...]:
    match metric:
        case CohortMetric.RETENTION:
            values, running = cohort.active, False
        case CohortMetric.ORDERS_PER_CUSTOMER:
            values, running = cohort.orders, False
        case CohortMetric.CUMULATIVE_NET_REVENUE:
            values, running = cohort.net_revenue, True
        case CohortMetric.CUMULATIVE_CM2:
            values, running = cohort.cm2, True
    cells: list[int | None] = []
    so_far = 0
    for offset in range(max_offset + 1):
        value = values[offset] if offset < len(values) else 0
        so_far += value
        is_over = last_of(later_month(cohort.month, offset)) <= through
        cells.append((so_far if running else value) if is_over else None)
    return tuple(cells)


def _together(column: Sequence[int | None]) -> int | None:
    known = [value for value in column if value is not None]
    return sum(known) if len(known) == len(column) else None
