"""The currencies that lack rates, found line by line in the files that were sent; see `recount`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, Sale, ad_facts, sales_of

Spans = Mapping[str, tuple[date, date]]


def missing(files: Iterable[Sequence[Line]], rules: Rules) -> Mapping[str, Spans]:
    """Give first and last day without a rate by type of line and currency; those of costs by the days of the goods."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    sales = {sale.key: sale for fact in books.of("order") for sale in sales_of(fact, books)}
    sold = [fact for fact in books.of("order") if not fact.line.get("test") and _goods(fact)]
    facts = {"order": sold, "ad_day": ad_facts(books)}
    facts |= {type_: books.of(type_) for type_ in ("refund", "expense", "bank_txn", "balance")}
    facts["expense"] = [fact for fact in facts["expense"] if fact.line.get("line") != "unsettled"]
    without = {
        type_: [(str(fact.line.get("currency")), fact.day) for fact in each if not _has_rate(fact, books)]
        for type_, each in facts.items()
    }
    costs = [lack for fact in sold if _has_rate(fact, books) for lack in _costs_of_goods(fact, books)]
    for fact in books.of("refund"):
        if _has_rate(fact, books):
            costs += _costs_of_returns(fact, books, sales)
    return {type_: _spans(each) for type_, each in {**without, "cost": costs}.items() if each}


def _goods(fact: Fact) -> list[Line]:
    return [item for item in fact.line["lines"] if not item.get("gift_card")]


def _has_rate(fact: Fact, books: Books) -> bool:
    return books.rate(fact.line.get("currency"), fact.day) is not None


def _costs_of_goods(fact: Fact, books: Books) -> Iterable[tuple[str, date]]:
    for item in _goods(fact):
        if item.get("unit_cost") is None:
            yield from _cost(item.get("sku"), fact.day, books)


def _costs_of_returns(
    fact: Fact, books: Books, sales: Mapping[tuple[str, str, str], Sale]
) -> Iterable[tuple[str, date]]:
    key = (fact.source, fact.account, str(fact.line["order_id"]))
    sale = sales.get(key)
    if sale is None and any((each.source, each.account, str(each.line["id"])) == key for each in books.of("order")):
        return
    for item in fact.line.get("lines", ()):
        if item.get("restocked") and not (sale and item.get("sku") in sale.costs_by_sku):
            yield from _cost(item.get("sku"), sale.day if sale else fact.day, books)


def _cost(sku: str | None, day: date, books: Books) -> Iterable[tuple[str, date]]:
    known = books.unit_cost(sku, day)
    if known is not None and books.rate(known[1], day) is None:
        yield str(known[1]), day


def _spans(found: Iterable[tuple[str, date]]) -> Spans:
    spans: dict[str, tuple[date, date]] = {}
    for currency, day in found:
        first, last = spans.get(currency, (day, day))
        spans[currency] = (min(first, day), max(last, day))
    return spans
