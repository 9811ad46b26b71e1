"""The slow, obvious count of goods: each SKU's figures, worked out line by line from the files that were sent.

It shares nothing with the product: no reader, no SQL, no rollup. What it knows of rates, costs and the last word on a
fact is that of `recount`. Payments are not among what it knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, micros, number, shares

Goods = Counter[tuple[date, str, str]]
"""(day, SKU or nothing, figure) -> micros or pieces; what is zero is left out."""


@dataclass(kw_only=True)
class Part:
    """What an order holds of one SKU."""

    units: int = 0
    gross: int = 0
    discount: int = 0
    costs: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    """Of each line whose cost is known: cost, pieces, sales."""
    back_on_shelf: int = 0
    """Pieces that are known to have come back, so far."""


@dataclass(kw_only=True)
class Bought:
    """An order that counts, by SKU."""

    day: date
    parts: Mapping[str, Part]

    def split(self, amount: int) -> dict[str, int]:
        """Share out an amount of the whole order by what each SKU came to; of gifts, by the piece."""
        worth = {sku: part.gross - part.discount for sku, part in self.parts.items()}
        return split(amount, worth if any(worth.values()) else {sku: part.units for sku, part in self.parts.items()})


def split(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share out an amount in the order of the SKUs: running totals rounded down."""
    whole, running, given = sum(weights.values()), 0, 0
    parts: dict[str, int] = {}
    for sku in sorted(weights):
        running += weights[sku]
        upto = amount * running // whole
        parts[sku], given = upto - given, upto
    return parts


def count_goods(files: Iterable[Sequence[Line]], rules: Rules) -> Goods:
    """Give the figures of each SKU by day."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    goods: Goods = Counter()
    orders: dict[tuple[str, str, str], Bought] = {}
    for fact in books.of("order"):
        bought = _bought(fact, books, goods)
        if bought is not None:
            orders[fact.source, fact.account, str(fact.line["id"])] = bought
    refunded: set[tuple[Any, ...]] = set()
    for fact in books.refunds():
        _count_refund(fact, books, orders, goods, refunded)
    for order, sku in refunded:
        goods[orders[order].day, sku, "orders_refunded"] += 1
    return Counter({place: value for place, value in goods.items() if value})


def _bought(fact: Fact, books: Books, goods: Goods) -> Bought | None:
    line, day = fact.line, fact.day
    items = [item for item in line["lines"] if not item.get("gift_card")]
    rate = books.rate(line.get("currency"), day)
    if line.get("test") or not items or rate is None:
        return None
    parts: defaultdict[str, Part] = defaultdict(Part)
    worth = [number(item, "price") * item["quantity"] - number(item, "discount") for item in items]
    for item, share in zip(items, shares(number(line, "discount"), worth), strict=True):
        part = parts[item.get("sku") or ""]
        gross = micros(number(item, "price") * item["quantity"] * rate)
        discount = micros((number(item, "discount") + share) * rate)
        part.units, part.gross, part.discount = (
            part.units + item["quantity"],
            part.gross + gross,
            part.discount + discount,
        )
        cost = _cost(item, fact, books)
        if cost is not None:
            part.costs.append((cost, item["quantity"], gross - discount))
    bought = Bought(day=day, parts=parts)
    fulfilment, fees = _order_costs(line, rate, parts, books.rules)
    for name, amounts in (("fulfilment", bought.split(fulfilment)), ("fees", bought.split(fees))):
        for sku, amount in amounts.items():
            goods[day, sku, name] += amount
    for sku, part in parts.items():
        goods[day, sku, "orders"] += 1
        goods[day, sku, "units"] += part.units
        goods[day, sku, "gross_sales"] += part.gross
        goods[day, sku, "discounts"] += part.discount
        for cost, units, sales in part.costs:
            goods[day, sku, "cogs"] += cost
            goods[day, sku, "cost_known_units"] += units
            goods[day, sku, "cost_known_sales"] += sales
    return bought


def _cost(item: Line, fact: Fact, books: Books) -> int | None:
    """Give what the pieces of a line cost, by the line itself or by the list of costs."""
    stated = (number(item, "unit_cost"), fact.line.get("currency")) if item.get("unit_cost") is not None else None
    known = stated or books.unit_cost(item.get("sku"), fact.day)
    rate = books.rate(known[1], fact.day) if known else None
    return micros(known[0] * item["quantity"] * rate) if known and rate is not None else None


def _order_costs(line: Line, rate: Decimal, parts: Mapping[str, Part], rules: Rules) -> tuple[int, int]:
    """Give what it cost to send an order, and its fees: as stated, else by the rule."""
    fulfilment = micros(number(line, "fulfilment_cost") * rate)
    if line.get("payment_fee") is not None:
        return fulfilment, micros(number(line, "payment_fee") * rate)
    paid = sum(part.gross - part.discount for part in parts.values())
    paid += micros((number(line, "shipping") + number(line, "tax")) * rate)
    if rules.payment_fee_rate is None or not paid:
        return fulfilment, 0
    return fulfilment, micros(Decimal(paid) / 1_000_000 * rules.payment_fee_rate) + micros(rules.payment_fee_fixed)


def _count_refund(
    fact: Fact,
    books: Books,
    orders: Mapping[tuple[str, str, str], Bought],
    goods: Goods,
    refunded: set[tuple[Any, ...]],
) -> None:
    line, day = fact.line, fact.day
    of = (fact.source, fact.account, str(line["order_id"]))
    bought = orders.get(of)
    told = any((f.source, f.account, str(f.line["id"])) == of for f in books.of("order"))
    rate = books.rate(line.get("currency"), day)
    if rate is None or (told and bought is None):
        return
    items: Sequence[Line] = line.get("lines") or [{"amount": "0"}]
    raw: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for item in items:
        raw[item.get("sku") or ""] += micros(number(item, "amount"))
        units[item.get("sku") or ""] += item.get("quantity") or 0
        if item.get("restocked"):
            goods[day, item.get("sku") or "", "cogs_restocked"] += _cost_of_return(item, bought, fact, books)
    weights = dict(raw) if any(raw.values()) else dict.fromkeys(raw, 1)
    amounts = split(micros(sum((number(item, "amount") for item in items), Decimal(0)) * rate), weights)
    shipping = split(micros(number(line, "return_shipping_cost") * rate), weights)
    for sku in weights:
        spread = bought is not None and not sku
        for name, value in (
            ("returns", amounts[sku]),
            ("units_returned", units[sku]),
            ("return_shipping", shipping[sku]),
        ):
            for each, part in (bought.split(value) if bought and spread else {sku: value}).items():
                goods[day, each, name] += part
                if part and bought and each in bought.parts and name != "return_shipping":
                    refunded.add((of, each))


def _cost_of_return(item: Line, bought: Bought | None, fact: Fact, books: Books) -> int:
    """Say what returned pieces had cost: as in their order, else as costs were on that day."""
    sku, quantity = item.get("sku"), item.get("quantity") or 0
    if not sku:
        return 0
    part = bought.parts.get(sku) if bought else None
    if part and part.costs:
        pieces = sum(units for _, units, _ in part.costs)
        quantity = min(quantity, pieces - part.back_on_shelf)
        part.back_on_shelf += quantity
        return sum(cost for cost, _, _ in part.costs) * quantity // pieces
    day = bought.day if bought else fact.day
    known = books.unit_cost(sku, day)
    rate = books.rate(known[1], day) if known else None
    return micros(known[0] * quantity * rate) if known and rate is not None else 0
