"""How customers came to their orders: the path that the shop's pixel has seen."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from infra.local.sample_shop.days import TIKTOK_DAYS, Line, dice_of
from infra.local.sample_shop.orders import SHOP

UNSEEN_ONE_IN = 7
LONGEST_PATH_DAYS = 24

CHANNELS: tuple[tuple[str, str | None, int], ...] = (
    ("meta", "Prospecting", 11),
    ("meta", "Retargeting", 6),
    ("google", "Brand search", 12),
    ("google", "Shopping", 8),
    ("tiktok", "Kitchen clips", 6),
    ("email", "Weekly letter", 16),
    ("organic", None, 24),
    ("direct", None, 28),
)
"""channel, campaign, and how often it is part of a path."""


def touches(order: Line, day: date, number: int, opened: date) -> Iterator[Line]:
    """Give the path to an order; of one in seven nothing was seen."""
    dice = dice_of("touch", day, number)
    if not dice.randrange(UNSEEN_ONE_IN):
        return
    lost = (day - opened).days > TIKTOK_DAYS
    known = [each for each in CHANNELS if not (lost and each[0] == "tiktok")]
    length = dice.choices((1, 2, 3, 4), (5, 4, 2, 1))[0]
    path = dice.choices(known, [weight for _, _, weight in known], k=length)
    at = datetime.fromisoformat(order["at"])
    before = sorted((dice.uniform(0, LONGEST_PATH_DAYS) for _ in path[1:]), reverse=True)
    ages = [timedelta(days=days) for days in before] + [timedelta(minutes=dice.randrange(1, 55))]
    for place, ((channel, campaign, _), age) in enumerate(zip(path, ages, strict=True), start=1):
        touch = {"type": "touch", "source": SHOP, "order_id": order["id"], "place": place, "channel": channel}
        seen = {"at": (at - age).isoformat(timespec="seconds")}
        yield {**touch, **seen, "campaign": campaign} if campaign else touch | seen
