"""An attacker holds every answer of `get_customer_ltv`, and works out of them what they can.

They ask for each segment and for each day that may be asked for. Each number of customers is a sum over customers of
some segment and some months, and so is each value that customers had brought, for who knows how many they are;
`get_cohort_retention` tells of which months. What follows from such sums follows by linear algebra, as in the attack on
that tool, whose pieces these are. It must never be a sum over some customers, but fewer than `k_min`, save for how many
of all customers came in a month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import example, given, settings

from shared.domain.facts.segments import EVERYBODY
from tests.data.elimination import null_space
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.test_attack_on_cohorts import (
    DIMENSIONS,
    EVEN,
    MONTHS,
    Who,
    cells_of,
    everybody_in,
    follows,
    opened,
    shops,
    small_sets,
    sums_over,
)

MARKS = (1, 3, 6)
LAST_MONTH = 9
CENT = 0.01
EXAMPLES = max(settings().max_examples // 40, 3)
Sums = set[tuple[str, tuple[str, ...]]]
"""Segment and months of which something is known of all customers together."""


class Attacker:
    """Asks for everything, and keeps of which sums the numbers were told."""

    def __init__(self, shop: Shop, books: Mapping[Who, int]) -> None:
        self._shop = shop
        self._books = books
        self.sizes: Sums = set()
        self.values: dict[int, Sums] = {mark: set() for mark in MARKS}
        """Of the months after the first order's."""

    def ask_everything(self) -> Attacker:
        for day in self._call(observed_through="2000-01-01")["allowed"]:
            self._ask(EVERYBODY, int(day[5:7]), observed_through=day)
        for dimension in DIMENSIONS:
            for segment in self._call(segment=dimension)["allowed"]:
                self._ask(segment, LAST_MONTH)
        return self

    def _call(self, tool: str = "get_customer_ltv", **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        self._shop.clock.advance(seconds=2)
        return self._shop.call(tool, **arguments).result["structuredContent"]

    def _ask(self, segment: str, through: int, **arguments: str) -> None:
        data = self._call(segment=segment, **arguments)["data"]
        if data["suppressed"]:
            assert (data["historical"], data["model"], data["afterwards"]) == (None, None, None)
            return
        sizes = self._sizes(segment)
        known = tuple(month for month in MONTHS if int(month[5:]) <= through)
        assert data["model"]["n"] == sum(sizes[month] for month in known)
        self.sizes.add((segment, known))
        shown = self._shown(segment)
        for mark in MARKS:
            months = tuple(month for month in known if month in shown and int(month[5:]) + mark <= through)
            value, matured = data["historical"][f"m{mark}"], data["matured_customers"]
            if matured:
                assert matured[f"m{mark}"] == sum(sizes[month] for month in months)
                self.sizes.add((segment, months))
            if value is not None:
                assert abs(self._brought(segment, months) - value) < CENT
                self.values[mark].add((segment, months))

    def _shown(self, segment: str) -> set[str]:
        """Find out of which months a value of a segment is."""
        arguments = {"segment": segment, "cohort_from": MONTHS[0], "cohort_to": MONTHS[-1]}
        rows = self._call("get_cohort_retention", **arguments)["data"]["rows"]
        return {month for month, _, _, is_hidden, _ in rows if not is_hidden}

    def _sizes(self, segment: str) -> dict[str, int]:
        return {
            month: sum(n for who, n in self._books.items() if who[0] == month and _is_in(who, segment))
            for month in MONTHS
        }

    def _brought(self, segment: str, months: Sequence[str]) -> float:
        """Tell what a customer had brought who ordered twice, as `opened` has it."""
        spent = customers = 0
        for who, number in self._books.items():
            if who[0] in months and _is_in(who, segment):
                spent += sum(2 * (10 + each) - (who[3] == "yes") for each in range(number))
                customers += number
        return spent / customers


def _is_in(who: Who, segment: str) -> bool:
    return segment == EVERYBODY or segment in (
        f"{name}={value}" for name, value in zip(DIMENSIONS, who[1:], strict=True)
    )


FEW_LATER = {
    **dict.fromkeys(EVEN, 10),
    **{who: int(who[2:] == ("A", "no")) * 4 for who in EVEN if who[:2] == ("2026-04", "pos")},
}


@settings(max_examples=EXAMPLES)
@given(shops)
@example(FEW_LATER)
@example({**EVEN, **{who: 1 for who in EVEN if who[0] == "2026-02" and who[1] == "pos"}})
@example({**EVEN, **{who: 0 for who in EVEN if who[1] == "pos"}, ("2026-03", "pos", "A", "no"): 4})
@example({**EVEN, **{who: 1 for who in EVEN if who[0] == "2026-01"}})
def test_nothing_about_fewer_than_ten_customers_follows_from_all_answers(shop: Mapping[Who, int]) -> None:
    if not any(shop.values()):
        return
    attacker = Attacker(opened(shop), shop).ask_everything()

    for dimension, mark in product(DIMENSIONS, MARKS):
        counted = cells_of(shop, dimension)
        cells = sorted(counted)
        values = everybody_in(shop, attacker.values[mark])
        done, are = (null_space(sums_over(cells, known), len(cells)) for known in (values, attacker.sizes))
        for chosen in small_sets(cells, counted):
            somebody = {cells[place] for place in chosen if counted[cells[place]]}
            assert not follows(chosen, done), f"what {somebody} had brought"
            if follows(chosen, are):
                months = {month for _, month in somebody}
                assert somebody == {cell for cell in cells if cell[1] in months and counted[cell]}, "how they came"
