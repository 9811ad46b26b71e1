"""Advertising and expenses, each one row a day with its money in whole micros of the reporting currency.

spend        day, amount (null: no known rate)           one row a campaign and day
expenses     day, line, amount (null: no known rate)     one row an expense and day that it covers
"""

from __future__ import annotations

from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.rates import add_rates


def build_spending_tables(duck: Duck, settings: Settings) -> None:
    """Make the tables named above, from the tables of current facts and of rates."""
    add_rates(duck, "ad_day_facts", reporting=settings.currency)
    add_rates(duck, "expense_facts", reporting=settings.currency)
    duck.run(_SPEND)
    duck.run(_EXPENSES)


# A campaign's day comes once for each attribution window, each time with the same spend: it is counted once.
_SPEND = """
    CREATE OR REPLACE TEMP TABLE spend AS
    SELECT day, converted(spend, nanos) AS amount FROM ad_day_facts_rated
    QUALIFY row_number() OVER (
        PARTITION BY source, account, campaign_id, day ORDER BY exported_at DESC, "window" NULLS FIRST
    ) = 1
"""

# The share of a day is the difference of two running totals, so that the shares add up to the last micro.
_EXPENSES = """
    CREATE OR REPLACE TEMP TABLE expenses AS
    WITH booked AS (
        SELECT coalesce(line, 'opex') AS line, day, covers, converted(amount, nanos) AS amount,
               day(last_day(day)) AS days
        FROM expense_facts_rated
    ), spread AS (
        SELECT line, amount, days, date_trunc('month', day)::DATE AS first, unnest(range(1, days + 1)) AS n
        FROM booked WHERE covers = 'month'
    )
    SELECT line, day, amount FROM booked WHERE covers IS DISTINCT FROM 'month'
    UNION ALL
    SELECT line, (first + (n - 1)::INTEGER)::DATE,
           (amount::HUGEINT * n // days - amount::HUGEINT * (n - 1) // days)::BIGINT
    FROM spread
"""
