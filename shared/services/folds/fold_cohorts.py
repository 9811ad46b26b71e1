"""Cohorts: the customers whose first order fell into a month, followed month by month, all of them and by segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.domain.analytics.product_profit import common_title
from shared.domain.facts.rollups import Cohort
from shared.domain.facts.segments import EVERYBODY, Dimension, SegmentCohort, Segments, segment_of
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.months import length_of, month_of

_NEW = """
    SELECT f.day, count(*) AS customers, sum(f.net_revenue) - coalesce(sum(r.refunded), 0) AS revenue
    FROM first_orders AS f LEFT JOIN (
        SELECT source, account, order_key, sum(amount + shipping) AS refunded FROM refunds GROUP BY ALL
    ) AS r ON (r.source, r.account, r.order_key) = (f.source, f.account, f.key)
    GROUP BY f.day
"""

_MEASURES = ("active", "orders", "net_revenue", "cm2", "sales", "cost_known_sales")
_SUMS = ", ".join(["count(*) FILTER (orders > 0) AS active", *(f"sum({name}) AS {name}" for name in _MEASURES[1:])])

_ACTIVITY = f"SELECT cohort, place, {_SUMS} FROM customer_months GROUP BY ALL"
_ACTIVITY_BY_SEGMENT = f"""
    SELECT segment, cohort, place, {_SUMS} FROM customer_months JOIN customer_segments USING (customer) GROUP BY ALL
"""

_SIZES = """
    SELECT segment, strftime(day, '%Y-%m') AS month, count(*) AS customers
    FROM first_orders JOIN customer_segments USING (customer) GROUP BY ALL ORDER BY segment, month
"""

_TITLES = f"""
    SELECT o.value, list(n.title ORDER BY n.sku)
    FROM own_segments AS o JOIN named AS n ON coalesce(n.product_id, n.sku) = o.value
    WHERE o.dimension = '{Dimension.FIRST_PRODUCT}' AND n.title IS NOT NULL
    GROUP BY o.value ORDER BY o.value
"""


def fold_cohorts(duck: Duck, settings: Settings, generation: int) -> Sequence[Cohort]:
    """Add up the tables of orders and refunds by cohort; one row for each month that brought a new customer."""
    new: dict[str, tuple[list[int], list[int]]] = {}
    for day, customers, revenue in duck.rows(_NEW):
        month = month_of(day)
        by_day, revenue_by_day = new.setdefault(month, ([0] * length_of(month), [0] * length_of(month)))
        by_day[day.day - 1], revenue_by_day[day.day - 1] = int(customers), int(revenue)
    activity: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in duck.named_rows(_ACTIVITY):
        activity[row["cohort"]][row["place"]] = row
    return [
        Cohort(
            month=month,
            segment=EVERYBODY,
            currency=settings.currency,
            generation=generation,
            size=sum(by_day),
            new_by_day=by_day,
            new_revenue_by_day=revenue_by_day,
            **_by_offset(activity[month]),
        )
        for month, (by_day, revenue_by_day) in sorted(new.items())
    ]


def fold_segment_cohorts(duck: Duck, settings: Settings, generation: int) -> Iterator[SegmentCohort]:
    """Add up the same by segment; one row for each segment and month that brought it a customer."""
    activity: dict[tuple[str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in duck.named_rows(_ACTIVITY_BY_SEGMENT):
        activity[row["segment"], row["cohort"]][row["place"]] = row
    for segment, month, customers in duck.rows(_SIZES):
        yield SegmentCohort(
            segment=segment,
            month=month,
            currency=settings.currency,
            generation=generation,
            size=customers,
            **_by_offset(activity[segment, month]),
        )


def fold_segments(duck: Duck, _settings: Settings, generation: int) -> Sequence[Segments]:
    """Name the segments that there are; nothing if nobody ever ordered."""
    sizes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for segment, month, customers in duck.rows(_SIZES):
        sizes[segment][month] = customers
    if not sizes:
        return []
    months = sorted({month for by_month in sizes.values() for month in by_month})
    titles = ((value, common_title(told)) for value, told in duck.rows(_TITLES))
    return [
        Segments(
            generation=generation,
            months=months,
            sizes={name: [by_month.get(month, 0) for month in months] for name, by_month in sorted(sizes.items())},
            titles={segment_of(Dimension.FIRST_PRODUCT, value): title for value, title in titles if title},
        )
    ]


def _by_offset(activity: Mapping[int, Mapping[str, Any]]) -> dict[str, list[int]]:
    """Set in columns what happened in each month since the first order."""
    places = range(max(activity) + 1)
    return {name: [int(activity.get(place, {}).get(name) or 0) for place in places] for name in _MEASURES}
