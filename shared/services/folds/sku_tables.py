"""What is known of each SKU as it stands: the latest that sources tell, and what it cost when.

named       one row a SKU that a source has told of, as the source that exported it last tells it
versions    one row a SKU and unit cost, number by number, up to `MOST_VERSIONS` of a SKU
named_rated, versions_rated    the same with the rate of the day up to which orders are known, where there is one
"""

from __future__ import annotations

from shared.domain.facts.products import MOST_VERSIONS
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, literal
from shared.services.folds.fold_holdings import reach_of_orders
from shared.services.folds.rates import add_rates


def build_sku_tables(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, from the facts of products and the tables of orders."""
    _, through = reach_of_orders(duck)
    day = "NULL" if through is None else literal(through.isoformat())  # no rate holds on a day that nobody knows
    duck.run(_NAMED.format(through=day))
    duck.run(_VERSIONS.format(through=day, most=MOST_VERSIONS))
    add_rates(duck, "named", reporting=settings.currency)
    add_rates(duck, "versions", reporting=settings.currency)


_NAMED = """
    CREATE OR REPLACE TEMP TABLE named AS
    SELECT sku, title, product_id, category, vendor, price, currency, {through}::DATE AS day FROM product_facts
    QUALIFY row_number() OVER (PARTITION BY sku ORDER BY exported_at DESC, source, account) = 1
"""

# A cost that is told again as it was is the same version.
_VERSIONS = """
    CREATE OR REPLACE TEMP TABLE versions AS
    WITH changes AS (
        SELECT *, (unit_cost, currency) IS DISTINCT FROM lag((unit_cost, currency)) OVER told AS is_change
        FROM costs WINDOW told AS (PARTITION BY sku ORDER BY effective_from)
    ), numbered AS (
        SELECT *, count(*) FILTER (is_change) OVER (PARTITION BY sku ORDER BY effective_from) AS number FROM changes
    )
    SELECT sku, number, min(effective_from) AS effective_from, max(effective_from) AS told, unit_cost, currency,
           arg_max(source, effective_from) AS source, {through}::DATE AS day
    FROM numbered GROUP BY sku, number, unit_cost, currency
    QUALIFY row_number() OVER (PARTITION BY sku ORDER BY number DESC) <= {most}
"""
