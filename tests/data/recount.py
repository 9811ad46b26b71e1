"""The slow, obvious count: figures worked out line by line from the files that were sent.

It shares nothing with the product: no reader, no SQL, no rollup. Days are counted in a plain dictionary
(day, figure) -> micros or pieces; what is zero is left out.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.data.latest_lines import Fact, Line, facts_now

Days = Counter[tuple[date, str]]

EVERY_DAY = ("refunds", "units_returned")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the workspace has settled."""

    zone: str = "America/New_York"
    currency: str = "USD"
    payment_fee_rate: Decimal | None = None
    payment_fee_fixed: Decimal = Decimal(0)


def micros(amount: Decimal) -> int:
    """Round half away from zero."""
    return int((amount * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def number(line: Line, name: str) -> Decimal:
    """Read an amount; a missing one is zero."""
    return Decimal(str(line.get(name) or 0))


def month_start(day: date) -> date:
    """Give the first of the month."""
    return day.replace(day=1)


@dataclass(kw_only=True)
class Books:
    """A merchant's facts, and the figures counted from them."""

    facts: list[Fact]
    rules: Rules
    days: Days = field(default_factory=Counter)
    paid_fees: Mapping[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    """Order -> what its payments cost, of those whose charge is known; see `recount_payments`."""

    def of(self, type_: str) -> list[Fact]:
        """List the facts of a type."""
        return [fact for fact in self.facts if fact.type == type_]

    def refunds(self) -> list[Fact]:
        """List the refunds as they came one after the other."""
        return sorted(self.of("refund"), key=lambda fact: (fact.day, str(fact.line["id"])))

    def rate(self, currency: str | None, day: date) -> Decimal | None:
        """Find what a unit of a currency was worth, or had been worth up to a week before."""
        wanted = self.rules.currency
        if currency in {None, wanted}:
            return Decimal(1)
        for earlier in range(8):
            for fact in self.of("fx"):
                if (fact.line["base"], fact.line["quote"], fact.day) == (currency, wanted, day - timedelta(earlier)):
                    return number(fact.line, "rate")
        return None

    def unit_cost(self, sku: str | None, day: date) -> tuple[Decimal, str | None] | None:
        """Find the cost of a piece that held on a day, and its currency."""
        known = [fact for fact in self.of("cost") if fact.line["sku"] == sku and fact.day <= day]
        if not known:
            return None
        line = max(known, key=lambda fact: fact.day).line
        return number(line, "unit_cost"), line.get("currency")


@dataclass(kw_only=True)
class Sale:
    """An order that counts."""

    key: tuple[str, str, str]
    day: date
    at: str
    customer: str | None
    gross: int = 0
    discount: int = 0
    shipping: int = 0
    cost: int = 0
    cost_known_sales: int = 0
    costs_by_sku: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    known_costs: int = 0
    """Fulfilment and fees, where they are known."""
    back_on_shelf: Counter[str] = field(default_factory=Counter[str])
    """Pieces of each SKU that are known to have come back, so far."""


def count(files: Iterable[Sequence[Line]], rules: Rules) -> tuple[Days, dict[str, Any]]:
    """Give the figures by day, and the cohorts by month."""
    return count_books(Books(facts=facts_now(files, rules.zone), rules=rules))


def count_books(books: Books) -> tuple[Days, dict[str, Any]]:
    """Give the same of facts that are known already."""
    sales = {sale.key: sale for fact in books.of("order") for sale in sales_of(fact, books)}
    for sale in sales.values():
        books.days[sale.day, "orders"] += 1
        books.days[sale.day, "orders_with_customer"] += sale.customer is not None
    refunds = [entry for fact in books.refunds() for entry in refunds_of(fact, books, sales)]
    count_refunded_orders(refunds, books)
    for fact in books.of("expense"):
        (count_unsettled if fact.line.get("line") == "unsettled" else count_expense)(fact, books)
    for fact in campaign_days(books):
        rate = books.rate(fact.line.get("currency"), fact.day)
        if rate is None:
            books.days[fact.day, "unconverted"] += 1
        else:
            books.days[fact.day, "ad_spend"] += micros(number(fact.line, "spend") * rate)
    return Counter({place: value for place, value in books.days.items() if value}), cohorts(sales, refunds)


def sales_of(fact: Fact, books: Books) -> Iterable[Sale]:
    """Count an order's figures on its day; a test, or a sale of gift cards only, is none."""
    line = fact.line
    goods = [item for item in line["lines"] if not item.get("gift_card")]
    if line.get("test") or not goods:
        return
    rate = books.rate(line.get("currency"), fact.day)
    if rate is None:
        books.days[fact.day, "unconverted"] += 1
        return
    who = line.get("customer")
    sale = Sale(
        key=(fact.source, fact.account, str(line["id"])), day=fact.day, at=line.get("at") or "", customer=identity(who)
    )
    day = books.days
    worth = [number(item, "price") * item["quantity"] - number(item, "discount") for item in goods]
    for item, share in zip(goods, shares(number(line, "discount"), worth), strict=True):
        gross = micros(number(item, "price") * item["quantity"] * rate)
        discount = micros((number(item, "discount") + share) * rate)
        sale.gross, sale.discount = sale.gross + gross, sale.discount + discount
        day[fact.day, "units"] += item["quantity"]
        stated = (number(item, "unit_cost"), line.get("currency")) if item.get("unit_cost") is not None else None
        known = stated or books.unit_cost(item.get("sku"), fact.day)
        cost_rate = books.rate(known[1], fact.day) if known else None
        if known and cost_rate is not None:
            cost = micros(known[0] * item["quantity"] * cost_rate)
            sale.cost += cost
            sale.cost_known_sales += gross - discount
            day[fact.day, "cost_known_units"] += item["quantity"]
            if item.get("sku"):
                before = sale.costs_by_sku.get(item["sku"], (0, 0))
                sale.costs_by_sku[item["sku"]] = (before[0] + cost, before[1] + item["quantity"])
    sale.shipping = micros(number(line, "shipping") * rate)
    day[fact.day, "gross_sales"] += sale.gross
    day[fact.day, "discounts"] += sale.discount
    day[fact.day, "shipping_charged"] += sale.shipping
    day[fact.day, "cogs"] += sale.cost
    day[fact.day, "cost_known_sales"] += sale.cost_known_sales
    count_fees(sale, fact, rate, books)
    yield sale


def count_fees(sale: Sale, fact: Fact, rate: Decimal, books: Books) -> None:
    """Count what it cost to send the order and to be paid for it."""
    line, day = fact.line, books.days
    if line.get("fulfilment_cost") is not None:
        fulfilment = micros(number(line, "fulfilment_cost") * rate)
        day[fact.day, "fulfilment"] += fulfilment
        day[fact.day, "fulfilment_known_orders"] += 1
        sale.known_costs += fulfilment
    if line.get("payment_fee") is not None:
        fee = micros(number(line, "payment_fee") * rate)
        day[fact.day, "payment_fees"] += fee
        day[fact.day, "payment_fees_known_orders"] += 1
        sale.known_costs += fee
    elif sale.key in books.paid_fees:
        day[fact.day, "payment_fees"] += books.paid_fees[sale.key]
        day[fact.day, "payment_fees_known_orders"] += 1
        sale.known_costs += books.paid_fees[sale.key]
    elif books.rules.payment_fee_rate is not None:
        paid = sale.gross - sale.discount + micros((number(line, "shipping") + number(line, "tax")) * rate)
        fixed = books.rules.payment_fee_fixed
        fee = micros(Decimal(paid) / 1_000_000 * books.rules.payment_fee_rate) + micros(fixed) if paid else 0
        day[fact.day, "payment_fees_estimated"] += fee
        day[fact.day, "payment_fees_estimated_orders"] += 1
        sale.known_costs += fee


def shares(discount: Decimal, worth: list[Decimal]) -> list[Decimal]:
    """Split an order's discount by worth: running totals rounded down to the micro."""
    total, running, given, split = sum(worth), Decimal(0), Decimal(0), list[Decimal]()
    for each in worth:
        running += each
        upto = Decimal(int(discount * 1_000_000 * running / total)) / 1_000_000 if discount else Decimal(0)
        split.append(upto - given)
        given = upto
    return split


def identity(customer: Any) -> str | None:  # noqa: ANN401  # what a line may hold there
    """Tell people apart."""
    match customer:
        case None:
            return None
        case {"email": str(email)}:
            return email.strip().lower()
        case {"id": known_as}:
            return str(known_as)
        case _:
            return str(customer).lower() if "@" in str(customer) else str(customer)


@dataclass(kw_only=True)
class Back:
    """A refund that counts."""

    day: date
    sale: Sale | None
    amount: int
    shipping: int
    return_shipping: int
    restocked: int


def refunds_of(fact: Fact, books: Books, sales: Mapping[tuple[str, str, str], Sale]) -> Iterable[Back]:
    """Count a refund on its own day; one of an order that does not count is none."""
    line = fact.line
    key = (fact.source, fact.account, str(line["order_id"]))
    sale = sales.get(key)
    told = any((f.source, f.account, str(f.line["id"])) == key for f in books.of("order"))
    rate = books.rate(line.get("currency"), fact.day)
    if rate is None:
        books.days[fact.day, "unconverted"] += 1
    if rate is None or (told and sale is None):
        return
    back = Back(
        day=fact.day,
        sale=sale,
        amount=micros(sum((number(item, "amount") for item in line.get("lines", ())), Decimal(0)) * rate),
        shipping=micros(number(line, "shipping") * rate),
        return_shipping=micros(number(line, "return_shipping_cost") * rate),
        restocked=0,
    )
    for item in line.get("lines", ()):
        quantity = item.get("quantity") or 0
        books.days[fact.day, "units_returned"] += quantity
        if item.get("restocked"):
            back.restocked += cost_of_return(item.get("sku"), quantity, sale, fact, books)
    books.days[fact.day, "refunds"] += 1
    books.days[fact.day, "refunds_date_assumed"] += bool(line.get("date_assumed"))
    for name, value in (
        ("returns", back.amount),
        ("shipping_refunded", back.shipping),
        ("return_shipping", back.return_shipping),
        ("cogs_restocked", back.restocked),
    ):
        books.days[fact.day, name] += value
        books.days[sale.day if sale else fact.day, f"{name}_by_order"] += value
    yield back


def cost_of_return(sku: str | None, quantity: int, sale: Sale | None, fact: Fact, books: Books) -> int:
    """Say what returned pieces had cost: as in their order, else as costs were on that day."""
    if sale and sku in sale.costs_by_sku:
        cost, pieces = sale.costs_by_sku[sku]
        quantity = min(quantity, pieces - sale.back_on_shelf[sku])
        sale.back_on_shelf[sku] += quantity
        return cost * quantity // pieces
    day = sale.day if sale else fact.day
    known = books.unit_cost(sku, day)
    rate = books.rate(known[1], day) if known else None
    return micros(known[0] * quantity * rate) if known and rate is not None else 0


def count_refunded_orders(refunds: Iterable[Back], books: Books) -> None:
    """Count each order once, however often it was refunded."""
    for sale in {back.sale.key: back.sale for back in refunds if back.sale}.values():
        books.days[sale.day, "orders_refunded"] += 1


def count_expense(fact: Fact, books: Books) -> None:
    """Count an expense on its day, or on every day of its month."""
    line = fact.line
    name = {
        "opex": "opex",
        "depreciation": "depreciation",
        "interest": "interest",
        "income_tax": "income_tax",
    }.get(line.get("line") or "opex", f"{line.get('line')}_invoiced")
    length = calendar.monthrange(fact.day.year, fact.day.month)[1]
    covered = (
        [month_start(fact.day) + timedelta(n) for n in range(length)] if line.get("covers") == "month" else [fact.day]
    )
    rate = books.rate(line.get("currency"), fact.day)
    if rate is None:
        for day in covered:
            books.days[day, "unconverted"] += 1
        return
    amount = number(line, "amount") * rate
    total = micros(abs(amount)) * (1 if amount >= 0 else -1)
    for place, day in enumerate(covered):
        upto, before = (int(Decimal(total) * n / len(covered)) for n in (place + 1, place))
        books.days[day, name] += upto - before
        if name == "opex" and any(word in (line.get("category") or "").lower() for word in ("marketing", "advertis")):
            books.days[day, "opex_marketing"] += upto - before


def count_unsettled(fact: Fact, books: Books) -> None:
    """Count a booking of which nobody has said what it is."""
    books.days[fact.day, "unsettled_bookings"] += 1
    rate = books.rate(fact.line.get("currency"), fact.day)
    if rate is None:
        books.days[fact.day, "unsettled_unconverted"] += 1
    else:
        books.days[fact.day, "unsettled"] += micros(max(number(fact.line, "amount"), Decimal(0)) * rate)


def campaign_days(books: Books) -> Iterable[Fact]:
    """Give one fact for each campaign (or ad group, or ad) and day: windows repeat the spend."""
    days: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in ad_facts(books):
        parts = [fact.line.get(name) or "" for name in ("campaign_id", "ad_group_id", "ad_id")]
        days.setdefault((fact.source, fact.account, *parts, fact.day), []).append(fact)
    for told in days.values():
        latest = max(fact.told_at for fact in told)
        yield min((f for f in told if f.told_at == latest), key=lambda f: f.line.get("window") or "")


def ad_facts(books: Books) -> list[Fact]:
    """Leave out what was told of a campaign's day in another depth (by ads, say) than was told last, or less deep."""
    by_day: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in books.of("ad_day"):
        by_day.setdefault((fact.source, fact.account, fact.line["campaign_id"], fact.day), []).append(fact)
    kept: list[Fact] = []
    for told in by_day.values():
        latest = max(fact.told_at for fact in told)
        least = min(depth(fact) for fact in told if fact.told_at == latest)
        kept += [fact for fact in told if depth(fact) == least]
    return kept


def depth(fact: Fact) -> tuple[bool, bool]:
    """Tell whether a line is of a whole campaign, of an ad group, or of an ad."""
    return bool(fact.line.get("ad_id")), bool(fact.line.get("ad_group_id"))


def cohorts(sales: Mapping[Any, Sale], refunds: Iterable[Back]) -> dict[str, Any]:
    """Follow the customers of each month of first orders."""
    first: dict[str, Sale] = {}
    ordered = sorted(sales.values(), key=lambda sale: (sale.day, instant(sale.at), sale.key))
    for sale in ordered:
        if sale.customer is not None:
            first.setdefault(sale.customer, sale)
    found: dict[str, Any] = {}
    for sale in first.values():
        cohort = found.setdefault(f"{sale.day:%Y-%m}", {"size": 0, "cells": {}, "new": Counter(), "revenue": Counter()})
        cohort["size"] += 1
        cohort["new"][sale.day] += 1
        cohort["revenue"][sale.day] += sale.gross - sale.discount + sale.shipping

    def cell(customer: str, day: date) -> dict[str, Any]:
        start = first[customer].day
        offset = (day.year - start.year) * 12 + day.month - start.month
        cells = found[f"{start:%Y-%m}"]["cells"]
        return cells.setdefault(offset, {"who": set(), "orders": 0, "net_revenue": 0, "cm2": 0, "sales": 0, "known": 0})

    for sale in ordered:
        if sale.customer is not None:
            at = cell(sale.customer, sale.day)
            revenue = sale.gross - sale.discount + sale.shipping
            at["who"].add(sale.customer)
            at["orders"] += 1
            at["net_revenue"] += revenue
            at["cm2"] += revenue - sale.cost - sale.known_costs
            at["sales"] += sale.gross - sale.discount
            at["known"] += sale.cost_known_sales
    for back in refunds:
        if back.sale is not None and back.sale.customer is not None:
            at = cell(back.sale.customer, max(back.day, back.sale.day))
            at["net_revenue"] -= back.amount + back.shipping
            at["cm2"] -= back.amount + back.shipping + back.return_shipping - back.restocked
            if first[back.sale.customer] is back.sale:
                found[f"{back.sale.day:%Y-%m}"]["revenue"][back.sale.day] -= back.amount + back.shipping
    return found


def instant(at: str) -> datetime:
    """Order moments; an order without one goes first."""
    return datetime.fromisoformat(at) if at else datetime.fromisoformat("0001-01-02T00:00:00+00:00")
