"""Files of every format with a person in every column: rows that are taken in, and rows that are not."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from io import StringIO
from itertools import count
from typing import Any

from shared.domain.facts.families import Family
from shared.domain.facts.fields import FIELDS, Column
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format
from tests.transports.privacy.people import Person

ROWS_FOR_A_BAD_ONE = 25
"""A file of which more is bad is refused whole."""
ROWS_A_DAY = 20
"""The books are sorted by day."""
SAID_TO_BE_PERSONAL = ("Contact e-mail", "Mobile number", "Street address", "Recipient name", "Customer notes", "IP")
UNKNOWN = ("Mystery", "Colour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file, and how many people stand in it."""

    format: str
    file_name: str
    content: bytes
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planting:
    """How a format's rows are written."""

    row: Callable[[int], Mapping[str, str]]
    """A row that is taken in, under the headers of the export; another for each number."""
    texts: frozenset[str] = frozenset()
    """Columns whose text is kept: ways to reach a person are taken out of it, and names cannot be told."""
    named: Mapping[str, str] | None = None
    """Columns in which a name is told from its place; `{}` stands for the person."""


def _day(number: int) -> date:
    return date(2026, 8, 1) + timedelta(days=number // ROWS_A_DAY)


def _american(number: int) -> str:
    return f"{_day(number):%m/%d/%Y}"


def _order(number: int) -> Mapping[str, str]:
    return {
        "Name": f"#{number}",
        "Email": f"buyer{number}@shop.example",
        "Financial Status": "paid",
        "Currency": "USD",
        "Subtotal": "20.00",
        "Shipping": "5.00",
        "Taxes": "2.00",
        "Duties": "",
        "Total": "27.00",
        "Discount Amount": "0.00",
        "Created at": f"{_day(number)} 21:15:00 -0400",
        "Cancelled at": "",
        "Lineitem quantity": "1",
        "Lineitem name": "Mug",
        "Lineitem price": "20.00",
        "Lineitem sku": "MUG",
        "Lineitem discount": "0.00",
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": "0.00",
        "Source": "web",
        "Id": f"{number}",
    }


def _transaction(number: int) -> Mapping[str, str]:
    return {
        "Transaction Date": f"{_day(number)} 10:00:00 -0400",
        "Type": "charge",
        "Order": f"#{number}",
        "Payout Date": f"{_day(number)}",
        "Amount": f"{number}.00",
        "Fee": "0.50",
        "Net": "1.00",
        "Currency": "USD",
    }


def _payout(number: int) -> Mapping[str, str]:
    return {
        "Payout Date": f"{_day(number)}",
        "Status": "paid",
        "Charges": "1",
        "Refunds": "0",
        "Fees": "0",
        "Total": "1.00",
        "Currency": "USD",
    }


def _product(handle: str, sku: str, price: str, number: int) -> Mapping[str, str]:
    return {
        handle: f"mug-{number}",
        "Title": f"Mug {number}",
        "Vendor": "Acme",
        "Type": "Mugs",
        "Product Category": "Kitchen",
        **{f"Option{place} Value": "" for place in (1, 2, 3)},
        sku: f"MUG-{number}",
        price: "20.00",
        "Cost per item": "8.00",
    }


def _cost(number: int) -> Mapping[str, str]:
    return {"sku": f"MUG-{number}", "unit_cost": "8.00", "currency": "USD", "effective_from": "2026-08-01"}


def _meta(number: int) -> Mapping[str, str]:
    return {
        "Day": f"{_day(number)}",
        "Account ID": "act_1",
        "Campaign ID": f"{number}",
        "Campaign name": "Broad",
        "Ad set ID": "1",
        "Ad set name": "All",
        "Ad ID": "1",
        "Ad name": "Video",
        "Attribution setting": "7-day click",
        "Amount spent (USD)": "10.00",
        "Impressions": "1000",
        "Link clicks": "10",
        "Purchases": "1",
        "Purchases conversion value": "20.00",
    }


def _google(number: int) -> Mapping[str, str]:
    return {
        "Day": f"{_day(number)}",
        "Customer ID": "123-456-7890",
        "Campaign": "Brand",
        "Campaign ID": f"{number}",
        "Ad group": "All",
        "Ad group ID": "1",
        "Ad ID": "1",
        "Currency code": "USD",
        "Cost": "10.00",
        "Impr.": "1000",
        "Clicks": "10",
        "Conversions": "1",
        "Conv. value": "20.00",
    }


def _tiktok(number: int) -> Mapping[str, str]:
    return {
        "By Day": f"{_day(number)}",
        "Campaign name": "Dance",
        "Campaign ID": f"{number}",
        "Ad group name": "All",
        "Ad group ID": "1",
        "Ad name": "Video",
        "Ad ID": "1",
        "Currency": "USD",
        "Cost": "10.00",
        "Impressions": "1000",
        "Clicks (destination)": "10",
        "Complete payment": "1",
        "Total complete payment value": "20.00",
    }


def _snapchat(number: int) -> Mapping[str, str]:
    return {
        "Start Time": f"{_day(number)}",
        "End Time": f"{_day(number)}",
        "Campaign ID": f"{number}",
        "Campaign name": "Filters",
        "Ad set ID": "1",
        "Ad set name": "All",
        "Ad ID": "1",
        "Ad name": "Video",
        "Currency": "USD",
        "Spend": "10.00",
        "Paid Impressions": "1000",
        "Swipe Ups": "10",
        "Purchases": "1",
        "Purchases value": "20.00",
    }


def _journal(number: int) -> Mapping[str, str]:
    return {
        "Date": _american(number),
        "Transaction Type": "Expense",
        "Num": f"{number}",
        "Name": "Acme Software Inc",
        "Account": "Travel",
        "Debit": "10.00",
        "Credit": "",
    }


def _ledger(number: int) -> Mapping[str, str]:
    booked = {name: cell for name, cell in _journal(number).items() if name not in {"Debit", "Credit"}}
    return {"": "", **booked, "Split": "Checking", "Amount": "10.00", "Balance": "10.00"}


def _bank(number: int) -> Mapping[str, str]:
    return {
        "Details": "DEBIT",
        "Posting Date": _american(number),
        "Description": f"CARD PURCHASE {number}",
        "Amount": f"-{number}.00",
        "Type": "DEBIT_CARD",
        "Balance": "",
    }


_AD_TEXTS = frozenset(
    {
        "ad group name",
        "ad group",
        "ad name",
        "ad set name",
        "attribution setting",
        "campaign name",
        "campaign",
    }
)
_OF_BOOKS = {"name": "{}", "account": "Loan {}"}

PLANTINGS: Mapping[str, Planting] = {
    "shopify_orders": Planting(row=_order, texts=frozenset({"source"})),
    "shopify_payments_transactions": Planting(row=_transaction),
    "shopify_payouts": Planting(row=_payout),
    "shopify_products": Planting(
        row=partial(_product, "Handle", "Variant SKU", "Variant Price"),
        texts=frozenset({"title", "vendor", "type", "product category", *(f"option{n} value" for n in (1, 2, 3))}),
    ),
    "shopify_products_by_url_handle": Planting(
        row=partial(_product, "URL handle", "SKU", "Price"),
        texts=frozenset({"title", "vendor", "type", "product category", *(f"option{n} value" for n in (1, 2, 3))}),
    ),
    "costs": Planting(row=_cost),
    "meta_ads": Planting(row=_meta, texts=_AD_TEXTS),
    "google_ads": Planting(row=_google, texts=_AD_TEXTS),
    "tiktok_ads": Planting(row=_tiktok, texts=_AD_TEXTS),
    "snapchat_ads": Planting(row=_snapchat, texts=_AD_TEXTS),
    "quickbooks_journal": Planting(row=_journal, named=_OF_BOOKS),
    "quickbooks_ledger": Planting(row=_ledger, named=_OF_BOOKS),
    "bank_chase": Planting(
        row=_bank, named={"description": "Zelle payment to {}", "details": "{}"}, texts=frozenset({"description"})
    ),
}
"""Format -> its rows. A test sees to it that none is missing."""


def planted_files() -> Iterator[Planted]:
    """Write a file of each format, and one of NDJSON."""
    numbers = count(1)
    for format_ in FORMATS:
        yield _sheet(format_, PLANTINGS[format_.name], numbers)
    yield _ndjson(numbers)


def _sheet(format_: Format, planting: Planting, numbers: Iterator[int]) -> Planted:
    """Write rows with a person in every column that becomes nothing, and for each that is read one with them there."""
    read = list(planting.row(0))
    beside = [*sorted(_beside(format_)), *SAID_TO_BE_PERSONAL, *UNKNOWN, Person(next(numbers)).name]
    first = next(numbers)
    people = {header: Person(number) for number, header in enumerate([*beside, *read], first)}
    for _ in range(len(people) - 1):
        next(numbers)
    bad = [(header, text) for header in read if header for text in _texts(header, people[header], planting)]
    rows = [dict(planting.row(number)) for number in range(1, len(bad) * ROWS_FOR_A_BAD_ONE)]
    for place, (header, text) in enumerate(bad):
        rows[place * ROWS_FOR_A_BAD_ONE][header] = text
        for row in rows[place * ROWS_FOR_A_BAD_ONE :][:2]:  # one that may be bad, and one that is good
            row.update({name: people[name].everything for name in beside})
    written = StringIO()
    sheet = csv.DictWriter(written, [*read, *beside])
    sheet.writeheader()
    sheet.writerows(rows)
    owner = Person(next(numbers))
    return Planted(
        format=format_.name,
        file_name=f"{format_.name} of {owner.email} {owner.phone}.csv",
        content=written.getvalue().encode(),
        people=len(people) + 2,
    )


def _beside(format_: Format) -> frozenset[str]:
    return (format_.personal | format_.unneeded) - {folded.casefold() for folded in PLANTINGS[format_.name].row(0)}


def _texts(header: str, person: Person, planting: Planting) -> Sequence[str]:
    """Give what is planted in a column that is read."""
    folded = header.casefold()
    named = (planting.named or {}).get(folded)
    texts = [named.format(person.name)] if named else []
    texts += [person.contact] if folded in planting.texts else []
    return texts or [person.everything, person.email]


def _ndjson(numbers: Iterator[int]) -> Planted:
    """Write a line for each text of each family, for each id and for whoever buys."""
    first = next(numbers)
    people: list[Person] = []

    def somebody() -> Person:
        people.append(Person(first + len(people)))
        return people[-1]

    lines: list[dict[str, Any]] = []
    for family, fields in FIELDS.items():
        plain = PLAIN[family]
        for place, field in enumerate(fields):
            if field.kind.column is not Column.TEXT:
                continue
            person = somebody()
            planted = [person.contact] if field.kind.name == "text" else [person.everything, person.email]
            lines += [{**plain, **_another(family, place), field.name: text} for text in planted]
        lines += [
            {**plain, "id": somebody().email},
            {**plain, "account": somebody().email},
            {**plain, "source": somebody().email},
            {**plain, somebody().name: 1},
            {**plain, somebody().email: 1},
        ]
    lines += [
        {**PLAIN[Family.ORDER], "id": "c1", "customer": somebody().fields},
        {**PLAIN[Family.ORDER], "id": "c2", "customer": somebody().email},
        {**PLAIN[Family.ORDER], "id": "c3", "customer": {"id": somebody().name}},
        {**PLAIN[Family.ORDER], "id": "c4", "customer": {somebody().name: 1}},
    ]
    good = [{**PLAIN[Family.ORDER], "id": f"o{number}"} for number in range(len(lines) * ROWS_FOR_A_BAD_ONE)]
    header = {"type": "export", "schema": 1, "exported_at": "2026-11-20T12:00:00Z", "source": "shop"}
    for _ in people[1:]:
        next(numbers)
    owner = Person(next(numbers))
    return Planted(
        format="ndjson",
        file_name=f"facts of {owner.email}.ndjson",
        content="".join(json.dumps(line) + "\n" for line in [header, *good, *lines]).encode(),
        people=len(people) + 1,
    )


def _another(family: Family, place: int) -> Mapping[str, Any]:
    """Make the line one of its own key, where its family has ids."""
    return {"id": f"{family}-{place}"} if "id" in PLAIN[family] else {}


PLAIN: Mapping[Family, dict[str, Any]] = {
    Family.ORDER: {"type": "order", "id": "1", "date": "2026-10-05", "lines": [{"quantity": 1, "price": "10.00"}]},
    Family.REFUND: {
        "type": "refund",
        "id": "1",
        "date": "2026-10-05",
        "order_id": "1",
        "lines": [{"amount": "1.00"}],
    },
    Family.PAYMENT: {"type": "payment", "id": "1", "date": "2026-10-05", "nature": "charge", "amount": "10.00"},
    Family.AD_DAY: {
        "type": "ad_day",
        "date": "2026-10-05",
        "platform": "meta",
        "campaign_id": "c1",
        "spend": "1.00",
    },
    Family.EXPENSE: {"type": "expense", "id": "1", "date": "2026-10-05", "amount": "10.00"},
    Family.BANK_TXN: {"type": "bank_txn", "id": "1", "date": "2026-10-05", "amount": "10.00"},
    Family.BALANCE: {"type": "balance", "date": "2026-10-05", "amount": "10.00"},
    Family.PRODUCT: {"type": "product", "sku": "MUG"},
    Family.COST: {"type": "cost", "sku": "MUG", "effective_from": "2026-10-05", "unit_cost": "4.00"},
    Family.FX: {"type": "fx", "date": "2026-10-05", "base": "EUR", "quote": "USD", "rate": "1.08"},
    Family.GOAL: {
        "type": "goal",
        "id": "1",
        "metric": "net_revenue",
        "target": "1000",
        "from": "2026-10-01",
        "to": "2026-10-31",
    },
    Family.TOUCH: {"type": "touch", "order_id": "1", "place": 1, "date": "2026-10-05", "channel": "email"},
    Family.ACCOUNT: {"type": "account", "name": "Main shop"},
}
"""A line of each family that is taken in."""
