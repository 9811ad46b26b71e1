"""Exchange rates, and facts with the rate of their day beside them.

rates    currency, day, nanos    what one unit was worth in the reporting currency, where somebody said so
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from shared.domain.facts.rollups import FxMonth
from shared.domain.facts.settings import Settings
from shared.domain.facts.values import NANOS
from shared.services.folds.duck import Duck, literal
from shared.services.folds.months import days_in

RATE_HOLDS = timedelta(days=7)
"""Banks name no rates at weekends and on holidays: the last one holds so long."""

MOST_CONVERTED = 10**17
"""Micros. An amount beyond comes of a rate that is wrong; it ends here, and so does not end every fold from then on."""
MOST_STORED = 2**63 - 1
"""The same of sums: DuckDB adds up in 128 bits, and hands those to Python ten times slower than 64."""


def build_rates(duck: Duck, settings: Settings) -> None:
    """Make the table `rates` and the macros `converted(amount, nanos)` (half away from zero) and `stored(sum)`."""
    duck.run(f"""
        CREATE OR REPLACE TEMP MACRO converted(amount, nanos) AS (CASE WHEN nanos IS NOT NULL THEN
            sign(amount) * least({MOST_CONVERTED}, CASE
                WHEN nanos = {NANOS} THEN abs(amount)
                ELSE (abs(amount)::HUGEINT * nanos + {NANOS // 2}) // {NANOS}
            END)
        END)::BIGINT
    """)
    duck.run(f"CREATE OR REPLACE TEMP MACRO stored(sum) AS (sign(sum) * least({MOST_STORED}, abs(sum)))::BIGINT")
    reporting = literal(settings.currency)
    # A rate that is stated as wanted goes before one that has to be turned round.
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE rates AS
        SELECT currency, day, nanos FROM (
            SELECT base AS currency, rate AS nanos, 0 AS turned, * FROM fx_facts WHERE quote = {reporting}
            UNION ALL
            SELECT quote, ({NANOS}::HUGEINT * {NANOS} + rate // 2) // rate, 1, *
            FROM fx_facts WHERE base = {reporting}
        )
        QUALIFY row_number() OVER (
            PARTITION BY currency, day ORDER BY turned, exported_at DESC, source, account
        ) = 1
    """)


def add_rates(duck: Duck, table: str, *, reporting: str, currency: str = "currency", name: str = "nanos") -> str:
    """Make the table `{table}_rated`: the same with the rate of each row's currency on its day; null if not known."""
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE {table}_rated AS
        SELECT t.*, CASE
            WHEN t.{currency} = {literal(reporting)} THEN {NANOS}
            WHEN r.day >= t.day - {RATE_HOLDS.days} THEN r.nanos
        END::BIGINT AS {name}
        FROM {table} AS t ASOF LEFT JOIN rates AS r ON t.{currency} = r.currency AND t.day >= r.day
    """)
    return f"{table}_rated"


def fold_fx(duck: Duck, settings: Settings, generation: int) -> Iterable[FxMonth]:
    """Give the rates of each month that has any, carried over the days for which they hold."""
    known = {(currency, day): nanos for currency, day, nanos in duck.rows("SELECT currency, day, nanos FROM rates")}
    reach = {(currency, day + timedelta(days=later)) for currency, day in known for later in range(RATE_HOLDS.days + 1)}
    for month in sorted({f"{day:%Y-%m}" for _, day in reach}):
        currencies = sorted({currency for currency, day in reach if f"{day:%Y-%m}" == month})
        rates = {
            currency: [
                next(
                    (
                        known[currency, day - timedelta(days=earlier)]
                        for earlier in range(RATE_HOLDS.days + 1)
                        if (currency, day - timedelta(days=earlier)) in known
                    ),
                    None,
                )
                for day in days_in(month)
            ]
            for currency in currencies
        }
        yield FxMonth(month=month, currency=settings.currency, generation=generation, rates=rates)
