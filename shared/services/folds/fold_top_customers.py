"""The first customers of a shop: who brought the most, ordered the most, is expected to bring the most, or is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.rfm import MONTHS, SCORES, Rfm, kind_of
from shared.domain.analytics.top_windows import days_of
from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.settings import Settings
from shared.domain.facts.top_customers import (
    LISTED,
    LISTED_OF_KIND,
    SortBy,
    TopCustomers,
    Window,
)
from shared.services.folds.duck import Duck
from shared.services.folds.fold_holdings import reach_of_orders

FIRST_IS = {
    SortBy.NET_REVENUE: "net_revenue DESC",
    SortBy.ORDERS: "orders DESC",
    SortBy.PREDICTED_VALUE: "predicted_12m DESC NULLS LAST",
    # By the month, as it is told: the order of the list would else tell the days.
    SortBy.DAYS_SINCE_LAST: "last_month",
}


def fold_top_customers(duck: Duck, settings: Settings, generation: int) -> Iterator[TopCustomers]:
    """Make every list there is; of a kind, where somebody is of it."""
    begins, through = reach_of_orders(duck)
    if begins is None or through is None:
        return
    _label(duck, through)
    ((has_expectations,),) = duck.rows("SELECT count(predicted_12m) > 0 FROM customer_lifetimes")
    windows = {window: days_of(window, DateRange(first=begins, last=through)) for window in Window}
    for window, days in windows.items():
        duck.run(_BUYERS.format(window=window), first=days.first, last=days.last)
    sums = {window: _sums_of_kinds(duck, window) for window in Window}
    kinds = {
        str(window): {kind: customers for kind, (customers, _, _) in found.items() if kind != EVERYBODY}
        for window, found in sums.items()
    }
    for window, days in windows.items():
        ((orders_in_all, orders_named),) = duck.rows(_ORDERS, first=days.first, last=days.last)
        for of_kind, sort_by in product(sums[window], SortBy):
            customers, orders, net_revenue = sums[window][of_kind]
            yield TopCustomers(
                window=window,
                sort_by=sort_by,
                of_kind=of_kind,
                through=through.isoformat(),
                currency=settings.currency,
                generation=generation,
                customers=customers,
                orders=orders,
                net_revenue=net_revenue,
                kinds=kinds,
                has_expectations=has_expectations,
                orders_in_all=orders_in_all,
                orders_named=orders_named,
                rows=[
                    list(row)
                    for row in duck.rows(
                        f"{_LISTED.format(window=window)} ORDER BY {FIRST_IS[sort_by]}, customer LIMIT $most",
                        kind=of_kind,
                        most=LISTED if of_kind == EVERYBODY else LISTED_OF_KIND,
                    )
                ],
            )


def _label(duck: Duck, through: date) -> None:
    """Say of every customer what kind they are of, whatever the window: by all they ever ordered."""
    scores = range(1, SCORES + 1)
    known = list(product(scores, scores, scores, (False, True)))
    duck.run(
        _LABELLED,
        scores=SCORES,
        months=list(MONTHS),
        through=through,
        recencies=[recency for recency, _, _, _ in known],
        frequencies=[frequency for _, frequency, _, _ in known],
        monetaries=[monetary for _, _, monetary, _ in known],
        singles=[once for _, _, _, once in known],
        kinds=[
            kind_of(recency=recency, frequency=frequency, monetary=monetary, ordered_once=once)
            for recency, frequency, monetary, once in known
        ],
    )


def _sums_of_kinds(duck: Duck, window: Window) -> Mapping[str, tuple[int, int, int]]:
    """Give customers, orders and net revenue of everybody, and of each kind that there is."""
    found = {
        kind: (customers, int(orders), int(net_revenue))
        for kind, customers, orders, net_revenue in duck.rows(_SUMS.format(window=window))
    }
    of_kind = {str(kind): found[kind] for kind in Rfm if kind in found}
    customers, orders, net_revenue = (sum(column) for column in zip((0, 0, 0), *of_kind.values(), strict=True))
    return {EVERYBODY: (customers, orders, net_revenue), **of_kind}


# The models take everybody to be a customer still until the day of another order: of those who have none they say that
# of all, and nothing of the customer.
#
# A quintile goes by the share of customers who are strictly below (the rank less one) and half of those alike.
_QUINTILE = """
    1 + $scores * (2 * (rank() OVER (ORDER BY {by}) - 1) + count(*) OVER (PARTITION BY {by})) // (2 * count(*) OVER ())
"""

_LABELLED = f"""
    CREATE OR REPLACE TEMP TABLE labelled AS
    WITH scored AS (
        SELECT customer, first_day, last_day, CASE WHEN repeats > 0 THEN p_alive END AS p_alive, predicted_12m,
               orders = 1 AS once,
               $scores - len([most FOR most IN $months::BIGINT[] IF datediff('month', last_day, $through::DATE) > most])
                   AS recency,
               {_QUINTILE.format(by="orders")} AS frequency,
               {_QUINTILE.format(by="net_revenue")} AS monetary
        FROM customer_lifetimes
    ), known AS (
        SELECT unnest($recencies::BIGINT[]) AS recency, unnest($frequencies::BIGINT[]) AS frequency,
               unnest($monetaries::BIGINT[]) AS monetary, unnest($singles::BOOLEAN[]) AS once,
               unnest($kinds::VARCHAR[]) AS kind
    )
    SELECT customer, strftime(first_day, '%Y-%m') AS first_month, strftime(last_day, '%Y-%m') AS last_month, kind,
           round(p_alive * 1000000)::BIGINT AS p_alive, predicted_12m
    FROM scored JOIN known USING (recency, frequency, monetary, once)
"""

_BUYERS = """
    CREATE OR REPLACE TEMP TABLE buyers_{window} AS
    WITH bought AS (
        SELECT customer, sum(orders)::BIGINT AS orders, sum(net_revenue)::BIGINT AS net_revenue
        FROM customer_days WHERE day BETWEEN $first::DATE AND $last::DATE GROUP BY customer
    )
    SELECT customer, first_month, last_month, orders, net_revenue, kind, p_alive, predicted_12m
    FROM bought JOIN labelled USING (customer)
"""

_ORDERS = "SELECT count(*), count(customer) FROM orders WHERE day BETWEEN $first::DATE AND $last::DATE"

_SUMS = "SELECT kind, count(*), sum(orders), sum(net_revenue) FROM buyers_{window} GROUP BY kind"

_LISTED = f"SELECT * FROM buyers_{{window}} WHERE $kind = '{EVERYBODY}' OR kind = $kind"
