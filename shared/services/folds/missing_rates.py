"""The currencies that lack rates, and the days of the facts that are in no sum for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.services.folds.duck import Duck

_OF_FACTS = """
    SELECT currency, day FROM order_facts_rated SEMI JOIN goods USING (source, account, key) WHERE nanos IS NULL
    UNION ALL
    SELECT currency, day FROM refund_parts_rated WHERE nanos IS NULL
    UNION ALL
    SELECT currency, day FROM payments WHERE is_unconverted
    UNION ALL
    SELECT currency, day FROM ad_rows WHERE nanos IS NULL
    UNION ALL
    SELECT currency, day FROM expense_facts_rated WHERE nanos IS NULL
"""

# What an order without a rate cost is not asked for: it is in no sum.
_OF_COSTS = """
    SELECT cost_currency AS currency, day FROM goods_rated
    WHERE nanos IS NOT NULL AND unit_cost IS NOT NULL AND cost_nanos IS NULL
    UNION ALL
    SELECT cost_currency, day FROM back_rated SEMI JOIN refunds USING (source, account, key)
    WHERE unit_cost IS NOT NULL AND cost_nanos IS NULL
"""


def missing_rates(duck: Duck) -> Mapping[str, tuple[date, date]]:
    """Give the first and the last day of facts in each currency that could not be converted; from their tables."""
    return _spans(duck, _OF_FACTS)


def missing_cost_rates(duck: Duck) -> Mapping[str, tuple[date, date]]:
    """Give the same for what goods cost on the days on which they were sold or came back."""
    return _spans(duck, _OF_COSTS)


def _spans(duck: Duck, query: str) -> Mapping[str, tuple[date, date]]:
    rows = duck.rows(f"SELECT currency, min(day), max(day) FROM ({query}) GROUP BY currency ORDER BY currency")
    return {currency: (first, last) for currency, first, last in rows}
