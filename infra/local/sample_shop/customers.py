"""Who orders: customers each come again by a habit of their own, until they have had enough."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from infra.local.sample_shop.days import days, demand, dice_of

RATES = 0.4, 1 / 12
"""Shape and scale of the gamma that orders a week are drawn from."""
ENOUGH = 0.8, 2.2
"""Of the beta that the chance to have had enough after an order is drawn from."""
LONGEST_DAYS = 1_500
BASKETS = ((1, 1, 1, 2), (1, 1, 2, 2), (1, 2, 3, 3))
"""How many things somebody takes: some customers take more than others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody orders."""

    customer: str
    is_first: bool


def visits(day: date, opened: date) -> Sequence[Visit]:
    """Give the orders of a day: those who come again, and as many new customers as the day brings beside them."""
    return _diary(opened, day.replace(month=12, day=31))[day]


def basket_sizes(customer: str) -> Sequence[int]:
    """Say how many things a customer takes, in equal parts."""
    return dice_of("taste", customer).choice(BASKETS)


@cache
def _diary(opened: date, last: date) -> Mapping[date, Sequence[Visit]]:
    """Live through the days from the opening on; a later last day changes nothing about those before."""
    diary: dict[date, Sequence[Visit]] = {}
    coming: dict[date, list[str]] = defaultdict(list)
    for day in days(opened, last):
        count = demand(day)
        again = [Visit(customer=customer, is_first=False) for customer in coming.pop(day, [])[: count - 1]]
        names = [f"c-{day:%Y%m%d}-{number}" for number in range(count - len(again))]
        diary[day] = [*(Visit(customer=name, is_first=True) for name in names), *again]
        for name in names:
            for later in _later_days(day, dice_of("habit", name)):
                coming[later].append(name)
    return diary


def _later_days(first: date, dice: random.Random) -> Sequence[date]:
    """Draw the days on which somebody orders after the first: what the BG/NBD model takes customers to do."""
    rate, enough = dice.gammavariate(*RATES), dice.betavariate(*ENOUGH)
    found: list[date] = []
    age = 0.0
    while dice.random() >= enough:
        age += dice.expovariate(rate) * 7
        if age > LONGEST_DAYS:
            break
        found.append(first + timedelta(days=int(age)))
    return [day for day in found if day > first]
