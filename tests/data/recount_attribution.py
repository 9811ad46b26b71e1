"""The slow, obvious attribution: paths and credits worked out order by order from the files that were sent.

It shares nothing with the product but the definition of its models: no reader, no SQL, no sums of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, Sale, refunds_of, sales_of
from tests.data.walking import effects_by_walking, steps_of

MILLION = 1_000_000
TAKEN_TOGETHER = {"facebook": "meta", "instagram": "meta"}
RULES = ("last_touch", "last_non_direct", "first_touch", "linear", "position_based", "time_decay")

Credits = Counter[tuple[str, str, str, str]]
"""Channel, campaign, model, what -> millionths of orders or micros."""


@dataclass(kw_only=True)
class Touch:
    """One touch on a path."""

    channel: str
    campaign: str
    age: int


@dataclass(kw_only=True)
class PathTo:
    """An order and the touches before it."""

    day: date
    revenue: int
    touches: list[Touch]


def paths_of(files: Iterable[Sequence[Line]], rules: Rules, *, first: date, last: date, lookback: int) -> list[PathTo]:
    """Find the orders of some days and the path to each."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    sales = {sale.key: sale for fact in books.of("order") for sale in sales_of(fact, books)}
    refunded = Counter[tuple[str, str, str]]()
    for fact in books.of("refund"):
        for back in refunds_of(fact, books, sales):
            if back.sale is not None:
                refunded[back.sale.key] += back.amount + back.shipping
    return [
        PathTo(
            day=sale.day,
            revenue=sale.gross - sale.discount + sale.shipping - refunded[sale.key],
            touches=touches_before(sale, books, lookback),
        )
        for sale in sales.values()
        if first <= sale.day <= last
    ]


def touches_before(sale: Sale, books: Books, lookback: int) -> list[Touch]:
    """Find the touches of an order that are not after it, and not too long before."""
    found = [
        fact
        for fact in books.of("touch")
        if (fact.source, fact.account, str(fact.line["order_id"])) == sale.key
        and 0 <= (sale.day - fact.day).days <= lookback
        and not is_after(fact, sale)
    ]
    return [
        Touch(
            channel=taken_together(fact.line["channel"]),
            campaign=fact.line.get("campaign") or "",
            age=(sale.day - fact.day).days,
        )
        for fact in sorted(found, key=lambda fact: fact.line["place"])
    ]


def taken_together(channel: str) -> str:
    """Name the platform of a channel, else the channel."""
    return TAKEN_TOGETHER.get(channel.lower(), channel)


def is_after(fact: Fact, sale: Sale) -> bool:
    """Compare moments, where both are known."""
    moment = fact.line.get("at")
    return bool(moment and sale.at) and datetime.fromisoformat(str(moment)) > datetime.fromisoformat(sale.at)


def weights(model: str, touches: Sequence[Touch]) -> list[Fraction]:
    """Give what each touch of a path deserves of the order."""
    size = len(touches)
    one = [Fraction(0)] * size
    match model:
        case "first_touch":
            one[0] = Fraction(1)
        case "last_touch":
            one[-1] = Fraction(1)
        case "last_non_direct":
            named = [place for place, touch in enumerate(touches) if touch.channel.lower() != "direct"]
            one[named[-1] if named else -1] = Fraction(1)
        case "linear":
            one = [Fraction(1, size)] * size
        case "position_based" if size <= 2:
            one = [Fraction(1, size)] * size
        case "position_based":
            one = [Fraction(2, 5), *[Fraction(1, 5) / (size - 2)] * (size - 2), Fraction(2, 5)]
        case _:
            halved = [Fraction(2 ** (-touch.age / 7)) for touch in touches]
            one = [each / sum(halved) for each in halved]
    return one


def split(amount: int, by: Sequence[Fraction]) -> list[int]:
    """Split an amount: the differences of running totals, each rounded towards zero."""
    upto = [int(amount * sum(by[: place + 1])) for place in range(len(by))]
    return [here - before for here, before in zip(upto, [0, *upto], strict=False)]


def credits_of(paths: Sequence[PathTo]) -> Credits:
    """Give what each rule credits, by channel and campaign."""
    found = Credits()
    for path in paths:
        for model in RULES:
            by = weights(model, path.touches) if path.touches else []
            for what, amount in (("orders", MILLION), ("revenue", path.revenue)):
                for touch, part in zip(path.touches, split(amount, by), strict=True):
                    found[touch.channel, touch.campaign, model, what] += part
    return found


def markov_of(paths: Sequence[PathTo]) -> Mapping[str, float]:
    """Give the share of each channel in all removal effects; without a path there is none."""
    if not any(path.touches for path in paths):
        return {}
    walked = steps_of(([touch.channel for touch in path.touches], 1, 0) for path in paths if path.touches)
    effects = effects_by_walking(walked)
    return {channel: effect / sum(effects.values()) for channel, effect in effects.items()}
