"""The slow, obvious count of customers: who ordered when and for how much, straight from the files that were sent.

It shares nothing with the product: no reader, no SQL, no rollup. What it knows of orders, refunds and rates is that of
`recount`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.data.latest_lines import Line, facts_now
from tests.data.recount import Books, Rules, refunds_of, sales_of

HIGH = (4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order that names a customer, after all its refunds."""

    customer: str
    day: date
    worth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer as a list tells of them: by the month, and with what they did in the window."""

    first_month: str
    last_month: str
    orders: int
    net_revenue: int
    kind: str


def purchases_of(files: Iterable[Sequence[Line]], rules: Rules) -> list[Purchase]:
    """List what customers bought."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    sales = {sale.key: sale for fact in books.of("order") for sale in sales_of(fact, books)}
    back = dict.fromkeys(sales, 0)
    for fact in books.refunds():
        for refund in refunds_of(fact, books, sales):
            if refund.sale is not None:
                back[refund.sale.key] += refund.amount + refund.shipping
    return [
        Purchase(
            customer=sale.customer, day=sale.day, worth=sale.gross - sale.discount + sale.shipping - back[sale.key]
        )
        for sale in sales.values()
        if sale.customer is not None
    ]


def people_of(purchases: Iterable[Purchase], since: date, until: date, through: date) -> list[Person]:
    """List who ordered on these days, both inclusive; months and kinds are by all they ever ordered up to `through`."""
    by_customer: dict[str, list[Purchase]] = {}
    for purchase in purchases:
        by_customer.setdefault(purchase.customer, []).append(purchase)
    kinds = kinds_of(by_customer, through)
    people: list[Person] = []
    for customer, bought in by_customer.items():
        lately = [purchase for purchase in bought if since <= purchase.day <= until]
        if lately:
            person = Person(
                first_month=f"{min(purchase.day for purchase in bought):%Y-%m}",
                last_month=f"{max(purchase.day for purchase in bought):%Y-%m}",
                orders=len(lately),
                net_revenue=sum(purchase.worth for purchase in lately),
                kind=kinds[customer],
            )
            people.append(person)
    return people


def kinds_of(by_customer: Mapping[str, Sequence[Purchase]], through: date) -> Mapping[str, str]:
    """Say what kind each is of, going through the rule word by word."""
    recencies = {who: recency_of(max(each.day for each in bought), through) for who, bought in by_customer.items()}
    frequencies = {who: len(bought) for who, bought in by_customer.items()}
    amounts = {who: sum(purchase.worth for purchase in bought) for who, bought in by_customer.items()}
    kinds: dict[str, str] = {}
    for who in by_customer:
        recency, frequency, monetary = recencies[who], quintile(who, frequencies), quintile(who, amounts)
        if frequency in HIGH and recency in HIGH and monetary in HIGH:
            kinds[who] = "champions"
        elif frequency in HIGH:
            kinds[who] = "loyal" if recency in {3, 4, 5} else "at_risk"
        elif frequencies[who] == 1 and recency in HIGH:
            kinds[who] = "new"
        else:
            kinds[who] = "promising" if recency in {3, 4, 5} else "lapsed"
    return kinds


def recency_of(last: date, through: date) -> int:
    """Give 1 to 5: go back from the last known month until the month of the last order."""
    month, back = through.replace(day=1), 0
    while month > last:
        month = (month - timedelta(days=1)).replace(day=1)
        back += 1
    return 5 if back <= 1 else 4 if back <= 2 else 3 if back <= 6 else 2 if back <= 12 else 1


def quintile(who: str, values: Mapping[str, int]) -> int:
    """Give 1 to 5: by how many fifths of all are strictly below, those alike being half below and half above."""
    below = len([other for other in values if values[other] < values[who]])
    alike = len([other for other in values if values[other] == values[who]])
    return sum((below + alike / 2) * 5 >= fifth * len(values) for fifth in (0, 1, 2, 3, 4))
