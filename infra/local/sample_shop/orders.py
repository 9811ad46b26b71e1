"""What the shop sells, and its orders and refunds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from infra.local.sample_shop.customers import basket_sizes, visits
from infra.local.sample_shop.days import ZONE, Line, cents_of, dice_of, money, percent_off

SHOP = "shopify"
LATEST_REFUND = 24  # days after the order
TAX_PERCENT = 8
FREE_SHIPPING_CENTS, SHIPPING_CENTS = 6_000, 590
WELCOME_PERCENT, WELCOMED_ONE_IN = 10, 4
"""What one new customer in four has a code for."""
CHANNELS, CHANNEL_WEIGHTS = ("online_store", "app", "marketplace"), (70, 18, 12)
"""Where a customer orders, whenever they do."""


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


def orders(day: date, opened: date) -> Iterator[Line]:
    """Give the orders of a day."""
    for number, visit in enumerate(visits(day, opened)):
        dice = dice_of("order", day, number)
        size = dice.choice(basket_sizes(visit.customer))
        basket = dice.choices(VARIANTS, [variant.weight for variant in VARIANTS], k=size)
        is_welcomed = visit.is_first and not dice.randrange(WELCOMED_ONE_IN)
        off = percent_off(day) or (WELCOME_PERCENT if is_welcomed else 0)
        lines: list[Line] = []
        goods = pieces = 0
        for variant in {variant.sku: variant for variant in basket}.values():
            quantity = dice.choice((1, 1, 1, 1, 2))
            discount = variant.cents * quantity * off // 100
            line = {"sku": variant.sku, "quantity": quantity, "price": money(variant.cents)}
            lines.append({**line, "discount": money(discount)} if discount else line)
            goods += variant.cents * quantity - discount
            pieces += quantity
        shipping = 0 if goods >= FREE_SHIPPING_CENTS else SHIPPING_CENTS
        tax = goods * TAX_PERCENT // 100
        at = datetime.combine(day, time(dice.randrange(7, 23), dice.randrange(60)), ZONE)
        yield {
            "type": "order",
            "id": f"{day:%Y%m%d}-{number + 1}",
            "at": at.isoformat(),
            "customer": {"id": visit.customer},
            "channel": dice_of("channel", visit.customer).choices(CHANNELS, CHANNEL_WEIGHTS)[0],
            "lines": lines,
            "shipping": money(shipping),
            "tax": money(tax),
            "fulfilment_cost": money(390 + 85 * pieces),
            "payment_fee": money((goods + shipping + tax) * 29 // 1000 + 30),
        }


def refund(order: Line, day: date, number: int) -> Line | None:
    """One order in sixteen comes back, in whole or for its first line."""
    dice = dice_of("refund", day, number)
    if dice.randrange(16):
        return None
    bought: list[Line] = order["lines"] if dice.randrange(2) else order["lines"][:1]
    lines: list[Line] = []
    for line in bought:
        cents = (cents_of(line["price"]) * line["quantity"]) - cents_of(line.get("discount", "0.00"))
        restocked = bool(dice.randrange(4))
        sent = {"sku": line["sku"], "quantity": line["quantity"], "amount": money(cents)}
        lines.append({**sent, "restocked": restocked})
    return {
        "type": "refund",
        "id": f"{order['id']}-R",
        "date": (day + timedelta(days=dice.randrange(4, LATEST_REFUND))).isoformat(),
        "order_id": order["id"],
        "lines": lines,
        "return_shipping_cost": "6.20",
    }
