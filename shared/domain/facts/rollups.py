"""The rollups: what is folded from facts, in the shape that tools read.

Money is whole micros (1e-6 of the major unit) of the workspace's reporting currency. A day is a day in the workspace's
time zone. Figures of days stand in columns: place 0 is the first of the month, and a column has a place for every day
of the month. A column that is not there is zero throughout; whether zero means *none* or *unknown* is told by the
counts beside it (`COST_KNOWN` and its like) and by what `Overview` says was ever imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol


class Rollup(Protocol):
    """What every rollup has: the place that it lies under, which is `kind` and `place`, and when it last changed.

    `kind` is part of a stored key and never changes its meaning. Where there is a month, `place` begins with it, so
    that a range of months is a range of places. But for `DataMonth` and `Overview`, fields are what JSON knows (text,
    whole numbers, lists, mappings by text), so that a stored row is read without another look at it.
    """

    kind: ClassVar[str]

    @property
    def place(self) -> str:
        """What tells it from others of its kind."""
        ...

    @property
    def generation(self) -> int:
        """The generation that last changed it."""
        ...


class Figure(StrEnum):
    """The columns of a shop's month. The values stand in stored documents and never change their meaning.

    Test orders, tax and the sale of gift cards are in none of them. An order counts on the local day it was placed.
    A refund counts on the local day it was processed; figures with `_by_order` hold the same refunds on the day of the
    order that they belong to (a refund whose order we do not know counts on its own day there as well, so that both
    add up to the same over all time).
    """

    ORDERS = "orders"
    ORDERS_WITH_CUSTOMER = "orders_with_customer"
    UNITS = "units"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    SHIPPING_CHARGED = "shipping_charged"

    REFUNDS = "refunds"
    """How many refunds were processed."""
    REFUNDS_DATE_ASSUMED = "refunds_date_assumed"
    """How many of them nobody dated: they count on the day of their order."""
    UNITS_RETURNED = "units_returned"
    RETURNS = "returns"
    RETURNS_BY_ORDER = "returns_by_order"
    SHIPPING_REFUNDED = "shipping_refunded"
    SHIPPING_REFUNDED_BY_ORDER = "shipping_refunded_by_order"
    ORDERS_REFUNDED = "orders_refunded"
    """Orders of this day that had at least one refund, whenever."""

    COGS = "cogs"
    """Units sold x unit cost effective on the day of the order, where a cost is known."""
    COGS_RESTOCKED = "cogs_restocked"
    """The cost of returned units that went back on the shelf; to be taken off `cogs`."""
    COGS_RESTOCKED_BY_ORDER = "cogs_restocked_by_order"
    COST_KNOWN_SALES = "cost_known_sales"
    """gross_sales - discounts of the lines whose cost is known: its share is the coverage of cogs."""
    COST_KNOWN_UNITS = "cost_known_units"

    FULFILMENT = "fulfilment"
    """Outbound shipping, pick and pack, packaging: as stated on orders."""
    FULFILMENT_KNOWN_ORDERS = "fulfilment_known_orders"
    FULFILMENT_INVOICED = "fulfilment_invoiced"
    """The same cost as stated by expenses (a carrier's invoice); to be added."""
    RETURN_SHIPPING = "return_shipping"
    RETURN_SHIPPING_BY_ORDER = "return_shipping_by_order"

    PAYMENT_FEES = "payment_fees"
    PAYMENT_FEES_KNOWN_ORDERS = "payment_fees_known_orders"
    PAYMENT_FEES_ESTIMATED = "payment_fees_estimated"
    """By the workspace's fee rule, for orders that state no fee; to be added and flagged."""
    PAYMENT_FEES_ESTIMATED_ORDERS = "payment_fees_estimated_orders"
    PAYMENT_FEES_INVOICED = "payment_fees_invoiced"

    PLATFORM_FEES = "platform_fees"
    """As stated on orders, else by the workspace's rule."""
    PLATFORM_FEES_KNOWN_ORDERS = "platform_fees_known_orders"
    PLATFORM_FEES_INVOICED = "platform_fees_invoiced"

    AD_SPEND = "ad_spend"
    AD_SPEND_INVOICED = "ad_spend_invoiced"
    """Advertising that was booked as an expense (no platform reports it); to be added."""

    OPEX = "opex"
    """Fixed and one-off expenses; a monthly one is spread over the days of its month to the last micro."""
    OPEX_MARKETING = "opex_marketing"
    """The part of `opex` whose category speaks of marketing or advertising."""
    DEPRECIATION = "depreciation"
    INTEREST = "interest"
    INCOME_TAX = "income_tax"
    UNSETTLED = "unsettled"
    """Debits of the books on accounts of which nobody has said what they are; in no other column."""
    UNSETTLED_BOOKINGS = "unsettled_bookings"
    """How many bookings on such accounts there are, credits too."""
    UNSETTLED_UNCONVERTED = "unsettled_unconverted"
    """How many of those lack a rate, so that nobody knows their debits."""

    UNCONVERTED = "unconverted"
    """Facts of this day in a currency for which no rate is known; they are in no other column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopMonth:
    """A month of the whole shop, day by day: enough for every line of the P&L on both bases."""

    kind: ClassVar[str] = "PNL"

    month: str
    """yyyy-mm"""
    currency: str
    generation: int
    """The generation that last changed this row."""
    days: Mapping[str, Sequence[int]]
    """Figure -> one number for each day of the month; columns of zeros are left out."""

    @property
    def place(self) -> str:
        """Lies under its month."""
        return self.month

    def total(self, figure: Figure, first_day: int = 1, last_day: int = 31) -> int:
        """Add up a figure over days of the month, both inclusive."""
        return sum(self.days.get(figure, ())[first_day - 1 : last_day])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The customers whose first order fell into one month, and what they did since.

    Arrays go by offset: whole calendar months since that month. They end with the last offset in which anything
    happened; a later one is zero up to the end of the data (`Overview.data_through`), and unknown after it.
    """

    kind: ClassVar[str] = "COH"

    month: str
    segment: str
    """`all`: the parts of it are rows of another kind, `SegmentCohort`."""
    currency: str
    generation: int
    size: int
    new_by_day: Sequence[int]
    """New customers on each day of the month: their sum is `size`."""
    new_revenue_by_day: Sequence[int]
    """Net revenue of those customers' first orders, less the refunds of those orders, on the day of the order."""
    active: Sequence[int]
    """Distinct customers with at least one order."""
    orders: Sequence[int]
    net_revenue: Sequence[int]
    """Micros; a refund counts in the offset in which it was processed."""
    cm2: Sequence[int]
    """net_revenue less the known part of cogs, fulfilment and fees."""
    sales: Sequence[int]
    """gross_sales - discounts"""
    cost_known_sales: Sequence[int]
    """The part of `sales` whose cost is known: how far `cm2` can be trusted."""

    @property
    def place(self) -> str:
        """Lies under its month and segment."""
        return f"{self.month}#{self.segment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FxMonth:
    """What one unit of each currency was worth in the reporting currency, day by day."""

    kind: ClassVar[str] = "FX"

    month: str
    currency: str
    generation: int
    rates: Mapping[str, Sequence[int | None]]
    """currency -> nanos (1e-9) of the reporting currency for each day; a rate holds for the seven days after it too."""

    @property
    def place(self) -> str:
        """Lies under its month."""
        return self.month


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMonth:
    """What lies in one bucket of facts (a family in a month), account by account."""

    kind: ClassVar[str] = "DATA"

    family: str
    month: str
    """yyyy-mm, or `all` for families without a date."""
    generation: int
    accounts: Sequence[AccountMonth]

    @property
    def place(self) -> str:
        """Lies under its family and month."""
        return f"{self.family}#{self.month}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMonth:
    """One account's part of a bucket."""

    source: str
    account: str
    rows: int
    days: Sequence[int]
    """Rows on each day of the month: a run of zeros between the first and the last day is a gap. Empty for `all`."""
    first: date | None
    last: date | None
    """Neither, where the rows of the family have no date (products, accounts)."""
    duplicate_keys: int
    """Keys that the latest export told in two ways; one was chosen."""
    fields: Sequence[str]
    """The optional fields that at least one row filled."""
    last_export: datetime
    """When the latest of its rows left the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How much of one family an account has given us.

    Days are those of the first and the last row; of orders and ads also those of which an export claimed to tell
    everything.
    """

    family: str
    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A data source: an account at a shop system, an ad platform, a bank."""

    source: str
    """The connector: `shopify`, `meta_ads`, …"""
    account: str
    """The account's id, the same string as in every row of it."""
    name: str
    status: str
    """As its last export declared: synced, syncing, reconnect, lost_access, missing_permissions, …"""
    last_export: datetime | None
    holdings: Sequence[Holding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a workspace holds, in one row: how far its data and its rollups reach."""

    kind: ClassVar[str] = "OVERVIEW"

    generation: int = 0
    """Every import up to this one is in all rollups: the data version of cursors. 0: nothing was ever imported."""
    data_from: date | None = None
    """The day of the first order."""
    data_through: date | None = None
    """The day up to which orders are known: that of the last order, or the end that an export declared as complete."""
    accounts: Sequence[Account] = ()
    expense_lines: Mapping[str, tuple[date, date]] = field(default_factory=dict[str, tuple[date, date]])
    """P&L line of an expense (or `unsettled`) -> first and last day that any expense says something about it, or that
    the books claim to tell completely."""
    unrated: Mapping[str, Mapping[str, tuple[date, date]]] = field(
        default_factory=dict[str, Mapping[str, tuple[date, date]]]
    )
    """Family -> currency -> first and last day of its facts that are in no sum, for want of a rate. Those of costs are
    the days on which the goods were sold or came back."""
    orders: tuple[int, int] = (0, 0)
    """Of all days: those that name a customer, and all that are in the sums."""

    @property
    def place(self) -> str:
        """There is one."""
        return ""
