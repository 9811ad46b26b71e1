"""What holds until it is said anew: accounts, products, costs, the goal of the month."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sample_shop.bank import BANK, CHECKING, PAYOUTS, SAVINGS
from infra.local.sample_shop.books import BOOKS
from infra.local.sample_shop.days import TIKTOK_DAYS, Line, money
from infra.local.sample_shop.orders import VARIANTS

COST_RISE_DAYS = 330  # after the opening, the maker of the knives asks for more


def standing(opened: date, last: date) -> Iterator[Line]:
    """What holds until it is said anew: accounts, products, costs, the goal of the month."""
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
    end = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    goal = {"type": "goal", "id": f"{last:%Y-%m}", "metric": "net_revenue", "from": f"{last:%Y-%m}-01"}
    yield {**goal, "to": end.isoformat(), "target": "45000"}
