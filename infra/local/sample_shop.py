"""The sample workspace's figures: a made-up kitchenware shop, the same for everybody and every day that is asked for.

A day is drawn from a generator that is seeded with that day, so days can be made in any order and any number of times:
a stack that starts a week later asks for the seven days that it lacks, and they fit.
"""

import calendar
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

TIMEZONE = "America/New_York"
CURRENCY = "USD"
ZONE = ZoneInfo(TIMEZONE)

Line = dict[str, Any]

SHOP, BOOKS = "shopify", "quickbooks"
LATEST_REFUND = 24  # days after the order
TIKTOK_DAYS = 430  # after the opening, the account is lost
COST_RISE_DAYS = 330  # after the opening, the maker of the knives asks for more
TAX_PERCENT = 8
FREE_SHIPPING_CENTS, SHIPPING_CENTS = 6_000, 590


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Something that the shop sells."""

    sku: str
    title: str
    category: str
    cents: int
    cost_cents: int | None  # None: nobody ever told
    weight: int  # how often it is bought


VARIANTS = (
    Variant(sku="KNF-20", title="Chef's knife, 20 cm", category="Knives", cents=7_900, cost_cents=3_050, weight=10),
    Variant(sku="KNF-09", title="Paring knife, 9 cm", category="Knives", cents=2_400, cost_cents=820, weight=14),
    Variant(sku="BRD-OAK", title="Oak cutting board", category="Boards", cents=4_600, cost_cents=1_900, weight=12),
    Variant(sku="BRD-BMB", title="Bamboo cutting board", category="Boards", cents=2_900, cost_cents=1_150, weight=9),
    Variant(sku="PAN-26", title="Carbon steel pan, 26 cm", category="Pans", cents=6_400, cost_cents=2_980, weight=8),
    Variant(sku="PAN-LID", title="Pan lid, 26 cm", category="Pans", cents=2_200, cost_cents=1_990, weight=4),
    Variant(sku="TWL-3", title="Linen towels, set of 3", category="Textiles", cents=2_700, cost_cents=940, weight=13),
    Variant(sku="APR-1", title="Canvas apron", category="Textiles", cents=3_800, cost_cents=None, weight=6),
)

CAMPAIGNS = (
    ("meta_ads", "act_2207", "meta", "m-101", "Prospecting", "7d_click_1d_view", 300),
    ("meta_ads", "act_2207", "meta", "m-102", "Retargeting", "7d_click_1d_view", 120),
    ("google_ads", "553-118-2046", "google", "g-201", "Brand search", "30d_click", 80),
    ("google_ads", "553-118-2046", "google", "g-202", "Shopping", "30d_click", 210),
    ("tiktok_ads", "7311", "tiktok", "t-301", "Kitchen clips", "7d_click_1d_view", 140),
)
"""source, account, platform, campaign, name, window, and the cents that an order of the day costs it."""

MONTHLY: tuple[tuple[str, str, str | None, int, Line], ...] = (
    ("rent", "Rent", "Harbour Street Lofts", 210_000, {}),
    ("salaries", "Salaries", "Payroll", 480_000, {}),
    ("owner", "Owner's salary", "Payroll", 300_000, {"addback": "owner_pay"}),
    ("software", "Software", "Various", 58_000, {"behaviour": "variable"}),
    ("insurance", "Insurance", "Seaboard Mutual", 19_000, {}),
    ("depreciation", "Depreciation", None, 16_000, {"line": "depreciation"}),
    ("loan", "Loan interest", "First Harbour Bank", 9_500, {"line": "interest"}),
)
"""id, category, vendor, cents, and what else the line says."""


def opening(through: date) -> date:
    """Give the first day of a shop whose figures cover the eighteen months to this day, from the first of a month."""
    months = through.year * 12 + through.month - 1 - 18
    return date(months // 12, months % 12 + 1, 1)


def export(first: date, last: date, *, opened: date, now: datetime) -> Iterator[str]:
    """Make the file that the shop's systems would export of these days, both inclusive."""
    whole = {"type": "order", "source": SHOP, "from": first.isoformat(), "to": last.isoformat()}
    header = {"type": "export", "schema": 1, "exported_at": now.astimezone(UTC).isoformat(), "source": SHOP}
    yield from _written([{**header, "currency": CURRENCY, "complete": [whole]}])
    yield from _written(_standing(opened, last))
    yield from _written(_expenses(first, last))
    for day in _days(max(opened, first - timedelta(days=LATEST_REFUND)), last):
        for number, order in enumerate(_orders(day, opened)):
            if day >= first:
                yield from _written([order])
            refund = _refund(order, day, number)
            if refund is not None and first <= date.fromisoformat(refund["date"]) <= last:
                yield from _written([refund])
        if day >= first:
            yield from _written(_ad_days(day, opened))


def _written(lines: Iterable[Line]) -> Iterator[str]:
    return (json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _dice(*about: object) -> random.Random:
    return random.Random(":".join(map(str, about)))  # noqa: S311 - nothing but made-up figures hangs on it


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _sale(day: date) -> int:
    """Percent off: four days from Black Friday on, and a week in May."""
    fourth_thursday = next(d for d in _days(date(day.year, 11, 22), date(day.year, 11, 28)) if d.weekday() == 3)  # noqa: PLR2004 - a Thursday
    if 1 <= (day - fourth_thursday).days <= 4:  # noqa: PLR2004 - to Cyber Monday
        return 25
    return 15 if date(day.year, 5, 11) <= day <= date(day.year, 5, 17) else 0


@cache
def _demand(day: date) -> tuple[int, int]:
    """How many orders a day brings, and how many of them come from new customers."""
    dice = _dice("demand", day)
    growth = 1 + (day - date(2025, 1, 1)).days / 900
    season = 1.45 if day.month in {11, 12} else 0.9 if day.month in {1, 2, 7} else 1.0
    weekday = (1.05, 0.95, 0.95, 1.0, 1.05, 1.1, 1.2)[day.weekday()]
    orders = 14 * growth * season * weekday * (1 + _sale(day) / 14) * dice.gauss(1, 0.14)
    count = max(3, round(orders))
    return count, round(count * dice.uniform(0.5, 0.64))


def _customer(day: date, number: int, opened: date, dice: random.Random) -> str:
    """Name who orders: first the day's new customers, then such as came before, the more likely the more recently."""
    count, new = _demand(day)
    if number >= min(new, count):
        came = day - timedelta(days=1 + int(dice.expovariate(1 / 75)))
        if came >= opened:
            return f"c-{came:%Y%m%d}-{dice.randrange(max(1, _demand(came)[1]))}"
    return f"c-{day:%Y%m%d}-{number}"


def _orders(day: date, opened: date) -> Iterator[Line]:
    for number in range(_demand(day)[0]):
        dice = _dice("order", day, number)
        basket = dice.choices(VARIANTS, [variant.weight for variant in VARIANTS], k=dice.choice((1, 1, 1, 2, 2, 3)))
        lines: list[Line] = []
        goods = pieces = 0
        for variant in {variant.sku: variant for variant in basket}.values():
            quantity = dice.choice((1, 1, 1, 1, 2))
            discount = variant.cents * quantity * _sale(day) // 100
            line = {"sku": variant.sku, "quantity": quantity, "price": _money(variant.cents)}
            lines.append({**line, "discount": _money(discount)} if discount else line)
            goods += variant.cents * quantity - discount
            pieces += quantity
        shipping = 0 if goods >= FREE_SHIPPING_CENTS else SHIPPING_CENTS
        tax = goods * TAX_PERCENT // 100
        at = datetime.combine(day, time(dice.randrange(7, 23), dice.randrange(60)), ZONE)
        yield {
            "type": "order",
            "id": f"{day:%Y%m%d}-{number + 1}",
            "at": at.isoformat(),
            "customer": {"id": _customer(day, number, opened, dice)},
            "channel": "online_store",
            "lines": lines,
            "shipping": _money(shipping),
            "tax": _money(tax),
            "fulfilment_cost": _money(390 + 85 * pieces),
            "payment_fee": _money((goods + shipping + tax) * 29 // 1000 + 30),
        }


def _refund(order: Line, day: date, number: int) -> Line | None:
    """One order in sixteen comes back, in whole or for its first line."""
    dice = _dice("refund", day, number)
    if dice.randrange(16):
        return None
    bought: list[Line] = order["lines"] if dice.randrange(2) else order["lines"][:1]
    lines: list[Line] = []
    for line in bought:
        cents = (_cents(line["price"]) * line["quantity"]) - _cents(line.get("discount", "0.00"))
        restocked = bool(dice.randrange(4))
        sent = {"sku": line["sku"], "quantity": line["quantity"], "amount": _money(cents)}
        lines.append({**sent, "restocked": restocked})
    return {
        "type": "refund",
        "id": f"{order['id']}-R",
        "date": (day + timedelta(days=dice.randrange(4, LATEST_REFUND))).isoformat(),
        "order_id": order["id"],
        "lines": lines,
        "return_shipping_cost": "6.20",
    }


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def _ad_days(day: date, opened: date) -> Iterator[Line]:
    orders = _demand(day)[0]
    for source, account, platform, campaign_id, name, window, cents in CAMPAIGNS:
        if platform == "tiktok" and (day - opened).days > TIKTOK_DAYS:
            continue
        dice = _dice("ads", day, campaign_id)
        spend = round(cents * (6 + orders * 0.7) * dice.uniform(0.85, 1.15))
        clicks = spend // dice.randrange(60, 110)
        conversions = round(clicks * dice.uniform(0.012, 0.03), 1)
        yield {
            "type": "ad_day",
            "source": source,
            "account": account,
            "date": day.isoformat(),
            "platform": platform,
            "campaign_id": campaign_id,
            "campaign": name,
            "window": window,
            "spend": _money(spend),
            "impressions": clicks * dice.randrange(55, 95),
            "clicks": clicks,
            "conversions": str(conversions),
            "revenue": _money(round(conversions * dice.randrange(4_400, 6_200))),
        }


def _expenses(first: date, last: date) -> Iterator[Line]:
    month = first.replace(day=1)
    while month <= last:
        for key, category, vendor, cents, more in MONTHLY:
            about = {"category": category, **({"vendor": vendor} if vendor else {}), **more}
            line = {"type": "expense", "source": BOOKS, "id": f"{key}-{month:%Y-%m}", "date": month.isoformat()}
            yield {**line, "amount": _money(cents), "covers": "month", **about}
        if month.month == 3:  # noqa: PLR2004 - March
            fair = {"category": "Trade fair", "line": "opex", "behaviour": "one_off", "addback": "one_off"}
            yield {"type": "expense", "source": BOOKS, "id": f"fair-{month.year}", "date": month.isoformat()} | {
                "amount": "3200.00",
                **fair,
            }
        month += timedelta(days=calendar.monthrange(month.year, month.month)[1])


def _standing(opened: date, last: date) -> Iterator[Line]:
    """What holds until it is said anew: accounts, products, costs, the goal of the month."""
    lost = (last - opened).days > TIKTOK_DAYS
    yield {"type": "account", "name": "Sample Store"}
    yield {"type": "account", "source": BOOKS, "name": "Books"}
    yield {"type": "account", "source": "meta_ads", "account": "act_2207", "name": "Sample Store"}
    yield {"type": "account", "source": "google_ads", "account": "553-118-2046", "name": "Sample Store"}
    tiktok = {"type": "account", "source": "tiktok_ads", "account": "7311", "name": "Sample Store"}
    yield {**tiktok, "status": "lost_access"} if lost else tiktok
    for variant in VARIANTS:
        about = {"sku": variant.sku, "title": variant.title, "category": variant.category}
        yield {"type": "product", **about, "price": _money(variant.cents)}
        if variant.cost_cents is not None:
            cost = {"type": "cost", "sku": variant.sku}
            yield {**cost, "effective_from": opened.isoformat(), "unit_cost": _money(variant.cost_cents)}
            rise = opened + timedelta(days=COST_RISE_DAYS)
            if variant.category == "Knives" and rise <= last:
                yield {**cost, "effective_from": rise.isoformat(), "unit_cost": _money(variant.cost_cents * 11 // 10)}
    end = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    goal = {"type": "goal", "id": f"{last:%Y-%m}", "metric": "net_revenue", "from": f"{last:%Y-%m}-01"}
    yield {**goal, "to": end.isoformat(), "target": "45000"}
