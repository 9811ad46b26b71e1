"""What each SKU sold, gave back and cost on each day, in whole micros of the reporting currency.

goods_by_sku    one row an order and SKU, with its part of what is known of the order as a whole
back_by_sku     one row a refund and SKU, with its part of what is known of the refund as a whole
variant_days    day, key (the SKU; empty: lines without one, fees that belong to no order), figures of `VariantFigure`

What an order or a refund says as a whole is split as `shared.domain.facts.checks.apportioned` does it, in the order of
the SKUs: each part is the difference of two running totals, so that the parts add up to the last micro.
"""

from __future__ import annotations

from shared.domain.facts.products import VariantFigure
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck


def build_product_tables(duck: Duck, settings: Settings) -> None:  # noqa: ARG001 - what every builder is given
    """Make the tables named above, from those of orders and with the macro `split` of payments."""
    duck.run(_GOODS_BY_SKU)
    duck.run(_BACK_BY_SKU)
    duck.run(_VARIANT_DAYS)


# Goods that were given away bear the costs of their order by the piece.
_GOODS_BY_SKU = """
    CREATE OR REPLACE TEMP TABLE goods_by_sku AS
    WITH lines AS (
        SELECT source, account, key, coalesce(sku, '') AS sku,
               sum(quantity) AS units, sum(gross) AS gross, sum(discount) AS discount, sum(cost) AS cost,
               coalesce(sum(gross - discount) FILTER (cost IS NOT NULL), 0) AS cost_known_sales,
               coalesce(sum(quantity) FILTER (cost IS NOT NULL), 0) AS cost_known_units
        FROM sold GROUP BY ALL
    ), weighed AS (
        SELECT l.*, o.day, o.fulfilment,
               coalesce(o.payment_fee, 0) + coalesce(o.payment_fee_estimated, 0) + coalesce(o.platform_fee, 0) AS fees,
               CASE WHEN o.gross > o.discount THEN l.gross - l.discount ELSE l.units END AS weight,
               CASE WHEN o.gross > o.discount THEN o.gross - o.discount ELSE o.units END AS whole
        FROM lines AS l JOIN orders AS o USING (source, account, key)
    ), placed AS (
        SELECT *, sum(weight) OVER (PARTITION BY source, account, key ORDER BY sku) AS upto FROM weighed
    )
    SELECT * REPLACE (
        split(fulfilment, weight, upto, whole) AS fulfilment,
        split(fees, weight, upto, whole) AS fees
    )
    FROM placed
"""

# A refund that names no SKU is one for the order as a whole; if we do not know the order, it stays without one.
_BACK_BY_SKU = """
    CREATE OR REPLACE TEMP TABLE back_by_sku AS
    WITH told AS (
        SELECT source, account, key, coalesce(line.sku, '') AS sku, sum(line.amount) AS weight,
               sum(coalesce(line.quantity, 0)) AS units
        FROM (SELECT source, account, key, unnest(lines) AS line FROM refund_parts) GROUP BY ALL
    ), restocked AS (
        SELECT source, account, key, coalesce(sku, '') AS sku,
               sum(coalesce(ordered_cost, converted(quantity::HUGEINT * unit_cost, cost_nanos), 0)) AS restocked
        FROM back_rated GROUP BY ALL
    ), lines AS (
        SELECT r.source, r.account, r.key, r.day, r.order_key, coalesce(t.sku, '') AS sku, r.amount, r.return_shipping,
               coalesce(t.units, 0) AS units, coalesce(b.restocked, 0) AS restocked,
               CASE WHEN sum(t.weight) OVER refund > 0 THEN t.weight ELSE 1 END AS weight
        FROM refunds AS r
        LEFT JOIN told AS t USING (source, account, key)
        LEFT JOIN restocked AS b ON (b.source, b.account, b.key, b.sku) = (t.source, t.account, t.key, t.sku)
        WINDOW refund AS (PARTITION BY r.source, r.account, r.key)
    ), placed AS (
        SELECT *, sum(weight) OVER (PARTITION BY source, account, key ORDER BY sku) AS upto,
               sum(weight) OVER (PARTITION BY source, account, key) AS whole
        FROM lines
    ), parts AS (
        SELECT * REPLACE (
            split(amount, weight, upto, whole) AS amount,
            split(return_shipping, weight, upto, whole) AS return_shipping
        )
        FROM placed
    )
    SELECT day, source, account, key, order_key, sku, amount, return_shipping, units, restocked
    FROM parts WHERE sku <> '' OR order_key IS NULL
    UNION ALL
    SELECT p.day, p.source, p.account, p.key, p.order_key, g.sku,
           split(p.amount, g.weight, g.upto, g.whole), split(p.return_shipping, g.weight, g.upto, g.whole),
           split(p.units, g.weight, g.upto, g.whole), split(p.restocked, g.weight, g.upto, g.whole)
    FROM parts AS p
    JOIN goods_by_sku AS g ON (g.source, g.account, g.key) = (p.source, p.account, p.order_key)
    WHERE p.sku = ''
"""

_SUMS = ", ".join(f"stored(coalesce(sum({figure}), 0)) AS {figure}" for figure in VariantFigure)

_VARIANT_DAYS = f"""
    CREATE OR REPLACE TEMP TABLE variant_days AS
    WITH refunded AS (
        SELECT DISTINCT source, account, order_key AS key, sku FROM back_by_sku WHERE amount > 0 OR units > 0
    ), figures AS (
        SELECT g.day, g.sku AS key, g.units, g.gross AS gross_sales, g.discount AS discounts,
               1 AS orders, (r.key IS NOT NULL)::INTEGER AS orders_refunded,
               g.cost AS cogs, g.cost_known_sales, g.cost_known_units, g.fulfilment, g.fees
        FROM goods_by_sku AS g LEFT JOIN refunded AS r USING (source, account, key, sku)
        UNION ALL BY NAME
        SELECT day, sku AS key, units AS units_returned, amount AS returns, restocked AS cogs_restocked, return_shipping
        FROM back_by_sku
        UNION ALL BY NAME
        SELECT day, '' AS key, fee AS fees FROM loose_fees
    )
    SELECT day, key, {_SUMS} FROM figures GROUP BY ALL
"""
