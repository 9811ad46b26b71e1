"""Advertising and expenses, each one row a day with its money in whole micros of the reporting currency; the bank.

ad_rows      one row a day of a campaign (or ad group, or ad) in an attribution window, with the rate of its spend
spend        day, amount (null: no known rate), …        one row a day of a campaign (or ad group, or ad)
expenses     day, line, category, …, amount (as above)   one row an expense and day that it covers
unsettled    day, amount (as above)                      one row a booking of which nobody has said what it is
balance_facts_rated, bank_txn_facts_rated               the facts with the rates of their days
"""

from __future__ import annotations

from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.rates import add_rates


def build_spending_tables(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, from the tables of current facts and of rates."""
    add_rates(duck, "ad_day_facts", reporting=settings.currency)
    for facts in ("expense_facts", "balance_facts", "bank_txn_facts"):
        add_rates(duck, facts, reporting=settings.currency)
    duck.run(_AD_ROWS)
    duck.run(_SPEND)
    duck.run(_EXPENSES)
    duck.run(_UNSETTLED)


# A campaign is of the platform that was told last. What was told in another depth than last is told anew by that. Of
# two depths told at the same time the campaign as a whole counts, because its parts may be only some.
_AD_ROWS = """
    CREATE OR REPLACE TEMP TABLE ad_rows AS
    SELECT * REPLACE (
        first_value(platform) OVER (
            PARTITION BY source, account, campaign_id ORDER BY exported_at DESC, platform
        ) AS platform
    ),
        first_value(nanos) OVER (
            PARTITION BY source, account, campaign_id, ad_group_id, ad_id, day
            ORDER BY exported_at DESC, "window" NULLS FIRST
        ) AS spend_nanos
    FROM ad_day_facts_rated
    QUALIFY first_value((ad_id IS NOT NULL, ad_group_id IS NOT NULL)) OVER (
        PARTITION BY source, account, campaign_id, day
        ORDER BY exported_at DESC, ad_id IS NOT NULL, ad_group_id IS NOT NULL
    ) = (ad_id IS NOT NULL, ad_group_id IS NOT NULL)
"""

# A day comes once for each attribution window, each time with the same spend: that is counted once, as told last.
_SPEND = """
    CREATE OR REPLACE TEMP TABLE spend AS
    SELECT source, account, platform, campaign_id, ad_group_id, ad_id, day,
           first(converted(spend, nanos) ORDER BY exported_at DESC, "window" NULLS FIRST) AS amount,
           any_value(impressions ORDER BY exported_at DESC, "window" NULLS FIRST) AS impressions,
           any_value(clicks ORDER BY exported_at DESC, "window" NULLS FIRST) AS clicks,
           count(conversions) > 0 AS has_conversions, count(revenue) > 0 AS has_revenue
    FROM ad_rows GROUP BY ALL
"""

# The share of a day is the difference of two running totals, so that the shares add up to the last micro. An expense is
# one transaction, on the day that it was booked.
_EXPENSES = """
    CREATE OR REPLACE TEMP TABLE expenses AS
    WITH told AS (
        SELECT coalesce(line, 'opex') AS line, category, vendor, coalesce(behaviour, 'fixed') AS behaviour, addback,
               day, covers, converted(amount, nanos) AS amount, day(last_day(day)) AS days
        FROM expense_facts_rated WHERE line IS DISTINCT FROM 'unsettled'
    ), spread AS (
        SELECT *, date_trunc('month', day)::DATE AS first, unnest(range(1, days + 1)) AS n
        FROM told WHERE covers = 'month'
    )
    SELECT line, category, vendor, behaviour, addback, day, amount, 1 AS transactions
    FROM told WHERE covers IS DISTINCT FROM 'month'
    UNION ALL
    SELECT line, category, vendor, behaviour, addback, (first + (n - 1)::INTEGER)::DATE,
           (amount::HUGEINT * n // days - amount::HUGEINT * (n - 1) // days)::BIGINT,
           (day(day) = n)::INTEGER
    FROM spread
"""

_UNSETTLED = """
    CREATE OR REPLACE TEMP TABLE unsettled AS
    SELECT day, converted(amount, nanos) AS amount FROM expense_facts_rated WHERE line = 'unsettled'
"""
