"""The slow, obvious count of a merchant who has payments: what they cost, and on which days refunds were.

The refunds of such a merchant are written anew, each as those that it came to; then `recount` counts as ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Days, Rules, count_books, micros, number

Key = tuple[str, str, str]

MICRO = Decimal("0.000001")


def count_paid(files: Iterable[Sequence[Line]], rules: Rules) -> tuple[Days, dict[str, Any]]:
    """Give the figures by day, and the cohorts by month."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    payments = [(order_of(fact, books), fact) for fact in books.of("payment")]
    others = [fact for fact in books.facts if fact.type != "refund"]
    dated = Books(
        facts=[*others, *(part for fact in books.of("refund") for part in parts_of(fact, books))], rules=rules
    )
    loose: Days = Counter()
    dated.paid_fees = fees(payments, books, loose)
    days, cohorts = count_books(dated)
    days.update(loose)
    return Counter({place: value for place, value in days.items() if value}), cohorts


def key_of(fact: Fact) -> Key:
    """Name an order."""
    return fact.source, fact.account, str(fact.line["id"])


def order_of(payment: Fact, books: Books) -> Fact | None:
    """Find the order that goes by what a payment calls it: by its id, else by its name, of the smallest id."""
    called = payment.line.get("order_id")
    orders = [fact for fact in books.of("order") if (fact.source, fact.account) == (payment.source, payment.account)]
    by_id = [fact for fact in orders if str(fact.line["id"]) == str(called)]
    by_name = sorted((fact for fact in orders if fact.line.get("name") == called and called), key=key_of)
    return next(iter([*by_id, *by_name]), None)


def counts(order: Fact, books: Books) -> bool:
    """Tell whether an order is in any figure."""
    has_goods = any(not item.get("gift_card") for item in order.line["lines"])
    return has_goods and not order.line.get("test") and books.rate(order.line.get("currency"), order.day) is not None


def fees(payments: Sequence[tuple[Fact | None, Fact]], books: Books, loose: Days) -> dict[Key, int]:
    """Give each order what its payments cost, and put on their own days what belongs to none."""
    known: dict[Key, int] = {}
    charged = {
        key_of(order)
        for order, fact in payments
        if order and fact.line["nature"] == "charge" and fee_of(fact, books) is not None
    }
    for order, fact in payments:
        fee = fee_of(fact, books)
        if fee is None:
            loose[fact.day, "unconverted"] += bool(number(fact.line, "fee"))
        elif order is None or (not counts(order, books) and not order.line.get("test")):
            loose[fact.day, "payment_fees"] += fee
        elif order.line.get("test") or order.line.get("payment_fee") is not None:
            pass  # no fee at all, or one that the order states for all its payments
        elif key_of(order) in charged:
            known[key_of(order)] = known.get(key_of(order), 0) + fee
        else:
            loose[fact.day, "payment_fees"] += fee
    return known


def fee_of(payment: Fact, books: Books) -> int | None:
    """Give a fee in micros; None if it is not told, or there is no rate."""
    rate = books.rate(payment.line.get("currency"), payment.day)
    if payment.line.get("fee") is None or rate is None:
        return None
    fee = number(payment.line, "fee") * rate
    return micros(abs(fee)) * (1 if fee >= 0 else -1)


def parts_of(refund: Fact, books: Books) -> Iterator[Fact]:
    """Give a refund as what it came to: itself, if somebody dated it; nothing, if another one of its order is dated."""
    line = refund.line
    if not line.get("date_assumed"):
        yield refund
        return
    if any(_same_order(refund, other) and not other.line.get("date_assumed") for other in books.of("refund")):
        return
    pieces, upto = _pieces(refund, books), Decimal(0)
    whole = sum((weight for _, weight in pieces), Decimal(0))
    for place, (payment, weight) in enumerate(pieces):
        yield _part(refund, payment, place, (upto, upto + weight, whole))
        upto += weight
    if not pieces:
        yield refund


def _pieces(refund: Fact, books: Books) -> list[tuple[Fact | None, Decimal]]:
    """Pay a refund off by the payments of its order, one after the other; None pays what is left."""
    line = refund.line
    payments = [(fact, -number(fact.line, "amount")) for fact in _paid_back(refund, books)]
    if any((fact.line.get("currency") or "USD") != (line.get("currency") or "USD") for fact, _ in payments):
        return [*payments]
    left = sum((number(item, "amount") for item in line.get("lines", ())), Decimal(0))
    left += number(line, "shipping") + number(line, "tax")
    pieces: list[tuple[Fact | None, Decimal]] = []
    for payment, amount in payments:
        if left:
            pieces.append((payment, min(left, amount)))
            left -= min(left, amount)
    return [*pieces, (None, left)] if pieces and left else pieces


def _same_order(one: Fact, other: Fact) -> bool:
    return (one.source, one.account, str(one.line["order_id"])) == (
        other.source,
        other.account,
        str(other.line["order_id"]),
    )


def _paid_back(refund: Fact, books: Books) -> list[Fact]:
    found: list[Fact] = []
    for fact in books.of("payment"):
        order = order_of(fact, books)
        is_refund = fact.line["nature"] == "refund" and number(fact.line, "amount") < 0
        if is_refund and order and key_of(order) == (refund.source, refund.account, str(refund.line["order_id"])):
            found.append(fact)
    return sorted(found, key=lambda fact: (fact.day, str(fact.line["id"])))


def _part(refund: Fact, payment: Fact | None, place: int, share: tuple[Decimal, Decimal, Decimal]) -> Fact:
    """Cut a part out of every amount: what all parts up to it have, less what those before it had."""
    before, upto, whole = share

    def cut(amount: Decimal) -> str:
        return str((amount * upto / whole // MICRO - amount * before / whole // MICRO) * MICRO)

    first = {} if place == 0 else {"quantity": 0, "restocked": False}
    lines = [{**item, **first, "amount": cut(number(item, "amount"))} for item in refund.line.get("lines", ())]
    amounts = {name: cut(number(refund.line, name)) for name in ("shipping", "tax", "return_shipping_cost")}
    line = {**refund.line, **amounts, "lines": lines, "date_assumed": payment is None}
    return replace(refund, line=line, day=refund.day if payment is None else payment.day)
