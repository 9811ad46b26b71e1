"""Cohorts: the customers whose first order fell into a month, followed month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from shared.domain.facts.rollups import Cohort
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.months import length_of, month_of

EVERYONE = "all"

_NEW = """
    SELECT f.day, count(*) AS customers, sum(f.net_revenue) - coalesce(sum(r.refunded), 0) AS revenue
    FROM first_orders AS f LEFT JOIN (
        SELECT source, account, order_key, sum(amount + shipping) AS refunded FROM refunds GROUP BY ALL
    ) AS r ON (r.source, r.account, r.order_key) = (f.source, f.account, f.key)
    GROUP BY f.day
"""

_ACTIVITY = """
    WITH happened AS (
        SELECT customer, day, TRUE AS ordered, net_revenue,
               net_revenue - coalesce(cost, 0) - coalesce(fulfilment, 0)
               - coalesce(payment_fee, payment_fee_estimated, 0) - coalesce(platform_fee, 0) AS cm2,
               gross - discount AS sales, cost_known_sales
        FROM orders WHERE customer IS NOT NULL
        UNION ALL
        SELECT customer, greatest(day, order_day), FALSE, -amount - shipping,
               -amount - shipping - return_shipping + restocked, 0, 0
        FROM refunds WHERE customer IS NOT NULL
    )
    SELECT strftime(f.day, '%Y-%m') AS cohort,
           (year(h.day) - year(f.day)) * 12 + month(h.day) - month(f.day) AS place,
           count(DISTINCT h.customer) FILTER (h.ordered) AS active, count(*) FILTER (h.ordered) AS orders,
           sum(h.net_revenue) AS net_revenue, sum(h.cm2) AS cm2, sum(h.sales) AS sales,
           sum(h.cost_known_sales) AS cost_known_sales
    FROM happened AS h JOIN first_orders AS f USING (customer)
    GROUP BY ALL
"""
_MEASURES = ("active", "orders", "net_revenue", "cm2", "sales", "cost_known_sales")


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
    cohorts: list[Cohort] = []
    for month, (by_day, revenue_by_day) in sorted(new.items()):
        places = range(max(activity[month]) + 1)
        cohorts.append(
            Cohort(
                month=month,
                segment=EVERYONE,
                currency=settings.currency,
                generation=generation,
                size=sum(by_day),
                new_by_day=by_day,
                new_revenue_by_day=revenue_by_day,
                **{
                    name: [int(activity[month].get(place, {}).get(name) or 0) for place in places] for name in _MEASURES
                },
            )
        )
    return cohorts
