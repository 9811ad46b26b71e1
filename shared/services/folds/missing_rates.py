"""The currencies that lack rates, and the days of the facts that are in no sum for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.services.folds.duck import Duck

_OF_FACTS = """
    SELECT 'order' AS family, currency, day FROM order_facts_rated SEMI JOIN goods USING (source, account, key)
    WHERE nanos IS NULL
    UNION ALL
    SELECT 'refund', currency, day FROM refund_parts_rated WHERE nanos IS NULL
    UNION ALL
    SELECT 'payment', currency, day FROM payments WHERE is_unconverted
    UNION ALL
    SELECT 'ad_day', currency, day FROM ad_rows WHERE nanos IS NULL
    UNION ALL
    SELECT 'expense', currency, day FROM expense_facts_rated
    WHERE nanos IS NULL AND line IS DISTINCT FROM 'unsettled'
    UNION ALL
    SELECT 'bank_txn', currency, day FROM bank_txn_facts_rated WHERE nanos IS NULL
    UNION ALL
    SELECT 'balance', currency, day FROM balance_facts_rated WHERE nanos IS NULL
"""

# What an order without a rate cost is not asked for: it is in no sum.
_OF_COSTS = """
    SELECT 'cost' AS family, cost_currency AS currency, day FROM goods_rated
    WHERE nanos IS NOT NULL AND unit_cost IS NOT NULL AND cost_nanos IS NULL
    UNION ALL
    SELECT 'cost', cost_currency, day FROM back_rated SEMI JOIN refunds USING (source, account, key)
    WHERE unit_cost IS NOT NULL AND cost_nanos IS NULL
"""


def missing_rates(duck: Duck) -> Mapping[str, Mapping[str, tuple[date, date]]]:
    """Give by family the first and the last day of facts in each currency that could not be converted.

    Those of costs are the days on which the goods were sold or came back.
    """
    found: dict[str, dict[str, tuple[date, date]]] = {}
    for family, currency, first, last in duck.rows(
        f"SELECT family, currency, min(day), max(day) FROM ({_OF_FACTS} UNION ALL {_OF_COSTS}) "
        "GROUP BY family, currency ORDER BY family, currency"
    ):
        found.setdefault(family, {})[currency] = (first, last)
    return found
