"""Orders and refunds, each one row with its money in whole micros of the reporting currency.

costs        sku, effective_from, unit_cost, currency, source    one cost a piece and first day
sold         one row a line of goods, with its cost where that is known
orders       one row an order that counts: no test, some goods, a known rate
order_fees   one row an order whose charge is known by payments: all their fees
loose_fees   day, fee    fees of payments that belong to no order, or to one whose fee is known in another way
refunds      one row a refund that counts, or a part of one, with the day and the customer of its order
uncounted    day    orders, refunds and payments whose currency has no known rate
"""

from __future__ import annotations

from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.rates import add_rates

MILLION = 1_000_000


def build_order_tables(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, from the tables of current facts, of rates and of payments."""
    reporting = settings.currency
    add_rates(duck, "order_facts", reporting=reporting)
    add_rates(duck, "refund_parts", reporting=reporting)
    duck.run(_COSTS)
    duck.run(_GOODS)
    add_rates(duck, "goods", reporting=reporting, currency="cost_currency", name="cost_nanos")
    duck.run(_SOLD)
    duck.run(_ORDER_FEES)
    duck.run(_ORDERS, **_rules(settings))
    duck.run(_LOOSE_FEES)
    duck.run(_BACK)
    add_rates(duck, "back", reporting=reporting, currency="cost_currency", name="cost_nanos")
    duck.run(_REFUNDS)
    duck.run(_UNCOUNTED)


def _rules(settings: Settings) -> dict[str, int | None]:
    return {
        "fee_ppm": settings.payment_fee_ppm,
        "fee_fixed": settings.payment_fee_fixed,
        "platform_ppm": settings.platform_fee_ppm,
    }


_COSTS = """
    CREATE OR REPLACE TEMP TABLE costs AS
    SELECT sku, day AS effective_from, unit_cost, currency, source FROM cost_facts
    QUALIFY row_number() OVER (PARTITION BY sku, day ORDER BY exported_at DESC, source, account) = 1
"""

# Of a line that states its own cost, the currency is the order's.
_GOODS = """
    CREATE OR REPLACE TEMP TABLE goods AS
    SELECT o.source, o.account, o.key, o.day, o.nanos, line.sku, line.quantity,
           line.quantity * line.price AS gross,
           coalesce(line.discount, 0) + coalesce(line.order_discount, 0) AS discount,
           coalesce(line.unit_cost, c.unit_cost) AS unit_cost,
           CASE WHEN line.unit_cost IS NULL THEN c.currency ELSE o.currency END AS cost_currency
    FROM (
        SELECT source, account, key, day, currency, nanos, unnest(lines) AS line
        FROM order_facts_rated WHERE test IS NOT TRUE
    ) AS o
    ASOF LEFT JOIN costs AS c ON o.line.sku = c.sku AND o.day >= c.effective_from
    WHERE o.line.gift_card IS NOT TRUE
"""

_SOLD = """
    CREATE OR REPLACE TEMP TABLE sold AS
    SELECT source, account, key, sku, quantity,
           converted(gross, nanos) AS gross,
           converted(discount, nanos) AS discount,
           converted(quantity::HUGEINT * unit_cost, cost_nanos) AS cost
    FROM goods_rated WHERE nanos IS NOT NULL
"""

# Without its charge, what else is known of an order's fees is not what they came to.
_ORDER_FEES = """
    CREATE OR REPLACE TEMP TABLE order_fees AS
    SELECT source, account, order_key AS key, sum(fee) AS fee
    FROM payments WHERE order_key IS NOT NULL
    GROUP BY ALL HAVING bool_or(nature = 'charge' AND fee IS NOT NULL)
"""

# An order's own statement of its fee stands for all its payments.
_LOOSE_FEES = """
    CREATE OR REPLACE TEMP TABLE loose_fees AS
    SELECT p.day, p.fee
    FROM payments AS p
    LEFT JOIN order_facts AS told ON (told.source, told.account, told.key) = (p.source, p.account, p.order_key)
    LEFT JOIN orders AS o ON (o.source, o.account, o.key) = (p.source, p.account, p.order_key)
    LEFT JOIN order_fees AS f ON (f.source, f.account, f.key) = (p.source, p.account, p.order_key)
    WHERE p.fee IS NOT NULL AND told.test IS NOT TRUE
      AND (o.key IS NULL OR (told.payment_fee IS NULL AND f.key IS NULL))
"""

_ORDERS = f"""
    CREATE OR REPLACE TEMP TABLE orders AS
    WITH lines AS (
        SELECT source, account, key,
               sum(quantity) AS units, sum(gross) AS gross, sum(discount) AS discount, sum(cost) AS cost,
               coalesce(sum(gross - discount) FILTER (cost IS NOT NULL), 0) AS cost_known_sales,
               coalesce(sum(quantity) FILTER (cost IS NOT NULL), 0) AS cost_known_units
        FROM sold GROUP BY ALL
    ), paid AS (
        SELECT o.source, o.account, o.key, o.day, o."at", o.customer, o.nanos,
               o.fulfilment_cost, coalesce(converted(o.payment_fee, o.nanos), f.fee) AS payment_fee, o.platform_fee,
               l.* EXCLUDE (source, account, key),
               converted(coalesce(o.shipping, 0), o.nanos) AS shipping,
               l.gross - l.discount + converted(coalesce(o.shipping, 0) + coalesce(o.tax, 0), o.nanos) AS paid
        FROM order_facts_rated AS o JOIN lines AS l USING (source, account, key)
        LEFT JOIN order_fees AS f USING (source, account, key)
    )
    SELECT source, account, key, day, "at", customer, units, gross, discount, cost, cost_known_sales, cost_known_units,
           shipping,
           gross - discount + shipping AS net_revenue,
           converted(fulfilment_cost, nanos) AS fulfilment,
           payment_fee,
           CASE WHEN payment_fee IS NULL THEN
               CASE WHEN paid = 0 THEN 0 * $fee_ppm::BIGINT
               ELSE (paid * $fee_ppm::BIGINT + {MILLION // 2}) // {MILLION} + $fee_fixed::BIGINT END
           END AS payment_fee_estimated,
           CASE WHEN platform_fee IS NULL THEN (paid * $platform_ppm::BIGINT + {MILLION // 2}) // {MILLION}
           ELSE converted(platform_fee, nanos) END AS platform_fee
    FROM paid
"""
"""An order without a line of goods is not among them: it sold gift cards, which is no revenue."""

# What went back on the shelf cost what it had cost in its order; if we do not know the order, what it cost on that day.
# Of more pieces than the order had, the first that came back are those: no more can go back than was taken away.
_BACK = """
    CREATE OR REPLACE TEMP TABLE back AS
    WITH lines AS (
        SELECT r.source, r.account, r.key, coalesce(o.day, r.day) AS day, r.order_id,
               r.line.sku AS sku, coalesce(r.line.quantity, 0) AS quantity,
               coalesce(sum(r.line.quantity) OVER earlier, 0)::BIGINT AS before
        FROM (
            SELECT source, account, key, day, order_id, unnest(lines) AS line, generate_subscripts(lines, 1) AS n
            FROM refund_parts_rated WHERE nanos IS NOT NULL
        ) AS r
        LEFT JOIN orders AS o ON (o.source, o.account, o.key) = (r.source, r.account, r.order_id)
        WHERE r.line.restocked
        WINDOW earlier AS (
            PARTITION BY r.source, r.account, r.order_id, r.line.sku
            ORDER BY r.day, r.key, r.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ), ordered AS (
        SELECT source, account, key AS order_id, sku, sum(cost) AS cost, sum(quantity) AS quantity
        FROM sold WHERE cost IS NOT NULL AND sku IS NOT NULL GROUP BY ALL
    )
    SELECT l.source, l.account, l.key, l.day, l.sku, l.quantity,
           o.cost * greatest(least(l.quantity, o.quantity - l.before), 0) // o.quantity AS ordered_cost,
           CASE WHEN o.cost IS NULL THEN c.unit_cost END AS unit_cost,
           CASE WHEN o.cost IS NULL THEN c.currency END AS cost_currency
    FROM lines AS l
    LEFT JOIN ordered AS o USING (source, account, order_id, sku)
    ASOF LEFT JOIN costs AS c ON l.sku = c.sku AND l.day >= c.effective_from
"""

# The refund of a test order, or of one that sold nothing but gift cards, counts as little as the order.
_REFUNDS = """
    CREATE OR REPLACE TEMP TABLE refunds AS
    WITH restocked AS (
        SELECT source, account, key,
               sum(coalesce(ordered_cost, converted(quantity::HUGEINT * unit_cost, cost_nanos), 0)) AS cost
        FROM back_rated GROUP BY ALL
    )
    SELECT r.source, r.account, r.key, r.day, coalesce(o.day, r.day) AS order_day, o.key AS order_key, o.customer,
           coalesce(list_sum(list_transform(r.lines, lambda line: coalesce(line.quantity, 0))), 0) AS units,
           converted(coalesce(list_sum(list_transform(r.lines, lambda line: line.amount)), 0), r.nanos) AS amount,
           converted(coalesce(r.shipping, 0), r.nanos) AS shipping,
           converted(coalesce(r.return_shipping_cost, 0), r.nanos) AS return_shipping,
           coalesce(b.cost, 0) AS restocked,
           coalesce(r.date_assumed, FALSE) AS date_assumed
    FROM refund_parts_rated AS r
    LEFT JOIN restocked AS b USING (source, account, key)
    LEFT JOIN order_facts AS told ON (told.source, told.account, told.key) = (r.source, r.account, r.order_id)
    LEFT JOIN orders AS o ON (o.source, o.account, o.key) = (r.source, r.account, r.order_id)
    WHERE r.nanos IS NOT NULL AND (o.key IS NOT NULL OR told.key IS NULL)
"""

_UNCOUNTED = """
    CREATE OR REPLACE TEMP TABLE uncounted AS
    SELECT day FROM goods WHERE nanos IS NULL GROUP BY source, account, key, day
    UNION ALL
    SELECT day FROM refund_parts_rated WHERE nanos IS NULL
    UNION ALL
    SELECT day FROM payments WHERE is_unconverted
"""
