"""What is known of each SKU: the figures of its days, its name and cost, and what it did of late."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, ClassVar, NamedTuple

NO_SKU = ""
"""Stands for all lines that name no SKU."""

MOST_VERSIONS = 12
"""So many changes of a cost are kept for questions; the P&L knows them all."""

PART_DIGITS = 2


class VariantFigure(StrEnum):
    """The figures of a SKU and day. The values stand in stored documents and never change their meaning.

    They mean what those of `Figure` mean for the shop, and add up to them over all SKUs, but for `ORDERS` and
    `ORDERS_REFUNDED`: an order counts once for each SKU in it.
    """

    UNITS = "units"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    ORDERS = "orders"
    ORDERS_REFUNDED = "orders_refunded"
    """Orders of the day that held the SKU and of which some of it was refunded, whenever."""
    UNITS_RETURNED = "units_returned"
    RETURNS = "returns"
    """On the day the refund was processed. What a refund gave back without naming a SKU is spread over its order."""
    COGS = "cogs"
    COGS_RESTOCKED = "cogs_restocked"
    COST_KNOWN_SALES = "cost_known_sales"
    COST_KNOWN_UNITS = "cost_known_units"
    FULFILMENT = "fulfilment"
    """The SKU's part of what its orders cost to send, by what its lines came to after discounts."""
    FEES = "fees"
    """Its part of payment fees (actual, else estimated) and platform fees."""
    RETURN_SHIPPING = "return_shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostVersion:
    """What one piece cost from a day on."""

    effective_from: str
    """yyyy-mm-dd"""
    told: str
    """The last day for which the same cost was told again."""
    micros: int
    currency: str
    source: str
    """The connector that told it."""
    converted: int | None
    """Micros of the reporting currency at the rate of the end of the data; None: there is no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is known of one SKU."""

    sku: str
    title: str | None = None
    product_id: str | None = None
    category: str | None = None
    vendor: str | None = None
    price: int | None = None
    """List price, micros of the reporting currency at the rate of the end of the data."""
    versions: Sequence[Sequence[Any]] = ()
    """The fields of `CostVersion`, oldest first; of more than `MOST_VERSIONS`, the latest."""
    is_cut: bool = False
    """Whether there were earlier versions."""
    units_30d: int = 0
    sales_30d: int = 0
    """gross_sales - discounts of the 30 days that end with the data."""
    late: Sequence[int] = ()
    """The sums over the 90 days that end with the data, in the order of `VariantFigure`; empty: nothing happened."""

    @property
    def last_90d(self) -> Mapping[str, int]:
        """The same by `VariantFigure`."""
        return dict(zip(VariantFigure, self.late, strict=False))

    def cost_at(self, day: str) -> CostVersion | None:
        """Give the cost that held on a day."""
        return next(self._costs_until(day), None)

    def cost_before(self, day: str) -> CostVersion | None:
        """Give the cost that held before the one that held on a day."""
        return next(islice(self._costs_until(day), 1, None), None)

    def _costs_until(self, day: str) -> Iterator[CostVersion]:
        """Give the costs that began up to a day, latest first."""
        return (
            CostVersion(effective_from=first, told=told, micros=micros, currency=currency, source=source, converted=own)
            for first, told, micros, currency, source, own in reversed(self.versions)
            if first <= day
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPart:
    """Some of the SKUs: those whose hash begins alike, so that what is asked of one SKU reads few others."""

    kind: ClassVar[str] = "SKU"

    part: str
    generation: int
    skus: Mapping[str, Mapping[str, Any]]
    """SKU -> the fields of `Product` that it has."""

    @property
    def place(self) -> str:
        """Lies under the beginning of its SKUs' hash."""
        return self.part

    def products(self) -> Iterator[Product]:
        """Give each SKU."""
        return (Product(sku=sku, **told) for sku, told in self.skus.items())

    def product(self, sku: str) -> Product | None:
        """Find a SKU."""
        return Product(sku=sku, **self.skus[sku]) if sku in self.skus else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRange:
    """The range of goods as a whole."""

    kind: ClassVar[str] = "SKUS"

    generation: int
    skus: int
    """How many there are; lines without a SKU are none."""
    units_30d: Sequence[Sequence[int]]
    """[units, how many SKUs sold so many] of the SKUs that sold in the 30 days that end with the data, ascending."""
    last_90d: Mapping[str, int]
    """`VariantFigure` -> the sum over all SKUs of the 90 days that end with the data."""

    @property
    def place(self) -> str:
        """There is one."""
        return "head"


class ProductName(NamedTuple):
    """What one SKU is called and belongs to, and who told its cost. A tuple, because a question makes thousands."""

    title: str | None = None
    product_id: str | None = None
    category: str | None = None
    vendor: str | None = None
    sources: Sequence[Sequence[str]] = ()
    """[yyyy-mm-dd, the connector whose cost holds from then on], oldest first."""

    def source_at(self, day: str) -> str | None:
        """Name the connector whose cost held on a day."""
        return next((source for first, source in reversed(self.sources) if first <= day), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductNames:
    """The names of some of the SKUs, in columns: what a list of all goods needs of each, and no more."""

    kind: ClassVar[str] = "SKUNAMES"

    part: int
    generation: int
    skus: Sequence[str]
    """Of which anybody told a name or a cost. Sorted, and so are the parts."""
    titles: Sequence[str | None]
    product_ids: Sequence[str | None]
    categories: Sequence[str | None]
    vendors: Sequence[str | None]
    sources: Sequence[Sequence[Sequence[str]]]

    @property
    def place(self) -> str:
        """Lies under its number."""
        return f"{self.part:03}"

    def named(self) -> Iterator[tuple[str, ProductName]]:
        """Give each SKU and its name."""
        columns = (self.titles, self.product_ids, self.categories, self.vendors, self.sources)
        return zip(self.skus, map(ProductName._make, zip(*columns, strict=True)), strict=True)


def part_of(sku: str) -> str:
    """Tell which part a SKU lies in."""
    return hashlib.blake2b(sku.encode(), digest_size=8).hexdigest()[:PART_DIGITS]
