"""The models in the rollups are those of the customers as a slow, obvious count finds them in the imported lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from shared.domain.analytics import descent, lifetimes, order_values, repeat_orders
from shared.domain.analytics.lifetimes import models_of
from shared.domain.analytics.order_values import Spending, ValueModel, expected_value, fit_values
from shared.domain.analytics.repeat_orders import Habit, OrderModel, expected_orders, fit_orders, still_orders
from shared.domain.facts.lifetimes import Lifetimes
from shared.services.folds import lifetime_tables
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.fold_lifetimes import FORM
from shared.services.folds.lifetime_tables import build_customer_lifetimes
from tests.data import cdnow
from tests.data.merchants import WORKSPACE, Merchant, as_file
from tests.data.recount_lifetimes import Life, lives

FIRST, LAST = date.fromisoformat(cdnow.FIRST_DAY), date.fromisoformat(cdnow.LAST_DAY)
WEB = "channel=web"


def channel_of(customer: str) -> str:
    return "web" if int(customer) % 3 else "shop"


def history() -> list[dict[str, Any]]:
    """Give the studied customers, each with a channel."""
    lines = [json.loads(line) for line in cdnow.lines(cdnow.SAMPLE)]
    return [{**line, "channel": channel_of(line["customer"])} if line["type"] == "order" else line for line in lines]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return history()


@pytest.fixture(scope="module")
def merchant(lines: list[dict[str, Any]]) -> Merchant:
    merchant = Merchant()
    merchant.import_lines(*lines)
    return merchant


def stored(merchant: Merchant) -> Mapping[str, Lifetimes]:
    return {each.place: each for each in merchant.figures.rollups(WORKSPACE, Lifetimes)}


def habit(life: Life) -> Habit:
    return Habit(life.repeats, life.last, life.known)


def spending(life: Life) -> Spending | None:
    return Spending(life.repeats, float(life.mean)) if life.repeats else None


def watched(lines: list[dict[str, Any]], segment: str, through: date) -> list[Life]:
    of_segment = (line for line in lines if segment == "all" or channel_of(line.get("customer", "0")) == segment[8:])
    return [*lives(of_segment, through).values()]


PLACES = [
    ("all", date(1997, 9, 30)),
    ("all", date(1997, 12, 31)),
    ("all", LAST),
    (WEB, LAST),
    ("channel=shop", LAST),
]


@pytest.mark.parametrize(("segment", "through"), PLACES)
def test_a_segment_has_the_models_of_its_customers(
    merchant: Merchant, lines: list[dict[str, Any]], segment: str, through: date
) -> None:
    found = stored(merchant)[f"{segment}#{through}"]
    counted = watched(lines, segment, through)
    orders = fit_orders(Counter(habit(life) for life in counted))
    spendings = [Spending(life.repeats, float(life.cents)) for life in counted if life.cents]
    values = fit_values(Counter(spendings))

    assert (found.customers, found.repeaters) == (len(counted), sum(life.repeats > 0 for life in counted))
    assert found.repeats == sum(life.repeats for life in counted)
    assert found.days_a_step == 1
    models = models_of(found)
    assert models is not None
    assert [round(number, 4) for number in (models[0].r, models[0].alpha, models[0].a, models[0].b)] == [
        round(number, 4) for number in (orders.r, orders.alpha, orders.a, orders.b)
    ]
    assert [round(n, 2) for n in (models[1].p, models[1].q, models[1].v)] == [
        round(n, 2) for n in (values.p, values.q, values.v)
    ]


@pytest.mark.parametrize(("segment", "through"), PLACES)
def test_what_is_expected_is_the_sum_of_what_is_expected_of_each_customer(
    merchant: Merchant, lines: list[dict[str, Any]], segment: str, through: date
) -> None:
    found = stored(merchant)[f"{segment}#{through}"]
    models = models_of(found)
    assert models is not None
    orders, values = models
    counted = watched(lines, segment, through)

    for months, weeks in ((1, 52 / 12), (12, 52.0), (36, 156.0)):
        ahead = [expected_orders(orders, habit(life), weeks) for life in counted]
        money = [number * expected_value(values, spending(life)) for number, life in zip(ahead, counted, strict=True)]
        assert isclose(found.expected_orders[months - 1] / 1e6, sum(ahead), rel_tol=1e-3)
        assert isclose(found.expected_value[months - 1] / 1e6, sum(money), rel_tol=1e-3)
    assert found.alive is not None
    ahead = [expected_orders(orders, habit(life), 52.0) * expected_value(values, spending(life)) for life in counted]
    assert found.largest is not None
    assert isclose(found.largest / 1e6, max(ahead) / sum(ahead), rel_tol=0.02)
    assert isclose(found.alive / 1e6, sum(still_orders(orders, habit(life)) for life in counted), rel_tol=1e-8)


@pytest.mark.parametrize(("segment", "through"), PLACES)
def test_a_model_of_the_first_two_thirds_of_the_time_is_held_against_the_last(
    merchant: Merchant, lines: list[dict[str, Any]], segment: str, through: date
) -> None:
    cut = FIRST + timedelta(days=(through - FIRST).days * 2 // 3)
    until_then = [line for line in lines if line["type"] != "order" or line["date"] <= through.isoformat()]
    counted = watched(until_then, segment, cut)
    model = fit_orders(Counter(habit(life) for life in counted))
    expected = sum(expected_orders(model, habit(life), (through - cut).days / 7) for life in counted)

    found = stored(merchant)[f"{segment}#{through}"]

    assert found.holdout is not None
    assert round(found.holdout / 1e6, 5) == round(expected / sum(life.later for life in counted) - 1, 5)


def test_there_are_models_of_each_month_end_of_a_year_and_what_came_true_since(
    merchant: Merchant, lines: list[dict[str, Any]]
) -> None:
    of_all = [each for each in stored(merchant).values() if each.segment == "all"]

    assert [each.through for each in of_all][::4] == ["1997-06-30", "1997-10-31", "1998-02-28", "1998-06-30"]
    assert len(of_all) == 13
    for each in of_all:
        through = date.fromisoformat(each.through)
        assert each.later_days == (LAST - through).days
        assert each.later_orders == sum(life.later for life in lives(lines, through).values())


def test_a_fold_that_takes_models_over_comes_to_what_one_that_makes_all_of_them_does(
    lines: list[dict[str, Any]],
) -> None:
    step_by_step, at_once = Merchant(), Merchant()
    first_year = [line for line in lines[1:] if line["date"] < "1998-01-15"]
    later = [line for line in lines[1:] if line["date"] >= "1998-01-15"]
    head = {key: value for key, value in lines[0].items() if key != "complete"}
    step_by_step.import_lines(head, *first_year)
    before = stored(step_by_step)
    step_by_step.import_lines({**head, "exported_at": "1998-07-02T12:00:00Z"}, *later)
    at_once.import_bytes(as_file([head, *first_year]))
    at_once.import_bytes(as_file([{**head, "exported_at": "1998-07-02T12:00:00Z"}, *later]))
    at_once.fold()

    assert [replace(each, generation=0) for each in stored(step_by_step).values()] == [
        replace(each, generation=0) for each in stored(at_once).values()
    ]
    assert before["all#1997-12-31"].digest == stored(at_once)["all#1997-12-31"].digest


@pytest.mark.parametrize(
    "number",
    [
        descent.FLAT,
        order_values.FARTHEST,
        repeat_orders.BEGINNINGS,
        repeat_orders.FARTHEST,
        repeat_orders.SERIES_ENDS,
        lifetimes.FEWEST_REPEATERS_BEFORE,
        lifetimes.LONG_KNOWN,
        lifetime_tables.MOST_KINDS,
        lifetime_tables.STEPS,
    ],
)
def test_models_are_made_anew_where_a_number_that_they_hang_on_is_another(number: object) -> None:
    assert f" {number!r} " in f" {FORM} "


# --- each customer ---------------------------------------------------------------------------------------------------

DAYS = {
    "often": [(0, 20), (30, 10), (60, 30), (100, 5)],
    "once": [(7, 50)],
    "silent": [(1, 10)] + [(day, 12) for day in range(2, 40)],
    "paid back": [(10, 40), (50, -60)],
}
MODELS = (OrderModel(r=0.25, alpha=4.5, a=0.8, b=2.5), ValueModel(p=6.0, q=3.7, v=15.0))


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(tmp_path) as opened:
        opened.run("CREATE TEMP TABLE customer_days (customer VARCHAR, day DATE, orders INT, net_revenue INT, cm2 INT)")
        for customer, theirs in DAYS.items():
            for day, dollars in theirs:
                opened.run(
                    "INSERT INTO customer_days VALUES ($customer, $day, 1, $micros, 0)",
                    customer=customer,
                    day=FIRST + timedelta(days=day),
                    micros=dollars * 1_000_000,
                )
        yield opened


def chances(duck: Duck) -> dict[str, tuple[float | None, int | None]]:
    rows = duck.rows("SELECT customer, p_alive, predicted_12m FROM customer_lifetimes")
    return {customer: (alive, predicted) for customer, alive, predicted in rows}


def middle(day: date, through: date) -> date:
    """A day of a single customer is told by its month alone."""
    return min(day.replace(day=15), through)


def test_each_customer_has_the_chances_that_the_models_give_one_of_their_months(duck: Duck) -> None:
    through = FIRST + timedelta(days=120)
    build_customer_lifetimes(duck, through, models=MODELS)

    found = chances(duck)
    orders, values = MODELS
    for customer, theirs in DAYS.items():
        first, last = (middle(FIRST + timedelta(days=theirs[place][0]), through) for place in (0, -1))
        of_customer = Habit(len(theirs) - 1, (last - first).days / 7, (through - first).days / 7)
        repeats = of_customer.repeats
        mean = max(sum(dollars for _, dollars in theirs[1:]), 0) / max(repeats, 1)
        each = expected_value(values, Spending(repeats, mean) if repeats else None)
        alive, predicted = found[customer]
        assert alive is not None
        assert isclose(alive, still_orders(orders, of_customer), rel_tol=1e-9)
        assert predicted is not None
        assert abs(predicted - expected_orders(orders, of_customer, 52) * each * 1e6) < 1


def test_a_customer_is_known_up_to_the_day_and_no_further(duck: Duck) -> None:
    build_customer_lifetimes(duck, FIRST + timedelta(days=45), models=None)

    rows = duck.rows("SELECT customer, repeats, t_x * 7, known * 7, orders, net_revenue FROM customer_lifetimes")
    assert {row[0]: row[1:] for row in rows} == {
        "often": (1, 30.0, 45.0, 2, 30_000_000),
        "once": (0, 0.0, 38.0, 1, 50_000_000),
        "silent": (38, 38.0, 44.0, 39, 466_000_000),
        "paid back": (0, 0.0, 35.0, 1, 40_000_000),
    }
    assert set(chances(duck).values()) == {(None, None)}
