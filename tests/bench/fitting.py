"""What it costs to fit the models of customers, in a first fold and in one of the next day.

Customers are made by the models themselves, with parameters near those published of CDNOW: so one sees as well how far
a fit is off the truth where days are taken together. They are spread over the segments that a shop may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time

from shared.domain.analytics.lifetimes import DAYS_A_WEEK, models_of
from shared.domain.analytics.money import MICROS
from shared.domain.analytics.order_values import ValueModel
from shared.domain.analytics.repeat_orders import OrderModel
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.fold_lifetimes import fold_lifetimes
from shared.services.folds.segments import build_segments
from tests.bench.table import say_table

SIZES = (1_000, 23_570, 1_000_000)
LAST = date(2026, 10, 31)
DAYS = 36 * 365 // 12
TRUE_ORDERS = OrderModel(r=0.25, alpha=4.5, a=0.8, b=2.5)
TRUE_VALUES = ValueModel(p=6.0, q=3.7, v=15.0)
AT_ONCE = 200_000
SLOWEST = 1e-9

_TABLES = """
    CREATE TEMP TABLE customer_days (customer VARCHAR, day DATE, orders BIGINT, net_revenue BIGINT, cm2 BIGINT);
    CREATE TEMP TABLE orders (day DATE);
    CREATE TEMP TABLE order_facts_rated (source VARCHAR, account VARCHAR, key VARCHAR, day DATE, nanos BIGINT);
    CREATE TEMP TABLE goods (source VARCHAR, account VARCHAR, key VARCHAR);
    CREATE TEMP TABLE order_rows (kind VARCHAR, until DATE)
"""

_FIRST_ORDERS = """
    CREATE OR REPLACE TEMP TABLE first_orders AS
    SELECT customer, min(day) AS day, 'channel ' || floor(12 * (hash(customer) % 997 / 997) ^ 2) AS channel,
           'SKU-' || hash(customer) % 5000 % 40 AS product, hash(customer) % 3 = 0 AS discounted
    FROM customer_days GROUP BY customer
"""


def say_fitting() -> None:
    """Print a row for each number of customers."""
    say_table(
        "Models of customers: all of them as of 13 days, and about 40 segments, in seconds of a processor",
        (
            "customers",
            "order days",
            "first fold",
            "next day",
            "the same day",
            "days together",
            "a (0.8)",
            "b (2.5)",
            "MB",
        ),
        map(_row, SIZES),
    )


def _row(customers: int) -> tuple[str, ...]:
    with TemporaryDirectory(prefix="bench-") as folder, open_duck(Path(folder)) as duck:
        for statement in _TABLES.split(";"):
            duck.run(statement)
        _make(duck, customers)
        before, first = _timed(duck, LAST - timedelta(days=1), [])
        after, later = _timed(duck, LAST, before)
        _, same = _timed(duck, LAST, after)
        ((days,),) = duck.rows("SELECT count(*) FROM customer_days")
    (found,) = (each for each in after if each.segment == EVERYBODY and each.through == LAST.isoformat())
    model = models_of(found)
    fitted = ("-", "-") if model is None else (f"{model[0].a:.3f}", f"{model[0].b:.3f}")
    taken = str(found.days_a_step) if found.days_a_step > 1 else "-"
    peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    return (f"{customers:,}", f"{days:,}", f"{first:.1f}", f"{later:.1f}", f"{same:.1f}", taken, *fitted, f"{peak:,}")


def _timed(duck: Duck, through: date, before: list[Lifetimes]) -> tuple[list[Lifetimes], float]:
    duck.run("DELETE FROM order_rows")
    duck.run("INSERT INTO order_rows VALUES ('complete', $through)", through=through)
    began = process_time()
    found = [*fold_lifetimes(duck, "USD", 1, before=before)]
    return found, process_time() - began


def _make(duck: Duck, customers: int) -> None:
    random = Random(customers)
    numbers, days, micros = list[int](), list[int](), list[int]()
    for number in range(customers):
        for day, spent in _life(random):
            numbers.append(number)
            days.append(day)
            micros.append(spent)
        if len(numbers) > AT_ONCE or number == customers - 1:
            duck.run(
                """
                INSERT INTO customer_days
                SELECT 'cus_' || lpad(number::VARCHAR, 16, '0'), $first::DATE + days::INTEGER, 1, micros, micros // 2
                FROM (SELECT unnest($numbers::BIGINT[]) AS number, unnest($days::BIGINT[]) AS days,
                             unnest($micros::BIGINT[]) AS micros)
                """,
                first=LAST - timedelta(days=DAYS),
                numbers=numbers,
                days=days,
                micros=micros,
            )
            numbers, days, micros = [], [], []
    duck.run(_FIRST_ORDERS)
    build_segments(duck, Settings())


def _life(random: Random) -> Iterator[tuple[int, int]]:
    """Give the order days of one customer, and what each came to."""
    rate = max(random.gammavariate(TRUE_ORDERS.r, 1 / TRUE_ORDERS.alpha), SLOWEST)
    leaves = random.betavariate(TRUE_ORDERS.a, TRUE_ORDERS.b)
    scale = random.gammavariate(TRUE_VALUES.q, 1 / TRUE_VALUES.v)
    last = random.randrange(DAYS)
    at = float(last)
    yield last, _spent(random, scale)
    while (at := at + random.expovariate(rate) * DAYS_A_WEEK) < DAYS:
        if int(at) > last:
            last = int(at)
            yield last, _spent(random, scale)
        if random.random() < leaves:
            return


def _spent(random: Random, scale: float) -> int:
    return round(random.gammavariate(TRUE_VALUES.p, 1 / scale) * MICROS)
