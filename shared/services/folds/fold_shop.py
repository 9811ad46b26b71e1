"""The months of the whole shop: every figure of the P&L, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from shared.domain.facts.rollups import Figure, ShopMonth
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.months import length_of, month_of

# Each query gives days and figures under the names of `Figure`; a day may come more than once.
_SUMS = (
    """
    SELECT day, count(*) AS orders, count(customer) AS orders_with_customer, sum(units) AS units,
           sum(gross) AS gross_sales, sum(discount) AS discounts, sum(shipping) AS shipping_charged,
           sum(cost) AS cogs, sum(cost_known_sales) AS cost_known_sales, sum(cost_known_units) AS cost_known_units,
           sum(fulfilment) AS fulfilment, count(fulfilment) AS fulfilment_known_orders,
           sum(payment_fee) AS payment_fees, count(payment_fee) AS payment_fees_known_orders,
           sum(payment_fee_estimated) AS payment_fees_estimated,
           count(payment_fee_estimated) AS payment_fees_estimated_orders,
           sum(platform_fee) AS platform_fees, count(platform_fee) AS platform_fees_known_orders
    FROM orders GROUP BY day
    """,
    """
    SELECT day, count(*) AS refunds, sum(units) AS units_returned, sum(amount) AS returns,
           sum(shipping) AS shipping_refunded, sum(restocked) AS cogs_restocked,
           sum(return_shipping) AS return_shipping, count(*) FILTER (date_assumed) AS refunds_date_assumed
    FROM refunds GROUP BY day
    """,
    """
    SELECT order_day AS day, sum(amount) AS returns_by_order, sum(shipping) AS shipping_refunded_by_order,
           sum(restocked) AS cogs_restocked_by_order, sum(return_shipping) AS return_shipping_by_order,
           count(DISTINCT (source, account, order_key)) FILTER (order_key IS NOT NULL) AS orders_refunded
    FROM refunds GROUP BY order_day
    """,
    "SELECT day, sum(amount) AS ad_spend, count(*) FILTER (amount IS NULL) AS unconverted FROM spend GROUP BY day",
    """
    SELECT day,
           sum(amount) FILTER (line = 'opex') AS opex,
           sum(amount) FILTER (line = 'opex' AND regexp_matches(category, 'marketing|advertis', 'i')) AS opex_marketing,
           sum(amount) FILTER (line = 'fulfilment') AS fulfilment_invoiced,
           sum(amount) FILTER (line = 'payment_fees') AS payment_fees_invoiced,
           sum(amount) FILTER (line = 'platform_fees') AS platform_fees_invoiced,
           sum(amount) FILTER (line = 'ad_spend') AS ad_spend_invoiced,
           sum(amount) FILTER (line = 'depreciation') AS depreciation,
           sum(amount) FILTER (line = 'interest') AS interest,
           sum(amount) FILTER (line = 'income_tax') AS income_tax,
           count(*) FILTER (amount IS NULL) AS unconverted
    FROM expenses GROUP BY day
    """,
    """
    SELECT day, sum(amount) FILTER (amount > 0) AS unsettled, count(*) AS unsettled_bookings,
           count(*) FILTER (amount IS NULL) AS unsettled_unconverted
    FROM unsettled GROUP BY day
    """,
    "SELECT day, sum(fee) AS payment_fees FROM loose_fees GROUP BY day",
    "SELECT day, count(*) AS unconverted FROM uncounted GROUP BY day",
)


def fold_shop(duck: Duck, settings: Settings, generation: int) -> Sequence[ShopMonth]:
    """Add up the tables of orders, refunds, spend and expenses; one row for each month in which there is any."""
    months: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for query in _SUMS:
        for row in duck.named_rows(query):
            day = row.pop("day")
            month = month_of(day)
            columns = months[month]
            for name, value in row.items():
                if value:
                    column = columns.setdefault(Figure(name).value, [0] * length_of(month))
                    column[day.day - 1] += int(value)
    return [
        ShopMonth(month=month, currency=settings.currency, generation=generation, days=dict(sorted(columns.items())))
        for month, columns in sorted(months.items())
    ]
