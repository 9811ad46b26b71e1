"""An attacker holds every answer of `get_cohort_retention`, and works out of them what they can.

They ask for each segment, grain, metric and range of months, and take each number that is shown for what it is: a sum
over customers of some segment and some months. What follows from such sums follows by linear algebra. It must never be
a sum over some customers, but fewer than `k_min`.

Dimensions are attacked one by one. A sum over segments of two of them counts customers of both, and no answer tells
how many those are; all that one dimension tells of another are the months of all customers, and these are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.settings import Settings
from tests.data.elimination import Row, null_space
from tests.data.merchants import Line, Merchant, header, order
from tests.transports.mcp.shop import Shop

K_MIN = 10
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
QUARTERS = {"2026-01": MONTHS[:3], "2026-04": MONTHS[3:]}
RANGES = [(first, last) for first in MONTHS for last in MONTHS if first <= last]
METRICS = ("retention", "orders_per_customer", "cumulative_net_revenue", "cumulative_cm2")
DIMENSIONS = ("channel", "first_product", "discounted_first_order")
CHANNELS, PRODUCTS, DISCOUNTS = ("web", "pos"), ("A", "B"), ("yes", "no")

Who = tuple[str, str, str, str]
"""Month, channel, product and discount of a first order."""
Cell = tuple[str, str]
"""Segment and month."""
ROUNDED = 0.02
EXAMPLES = max(settings().max_examples // 40, 3)

few = st.one_of(st.just(0), st.integers(1, 9), st.integers(1, 14))
shops = st.fixed_dictionaries(dict.fromkeys(product(MONTHS, CHANNELS, PRODUCTS, DISCOUNTS), few))


def opened(shop: Mapping[Who, int]) -> Shop:
    """Import a shop of so many customers, each of whom orders once more a month later."""
    lines: list[Line] = []
    for number, (who, customers) in enumerate(sorted(shop.items())):
        month, channel, sku, discounted = who
        for customer in range(customers):
            name = f"{number}-{customer}"
            item = {"quantity": 1, "price": f"{10 + customer}.00", "sku": sku, "unit_cost": "4.00"}
            lines.append(
                order(
                    f"{name}-first",
                    f"{month}-10",
                    customer=name,
                    channel=channel,
                    lines=[item],
                    discount="1.00" if discounted == "yes" else "0.00",
                )
            )
            lines.append(order(f"{name}-again", f"2026-{int(month[5:]) + 1:02}-10", customer=name, lines=[item]))
    merchant = Merchant()
    merchant.settle(Settings(k_min=K_MIN))
    merchant.import_lines(header(), order("guest", "2026-09-30"), *lines)
    return Shop(engine=merchant.engine)


class Attacker:
    """Asks for everything, and keeps of which sums the numbers were told."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.values: set[tuple[str, tuple[str, ...]]] = set()
        """Segment and months of which the sums of what customers did are known."""
        self.sizes: set[tuple[str, tuple[str, ...]]] = set()
        """Segment and months of which the number of customers is known."""
        self.hidden: dict[tuple[str, str, str], bool] = {}
        """Segment, grain and start of each row that was met: whether it was suppressed."""

    def ask_everything(self) -> Attacker:
        for segment in self._segments():
            for number, (span, grain) in enumerate(product(RANGES, ("month", "quarter"))):
                self._ask(segment, span, grain, METRICS[number % len(METRICS)], max_offset=(0, 5)[number // 2 % 2])
        return self

    def _segments(self) -> Iterator[str]:
        yield EVERYBODY
        for dimension in DIMENSIONS:
            yield from self._call(segment=dimension)["allowed"]

    def _call(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        self._shop.clock.advance(seconds=2)
        return self._shop.call("get_cohort_retention", **arguments).result["structuredContent"]

    def _ask(self, segment: str, span: tuple[str, str], grain: str, metric: str, *, max_offset: int) -> None:
        content = self._call(
            segment=segment, cohort_from=span[0], cohort_to=span[1], grain=grain, metric=metric, max_offset=max_offset
        )
        data, customers = content["data"], content["totals"]["customers"]
        shown: list[tuple[int, list[float | None]]] = []
        for start, size, cac, is_hidden, values in data["rows"]:
            months = (start,) if grain == "month" else QUARTERS[start]
            assert self.hidden.setdefault((segment, grain, start), is_hidden) == is_hidden, "hidden only at times"
            if size is not None:
                self.sizes.add((segment, months))
            if size is not None and any(value is not None for value in values):
                self.values.add((segment, months))
                shown.append((size, values))
            assert cac is None or (segment == EVERYBODY and size is not None)
        if customers is not None:
            asked = [month for month in MONTHS if span[0] <= month <= span[1]]
            whole = [months for months in QUARTERS.values() if set(months) & set(asked)]
            self.sizes.add(
                (segment, tuple(asked) if grain == "month" else tuple(m for months in whole for m in months))
            )
        # An average, and what a summary says of it, are no news to those who hold the rows.
        told = {float(len(data["rows"])), float(len(data["rows"]) - len(shown)), *map(float, data["weighted_average"])}
        for offset, average in enumerate(data["weighted_average"]):
            known = [(size, value) for size, values in shown if (value := values[offset]) is not None]
            mine = sum(size * value for size, value in known) / sum(size for size, _ in known)
            assert abs(mine - average) < ROUNDED
            told.add(float(sum(size for size, _ in known)))
        assert numbers_in(content["summary"]) <= told
        if not shown:
            assert data["weighted_average"] == []
            assert content["meta"]["coverage"].get("cogs") is None


def numbers_in(summary: str) -> set[float]:
    """Read the numbers of a sentence, but for months and offsets."""
    rest = re.sub(r"\d{4}-\d\d|month \d+|cm2", "", summary)
    return {float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", rest)}


# --- what follows ----------------------------------------------------------------------------------------------------


def segment_of(who: Who, dimension: str) -> str:
    return f"{dimension}={who[1 + DIMENSIONS.index(dimension)]}"


def cells_of(shop: Mapping[Who, int], dimension: str) -> dict[Cell, int]:
    """Count the customers of each segment of a dimension by month."""
    counted: dict[Cell, int] = {}
    for who, customers in shop.items():
        cell = (segment_of(who, dimension), who[0])
        counted[cell] = counted.get(cell, 0) + customers
    return counted


def sums_over(cells: Sequence[Cell], known: set[tuple[str, tuple[str, ...]]]) -> list[list[int]]:
    """Write each known sum that counts in a dimension as how often each of its cells counts in it."""
    named = {segment for segment, _ in cells} | {EVERYBODY}
    return [
        [int(month in months and told in {EVERYBODY, segment}) for segment, month in cells]
        for told, months in sorted(known)
        if told in named
    ]


def small_sets(cells: Sequence[Cell], counted: Mapping[Cell, int]) -> Iterator[tuple[int, ...]]:
    """Give all sets of cells that hold some customers, but too few."""

    def grow(chosen: tuple[int, ...], place: int, customers: int) -> Iterator[tuple[int, ...]]:
        if customers >= K_MIN:
            return
        if place == len(cells):
            if customers:
                yield chosen
            return
        yield from grow(chosen, place + 1, customers)
        yield from grow((*chosen, place), place + 1, customers + counted[cells[place]])

    yield from grow((), 0, 0)


def follows(chosen: tuple[int, ...], changes: Sequence[Row]) -> bool:
    return all(sum(change[place] for place in chosen) == 0 for change in changes)


def everybody_in(shop: Mapping[Who, int], known: set[tuple[str, tuple[str, ...]]]) -> set[tuple[str, tuple[str, ...]]]:
    """Add the months of all customers that follow from the segments of some dimension."""
    found = set(known)
    for dimension in DIMENSIONS:
        cells = sorted(cells_of(shop, dimension))
        changes = null_space(sums_over(cells, known), len(cells))
        for months in [*((month,) for month in MONTHS), *QUARTERS.values()]:
            if follows(tuple(place for place, (_, month) in enumerate(cells) if month in months), changes):
                found.add((EVERYBODY, tuple(months)))
    return found


EVEN = dict.fromkeys(product(MONTHS, CHANNELS, PRODUCTS, DISCOUNTS), 10)


@settings(max_examples=EXAMPLES)
@given(shops)
@example({**EVEN, **{who: 1 for who in EVEN if who[0] == "2026-02" and who[1] == "pos"}})
@example({**EVEN, **{who: 0 for who in EVEN if who[1] == "pos"}, ("2026-03", "pos", "A", "no"): 4})
@example({**EVEN, **{who: 1 for who in EVEN if who[0] == "2026-01"}})
def test_nothing_about_fewer_than_ten_customers_follows_from_all_answers(shop: Mapping[Who, int]) -> None:
    if not any(shop.values()):
        return
    attacker = Attacker(opened(shop)).ask_everything()
    values = everybody_in(shop, attacker.values)

    for dimension in DIMENSIONS:
        counted = cells_of(shop, dimension)
        cells = sorted(counted)
        done, are = (null_space(sums_over(cells, known), len(cells)) for known in (values, attacker.sizes))
        for chosen in small_sets(cells, counted):
            assert not follows(chosen, done), f"what {[cells[place] for place in chosen]} did"
            if follows(chosen, are):
                # How many customers came in a month is no secret: how they came is.
                months = {cells[place][1] for place in chosen if counted[cells[place]]}
                somebody = {cell for cell in cells if cell[1] in months and counted[cell]}
                assert {cells[place] for place in chosen if counted[cells[place]]} == somebody
