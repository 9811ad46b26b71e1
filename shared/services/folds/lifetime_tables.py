"""Customers as they had been watched up to the end of a day, as tables.

watched             segment, repeats, last, known, worth     a row for each customer and segment; days, and micros
customer_lifetimes  as of the last day that is known; see `build_customer_lifetimes`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from shared.domain.analytics.lifetimes import DAYS_A_WEEK, MONTHS_A_YEAR, Habits, Watched, weeks_ahead
from shared.domain.analytics.money import MICROS, exponent_of
from shared.domain.analytics.order_values import Spending, ValueModel
from shared.domain.analytics.repeat_orders import Habit, OrderModel, orders_while_active
from shared.domain.facts.segments import EVERYBODY
from shared.services.folds.duck import Duck

STEPS = (1, 7, 14, 21, 28, 42, 56, 84, 112, 168)
"""Days that are taken together, where customers are of too many kinds: nothing, weeks, and more."""
GRAINS = (None, 200, 100, 50, 20, 10)
"""Into how many equal parts each e-fold of money is cut, where too many different sums were spent; None: not at all."""
MOST_KINDS = 2_000
MOST_KINDS_OF_ALL = 6_000
"""A fit looks at each kind some dozens of times, a tenth or two of a second for so many; what is expected takes longer,
and there are dozens of segments."""


def watch(duck: Duck, through: date, *, by_segment: bool) -> None:
    """Make the table `watched` as of the end of a day: of all customers, or also of every segment."""
    duck.run(_OBSERVED, through=through)
    duck.run(_WATCHED + (_WATCHED_SEGMENTS if by_segment else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many customers of a segment were watched."""

    customers: int
    repeaters: int
    repeats: int
    """Order days after the first."""
    earlier: int
    """Those of them of customers who were watched that long."""


def counted(duck: Duck, at_least: int) -> Mapping[str, Count]:
    """Count by segment; `at_least` is in days."""
    rows = duck.named_rows(
        """
        SELECT segment, count(*) AS customers, count(*) FILTER (repeats > 0) AS repeaters,
               sum(repeats)::BIGINT AS repeats,
               coalesce(sum(repeats) FILTER (known >= $at_least), 0)::BIGINT AS earlier
        FROM watched GROUP BY segment ORDER BY segment
        """,
        at_least=at_least,
    )
    return {row.pop("segment"): Count(**row) for row in rows}


def step_of(duck: Duck, segment: str) -> int:
    """Choose how many days are taken together so that there are few enough kinds of customers."""
    most = MOST_KINDS_OF_ALL if segment == EVERYBODY else MOST_KINDS
    for days in STEPS[:-1]:
        ((kinds,),) = duck.rows(
            """
            SELECT count(*) FROM (
                SELECT DISTINCT repeats, last // $days, known // $days FROM watched WHERE segment = $segment
            )
            """,
            segment=segment,
            days=days,
        )
        if kinds <= most:
            return days
    return STEPS[-1]


def habits_of(duck: Duck, segment: str, days: int) -> Habits:
    """Count the customers of each habit; of days taken together the mean stands for each."""
    kinds = duck.rows(
        """
        SELECT repeats, sum(last) / count(*) / $week, sum(known) / count(*) / $week, count(*), sum(worth) / $micros,
               max(worth) / $micros
        FROM watched WHERE segment = $segment
        GROUP BY repeats, last // $days, known // $days ORDER BY ALL
        """,
        segment=segment,
        days=days,
        week=DAYS_A_WEEK,
        micros=MICROS,
    )
    habits: dict[Habit, Watched] = {}
    for repeats, last, known, customers, worth, largest in kinds:
        habit = Habit(repeats, last, known)
        before = habits.get(habit, Watched(0, 0.0, 0.0))  # the means of two kinds may be the same
        habits[habit] = Watched(before.customers + customers, before.worth + worth, max(before.largest, largest))
    return habits


def spendings_of(duck: Duck, segment: str, currency: str) -> Mapping[Spending, int]:
    """Count the customers who came back and paid something by what they spent; what is nearly the same is one.

    Means are rounded to what can be paid in the currency, as in the study that the model is from: more are the same.
    """
    found: list[tuple[int, float, int]] = []
    for grain in GRAINS:
        kind = "mean" if grain is None else f"floor(ln(mean) * {grain})"
        found = duck.rows(
            f"""
            WITH spent AS (
                SELECT repeats, (2 * worth + repeats * $unit) // (2 * repeats * $unit) AS mean FROM watched
                WHERE segment = $segment AND repeats > 0
            )
            SELECT repeats, sum(mean) / count(*) * $unit / $micros, count(*) FROM spent
            WHERE mean > 0 GROUP BY repeats, {kind} ORDER BY ALL
            """,
            segment=segment,
            unit=MICROS // 10 ** exponent_of(currency),
            micros=MICROS,
        )
        if len(found) <= MOST_KINDS:
            break
    return {Spending(repeats, mean): customers for repeats, mean, customers in found}


def build_customer_lifetimes(duck: Duck, through: date | None, *, models: tuple[OrderModel, ValueModel] | None) -> None:
    """Make a row for each customer as of the last day that is known: what they did, and what is expected of them.

    customer, first_day, last_day, repeats (order days after the first), t_x and known (weeks from the first order to
    the last one, and to the last day that is known), orders, net_revenue, cm2, p_alive (the chance that they have not
    given up), predicted_12m (net revenue that is expected of the next twelve months, not discounted). The last two are
    NULL without models. They are told of single customers, and go by the months of the first and the last order: the
    days would else follow from them, for the models are no secret.
    """
    duck.run(_OBSERVED, through=through)
    if models is None:
        duck.run(f"{_CUSTOMER_LIFETIMES} NULL::DOUBLE AS p_alive, NULL::BIGINT AS predicted_12m FROM observed")
        return
    orders, values = models
    duck.run(_BY_MONTH, through=through)
    kinds = duck.rows("SELECT DISTINCT repeats, since_first FROM by_month ORDER BY ALL")
    ahead = weeks_ahead(MONTHS_A_YEAR)
    duck.run(
        _CUSTOMER_LIFETIMES + _EXPECTED,
        kinds=[repeats for repeats, _ in kinds],
        days=[days for _, days in kinds],
        # Nobody orders on more days than there are.
        ahead=[
            min(orders_while_active(orders, repeats, days / DAYS_A_WEEK, ahead), ahead * DAYS_A_WEEK)
            for repeats, days in kinds
        ],
        **asdict(orders),
        **asdict(values),
    )


# Orders of one day are one order day. What came after the first of them is what the models are made of.
_OBSERVED = """
    CREATE OR REPLACE TEMP TABLE observed AS
    SELECT customer, min(day) AS first_day, max(day) AS last_day, count(*) - 1 AS repeats,
           max(day) - min(day) AS last, $through::DATE - min(day) AS known,
           sum(orders)::BIGINT AS orders, sum(net_revenue)::BIGINT AS net_revenue, sum(cm2)::BIGINT AS cm2,
           greatest(sum(net_revenue) - arg_min(net_revenue, day), 0)::BIGINT AS worth
    FROM customer_days WHERE day <= $through::DATE GROUP BY customer
"""

_WATCHED = f"""
    CREATE OR REPLACE TEMP TABLE watched AS
    SELECT '{EVERYBODY}' AS segment, repeats, last, known, worth FROM observed
"""

_WATCHED_SEGMENTS = """
    UNION ALL
    SELECT segment, repeats, last, known, worth FROM observed JOIN customer_segments USING (customer)
"""

_CUSTOMER_LIFETIMES = f"""
    CREATE OR REPLACE TEMP TABLE customer_lifetimes AS
    SELECT customer, first_day, last_day, repeats, last / {DAYS_A_WEEK} AS t_x, known / {DAYS_A_WEEK} AS known,
           orders, net_revenue, cm2,
"""

# Of a month its middle stands for all its days.
_BY_MONTH = """
    CREATE OR REPLACE TEMP TABLE by_month AS
    WITH middles AS (
        SELECT *, least(date_trunc('month', first_day)::DATE + 14, $through::DATE) AS first_middle,
               least(date_trunc('month', last_day)::DATE + 14, $through::DATE) AS last_middle
        FROM observed
    )
    SELECT *, last_middle - first_middle AS first_to_last, $through::DATE - first_middle AS since_first FROM middles
"""

_EXPECTED = f"""
           CASE WHEN repeats = 0 THEN 1.0 ELSE 1 / (1 + $a / ($b + repeats - 1) * exp(least(
               ($r + repeats) * ln(
                   ($alpha + since_first / {DAYS_A_WEEK}) / ($alpha + first_to_last / {DAYS_A_WEEK})
               ), 600
           ))) END AS p_alive,
           try_cast(round(
               p_alive * ahead * $p * ($v * {MICROS} + worth) / ($p * repeats + $q - 1)
           ) AS BIGINT) AS predicted_12m
    FROM by_month
    JOIN (SELECT unnest($kinds::BIGINT[]) AS repeats, unnest($days::BIGINT[]) AS since_first,
                 unnest($ahead::DOUBLE[]) AS ahead) USING (repeats, since_first)
"""
