"""Payments beside the orders that they belong to, and refunds on the days that payments know of.

payments      one row a payment: the key of its order, where we know it, and its fee in the reporting currency
refund_parts  the refunds as facts tell them, but for those whose date is assumed: such a one is gone where another
              refund of its order has a date, and is split among the days on which payments gave money back for it
"""

from __future__ import annotations

from shared.domain.facts.lines import KEY_SEPARATOR
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, literal
from shared.services.folds.rates import add_rates


def build_payment_tables(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, and the macro `split(amount, weight, upto, whole)`."""
    add_rates(duck, "payment_facts", reporting=settings.currency)
    duck.run(_SPLIT)
    duck.run(_PAYMENTS)
    duck.run(_REFUND_PARTS)


# As `shared.domain.facts.checks.apportioned` does it: a part is the difference of two running totals. `upto` is that of
# the weights which ends with this part, `whole` that of all parts.
_SPLIT = """
    CREATE OR REPLACE TEMP MACRO split(amount, weight, upto, whole) AS (
        coalesce(amount, 0)::HUGEINT * upto // whole - coalesce(amount, 0)::HUGEINT * (upto - weight) // whole
    )::BIGINT
"""

# Shops may give one name to several orders; an id goes before a name.
_PAYMENTS = """
    CREATE OR REPLACE TEMP TABLE payments AS
    WITH called AS (
        SELECT * FROM (
            SELECT source, account, key AS order_id, key, 0 AS is_name FROM order_facts
            UNION ALL
            SELECT source, account, name, key, 1 FROM order_facts WHERE name IS NOT NULL
        )
        QUALIFY row_number() OVER (PARTITION BY source, account, order_id ORDER BY is_name, key) = 1
    )
    SELECT p.source, p.account, p.key, p.day, p.nature, p.amount, p.currency, c.key AS order_key,
           converted(p.fee, p.nanos) AS fee,
           p.nanos IS NULL AND coalesce(p.fee, 0) <> 0 AS is_unconverted
    FROM payment_facts_rated AS p LEFT JOIN called AS c USING (source, account, order_id)
"""

# Payments say when, and the refund how much: what they gave back beyond it, later, its export did not know of yet; what
# they do not cover was given back in another way, and keeps its assumed date. Of amounts in another currency only the
# proportions are known. Pieces are counted with the first part, because payments know of money only.
_REFUND_PARTS = f"""
    CREATE OR REPLACE TEMP TABLE refund_parts AS
    WITH kept AS (
        SELECT *,
               coalesce(list_sum(list_transform(lines, lambda line: line.amount)), 0)
               + coalesce(shipping, 0) + coalesce(tax, 0) AS given_back
        FROM refund_facts AS r
        WHERE date_assumed IS NOT TRUE OR NOT EXISTS (
            SELECT 1 FROM refund_facts AS dated
            WHERE (dated.source, dated.account, dated.order_id) = (r.source, r.account, r.order_id)
              AND dated.date_assumed IS NOT TRUE
        )
    ), paid_back AS (
        SELECT k.source, k.account, k.key, k.given_back, p.day, p.key AS payment, -p.amount AS amount,
               p.currency = k.currency AS alike,
               sum(-p.amount) OVER (PARTITION BY k.source, k.account, k.key ORDER BY p.day, p.key) AS upto
        FROM kept AS k JOIN payments AS p ON (p.source, p.account, p.order_key) = (k.source, k.account, k.order_id)
        WHERE k.date_assumed AND p.nature = 'refund' AND p.amount < 0
    ), weighed AS (
        SELECT source, account, key, day, payment, FALSE AS date_assumed,
               CASE WHEN alike THEN least(amount, given_back - upto + amount) ELSE amount END AS weight
        FROM paid_back WHERE NOT alike OR given_back > upto - amount
        UNION ALL
        SELECT k.source, k.account, k.key, k.day, '', TRUE, k.given_back - max(p.upto)
        FROM kept AS k JOIN paid_back AS p USING (source, account, key)
        GROUP BY k.source, k.account, k.key, k.day, k.given_back
        HAVING bool_and(p.alike) AND k.given_back > max(p.upto)
    ), parts AS (
        SELECT *, row_number() OVER refund AS place, sum(weight) OVER refund AS upto,
               sum(weight) OVER (PARTITION BY source, account, key) AS whole
        FROM weighed
        WINDOW refund AS (PARTITION BY source, account, key ORDER BY date_assumed, day, payment)
    )
    SELECT k.* EXCLUDE (given_back) REPLACE (
        k.key || {literal(KEY_SEPARATOR)} || p.place AS key,
        p.day AS day,
        p.date_assumed AS date_assumed,
        list_transform(k.lines, lambda line: struct_pack(
            sku := line.sku,
            quantity := CASE WHEN p.place = 1 THEN line.quantity END,
            amount := split(line.amount, p.weight, p.upto, p.whole),
            restocked := p.place = 1 AND line.restocked
        )) AS lines,
        split(k.shipping, p.weight, p.upto, p.whole) AS shipping,
        split(k.tax, p.weight, p.upto, p.whole) AS tax,
        split(k.return_shipping_cost, p.weight, p.upto, p.whole) AS return_shipping_cost
    )
    FROM kept AS k JOIN parts AS p USING (source, account, key)
    UNION ALL BY NAME
    SELECT * EXCLUDE (given_back) FROM kept ANTI JOIN parts USING (source, account, key)
"""
