"""The fields of every type of line, as data: reading, storing, inspecting and documenting them all go by this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.facts import values
from shared.domain.facts.families import Family


class Column(StrEnum):
    """How a value is stored."""

    TEXT = "text"
    WHOLE = "whole"
    FLAG = "flag"
    ITEMS = "items"


class Role(StrEnum):
    """What a field is for in a query."""

    DIMENSION = "dimension"
    METRIC = "metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a value may be, and how it is stored."""

    name: str
    read: values.Reader
    column: Column
    role: Role = Role.DIMENSION
    unit: str | None = None
    """The unit of what is *stored*; a line gives amounts in major units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a line. An optional one may be left out or null: the two are the same."""

    name: str
    kind: Kind
    about: str
    required: bool = False
    default: values.Stored = None
    """What a missing value means. It is not stored, so that a field may get a default later."""
    items: tuple[Field, ...] = ()
    """The fields of each element, where the value is a list."""


ID = Kind(name="id", read=values.identifier, column=Column.TEXT)
TEXT = Kind(name="text", read=values.text, column=Column.TEXT)
CURRENCY = Kind(name="currency", read=values.currency, column=Column.TEXT)
DATE = Kind(name="date", read=values.day, column=Column.TEXT)
FLAG = Kind(name="true/false", read=values.flag, column=Column.FLAG)
MONEY = Kind(name="amount", read=values.money, column=Column.WHOLE, role=Role.METRIC, unit="micros")
SIGNED_MONEY = Kind(
    name="signed amount", read=values.signed_money, column=Column.WHOLE, role=Role.METRIC, unit="micros"
)
COUNT = Kind(name="whole number", read=values.count, column=Column.WHOLE, role=Role.METRIC, unit="count")
DECIMAL = Kind(name="number", read=values.decimal_count, column=Column.WHOLE, role=Role.METRIC, unit="millionths")
SIGNED_DECIMAL = Kind(
    name="signed number", read=values.signed_money, column=Column.WHOLE, role=Role.METRIC, unit="millionths"
)
RATE = Kind(name="rate", read=values.rate, column=Column.WHOLE, role=Role.METRIC, unit="nanos")
UNITS = Kind(name="whole number from 1", read=values.units, column=Column.WHOLE, role=Role.METRIC, unit="count")
UNITS_BACK = Kind(name="whole number", read=values.units_back, column=Column.WHOLE, role=Role.METRIC, unit="count")
PLACE = Kind(name="whole number from 1", read=values.units, column=Column.WHOLE)


def _choice(*words: str) -> Kind:
    return Kind(name="one of " + ", ".join(words), read=values.choice(*words), column=Column.TEXT)


def _items(name: str) -> Kind:
    def refuse(value: object) -> values.Stored:
        raise values.WrongValue("wrong_type", f"must be a list of {name}, not {type(value).__name__}")

    return Kind(name=f"list of {name}", read=refuse, column=Column.ITEMS)


def _field(name: str, kind: Kind, about: str, *, required: bool = False, default: values.Stored = None) -> Field:
    return Field(name=name, kind=kind, about=about, required=required, default=default)


EXPENSE_LINES = (
    "opex",
    "fulfilment",
    "payment_fees",
    "platform_fees",
    "ad_spend",
    "depreciation",
    "interest",
    "income_tax",
)
UNSETTLED = "unsettled"
"""In place of a line: nobody has said what it is, so it is in no number, and every answer about expenses says so."""
ACCOUNT_STATUSES = (
    "synced",
    "syncing",
    "reconnect",
    "lost_access",
    "missing_permissions",
    "resolving",
    "discontinued",
    "not_syncing",
    "no_accounts",
)
PAYMENT_NATURES = ("charge", "refund", "chargeback", "adjustment", "payout", "other")
PLATFORMS = ("meta", "google", "tiktok", "snapchat", "other")

_ORDER_LINES = Field(
    name="lines",
    kind=_items("order lines"),
    about="What was bought, at least one line.",
    required=True,
    items=(
        _field("sku", ID, "The variant that was sold."),
        _field("quantity", UNITS, "Pieces.", required=True),
        _field("price", MONEY, "Price of one piece before any discount, without tax.", required=True),
        _field("discount", MONEY, "Discount on this line, all pieces together.", default=0),
        _field("unit_cost", MONEY, "What one piece cost; it goes before any `cost` line."),
        _field("gift_card", FLAG, "The line sells a gift card: money held, not revenue.", default=False),
    ),
)
_REFUND_LINES = Field(
    name="lines",
    kind=_items("refund lines"),
    about="What was refunded for goods.",
    items=(
        _field("sku", ID, "The variant that came back or was made good."),
        _field("quantity", UNITS_BACK, "Pieces; 0 where only money went back.", default=0),
        _field("amount", MONEY, "Refunded value of the line, without tax.", required=True),
        _field("restocked", FLAG, "The pieces went back on the shelf, so their cost is taken back too.", default=False),
    ),
)

FIELDS: dict[Family, tuple[Field, ...]] = {
    Family.ORDER: (
        _field("name", ID, "What payments and people call the order, such as #1001; never a person's name."),
        _field("channel", TEXT, "Sales channel, such as online_store."),
        _field("test", FLAG, "A test order; it is in no figure.", default=False),
        _field("currency", CURRENCY, "Currency of every amount of the order."),
        _ORDER_LINES,
        _field("discount", MONEY, "Discount on the whole order, beside those of its lines.", default=0),
        _field("shipping", MONEY, "Shipping that the customer was charged, without tax.", default=0),
        _field("tax", MONEY, "Tax. It is not revenue, but payment fees are due on it.", default=0),
        _field("fulfilment_cost", MONEY, "Outbound shipping, pick and pack, packaging: what it cost to send."),
        _field("payment_fee", MONEY, "What the payment provider kept."),
        _field("platform_fee", MONEY, "What the shop platform or marketplace kept."),
    ),
    Family.REFUND: (
        _field("order_id", ID, "`id` of the order, of the same source and account.", required=True),
        _field("currency", CURRENCY, "Currency of every amount of the refund."),
        _REFUND_LINES,
        _field("shipping", MONEY, "Refunded shipping, without tax.", default=0),
        _field("tax", MONEY, "Refunded tax. It was no revenue, and its refund is no return.", default=0),
        _field("return_shipping_cost", MONEY, "What the way back cost the shop.", default=0),
        _field(
            "date_assumed", FLAG, "Nobody said when: the date is that of the order, until one is known.", default=False
        ),
    ),
    Family.PAYMENT: (
        _field("nature", _choice(*PAYMENT_NATURES), "What the payment provider did.", required=True),
        _field("order_id", ID, "`id` or `name` of the order, of the same source and account."),
        _field("amount", SIGNED_MONEY, "With tax. Positive: it came in; a refund is negative.", required=True),
        _field("fee", SIGNED_MONEY, "What the provider kept for it; given back: negative."),
        _field("currency", CURRENCY, "Currency of amount and fee."),
    ),
    Family.AD_DAY: (
        _field("platform", _choice(*PLATFORMS), "The ad platform.", required=True),
        _field("campaign_id", ID, "The campaign.", required=True),
        _field("campaign", TEXT, "Its name."),
        _field("ad_group_id", ID, "The ad set or ad group, where the day is told by these."),
        _field("ad_group", TEXT, "Its name."),
        _field("ad_id", ID, "The ad, where the day is told by ads."),
        _field("ad", TEXT, "Its name."),
        _field("window", ID, "Attribution window of the platform's claims, word for word: 7d_click_1d_view."),
        _field("currency", CURRENCY, "Currency of spend and revenue."),
        _field("spend", MONEY, "What the platform charged for the day.", required=True),
        _field("impressions", COUNT, "Times shown."),
        _field("clicks", COUNT, "Clicks."),
        _field("conversions", DECIMAL, "Purchases that the platform claims."),
        _field("revenue", MONEY, "Revenue that the platform claims."),
    ),
    Family.EXPENSE: (
        _field(
            "amount", SIGNED_MONEY, "What was booked, without reclaimable tax; a credit is negative.", required=True
        ),
        _field("currency", CURRENCY, "Its currency."),
        _field(
            "line",
            _choice(*EXPENSE_LINES, UNSETTLED),
            "Where it stands in the P&L. `unsettled`: in no number, told as a warning on its own day, "
            "whatever it covers.",
            default="opex",
        ),
        _field("category", TEXT, "Such as software, rent, salaries."),
        _field("vendor", TEXT, "Who was paid; a person is shown by a number."),
        _field("behaviour", _choice("fixed", "variable", "one_off"), "How it moves with sales.", default="fixed"),
        _field(
            "covers", _choice("day", "month"), "`month`: spread over the days of the calendar month.", default="day"
        ),
        _field("addback", _choice("owner_pay", "discretionary", "one_off"), "Why a buyer would not have it."),
    ),
    Family.BANK_TXN: (
        _field("amount", SIGNED_MONEY, "Positive: money came in.", required=True),
        _field("currency", CURRENCY, "Its currency."),
        _field("description", TEXT, "The bank's line."),
        _field("nature", _choice("operating", "financing", "owner", "transfer"), "What it was.", default="operating"),
    ),
    Family.BALANCE: (
        _field("amount", SIGNED_MONEY, "The balance at the end of the day.", required=True),
        _field("currency", CURRENCY, "Its currency."),
        _field("name", TEXT, "Name of the account."),
        _field("nature", _choice("cash", "card", "payout_in_transit"), "What it is.", default="cash"),
    ),
    Family.PRODUCT: (
        _field("sku", ID, "The variant.", required=True),
        _field("product_id", ID, "The product that it is a variant of."),
        _field("title", TEXT, "Its name."),
        _field("category", TEXT, "Its category."),
        _field("vendor", TEXT, "Its maker."),
        _field("currency", CURRENCY, "Currency of the price."),
        _field("price", MONEY, "List price."),
    ),
    Family.COST: (
        _field("sku", ID, "The variant.", required=True),
        _field("effective_from", DATE, "The first day of this cost.", required=True),
        _field("unit_cost", MONEY, "What one piece costs.", required=True),
        _field("currency", CURRENCY, "Its currency."),
    ),
    Family.FX: (
        _field("base", CURRENCY, "One unit of this currency …", required=True),
        _field("quote", CURRENCY, "… is worth `rate` of this one.", required=True),
        _field("rate", RATE, "Up to nine decimal places; from 0.0000001 to 10,000,000.", required=True),
    ),
    Family.GOAL: (
        _field("metric", ID, "What is to be reached, such as net_revenue.", required=True),
        _field("target", SIGNED_DECIMAL, "The number to reach; money in major units.", required=True),
        _field("direction", _choice("at_least", "at_most"), "Which side is good.", default="at_least"),
        _field("from", DATE, "First day.", required=True),
        _field("to", DATE, "Last day.", required=True),
    ),
    Family.TOUCH: (
        _field(
            "order_id", ID, "`id` of the order that the path ended in, of the same source and account.", required=True
        ),
        _field("place", PLACE, "Its place on the path: 1 is the first touch.", required=True),
        _field("channel", TEXT, "Such as meta, email, direct.", required=True),
        _field("campaign", TEXT, "The campaign, if known."),
    ),
    Family.ACCOUNT: (
        _field("name", TEXT, "What people call it."),
        _field("status", _choice(*ACCOUNT_STATUSES), "How the connection stands.", default="synced"),
    ),
}
"""Beside these, lines have `type`, `source`, `account`, `deleted` and, by family, `id`, `date` or `at`, `customer`."""

KEYS: dict[Family, tuple[str, ...]] = {
    Family.ORDER: ("id",),
    Family.REFUND: ("id",),
    Family.PAYMENT: ("id",),
    Family.AD_DAY: ("campaign_id", "ad_group_id", "ad_id", "date", "window"),
    Family.EXPENSE: ("id",),
    Family.BANK_TXN: ("id",),
    Family.BALANCE: ("date",),
    Family.PRODUCT: ("sku",),
    Family.COST: ("sku", "effective_from"),
    Family.FX: ("base", "quote", "date"),
    Family.GOAL: ("id",),
    Family.TOUCH: ("order_id", "place"),
    Family.ACCOUNT: (),
}
"""What tells a fact from others of its family, source and account; the last export's version of it counts."""

TIMED = frozenset({Family.ORDER, Family.REFUND, Family.PAYMENT, Family.TOUCH})
"""These may give `at`, a moment, in place of `date`."""

NEVER_AHEAD = frozenset(
    {
        Family.ORDER,
        Family.REFUND,
        Family.PAYMENT,
        Family.AD_DAY,
        Family.BANK_TXN,
        Family.BALANCE,
        Family.FX,
        Family.TOUCH,
    }
)
"""What happened cannot lie after the day of the export; an invoice or a goal may."""
