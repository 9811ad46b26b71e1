"""What holds until it is said anew: accounts, products, costs, the goals of the months."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sample_shop.bank import BANK, CHECKING, PAYOUTS, SAVINGS
from infra.local.sample_shop.books import BOOKS
from infra.local.sample_shop.days import TIKTOK_DAYS, Line, money, planned
from infra.local.sample_shop.orders import VARIANTS

COST_RISE_DAYS = 330  # after the opening, the maker of the knives asks for more
HOPED_FOR = 75  # dollars an order
AD_BUDGET = 7_000  # dollars a month


def standing(opened: date, last: date) -> Iterator[Line]:
    """What holds until it is said anew: accounts, products, costs, the goals of the months."""
    lost = (last - opened).days > TIKTOK_DAYS
    yield {"type": "account", "name": "Sample Store"}
    yield {"type": "account", "source": BOOKS, "name": "Books"}
    yield {"type": "account", "source": BANK, "account": CHECKING, "name": "Checking"}
    yield {"type": "account", "source": BANK, "account": SAVINGS, "name": "Savings"}
    yield {"type": "account", "source": BANK, "account": PAYOUTS, "name": "Payouts on their way"}
    yield {"type": "account", "source": "meta_ads", "account": "act_2207", "name": "Sample Store"}
    yield {"type": "account", "source": "google_ads", "account": "553-118-2046", "name": "Sample Store"}
    tiktok = {"type": "account", "source": "tiktok_ads", "account": "7311", "name": "Sample Store"}
    yield {**tiktok, "status": "lost_access"} if lost else tiktok
    for variant in VARIANTS:
        about = {"sku": variant.sku, "title": variant.title, "category": variant.category}
        yield {"type": "product", **about, "price": money(variant.cents)}
        if variant.cost_cents is not None:
            cost = {"type": "cost", "sku": variant.sku}
            yield {**cost, "effective_from": opened.isoformat(), "unit_cost": money(variant.cost_cents)}
            rise = opened + timedelta(days=COST_RISE_DAYS)
            if variant.category == "Knives" and rise <= last:
                yield {**cost, "effective_from": rise.isoformat(), "unit_cost": money(variant.cost_cents * 11 // 10)}
    this_month = last.replace(day=1)
    yield from (_goal("net_revenue", month, _revenue_target(month)) for month in (_month_before(last), this_month))
    yield _goal("ad_spend", this_month, AD_BUDGET) | {"direction": "at_most"}


def _goal(metric: str, month: date, target: int) -> Line:
    end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    about = {"metric": metric, "from": month.isoformat(), "to": end.isoformat(), "target": str(target)}
    return {"type": "goal", "id": f"{metric}-{month:%Y-%m}", **about}


def _revenue_target(month: date) -> int:
    """Give what the shop wants of a month, in whole thousands: what it plans with, and a little more."""
    length = calendar.monthrange(month.year, month.month)[1]
    orders = sum(planned(month.replace(day=number)) for number in range(1, length + 1))
    return round(orders * HOPED_FOR / 1_000) * 1_000


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
