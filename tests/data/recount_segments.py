"""The slow, obvious count of segments: who is in which by their first order, and what each of them did.

It shares nothing with the product: no reader, no SQL, no rollup. What it knows of rates, sales and refunds is that of
`recount`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, Sale, cohorts, instant, micros, number, refunds_of, sales_of

DIMENSIONS = ("channel", "first_product", "discounted_first_order")


def count_segments(
    files: Iterable[Sequence[Line]], rules: Rules, *, products: Mapping[str, str], k_min: int
) -> dict[str, dict[str, Any]]:
    """Give the cohorts of each segment as `recount.cohorts` gives those of all; `products` is SKU -> its product."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    facts = {(fact.source, fact.account, str(fact.line["id"])): fact for fact in books.of("order")}
    sales = {sale.key: sale for fact in facts.values() for sale in sales_of(fact, books)}
    refunds = [back for fact in books.refunds() for back in refunds_of(fact, books, sales)]
    firsts: dict[str, Sale] = {}
    for sale in sorted(sales.values(), key=lambda sale: (sale.day, instant(sale.at), sale.key)):
        if sale.customer is not None:
            firsts.setdefault(sale.customer, sale)
    told = {customer: _values(sale, facts[sale.key], books, products) for customer, sale in firsts.items()}
    customers: dict[str, set[str]] = {}
    for place, dimension in enumerate(DIMENSIONS):
        counted = Counter(values[place] for values in told.values())
        for customer, values in told.items():
            value = values[place]
            is_own = counted[value] >= k_min or dimension == "discounted_first_order"
            is_own = is_own and value not in {"(other)", "(unknown)"}
            name = "(unknown)" if value is None else value if is_own else "(other)"
            customers.setdefault(f"{dimension}={name}", set()).add(customer)
    return {
        segment: cohorts(
            {key: sale for key, sale in sales.items() if sale.customer in members},
            [back for back in refunds if back.sale is not None and back.sale.customer in members],
        )
        for segment, members in customers.items()
    }


def _values(first: Sale, fact: Fact, books: Books, products: Mapping[str, str]) -> tuple[str | None, ...]:
    """Tell what a first order says: its channel, its product, and whether it was discounted."""
    rate = books.rate(fact.line.get("currency"), fact.day)
    assert rate is not None, "an order that counts has a rate"
    lines = [
        (-micros(number(item, "price") * item["quantity"] * rate), item.get("sku") or "~", item["quantity"])
        for item in fact.line["lines"]
        if not item.get("gift_card")
    ]
    _, sku, _ = min(lines)
    product = None if sku == "~" else products.get(sku, sku)
    return fact.line.get("channel"), product, "yes" if first.discount > 0 else "no"
