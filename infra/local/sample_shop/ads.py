"""What the ad platforms say."""

from collections.abc import Iterator
from datetime import date

from infra.local.sample_shop.days import TIKTOK_DAYS, Line, demand, dice_of, money

CAMPAIGNS = (
    ("meta_ads", "act_2207", "meta", "m-101", "Prospecting", "7d_click_1d_view", 300),
    ("meta_ads", "act_2207", "meta", "m-102", "Retargeting", "7d_click_1d_view", 120),
    ("google_ads", "553-118-2046", "google", "g-201", "Brand search", "30d_click", 80),
    ("google_ads", "553-118-2046", "google", "g-202", "Shopping", "30d_click", 210),
    ("tiktok_ads", "7311", "tiktok", "t-301", "Kitchen clips", "7d_click_1d_view", 140),
)
"""source, account, platform, campaign, name, window, and the cents that an order of the day costs it."""

SLIP_EVERY, SLIP_AT = 26, 17
"""Somebody mistypes a budget: within any four weeks once, for one day and one campaign."""
SLIPS, SLIPPED_TIMES = "m-101", 4


def ad_days(day: date, opened: date) -> Iterator[Line]:
    """Give the day of each campaign."""
    orders = demand(day)
    for source, account, platform, campaign_id, name, window, cents in CAMPAIGNS:
        if platform == "tiktok" and (day - opened).days > TIKTOK_DAYS:
            continue
        dice = dice_of("ads", day, campaign_id)
        spend = round(cents * (6 + orders * 0.7) * dice.uniform(0.85, 1.15))
        if campaign_id == SLIPS and day.toordinal() % SLIP_EVERY == SLIP_AT:
            spend *= SLIPPED_TIMES
        clicks = spend // dice.randrange(60, 110)
        conversions = round(clicks * dice.uniform(0.04, 0.075), 1)
        yield {
            "type": "ad_day",
            "source": source,
            "account": account,
            "date": day.isoformat(),
            "platform": platform,
            "campaign_id": campaign_id,
            "campaign": name,
            "window": window,
            "spend": money(spend),
            "impressions": clicks * dice.randrange(55, 95),
            "clicks": clicks,
            "conversions": str(conversions),
            "revenue": money(round(conversions * dice.randrange(4_400, 6_200))),
        }
