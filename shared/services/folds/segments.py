"""The segments of customers, as tables; here it is decided which there are.

first_values        customer, dimension, value     what is known of each customer's first order; NULL: unknown
own_segments        dimension, value, customers    values that have a segment of their own
customer_segments   customer, dimension, segment   each customer once for each dimension; `all` is not among them

The first and the last are views: a million customers would be three million rows. A value has a segment of its own if
it brought `k_min` customers over all time and is among the first of its dimension; all others are `(other)` together,
and with them whatever a shop writes like one of our own names.
"""

from __future__ import annotations

from shared.domain.facts.segments import MOST_OWN, OTHER, UNKNOWN, Dimension
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck


def build_segments(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, from that of first orders."""
    duck.run(_FIRST_VALUES)
    duck.run(_OWN_SEGMENTS, k_min=settings.k_min)
    duck.run(_CUSTOMER_SEGMENTS)


_FIRST_VALUES = f"""
    CREATE OR REPLACE TEMP VIEW first_values AS
    SELECT customer, '{Dimension.CHANNEL}' AS dimension, nullif(channel, '') AS value FROM first_orders
    UNION ALL
    SELECT customer, '{Dimension.FIRST_PRODUCT}', nullif(product, '') FROM first_orders
    UNION ALL
    SELECT customer, '{Dimension.DISCOUNTED_FIRST_ORDER}', CASE WHEN discounted THEN 'yes' ELSE 'no' END
    FROM first_orders
"""

_MOST = " ".join(f"WHEN '{dimension}' THEN {most}" for dimension, most in MOST_OWN.items())

_OWN_SEGMENTS = f"""
    CREATE OR REPLACE TEMP TABLE own_segments AS
    SELECT dimension, value, count(*) AS customers FROM first_values
    WHERE value IS NOT NULL AND value NOT IN ('{OTHER}', '{UNKNOWN}') GROUP BY dimension, value
    HAVING count(*) >= $k_min OR dimension = '{Dimension.DISCOUNTED_FIRST_ORDER}'
    QUALIFY row_number() OVER (PARTITION BY dimension ORDER BY count(*) DESC, value) <= CASE dimension {_MOST} END
"""

_CUSTOMER_SEGMENTS = f"""
    CREATE OR REPLACE TEMP VIEW customer_segments AS
    SELECT f.customer, f.dimension,
           f.dimension || '=' || CASE
               WHEN f.value IS NULL THEN '{UNKNOWN}' WHEN o.value IS NULL THEN '{OTHER}' ELSE f.value
           END AS segment
    FROM first_values AS f LEFT JOIN own_segments AS o ON (o.dimension, o.value) = (f.dimension, f.value)
"""
