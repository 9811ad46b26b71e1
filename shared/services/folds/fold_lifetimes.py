"""What customers are expected to bring: models fitted to all of them and to each segment, as of the last known day.

Of all customers there are also the models as of the last days of the months before, so that one can see what was
expected then, and what came true. A fit takes seconds and hangs on nothing but what its digest is made of: it is taken
over from what is stored where that is the same, and what comes out is the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

from shared.domain.analytics import descent, lifetimes, order_values, repeat_orders
from shared.domain.analytics.lifetimes import (
    DAYS_A_WEEK,
    FEWEST_CUSTOMERS,
    FEWEST_CUSTOMERS_BEFORE,
    FEWEST_REPEATERS,
    FEWEST_REPEATERS_BEFORE,
    MILLION,
    MONTHS_A_YEAR,
    expect,
    fitted_orders,
    fitted_values,
    holdout_error,
    likelihood,
    models_of,
)
from shared.domain.analytics.money import MICROS
from shared.domain.analytics.order_values import correlation
from shared.domain.analytics.periods import last_of, later_month, month_of
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.segments import EVERYBODY
from shared.services.folds import lifetime_tables
from shared.services.folds.duck import Duck
from shared.services.folds.fold_holdings import reach_of_orders
from shared.services.folds.lifetime_tables import (
    Count,
    build_customer_lifetimes,
    counted,
    habits_of,
    spendings_of,
    step_of,
    watch,
)

FORM = " ".join(
    repr(constant)
    for module in (descent, repeat_orders, order_values, lifetimes, lifetime_tables)
    for name, constant in vars(module).items()
    if name.isupper()
)
"""Other numbers or tables, and models are made anew though the customers are the same; so they are with another
`VERSION`, for another way to them."""
VERSION = 4


def fold_lifetimes(duck: Duck, currency: str, generation: int, *, before: Iterable[Lifetimes]) -> Sequence[Lifetimes]:
    """Give the models of every segment, and make the table `customer_lifetimes`; `before` is what is stored."""
    _, through = reach_of_orders(duck)
    ((first,),) = duck.rows("SELECT min(day) FROM customer_days")
    if first is None or through is None:
        build_customer_lifetimes(duck, None, models=None)
        return []
    stored = {each.place: replace(each, generation=generation) for each in before}
    digests = _Digests.of(duck, currency)
    later = _later_orders(duck)
    folded: list[Lifetimes] = []
    for month in (later_month(month_of(through), -back) for back in range(MONTHS_A_YEAR, 0, -1)):
        if (day := last_of(month)) > first:
            watched = _Watch(first=first, through=day, by_segment=False, digest=digests.upto(month))
            (everybody,) = _taken_over(duck, watched, stored) or _fitted(duck, watched, currency, generation)
            orders = sum(number for (begun, at), number in later.items() if begun <= month < at)
            folded.append(replace(everybody, later_days=(through - day).days, later_orders=orders))
    watched = _Watch(first=first, through=through, by_segment=True, digest=digests.of_all())
    now = _taken_over(duck, watched, stored) or _fitted(duck, watched, currency, generation)
    (everybody,) = (each for each in now if each.segment == EVERYBODY)
    build_customer_lifetimes(duck, through, models=models_of(everybody))
    return [*folded, *now]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """Up to which day customers are watched, and whether also by segment."""

    first: date
    """That of the first order of any customer."""
    through: date
    by_segment: bool
    digest: str

    @property
    def cut(self) -> date:
        """The day after which the last third of the time begins: models of what was before are held against it."""
        return self.first + timedelta(days=(self.through - self.first).days * 2 // 3)

    @property
    def days_after_cut(self) -> int:
        return (self.through - self.cut).days


def _taken_over(duck: Duck, watched: _Watch, stored: Mapping[str, Lifetimes]) -> Sequence[Lifetimes]:
    """Give what is stored, if all of it was made of the same; nothing otherwise."""
    segments = [EVERYBODY]
    if watched.by_segment:
        segments += (name for (name,) in duck.rows("SELECT DISTINCT segment FROM customer_segments ORDER BY segment"))
    found = [stored.get(f"{segment}#{watched.through}") for segment in segments]
    same = [each for each in found if each is not None and each.digest == watched.digest]
    return same if len(same) == len(segments) else ()


def _fitted(duck: Duck, watched: _Watch, currency: str, generation: int) -> Sequence[Lifetimes]:
    watch(duck, watched.through, by_segment=watched.by_segment)
    counts = counted(duck, watched.days_after_cut)
    fitted: dict[str, Lifetimes] = {}
    for segment, count in _different(counts).items():
        blank = Lifetimes(
            segment=segment,
            through=watched.through.isoformat(),
            currency=currency,
            generation=generation,
            digest=watched.digest,
            customers=count.customers,
            repeaters=count.repeaters,
            repeats=count.repeats,
        )
        fitted[segment] = _with_models(duck, blank) if _are_enough(count) else blank
    with_models = [segment for segment, each in fitted.items() if each.orders_model is not None]
    if with_models:
        watch(duck, watched.cut, by_segment=watched.by_segment)
        before = counted(duck, 0)
        for segment in with_models:
            if segment in before:
                error = _holdout(duck, segment, counts[segment], before[segment], watched)
                fitted[segment] = replace(fitted[segment], holdout=error)
    return [fitted.get(segment) or replace(fitted[EVERYBODY], segment=segment) for segment in counts]


def _different(counts: Mapping[str, Count]) -> Mapping[str, Count]:
    """Leave out the segments in which everybody is: what holds of all customers holds of them."""
    everybody = counts[EVERYBODY].customers
    return {name: count for name, count in counts.items() if name == EVERYBODY or count.customers < everybody}


def _are_enough(count: Count) -> bool:
    return count.customers >= FEWEST_CUSTOMERS and count.repeaters >= FEWEST_REPEATERS


def _with_models(duck: Duck, blank: Lifetimes) -> Lifetimes:
    """Fit both models to a segment in the table `watched`."""
    step = step_of(duck, blank.segment)
    habits, spendings = habits_of(duck, blank.segment, step), spendings_of(duck, blank.segment, blank.currency)
    orders = fitted_orders(habits)
    values = fitted_values(spendings) if spendings else None
    blank = replace(blank, without_spending=blank.repeaters - sum(spendings.values()))
    expected = None if orders is None else expect(orders, values, habits, days=step)
    if orders is None or expected is None:
        return replace(blank, days_a_step=step)
    return replace(
        blank,
        days_a_step=step,
        orders_model={name: repr(value) for name, value in asdict(orders).items()},
        likelihood=_whole(likelihood(orders, habits), MILLION),
        values_model=None if values is None else {name: repr(value) for name, value in asdict(values).items()},
        correlation=_whole(correlation(spendings), MILLION) if spendings else None,
        alive=_whole(expected.alive, MILLION),
        expected_orders=[_whole(number, MILLION) for number in expected.orders],
        expected_value=[_whole(number, MICROS) for number in expected.value],
        largest=None if expected.largest is None else _whole(expected.largest, MILLION),
    )


def _holdout(duck: Duck, segment: str, count: Count, before: Count, watched: _Watch) -> int | None:
    """Hold a model of the first two thirds of the time, in the table `watched`, against the last one."""
    if before.customers < FEWEST_CUSTOMERS_BEFORE or before.repeaters < FEWEST_REPEATERS_BEFORE:
        return None
    habits = habits_of(duck, segment, step_of(duck, segment))
    model = fitted_orders(habits)
    if model is None:
        return None
    came_true = count.earlier - before.repeats
    error = holdout_error(model, habits, weeks=watched.days_after_cut / DAYS_A_WEEK, came_true=came_true)
    return None if error is None else _whole(error, MILLION)


def _whole(number: float, parts: int) -> int:
    return round(number * parts)


def _later_orders(duck: Duck) -> Mapping[tuple[str, str], int]:
    """Count order days by the month of the customer's first and by their own."""
    rows = duck.rows("""
        SELECT strftime(f.day, '%Y-%m'), strftime(d.day, '%Y-%m'), count(*)
        FROM customer_days AS d JOIN first_orders AS f USING (customer) GROUP BY ALL
    """)
    return {(begun, at): number for begun, at, number in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digests:
    """Of the order days of each month, and of who is in which segment."""

    common: str
    """What all of them are made of, too."""
    months: Mapping[str, str]
    segments: str

    @classmethod
    def of(cls, duck: Duck, currency: str) -> _Digests:
        """Make them, whatever the order of rows."""
        months = duck.rows("""
            SELECT strftime(day, '%Y-%m') AS month, count(*) || ':' || bit_xor(hash(customer, day, orders, net_revenue))
            FROM customer_days GROUP BY month ORDER BY month
        """)
        ((segments,),) = duck.rows("SELECT bit_xor(hash(customer, segment))::VARCHAR FROM customer_segments")
        return cls(common=f"{VERSION} {FORM} {currency}", months=dict(months), segments=segments)

    def upto(self, month: str) -> str:
        """Give that of all days up to the end of a month."""
        return _digest(self.common, *(f"{each}:{digest}" for each, digest in self.months.items() if each <= month))

    def of_all(self) -> str:
        """Give that of all days and segments."""
        return _digest(self.common, *self.months.values(), self.segments)


def _digest(*parts: str) -> str:
    return sha256(" ".join(parts).encode()).hexdigest()[:32]
