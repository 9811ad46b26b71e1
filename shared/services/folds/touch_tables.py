"""Paths to orders, and the credits that their touches have, day by day of the orders.

earned                   one row an order that counts, with its net revenue less its refunds
touched                  one row a touch on the path of an order within the longest lookback, with its age in days
channels_{lookback}      day, key: channels, and steps between two of them
campaigns_{lookback}     day, key: channel and campaign

Age is counted in whole local days from the touch to the order. A touch after the order is on no path; where a moment is
not known, a touch of the same day is not after it.

The days of both are kept as running sums, so a range costs a read a month however the credits are asked for; steps add
up like credits, and the Markov chain is made of them when it is asked for. Measured with 50,000 orders and 150,000
touches a month, twelve channels and 450 campaigns: a second of one core a month for all lookbacks, 3 kB a day by
channel and 33 kB by campaign.
"""

from __future__ import annotations

from shared.domain.analytics.attribution import (
    DECAY,
    DIRECT,
    END,
    MILLION,
    ONE_TOUCH,
    REVENUE,
    RULES,
    START,
    STEP,
    STEPS,
    UNCONVERTED,
    Lookback,
    Model,
    orders_of,
    revenue_of,
)
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, literal


def build_touch_tables(duck: Duck, _settings: Settings) -> None:
    """Make the tables named above, from the tables of current facts, of orders and of refunds."""
    duck.run(_EARNED)
    duck.run(_TOUCHED)
    duck.run(_PART)
    for lookback in Lookback:
        duck.run(_PATHS, lookback=lookback)
        duck.run(_CREDITS)
        duck.run(f"CREATE OR REPLACE TEMP TABLE campaigns_{lookback} AS {_CAMPAIGNS}")
        duck.run(f"CREATE OR REPLACE TEMP TABLE channels_{lookback} AS {_CHANNELS}")
    for table in ("paths", "credits", "touched", "earned"):
        duck.run(f"DROP TABLE {table}")


_EARNED = """
    CREATE OR REPLACE TEMP TABLE earned AS
    WITH back AS (
        SELECT source, account, order_key AS key, sum(amount + shipping) AS amount
        FROM refunds WHERE order_key IS NOT NULL GROUP BY ALL
    )
    SELECT row_number() OVER () AS number, o.source, o.account, o.key, o.day, o."at",
           stored(o.net_revenue - coalesce(b.amount, 0)) AS revenue
    FROM orders AS o LEFT JOIN back AS b USING (source, account, key)
"""

_TOUCHED = f"""
    CREATE OR REPLACE TEMP TABLE touched AS
    SELECT o.number, o.day, o.revenue, t.place, t.channel, t.campaign, o.day - t.day AS age
    FROM touch_facts AS t
    JOIN earned AS o ON (o.source, o.account, o.key) = (t.source, t.account, t.order_id)
    WHERE o.day - t.day BETWEEN 0 AND {max(Lookback)} AND coalesce(t."at" <= o."at", true)
"""

# The part of a weight in an amount, as the difference of two running totals. Both are rounded towards zero, as division
# does it here: more than its revenue may have been refunded of an order. Revenue and decay are HUGEINT, what is counted
# of an order is not: it takes half the time.
_PART = """
    CREATE OR REPLACE TEMP MACRO part(amount, upto, weight, total) AS (
        (amount * upto // total - amount * (upto - weight) // total)::BIGINT
    )
"""

_PATHS = f"""
    CREATE OR REPLACE TEMP TABLE paths AS
    WITH numbered AS (
        SELECT number, day, revenue, channel, campaign,
               row_number() OVER path AS n,
               count(*) OVER (PARTITION BY number) AS touches,
               lag(channel, 1, {literal(START)}) OVER path AS before,
               max(CASE WHEN lower(channel) NOT IN {DIRECT} THEN place END) OVER (PARTITION BY number) AS named,
               max(place) OVER (PARTITION BY number) AS latest,
               place,
               {list(DECAY)}[age + 1] AS decay
        FROM touched WHERE age <= $lookback
        WINDOW path AS (PARTITION BY number ORDER BY place)
    )
    SELECT number, day, revenue::HUGEINT AS revenue, channel, campaign, n, touches, before,
           (place = coalesce(named, latest))::INTEGER AS non_direct,
           decay, sum(decay) OVER path AS decay_upto, sum(decay) OVER (PARTITION BY number) AS decay_total
    FROM numbered
    WINDOW path AS (PARTITION BY number ORDER BY place)
"""

# Of three touches and more the first and the last weigh 2 (n - 2) each, and each between weighs 1: 40, 20, 40 %.
_POSITION = """CASE WHEN touches <= 2 THEN part({amount}, n, 1, touches)
    WHEN n = 1 THEN part({amount}, 2, 2, 5)
    WHEN n < touches THEN part({amount}, 2 * (touches - 2) + n - 1, 1, 5 * (touches - 2))
    ELSE part({amount}, 5, 2, 5) END"""

_OF_RULE = {
    Model.LAST_TOUCH: "CASE WHEN n = touches THEN {amount} ELSE 0 END",
    Model.LAST_NON_DIRECT: "non_direct * {amount}",
    Model.FIRST_TOUCH: "CASE WHEN n = 1 THEN {amount} ELSE 0 END",
    Model.LINEAR: "part({amount}, n, 1, touches)",
    Model.POSITION_BASED: _POSITION,
    Model.TIME_DECAY: "part({amount}, decay_upto, decay, decay_total)",
}
_FIGURES = {
    name: _OF_RULE[rule].format(amount=amount)
    for rule in RULES
    for name, amount in ((orders_of(rule), f"{MILLION}::BIGINT"), (revenue_of(rule), "revenue"))
}

_CREDITS = f"""
    CREATE OR REPLACE TEMP TABLE credits AS
    SELECT day, channel, coalesce(campaign, '') AS campaign,
           {", ".join(f"stored(sum({credit})) AS {name}" for name, credit in _FIGURES.items())},
           count(*) FILTER (touches = 1) AS {ONE_TOUCH}
    FROM paths GROUP BY ALL
"""

_CAMPAIGNS = f"""
    SELECT day, channel || {literal(STEP)} || campaign AS key, * EXCLUDE (day, channel, campaign, {ONE_TOUCH})
    FROM credits
"""

_CHANNELS = f"""
    SELECT day, channel AS key, {", ".join(f"stored(sum({name})) AS {name}" for name in _FIGURES)},
           sum({ONE_TOUCH})::BIGINT AS {ONE_TOUCH}
    FROM credits GROUP BY ALL
    UNION ALL BY NAME
    SELECT day, before || {literal(STEP)} || channel AS key, count(*) AS {STEPS} FROM paths GROUP BY ALL
    UNION ALL BY NAME
    SELECT day, channel || {literal(STEP + END)} AS key, count(*) AS {STEPS}, stored(sum(revenue)) AS {REVENUE}
    FROM paths WHERE n = touches GROUP BY ALL
    UNION ALL BY NAME
    SELECT day, {literal(START + STEP + END)} AS key, count(*) AS {STEPS}, stored(sum(revenue)) AS {REVENUE}
    FROM earned ANTI JOIN paths USING (number) GROUP BY ALL
    UNION ALL BY NAME
    SELECT day, {literal(START + STEP + END)} AS key, count(*) AS {UNCONVERTED} FROM uncounted GROUP BY ALL
"""
