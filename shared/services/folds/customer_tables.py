"""Customers as the tables that every figure about them is made of, in whole micros of the reporting currency.

first_orders      one row a customer: their first order, with what it is grouped by (channel, product, discounted)
customer_days     one row a customer and day with an order: orders, and what these brought after all their refunds
customer_months   one row a customer and month in which anything happened, a refund on the day it was processed

A customer is a pseudonym, the same in every source; orders without one are in none of them.
"""

from __future__ import annotations

from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck


def build_customer_tables(duck: Duck, settings: Settings) -> None:  # noqa: ARG001 - what every builder is given
    """Make the tables named above, from those of orders and of SKUs."""
    duck.run(_FIRST_ORDERS)
    duck.run(_CUSTOMER_DAYS)
    duck.run(_CUSTOMER_MONTHS)


# Orders of one day without a time of day go by their id: any order does, if it is always the same. Its product is that
# of the line that sold the most.
_FIRST_ORDERS = """
    CREATE OR REPLACE TEMP TABLE first_orders AS
    WITH firsts AS (
        SELECT customer, day, source, account, key, net_revenue, discount > 0 AS discounted
        FROM orders WHERE customer IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY customer ORDER BY day, "at" NULLS FIRST, source, account, key) = 1
    ), bought AS (
        SELECT s.source, s.account, s.key, coalesce(n.product_id, s.sku) AS product
        FROM sold AS s JOIN firsts USING (source, account, key) LEFT JOIN named AS n ON n.sku = s.sku
        QUALIFY row_number() OVER (
            PARTITION BY s.source, s.account, s.key ORDER BY s.gross DESC, s.sku NULLS LAST, s.quantity
        ) = 1
    )
    SELECT f.*, o.channel, b.product
    FROM firsts AS f
    JOIN order_facts AS o USING (source, account, key)
    LEFT JOIN bought AS b USING (source, account, key)
"""

# A refund counts on the day of the order that it belongs to: what the order was worth in the end.
_CUSTOMER_DAYS = """
    CREATE OR REPLACE TEMP TABLE customer_days AS
    WITH back AS (
        SELECT source, account, order_key AS key, sum(amount + shipping) AS refunded,
               sum(amount + shipping + return_shipping - restocked) AS cost
        FROM refunds WHERE order_key IS NOT NULL GROUP BY ALL
    )
    SELECT o.customer, o.day, count(*) AS orders,
           sum(o.net_revenue - coalesce(b.refunded, 0)) AS net_revenue,
           sum(
               o.net_revenue - coalesce(o.cost, 0) - coalesce(o.fulfilment, 0)
               - coalesce(o.payment_fee, o.payment_fee_estimated, 0) - coalesce(o.platform_fee, 0)
               - coalesce(b.cost, 0)
           ) AS cm2
    FROM orders AS o LEFT JOIN back AS b USING (source, account, key)
    WHERE o.customer IS NOT NULL
    GROUP BY ALL
"""

# `place` counts whole calendar months since that of the first order.
_CUSTOMER_MONTHS = """
    CREATE OR REPLACE TEMP TABLE customer_months AS
    WITH happened AS (
        SELECT customer, day, 1 AS orders, net_revenue,
               net_revenue - coalesce(cost, 0) - coalesce(fulfilment, 0)
               - coalesce(payment_fee, payment_fee_estimated, 0) - coalesce(platform_fee, 0) AS cm2,
               gross - discount AS sales, cost_known_sales
        FROM orders WHERE customer IS NOT NULL
        UNION ALL
        SELECT customer, greatest(day, order_day), 0, -amount - shipping,
               -amount - shipping - return_shipping + restocked, 0, 0
        FROM refunds WHERE customer IS NOT NULL
    )
    SELECT customer, strftime(f.day, '%Y-%m') AS cohort,
           (year(h.day) - year(f.day)) * 12 + month(h.day) - month(f.day) AS place,
           sum(h.orders)::INTEGER AS orders, stored(sum(h.net_revenue)) AS net_revenue, stored(sum(h.cm2)) AS cm2,
           stored(sum(h.sales)) AS sales, stored(sum(h.cost_known_sales)) AS cost_known_sales
    FROM happened AS h JOIN first_orders AS f USING (customer)
    GROUP BY ALL
"""
