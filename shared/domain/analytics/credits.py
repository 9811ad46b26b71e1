"""What is read off the sums of paths: which channel or campaign has how much credit in a range of days.

Channels that are one ad platform (facebook and instagram are Meta) are taken together, because what the platform cost
is known of all of them together only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.analytics.attribution import (
    END,
    MILLION,
    ONE_TOUCH,
    REVENUE,
    RULES,
    START,
    STEP,
    STEPS,
    UNCONVERTED,
    Model,
    orders_of,
    removal_effects,
    revenue_of,
    shared_out,
)

Sums = Mapping[str, Mapping[str, int]]
"""Key -> figure -> sum."""

_PLATFORMS = {
    "meta": "meta facebook instagram fb ig meta_ads facebook_ads instagram_ads",
    "google": "google google_ads googleads adwords google_adwords youtube youtube_ads",
    "tiktok": "tiktok tiktok_ads tik_tok",
    "snapchat": "snapchat snapchat_ads snap snap_ads",
}
_PLATFORM_OF = {name: platform for platform, names in _PLATFORMS.items() for name in names.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A part of the orders, and of what they brought. None: not told."""

    orders: int | None
    """Millionths of an order."""
    revenue: int | None


NOTHING = Credit(orders=0, revenue=0)
UNKNOWN = Credit(orders=None, revenue=None)


def total(credits_: Iterable[Credit]) -> Credit:
    """Add up what is told."""
    each = list(credits_)
    orders = [credit.orders for credit in each if credit.orders is not None]
    revenue = [credit.revenue for credit in each if credit.revenue is not None]
    return Credit(orders=sum(orders) if orders else None, revenue=sum(revenue) if revenue else None)


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where orders may have come from."""

    channel: str
    """That of the touches, or the ad platform that it is one of."""
    campaign: str = ""
    """Empty where channels are asked for, or where a touch names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """All orders of a range of days and the paths to them."""

    orders: int
    revenue: int
    touched: int
    """Orders with at least one touch."""
    touched_revenue: int
    one_touch: int
    unconverted: int
    steps: Mapping[tuple[str, str], int]

    @property
    def channels(self) -> frozenset[str]:
        """Name the channels on the paths."""
        return frozenset(end for step in self.steps for end in step) - {START, END}


def platform_of_channel(channel: str) -> str | None:
    """Name the ad platform that a channel is one of, if it is one that we know."""
    return _PLATFORM_OF.get("_".join(channel.casefold().replace("-", " ").split()))


def read_paths(sums: Sums) -> Paths:
    """Read the steps, and how many orders have a path."""
    steps = Counter[tuple[str, str]]()
    orders = revenue = one_touch = unconverted = 0
    for key, figures in sums.items():
        one_touch += figures.get(ONE_TOUCH, 0)
        unconverted += figures.get(UNCONVERTED, 0)
        if STEP in key:
            before, _, after = key.partition(STEP)
            steps[_taken_together(before), _taken_together(after)] += figures.get(STEPS, 0)
            revenue += figures.get(REVENUE, 0)
            orders += figures.get(STEPS, 0) if after == END else 0
    pathless = START + STEP + END
    return Paths(
        orders=orders,
        revenue=revenue,
        touched=orders - steps.pop((START, END), 0),
        touched_revenue=revenue - sums.get(pathless, {}).get(REVENUE, 0),
        one_touch=one_touch,
        unconverted=unconverted,
        steps={step: count for step, count in steps.items() if count},
    )


def credits_of_channels(sums: Sums) -> dict[Origin, dict[Model, Credit]]:
    """Give the credits of the rules by channel."""
    return _credits({key: Origin(_taken_together(key)) for key in sums if STEP not in key}, sums)


def credits_of_campaigns(sums: Sums, names: Mapping[Origin, str]) -> dict[Origin, dict[Model, Credit]]:
    """Give the credits of the rules by channel and campaign.

    `names` are those that the platforms give to campaigns, by what touches may call them, in small letters.
    """
    origins: dict[str, Origin] = {}
    for key in sums:
        told, _, campaign = key.partition(STEP)
        channel = _taken_together(told)
        origins[key] = Origin(channel, names.get(Origin(channel, campaign.casefold()), campaign))
    return _credits(origins, sums)


def credits_of_markov(paths: Paths) -> dict[Origin, Credit]:
    """Give the credits of the Markov model by channel: of revenue as of orders."""
    effects = removal_effects(paths.steps)
    orders, revenue = shared_out(paths.touched * MILLION, effects), shared_out(paths.touched_revenue, effects)
    return {Origin(channel): Credit(orders=orders[channel], revenue=revenue[channel]) for channel in orders}


def _credits(origins: Mapping[str, Origin], sums: Sums) -> dict[Origin, dict[Model, Credit]]:
    found: dict[Origin, Counter[str]] = defaultdict(Counter)
    for key, origin in origins.items():
        found[origin].update(sums[key])
    return {
        origin: {rule: Credit(orders=of[orders_of(rule)], revenue=of[revenue_of(rule)]) for rule in RULES}
        for origin, of in found.items()
        if any(of.values())
    }


def _taken_together(channel: str) -> str:
    return platform_of_channel(channel) or channel
