"""What can be asked of each report type, as data: the query, the inspection and the documents all go by this table.

It offers what rollups can serve, and nothing else. Where a field of a fact means the same, it has the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.analytics.ad_definitions import ADS_VERSION
from shared.domain.analytics.ads import AdMetric
from shared.domain.facts.families import Family
from shared.domain.facts.fields import Role
from shared.domain.facts.products import VariantFigure
from shared.domain.facts.rollups import Figure
from shared.domain.scopes import Scope


class Unit(StrEnum):
    """What a value is given in. The values are on the wire."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    """Major units of the reporting currency."""
    COUNT = "count"
    NUMBER = "number"
    """Of which there may be a part."""
    RATIO = "ratio"


class ExpenseFigure(StrEnum):
    """What is added up of bookings."""

    AMOUNT = "amount"
    TRANSACTIONS = "transactions"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryField:
    """A column that can be asked for."""

    name: str
    unit: Unit
    about: str

    @property
    def role(self) -> Role:
        """Tell what it is for: to group by, or to add up."""
        return Role.DIMENSION if self.unit in {Unit.TEXT, Unit.DATE} else Role.METRIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed(QueryField):
    """A metric that is a sum of figures."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    known: str | None = None
    """The figure that counts the things of which it is known …"""
    among: str | None = None
    """… and the one that counts them all. None: it is always known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAds(QueryField):
    """A metric of ads."""

    metric: AdMetric


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report type: its fields, what it stands on, and who may read it."""

    family: Family
    scope: Scope
    version: str
    held_as: tuple[Family, ...]
    """A connector has the report if it has given facts of any of these."""
    stands_on: tuple[Family, ...]
    """Of these its figures are made."""
    whole_shop: str | None
    """The tool that tells of the shop as a whole, as its rollups do; None: they tell one connector from another."""
    dimensions: tuple[QueryField, ...]
    metrics: tuple[QueryField, ...]

    def find(self, name: str) -> QueryField | None:
        """Find a field."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def fields(self) -> Sequence[QueryField]:
        """Give every field, dimensions first."""
        return (*self.dimensions, *self.metrics)

    @property
    def figures(self) -> frozenset[str]:
        """Name the figures that its sums are made of."""
        summed = [each for each in self.metrics if isinstance(each, Summed)]
        return frozenset(name for each in summed for name in (*each.plus, *each.minus, each.known, each.among) if name)


DATE, WEEK, MONTH = (
    QueryField(name="date", unit=Unit.DATE, about="The day, where the shop is."),
    QueryField(name="week", unit=Unit.DATE, about="The Monday that the week begins with."),
    QueryField(name="month", unit=Unit.DATE, about="yyyy-mm"),
)
ACCOUNT, WINDOW = "account_id", "window"
CAMPAIGN_FIELDS = frozenset({"campaign_id", "campaign"})
CLAIMS = frozenset({"conversions", "revenue"})
"""The metrics that belong to an attribution window."""


def _text(name: str, about: str) -> QueryField:
    return QueryField(name=name, unit=Unit.TEXT, about=about)


def _ads(name: str, unit: Unit, metric: AdMetric, about: str) -> OfAds:
    return OfAds(name=name, unit=unit, metric=metric, about=about)


def _count(name: str, figure: str, about: str) -> Summed:
    return Summed(name=name, unit=Unit.COUNT, plus=(figure,), about=about)


def _money(
    name: str, *plus: str, about: str, minus: tuple[str, ...] = (), known: str | None = None, among: str | None = None
) -> Summed:
    return Summed(name=name, unit=Unit.MONEY, plus=plus, minus=minus, known=known, among=among, about=about)


def _stated(name: str, figure: str, known: str, about: str) -> Summed:
    """Describe a cost that some orders state."""
    return _money(name, figure, known=known, among=Figure.ORDERS, about=about)


_SPEND = Report(
    family=Family.AD_DAY,
    scope=Scope.ADS,
    version=ADS_VERSION,
    held_as=(Family.AD_DAY,),
    stands_on=(Family.AD_DAY,),
    whole_shop=None,
    dimensions=(
        DATE,
        WEEK,
        MONTH,
        _text("platform", "The ad platform."),
        _text(ACCOUNT, "The account, as pma_list_data_sources has it."),
        _text("campaign_id", "The campaign."),
        _text("campaign", "Its name, as it was told last."),
        _text(WINDOW, "Attribution window of the claims; with conversions and revenue only."),
    ),
    metrics=(
        _ads("spend", Unit.MONEY, AdMetric.SPEND, "What the platform charged."),
        _ads("impressions", Unit.COUNT, AdMetric.IMPRESSIONS, "Times shown."),
        _ads("clicks", Unit.COUNT, AdMetric.CLICKS, "Clicks."),
        _ads("conversions", Unit.NUMBER, AdMetric.PLATFORM_CONVERSIONS, "Purchases claimed, in one window."),
        _ads("revenue", Unit.MONEY, AdMetric.PLATFORM_REVENUE, "Revenue claimed, in one window."),
        _ads("ctr", Unit.RATIO, AdMetric.CTR, "clicks / impressions"),
        _ads("cpc", Unit.MONEY, AdMetric.CPC, "spend / clicks"),
        _ads("cpm", Unit.MONEY, AdMetric.CPM, "1000 x spend / impressions"),
        _ads("cpa", Unit.MONEY, AdMetric.CPA, "spend / conversions"),
        _ads("roas", Unit.RATIO, AdMetric.PLATFORM_ROAS, "revenue / spend"),
    ),
)

_ORDERS = Report(
    family=Family.ORDER,
    scope=Scope.PNL,
    version="pnl.v1",
    held_as=(Family.ORDER,),
    stands_on=(Family.ORDER,),
    whole_shop="get_pnl",
    dimensions=(DATE, WEEK, MONTH),
    metrics=(
        _count("orders", Figure.ORDERS, "Orders placed, without test orders."),
        _count("units", Figure.UNITS, "Pieces sold."),
        _money("gross_sales", Figure.GROSS_SALES, about="Price x quantity, before discounts, without tax."),
        _money("discounts", Figure.DISCOUNTS, about="Discounts of lines and orders."),
        _money("shipping", Figure.SHIPPING_CHARGED, about="Shipping that customers were charged."),
        _money(
            "cogs",
            Figure.COGS,
            known=Figure.COST_KNOWN_UNITS,
            among=Figure.UNITS,
            about="Known cost of what was sold; returns are not taken off.",
        ),
        _stated(
            "fulfilment_cost",
            Figure.FULFILMENT,
            Figure.FULFILMENT_KNOWN_ORDERS,
            "What it cost to send, as orders state it.",
        ),
        _stated(
            "payment_fee",
            Figure.PAYMENT_FEES,
            Figure.PAYMENT_FEES_KNOWN_ORDERS,
            "What payment providers kept; no estimates.",
        ),
        _stated(
            "platform_fee",
            Figure.PLATFORM_FEES,
            Figure.PLATFORM_FEES_KNOWN_ORDERS,
            "What the shop platform or marketplace kept.",
        ),
    ),
)

_REFUNDS = Report(
    family=Family.REFUND,
    scope=Scope.PNL,
    version="pnl.v1",
    held_as=(Family.REFUND,),
    stands_on=(Family.REFUND, Family.PAYMENT),
    whole_shop="get_pnl",
    dimensions=(DATE, WEEK, MONTH),
    metrics=(
        _count("refunds", Figure.REFUNDS, "Refunds, on the day they were processed."),
        _count("units", Figure.UNITS_RETURNED, "Pieces that came back."),
        _money("amount", Figure.RETURNS, about="Refunded value of goods, without tax."),
        _money("shipping", Figure.SHIPPING_REFUNDED, about="Refunded shipping."),
        _money("return_shipping_cost", Figure.RETURN_SHIPPING, about="What the way back cost the shop."),
    ),
)

_EXPENSES = Report(
    family=Family.EXPENSE,
    scope=Scope.PNL,
    version="expenses.v1",
    held_as=(Family.EXPENSE,),
    stands_on=(Family.EXPENSE,),
    whole_shop="list_expenses",
    dimensions=(
        DATE,
        WEEK,
        MONTH,
        _text("line", "Where it stands in the P&L."),
        _text("category", "Such as software, rent."),
        _text("vendor", "Who was paid; a person is told by a number."),
        _text("behaviour", "fixed, variable or one_off."),
    ),
    metrics=(
        _money("amount", ExpenseFigure.AMOUNT, about="What was booked; a monthly one is spread over its month."),
        _count("transactions", ExpenseFigure.TRANSACTIONS, "Bookings, on their own day."),
    ),
)

_PRODUCTS = Report(
    family=Family.PRODUCT,
    scope=Scope.PRODUCTS,
    version="products.v1",
    held_as=(Family.PRODUCT, Family.ORDER),
    stands_on=(Family.ORDER, Family.REFUND),
    whole_shop="list_product_profitability",
    dimensions=(
        MONTH,
        _text("sku", "The variant; null: lines without one."),
        _text("product_id", "The product that it is a variant of."),
        _text("title", "Its name."),
        _text("category", "Its category."),
        _text("vendor", "Its maker."),
    ),
    metrics=(
        _count("units", VariantFigure.UNITS, "Pieces sold."),
        _money("gross_sales", VariantFigure.GROSS_SALES, about="Price x quantity, before discounts, without tax."),
        _money("discounts", VariantFigure.DISCOUNTS, about="Discounts of its lines, and its part of those of orders."),
        _count("units_returned", VariantFigure.UNITS_RETURNED, "Pieces that came back."),
        _money("returns", VariantFigure.RETURNS, about="Refunded value, on the day it was processed."),
        _money(
            "net_sales",
            VariantFigure.GROSS_SALES,
            minus=(VariantFigure.DISCOUNTS, VariantFigure.RETURNS),
            about="gross_sales - discounts - returns",
        ),
        _money(
            "cogs",
            VariantFigure.COGS,
            known=VariantFigure.COST_KNOWN_UNITS,
            among=VariantFigure.UNITS,
            about="Known cost of what was sold; returns are not taken off.",
        ),
    ),
)

REPORTS: Mapping[str, Report] = {
    str(report.family): report for report in (_SPEND, _ORDERS, _REFUNDS, _EXPENSES, _PRODUCTS)
}
"""By report type."""
