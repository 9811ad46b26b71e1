"""Shopify's export of orders: a row for each line of an order; what concerns the order stands in the first only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from shared.domain.facts import values
from shared.domain.facts.lines import LONGEST_ADDRESS, MOST_ITEMS, Line
from shared.domain.facts.values import WrongValue, inside
from shared.services.imports.formats.cells import count, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told
from shared.services.imports.formats.shopify_cells import (
    SOURCE,
    known_as,
    major_units,
    micros,
    needed,
    read_moment,
    required,
    sku_of,
)
from shared.services.imports.formats.shopify_sale import Columns, Item, Sale, sale_of

CANCELLED_AT = ("cancelled at", "canceled at")
ORDER_HEADERS = frozenset(
    {
        "id",
        "name",
        "email",
        "financial status",
        "currency",
        "subtotal",
        "shipping",
        "taxes",
        "duties",
        "total",
        "discount amount",
        "created at",
        "payment method",
        "refunded amount",
        "source",
        *CANCELLED_AT,
    }
)
LINE_HEADERS = frozenset(
    {
        "lineitem quantity",
        "lineitem name",
        "lineitem price",
        "lineitem sku",
        "lineitem discount",
        "lineitem requires shipping",
        "lineitem taxable",
        "lineitem fulfillment status",
    }
)
"""Nothing else is looked at: names, addresses, telephone numbers, notes and tags stay in the file."""
_OF_AN_ADDRESS = (
    "name",
    "street",
    "address1",
    "address2",
    "company",
    "city",
    "zip",
    "province",
    "province name",
    "country",
    "phone",
)
PERSONAL_HEADERS = frozenset(
    {
        *(f"{of} {part}" for of in ("billing", "shipping") for part in _OF_AN_ADDRESS),
        "accepts marketing",
        "employee",
        "note attributes",
        "notes",
        "phone",
        "tags",
    }
)
UNNEEDED_HEADERS = frozenset(
    {
        "paid at",
        "fulfillment status",
        "fulfilled at",
        "discount code",
        "shipping method",
        "lineitem compare at price",
        "payment id",
        "payment reference",
        "payment references",
        "payment terms name",
        "next payment due at",
        "outstanding balance",
        "vendor",
        "location",
        "device id",
        "risk level",
        "receipt number",
        *(f"tax {number} {part}" for number in range(1, 6) for part in ("name", "value")),
    }
)

CHANNELS = {"web": "online_store"}
SENT = frozenset({"fulfilled", "partial"})
TEST_GATEWAY = "bogus"
GIFT_CARD = re.compile(r"\be?gift[ -]?cards?\b")
"""In the name of a line that is not shipped: a shop may call its own `Digital Gift Card` or `E-Gift Card - $50`.
Shopify taxes none; of a taxed download that is called so, it is the safer error to count it."""
TIP = "tip"
LONGEST_CELL = 1_000
"""Characters that are kept of a cell until its order is whole: more than anything that is read may have."""

_Kept = list[tuple[int, dict[str, str]]]
"""The rows of the order that is still open: the line of each, and those of its cells that are looked at."""


def read_orders(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Gather the rows of each order, which stand together, and tell the order when another begins."""
    for row in sheet.rows:
        kept = cast("_Kept", reading.carry.get("rows", []))
        if kept and _goes_on(kept, row):
            if len(kept) <= MOST_ITEMS:
                kept.append(_keep(row, LINE_HEADERS))
        else:
            reading.carry["rows"] = [_keep(row, ORDER_HEADERS | LINE_HEADERS)]
            yield from _tell(kept, reading)
    yield from _tell(cast("_Kept", reading.carry.pop("rows", [])), reading)


def _keep(row: Row, headers: frozenset[str]) -> tuple[int, dict[str, str]]:
    return row.line, {header: cell[:LONGEST_CELL] for header in headers if (cell := row.cells.get(header))}


def _goes_on(kept: _Kept, row: Row) -> bool:
    _, first = kept[0]
    name, id_ = row.cells.get("name"), row.cells.get("id")
    return bool(name) and name == first.get("name") and id_ in {None, "", first.get("id")}


def _tell(kept: _Kept, reading: Reading) -> Iterator[Told]:
    """Give the order and what was given back of it, or the first thing that is wrong with it."""
    rows = [Row(line=line, cells=cells) for line, cells in kept]
    items: list[Item] = []
    line = rows[0].line if rows else 0
    try:
        for row in rows:
            line = row.line
            items += _items(row)
        for first in rows[:1]:
            line = first.line
            for told in _lines(first, items, reading):
                yield line, told
    except WrongValue as wrong:
        yield line, wrong


def _items(row: Row) -> Iterator[Item]:
    """Read the line of an order; one that was taken out of it again has no pieces."""
    quantity = read_cell(row, "lineitem quantity", count)
    if quantity is None:
        raise required("lineitem quantity")
    if quantity == 0:
        return
    is_paper = _word(row, "lineitem requires shipping") == _word(row, "lineitem taxable") == "false"
    sku, name = sku_of(row, "lineitem sku"), _word(row, "lineitem name")
    item = Item(
        sku=sku,
        quantity=inside("lineitem quantity", values.units, quantity),
        price=needed(row, "lineitem price"),
        discount=micros(row, "lineitem discount") or 0,
        is_gift_card=is_paper and GIFT_CARD.search(name) is not None,
        is_tip=is_paper and sku is None and name == TIP,
        has_left=_word(row, "lineitem fulfillment status") in SENT,
    )
    if item.value < 0:
        raise WrongValue("discount_too_high", "must not be above quantity x price", field="lineitem discount")
    yield item


def _word(row: Row, header: str) -> str:
    """Read a word for comparison; spreadsheets write `FALSE`."""
    return row.cells.get(header, "").casefold()


def _lines(first: Row, items: Sequence[Item], reading: Reading) -> Iterator[Line]:
    if not items:
        raise required("lineitem quantity")
    if len(items) > MOST_ITEMS:
        raise WrongValue("out_of_range", f"must not be there for more than {MOST_ITEMS:,} lines", field="name")
    name = known_as(first, "name")
    if name is None:
        raise required("name")
    id_ = known_as(first, "id") or name
    columns = Columns(
        subtotal=needed(first, "subtotal"),
        shipping=micros(first, "shipping") or 0,
        taxes=micros(first, "taxes") or 0,
        duties=micros(first, "duties") or 0,
        total=needed(first, "total"),
        discount=micros(first, "discount amount") or 0,
    )
    sale = sale_of(items, columns, prices_include_tax=reading.settings.prices_include_tax)
    if not sale.items:  # Nothing was sold: it was a tip only.
        return
    cells = first.cells
    at = read_moment(first, "created at")
    currency = read_cell(first, "currency", values.currency) if cells.get("currency") else None
    email, source = cells.get("email", ""), cells.get("source")
    refund = _refund(first, sale, at)
    yield {
        "type": "order",
        "id": id_,
        "name": name,
        "at": at,
        # Of a customer who left a telephone number only, nothing is kept.
        "customer": {"email": email} if "@" in email and len(email) <= LONGEST_ADDRESS else None,
        "channel": None if source is None else CHANNELS.get(source, source),
        "test": TEST_GATEWAY in _word(first, "payment method"),
        "currency": currency,
        "lines": [_order_line(item) for item in sale.items],
        "discount": major_units(sale.discount),
        "shipping": major_units(sale.shipping),
        "tax": major_units(sale.tax),
    }
    if refund is not None:
        # One for each order: the amount is cumulative, and a later export's takes the place of this one.
        yield {"type": "refund", "id": f"{id_}-refunded", "order_id": id_, "currency": currency, **refund}


def _order_line(item: Item) -> Line:
    return {
        "sku": item.sku,
        "quantity": item.quantity,
        "price": major_units(item.price),
        "discount": major_units(item.discount),
        "gift_card": item.is_gift_card,
    }


def _refund(first: Row, sale: Sale, at: str) -> Line | None:
    """Say what was given back: all of a cancelled order on that day, else what the export tells without a day.

    Of a cancelled order that is refunded in part, the rest was kept. A gift card was no revenue and is no return.
    """
    back = micros(first, "refunded amount") or 0
    goes_back = sale.shipping or not all(item.is_gift_card for item in sale.items)
    cancelled = next((header for header in CANCELLED_AT if first.cells.get(header)), None)
    if cancelled is None:
        return {"at": at, "date_assumed": True, **_given_back(sale, back)} if back and goes_back else None
    when = read_moment(first, cancelled)
    is_partly_kept = _word(first, "financial status") == "partially_refunded"
    return {"at": when, **_given_back(sale, back if is_partly_kept else sale.paid)} if goes_back else None


def _given_back(sale: Sale, back: int) -> Line:
    """Split a refund: goods and then shipping, with the tax in them in proportion; then gift cards; then the tip.

    Tax is rounded down to the micro. The last two were no revenue, and are no return.
    """
    if back >= min(sale.paid, sale.total):
        lines = [
            {
                "sku": item.sku,
                "quantity": item.quantity,
                "amount": major_units(worth),
                "restocked": not item.has_left,
            }
            for item, worth in zip(sale.items, sale.worth, strict=True)
            if not item.is_gift_card
        ]
        if (more := back - max(sale.paid, sale.total)) > 0:
            lines.append({"amount": major_units(more)})
        return {"lines": lines, "shipping": major_units(sale.shipping), "tax": major_units(sale.tax)}
    taxed = sale.goods + sale.shipping + sale.tax
    back = min(back, taxed)
    tax = back * sale.tax // taxed if taxed else 0
    goods = min(back - tax, sale.goods)
    only = sale.items[0].sku if len(sale.items) == 1 else None
    return {
        "lines": [{"sku": only, "amount": major_units(goods)}],
        "shipping": major_units(back - tax - goods),
        "tax": major_units(tax),
    }


SHOPIFY_ORDERS = Format(
    name="shopify_orders",
    title="Shopify, Orders export (CSV)",
    source=SOURCE,
    requires=frozenset(
        {
            "name",
            "financial status",
            "currency",
            "subtotal",
            "shipping",
            "taxes",
            "total",
            "discount amount",
            "created at",
            "lineitem quantity",
            "lineitem price",
            "lineitem sku",
        }
    ),
    reads=ORDER_HEADERS | LINE_HEADERS,
    texts=frozenset({"source"}),
    personal=PERSONAL_HEADERS,
    unneeded=UNNEEDED_HEADERS,
    read=read_orders,
)
