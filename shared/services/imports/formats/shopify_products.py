"""Shopify's export of products: a row for each variant, with the product's own columns in the first of them only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told
from shared.services.imports.formats.shopify_cells import SOURCE, known_as, major_units, micros, required, sku_of

COST = "cost per item"
TYPE, CATEGORY = "type", "product category"
DEFAULT_OPTION = "Default Title"
"""What the one variant of a product without options is called."""

_TEXTS = frozenset({"title", "vendor", TYPE, CATEGORY, *(f"option{number} value" for number in (1, 2, 3))})
_UNNEEDED = frozenset(
    {
        "barcode",
        "body (html)",
        "charge tax",
        "compare-at price",
        "continue selling when out of stock",
        "description",
        "fulfillment service",
        "gift card",
        "image alt text",
        "image position",
        "image src",
        "inventory policy",
        "inventory quantity",
        "inventory tracker",
        *(f"option{number} {part}" for number in (1, 2, 3) for part in ("name", "linked to")),
        "product image url",
        "published",
        "published on online store",
        "requires shipping",
        "seo description",
        "seo title",
        "status",
        "tags",
        "variant barcode",
        "variant compare at price",
        "variant fulfillment service",
        "variant grams",
        "variant image",
        "variant inventory policy",
        "variant inventory qty",
        "variant inventory tracker",
        "variant requires shipping",
        "variant tax code",
        "variant taxable",
        "variant weight unit",
        "weight unit for display",
        "weight value (grams)",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """What the columns are called that have changed their names."""

    handle: str
    sku: str
    price: str


OLD = _Labels(handle="handle", sku="variant sku", price="variant price")
NEW = _Labels(handle="url handle", sku="sku", price="price")


def costs_from(reading: Reading) -> str:
    """Give the first day of costs that stand without one."""
    zone = ZoneInfo(reading.settings.timezone)
    return (reading.declared.costs_from or reading.exported_at.astimezone(zone).date()).isoformat()


def read_products(labels: _Labels, sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Tell each variant, and what it costs where that is said; rows of further images are no variants."""
    for row in sheet.rows:
        product = _product_of(row, labels, reading.carry)
        if not any(row.cells.get(header) for header in (labels.sku, labels.price, COST)):
            continue
        try:
            for line in _variant(row, labels, product, costs_from(reading)):
                yield row.line, line
        except WrongValue as wrong:
            yield row.line, wrong


def _product_of(row: Row, labels: _Labels, carry: dict[str, object]) -> Mapping[str, object]:
    """Remember what the first row of a product says for those behind it."""
    cells = row.cells
    handle = cells.get(labels.handle, "")
    if handle != carry.get("handle"):
        carry.update(
            handle=handle,
            title=cells.get("title"),
            vendor=cells.get("vendor"),
            category=cells.get(TYPE) or cells.get(CATEGORY),
        )
    return carry


def _variant(row: Row, labels: _Labels, product: Mapping[str, object], day: str) -> Iterator[Line]:
    """Read a variant. One without a SKU is no concern of ours, unless it has a cost that would be lost."""
    sku, cost = sku_of(row, labels.sku), micros(row, COST)
    price = micros(row, labels.price)
    if sku is None:
        if cost is not None:
            raise required(labels.sku)
        return
    handle = known_as(row, labels.handle)
    if handle is None:
        raise required(labels.handle)
    yield {
        "type": "product",
        "sku": sku,
        "product_id": handle,
        "title": _title(row, product),
        "category": product["category"] or None,
        "vendor": product["vendor"] or None,
        "price": None if price is None else major_units(price),
    }
    if cost is not None:
        yield {"type": "cost", "sku": sku, "effective_from": day, "unit_cost": major_units(cost)}


def _title(row: Row, product: Mapping[str, object]) -> str | None:
    """Name a variant as orders do: the product, and what it is of each option."""
    title = product["title"]
    options = [row.cells.get(f"option{number} value", "") for number in (1, 2, 3)]
    chosen = " / ".join(option for option in options if option not in {"", DEFAULT_OPTION})
    return f"{title} - {chosen}" if title and chosen else str(title) if title else chosen or None


def _format(name: str, title: str, labels: _Labels) -> Format:
    return Format(
        name=name,
        title=title,
        source=SOURCE,
        requires=frozenset({labels.handle, "title", labels.sku, labels.price}),
        reads=frozenset(
            {
                labels.handle,
                labels.sku,
                labels.price,
                COST,
                *_TEXTS,
            }
        ),
        texts=_TEXTS,
        unneeded=_UNNEEDED,
        read=partial(read_products, labels),
    )


SHOPIFY_PRODUCTS = _format("shopify_products", "Shopify, Products export (CSV)", OLD)
SHOPIFY_PRODUCTS_NEW = _format("shopify_products_by_url_handle", "Shopify, Products export with `URL handle`", NEW)
