"""The months as a buyer looks at them: net revenue by channel, the weight of the best-selling SKU, and add-backs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from shared.domain.analytics.periods import later_month, month_of
from shared.domain.facts.settings import Settings
from shared.domain.facts.valuations import MOST_CHANNELS, ValuationMonth
from shared.services.folds.duck import Duck
from shared.services.folds.fold_holdings import reach_of_orders

_NOTHING = (0, 0, 0)


def fold_valuation(duck: Duck, settings: Settings, generation: int) -> Iterable[ValuationMonth]:
    """Give every month from the first of which anything of it is known, up to the last, or as far as orders are."""
    channels: dict[str, list[tuple[str | None, int]]] = defaultdict(list)
    for month, channel, net_revenue in duck.rows(_CHANNELS):
        channels[month].append((channel, net_revenue))
    addbacks: dict[str, dict[str, int]] = defaultdict(dict)
    for month, reason, micros in duck.rows(_ADDBACKS):
        addbacks[month][reason] = micros
    _, through = reach_of_orders(duck)
    told = channels.keys() | addbacks.keys()
    last = max(told | (set() if through is None else {month_of(through)}), default="")
    skus = {month: found for month, *found in duck.rows(_SKUS, last=f"{last}-01")} if last else {}
    month = min(told, default="9999-12")
    while month <= last:
        named = [(channel, micros) for channel, micros in channels.get(month, ()) if channel is not None]
        top_sku, of_skus, goods = skus.get(month, _NOTHING)
        yield ValuationMonth(
            month=month,
            currency=settings.currency,
            generation=generation,
            channels=dict(sorted(named[:MOST_CHANNELS])),
            other_channels=sum(micros for _, micros in named[MOST_CHANNELS:]),
            no_channel=sum(micros for channel, micros in channels.get(month, ()) if channel is None),
            top_sku=top_sku,
            skus=of_skus,
            goods=goods,
            addbacks=addbacks.get(month, {}),
        )
        month = later_month(month, 1)


_CHANNELS = """
    WITH parts AS (
        SELECT o.day, told.channel, o.net_revenue AS amount
        FROM orders AS o JOIN order_facts AS told USING (source, account, key)
        UNION ALL
        SELECT r.day, told.channel, -(r.amount + r.shipping)
        FROM refunds AS r
        LEFT JOIN order_facts AS told ON (told.source, told.account, told.key) = (r.source, r.account, r.order_key)
    )
    SELECT strftime(day, '%Y-%m') AS month, channel, stored(sum(amount)) AS net_revenue
    FROM parts GROUP BY ALL ORDER BY month, net_revenue DESC, channel
"""

# Twelve months are added up of months, and not of days: of a large merchant these are thirty times as many. What came
# back more than it was sold is left out: it would make the others more than the whole.
_SKUS = """
    WITH by_month AS (
        SELECT date_trunc('month', day)::DATE AS month, key, sum(gross_sales - discounts - returns) AS sold
        FROM variant_days GROUP BY ALL
    ), months AS (
        SELECT unnest(generate_series(min(month), $last::DATE, INTERVAL 1 MONTH))::DATE AS month FROM by_month
    ), years AS (
        SELECT m.month, b.key, sum(b.sold) AS sold
        FROM months AS m JOIN by_month AS b ON b.month BETWEEN m.month - INTERVAL 11 MONTH AND m.month
        GROUP BY ALL
    )
    SELECT strftime(month, '%Y-%m'), stored(coalesce(max(sold) FILTER (key <> ''), 0)),
           stored(coalesce(sum(sold) FILTER (key <> ''), 0)), stored(sum(sold))
    FROM years WHERE sold > 0 GROUP BY ALL
"""

# What is no part of EBITDA is added back whole, whoever marked it: it must not be added twice.
_ADDBACKS = """
    SELECT strftime(day, '%Y-%m'), addback, stored(sum(amount)) FROM expenses
    WHERE addback IS NOT NULL AND amount IS NOT NULL AND line NOT IN ('depreciation', 'interest', 'income_tax')
    GROUP BY ALL ORDER BY ALL
"""
