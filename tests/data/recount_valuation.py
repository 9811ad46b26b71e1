"""The slow, obvious count of what a buyer looks at: earnings, add-backs, channels and the best-selling SKU of a year.

It shares nothing with the product: no reader, no SQL, no rollup.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.data.latest_lines import Line, facts_now
from tests.data.recount import Books, Rules, count_books, micros, number, refunds_of, sales_of
from tests.data.recount_products import count_goods

BELOW_EBITDA = {"depreciation", "interest", "income_tax"}


@dataclass(frozen=True, kw_only=True)
class Year:
    """What some days came to, in micros."""

    revenue: int
    ebitda: int
    net_profit: int
    marked: Mapping[str, int]
    channels: Mapping[str | None, int]
    top_sku: Fraction | None
    goods_known: tuple[int, int]
    """Sales of goods whose cost was told, and all sales."""

    @property
    def knows_goods(self) -> bool:
        """Whether no more than a tenth of the sales is of goods whose cost nobody told."""
        known, sales = self.goods_known
        return 10 * (sales - known) <= sales

    @property
    def sde(self) -> int:
        return self.ebitda + sum(self.marked.values())

    @property
    def adjusted_ebitda(self) -> int:
        return self.ebitda + self.marked.get("one_off", 0) + self.marked.get("discretionary", 0)


def count_year(files: Iterable[Sequence[Line]], rules: Rules, first: date, last: date) -> Year:
    """Count the days from the first to the last."""
    history = list(files)
    figures, _ = count_books(Books(facts=facts_now(history, rules.zone), rules=rules))

    def of(*names: str) -> int:
        return sum(value for (day, name), value in figures.items() if name in names and first <= day <= last)

    revenue = of("gross_sales", "shipping_charged") - of("discounts", "returns", "shipping_refunded")
    goods = of("cogs") - of("cogs_restocked")
    handling = of("fulfilment", "fulfilment_invoiced", "return_shipping")
    fees = of("payment_fees", "payment_fees_estimated", "payment_fees_invoiced", "platform_fees_invoiced")
    ebitda = revenue - goods - handling - fees - of("ad_spend", "ad_spend_invoiced") - of("opex")
    return Year(
        revenue=revenue,
        ebitda=ebitda,
        net_profit=ebitda - of("depreciation") - of("interest"),
        marked=marked(history, rules, first, last),
        channels=channels(history, rules, first, last),
        top_sku=top_sku(history, rules, first, last),
        goods_known=(of("cost_known_sales"), of("gross_sales") - of("discounts")),
    )


def marked(files: Iterable[Sequence[Line]], rules: Rules, first: date, last: date) -> Mapping[str, int]:
    """Add up the expenses that are marked, and that lower EBITDA, by their mark."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    found: Counter[str] = Counter()
    for fact in books.of("expense"):
        line, rate = fact.line, books.rate(fact.line.get("currency"), fact.day)
        if not line.get("addback") or rate is None or line.get("line") in BELOW_EBITDA | {"unsettled"}:
            continue
        amount = number(line, "amount") * rate
        total = micros(abs(amount)) * (1 if amount >= 0 else -1)
        length = calendar.monthrange(fact.day.year, fact.day.month)[1]
        start = fact.day.replace(day=1)
        days = [start + timedelta(n) for n in range(length)] if line.get("covers") == "month" else [fact.day]
        given = 0
        for place, day in enumerate(days, start=1):
            upto = int(Decimal(total) * place / len(days))
            found[line["addback"]] += upto - given if first <= day <= last else 0
            given = upto
    return found


def channels(files: Iterable[Sequence[Line]], rules: Rules, first: date, last: date) -> Mapping[str | None, int]:
    """Give the net revenue by channel; None: the order names none, or is not known."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    through = {(f.source, f.account, str(f.line["id"])): f.line.get("channel") for f in books.of("order")}
    sales = {sale.key: sale for fact in books.of("order") for sale in sales_of(fact, books)}
    found: dict[str | None, int] = defaultdict(int)
    for sale in sales.values():
        if first <= sale.day <= last:
            found[through[sale.key]] += sale.gross - sale.discount + sale.shipping
    for fact in books.refunds():
        for back in refunds_of(fact, books, sales):
            if first <= back.day <= last:
                found[through[back.sale.key] if back.sale else None] -= back.amount + back.shipping
    return {channel: worth for channel, worth in found.items() if worth}


def top_sku(files: Iterable[Sequence[Line]], rules: Rules, first: date, last: date) -> Fraction | None:
    """Give the part that the best-selling SKU has in what was sold under any."""
    sold: dict[str, int] = defaultdict(int)
    for (day, sku, figure), value in count_goods(files, rules).items():
        if sku and first <= day <= last and figure in {"gross_sales", "discounts", "returns"}:
            sold[sku] += value if figure == "gross_sales" else -value
    more_than_came_back = [worth for worth in sold.values() if worth > 0]
    return Fraction(max(more_than_came_back), sum(more_than_came_back)) if more_than_came_back else None
