"""What the ad platforms say: their figures by account and day, and the names of their campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class AdFigure(StrEnum):
    """What is counted of an ad account's or a campaign's days. The values stand in stored documents.

    What a platform tells of one day of one campaign (or ad group, or ad) is an **ad day** here, in however many
    attribution windows it tells it. Spend, impressions and clicks are those of the ad day; what the platform claims to
    have sold belongs to a window, and claims of different windows are never added.
    """

    AD_DAYS = "ad_days"
    SPEND = "spend"
    UNCONVERTED = "unconverted"
    """Ad days in a currency for which no rate is known; they are in no other figure."""
    IMPRESSIONS = "impressions"
    IMPRESSIONS_KNOWN = "impressions_known"
    """Ad days that tell their impressions."""
    CLICKS = "clicks"
    CLICKS_KNOWN = "clicks_known"
    CONVERSIONS = "conversions"
    """Millionths of a purchase; in one window only."""
    CONVERSIONS_KNOWN = "conversions_known"
    """Ad days with a claim of conversions: in one window, or in any."""
    REVENUE = "revenue"
    REVENUE_KNOWN = "revenue_known"


NO_WINDOW = "not_stated"
"""Stands for the window of claims that name none."""

SEPARATOR = "\x1f"
"""Between the parts of a campaign's key: ids are printable and cannot hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdMonth:
    """A month of one ad account, day by day. A column has a place for every day; columns of zeros are left out."""

    kind: ClassVar[str] = "ADS"

    month: str
    platform: str
    source: str
    account: str
    currency: str
    generation: int
    days: Mapping[str, Sequence[int]]
    """`AdFigure` -> a number for each day; of claims the ad days that make any, whatever the window."""
    claims: Mapping[str, Mapping[str, Sequence[int]]]
    """Attribution window -> figure -> a number for each day."""

    @property
    def place(self) -> str:
        """Lies under its month and account."""
        return f"{self.month}#{self.platform}#{self.source}#{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignNames:
    """What campaigns are called: the name that was told last, of a part of them."""

    kind: ClassVar[str] = "CAMPAIGNS"

    part: int
    generation: int
    keys: Sequence[str]
    """As in the running sums, without a window. Sorted, and so are the parts."""
    names: Sequence[str]

    @property
    def place(self) -> str:
        """Lies under its number."""
        return f"{self.part:03}"


def campaign_key(platform: str, source: str, account: str, campaign_id: str) -> str:
    """Name a campaign in running sums; its claims stand under this with a window behind it."""
    return SEPARATOR.join((platform, source, account, campaign_id))
