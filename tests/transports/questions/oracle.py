"""The slow, obvious answers: counted line by line from the file that the sample shop exported.

Nothing here is shared with the product: no reader, no fold, no rollup, no formula. Money is in exact fractions.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

Line = Mapping[str, Any]
LOOKBACK = 30


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def before(self) -> Days:
        """Give as many days before them."""
        length = self.last - self.first + timedelta(days=1)
        return Days(self.first - length, self.last - length)


def days(first: str, last: str) -> Days:
    """Write days as a question does."""
    return Days(date.fromisoformat(first), date.fromisoformat(last))


def day_of(line: Line) -> date:
    """Give the day where the shop is: the sample's times are written there."""
    return date.fromisoformat(str(line.get("date") or line["at"])[:10])


def worth(line: Line) -> Fraction:
    """Give what a line of an order came to after its discount."""
    return Fraction(line["price"]) * line["quantity"] - Fraction(line.get("discount", 0))


class Books:
    """The shop's facts."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._by_type: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            self._by_type[line["type"]].append(line)

    def of(self, type_: str, within: Days | None = None) -> list[Line]:
        """List the facts of a type, of some days."""
        found = self._by_type[type_]
        return found if within is None else [line for line in found if day_of(line) in within]

    @cached_property
    def orders(self) -> Mapping[str, Line]:
        """Find an order by its id."""
        return {order["id"]: order for order in self.of("order")}

    @cached_property
    def refunded(self) -> Mapping[str, list[Line]]:
        """Find the refunds of an order."""
        found: dict[str, list[Line]] = defaultdict(list)
        for refund in self.of("refund"):
            found[refund["order_id"]].append(refund)
        return found

    def unit_cost(self, sku: str, day: date) -> Fraction:
        """Give the cost that held on a day; what nobody told is left out of every cost."""
        held = [cost for cost in self.of("cost") if cost["sku"] == sku and cost["effective_from"] <= day.isoformat()]
        return Fraction(max(held, key=lambda cost: cost["effective_from"])["unit_cost"]) if held else Fraction(0)

    # --- profit -------------------------------------------------------------------------------------------------------

    def gross(self, within: Days) -> Fraction:
        return sum((Fraction(x["price"]) * x["quantity"] for o in self.of("order", within) for x in o["lines"]), _NONE)

    def net_sales(self, within: Days) -> Fraction:
        sold = sum((worth(line) for order in self.of("order", within) for line in order["lines"]), _NONE)
        return sold - self.returns(within)

    def returns(self, within: Days) -> Fraction:
        return sum((Fraction(x["amount"]) for r in self.of("refund", within) for x in r["lines"]), _NONE)

    def net_revenue(self, within: Days) -> Fraction:
        return self.net_sales(within) + _sum(self.of("order", within), "shipping")

    def cogs(self, within: Days) -> Fraction:
        sold = [(order, line) for order in self.of("order", within) for line in order["lines"]]
        back = [
            (self.orders[r["order_id"]], x) for r in self.of("refund", within) for x in r["lines"] if x["restocked"]
        ]
        return sum((self._cost(*each) for each in sold), _NONE) - sum((self._cost(*each) for each in back), _NONE)

    def fulfilment(self, within: Days) -> Fraction:
        own = _sum(self.of("order", within), "fulfilment_cost") + _sum(
            self.of("refund", within), "return_shipping_cost"
        )
        return own + self.booked(within, line="fulfilment")

    def ad_spend(self, within: Days, *, platform: str | None = None) -> Fraction:
        ads = self.of("ad_day", within)
        return _sum((ad for ad in ads if platform in {None, ad["platform"]}), "spend")

    def booked(self, within: Days, *, line: str, category: str | None = None) -> Fraction:
        """Add up expenses; one that covers a month has a part on each of its days."""
        total = _NONE
        for expense in self.of("expense"):
            if expense.get("line", "opex") != line or category not in {None, expense["category"]}:
                continue
            total += Fraction(expense["amount"]) * _share_in(expense, within)
        return total

    def ebitda(self, within: Days) -> Fraction:
        fees = _sum(self.of("order", within), "payment_fee")
        margin = self.net_revenue(within) - self.cogs(within) - self.fulfilment(within) - fees
        return margin - self.ad_spend(within) - self.booked(within, line="opex")

    # --- products -----------------------------------------------------------------------------------------------------

    def cm2_of(self, sku: str, within: Days) -> Fraction:
        """Give what a variant left over; the costs of an order are its lines' by what they came to."""
        total = _NONE
        for order in self.of("order", within):
            whole = sum(map(worth, order["lines"]), _NONE)
            costs = Fraction(order["fulfilment_cost"]) + Fraction(order["payment_fee"])
            for line in order["lines"]:
                if line["sku"] == sku:
                    total += worth(line) - self._cost(order, line) - costs * worth(line) / whole
        for refund in self.of("refund", within):
            whole = sum((Fraction(line["amount"]) for line in refund["lines"]), _NONE)
            for line in refund["lines"]:
                if line["sku"] == sku:
                    amount = Fraction(line["amount"])
                    total -= amount + Fraction(refund["return_shipping_cost"]) * amount / whole
                    if line["restocked"]:
                        total += self._cost(self.orders[refund["order_id"]], line)
        return total

    def sold_in(self, category: str, within: Days) -> Fraction:
        """Give the net sales of a category."""
        inside = {product["sku"] for product in self.of("product") if product["category"] == category}
        sold = (worth(line) for order in self.of("order", within) for line in order["lines"] if line["sku"] in inside)
        back = (Fraction(x["amount"]) for r in self.of("refund", within) for x in r["lines"] if x["sku"] in inside)
        return sum(sold, _NONE) - sum(back, _NONE)

    # --- attribution --------------------------------------------------------------------------------------------------

    def revenue_of(self, order: Line) -> Fraction:
        """Give the net revenue of an order, less all that was ever refunded of it."""
        back = (Fraction(line["amount"]) for refund in self.refunded[order["id"]] for line in refund["lines"])
        return sum(map(worth, order["lines"]), Fraction(order["shipping"])) - sum(back, _NONE)

    def brought_last(self, channel: str, within: Days) -> list[Line]:
        """List the orders whose last touch was of a channel."""
        paths: dict[str, list[Line]] = defaultdict(list)
        for touch in self.of("touch"):
            paths[touch["order_id"]].append(touch)
        found: list[Line] = []
        for order in self.of("order", within):
            seen = [t for t in paths[order["id"]] if (day_of(order) - day_of(t)).days <= LOOKBACK]
            if seen and max(seen, key=lambda touch: touch["place"])["channel"] == channel:
                found.append(order)
        return found

    # --- customers ----------------------------------------------------------------------------------------------------

    def returning(self, new_in: Days, *later: Days) -> list[Any]:
        """Count the customers whose first order lies in some days, and give the share that ordered in others."""
        first: dict[str, date] = {}
        for order in sorted(self.of("order"), key=day_of):
            first.setdefault(order["customer"]["id"], day_of(order))
        new = {customer for customer, day in first.items() if day in new_in}
        shares = [len(new & {order["customer"]["id"] for order in self.of("order", each)}) / len(new) for each in later]
        return [len(new), *(round(share, 4) for share in shares)]

    # --- cash ---------------------------------------------------------------------------------------------------------

    def cash(self, at: date) -> Fraction:
        """Add up what was last told of each account of the bank."""
        told: dict[str, Line] = {}
        for balance in sorted(self.of("balance"), key=day_of):
            if balance.get("nature", "cash") == "cash" and day_of(balance) <= at:
                told[balance["account"]] = balance
        return _sum(told.values(), "amount")

    def burn(self, within: Days, months: int) -> Fraction:
        """Give what the everyday business took from the bank in a month."""
        everyday = [txn for txn in self.of("bank_txn", within) if "nature" not in txn]
        return -_sum(everyday, "amount") / months

    def _cost(self, order: Line, line: Line) -> Fraction:
        return line["quantity"] * self.unit_cost(line["sku"], day_of(order))


_NONE = Fraction(0)


def _sum(lines: Iterable[Line], field: str) -> Fraction:
    return sum((Fraction(line[field]) for line in lines), _NONE)


def _share_in(expense: Line, within: Days) -> Fraction:
    day = day_of(expense)
    if expense.get("covers") != "month":
        return Fraction(day in within)
    length = calendar.monthrange(day.year, day.month)[1]
    return Fraction(sum(day.replace(day=number) in within for number in range(1, length + 1)), length)
