"""Whether advertising as a whole pays: what the shop earned, and won in customers, for all that it spent on ads.

`ncac` is Triple Whale's NCPA: blended ad spend by the orders of new customers (triplewhale.readme.io/docs/ncpa). `mer`,
`amer` and `poas` are plain ratios of the P&L's lines to its ad spend. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.ads import Claim, divided


class EfficiencyMetric(StrEnum):
    """The numbers, in their order. The values are on the wire."""

    AD_SPEND = "ad_spend"
    NET_REVENUE = "net_revenue"
    MER = "mer"
    NEW_CUSTOMERS = "new_customers"
    NEW_CUSTOMER_REVENUE = "new_customer_revenue"
    AMER = "amer"
    NCAC = "ncac"
    CAC_LOADED = "cac_loaded"
    CM2_BEFORE_ADS = "cm2_before_ads"
    POAS = "poas"
    BREAK_EVEN_MER = "break_even_mer"
    PLATFORM_CLAIMED_REVENUE = "platform_claimed_revenue"
    OVERCLAIM_RATIO = "overclaim_ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """What all advertising together brought. Revenue, costs and customers by the day of the order; money in micros."""

    ad_spend: int | None
    """None: nobody ever told."""
    is_spend_whole: bool
    """Whether it is of all days: what was sold on the others is not set against it."""
    marketing_opex: int | None
    net_revenue: int
    cm2: int
    """Contribution margin before ads."""
    is_cost_known: bool
    """Whether `cm2` has the cost of goods in it."""
    new_customers: int | None
    """None: orders name no customers."""
    new_customer_revenue: int | None
    claims: Mapping[str, Claim]
    """Platform -> what it claims; one that claims nothing is left out."""
    claim: Claim
    """What they claim together, if all of it is of one window."""

    def values(self) -> Mapping[EfficiencyMetric, int | Fraction | None]:
        """Give every number; None: unknown."""
        spend, loaded = self.ad_spend if self.is_spend_whole else None, None
        if spend is not None and self.marketing_opex is not None:
            loaded = spend + self.marketing_opex
        cm2 = self.cm2 if self.is_cost_known else None
        # A margin that is not positive pays for no ads, whatever they sell.
        break_even = None if cm2 is None or cm2 <= 0 else divided(self.net_revenue, cm2)
        return {
            EfficiencyMetric.AD_SPEND: self.ad_spend,
            EfficiencyMetric.NET_REVENUE: self.net_revenue,
            EfficiencyMetric.MER: divided(self.net_revenue, spend),
            EfficiencyMetric.NEW_CUSTOMERS: self.new_customers,
            EfficiencyMetric.NEW_CUSTOMER_REVENUE: self.new_customer_revenue,
            EfficiencyMetric.AMER: divided(self.new_customer_revenue, spend),
            EfficiencyMetric.NCAC: divided(spend, self.new_customers),
            EfficiencyMetric.CAC_LOADED: divided(loaded, self.new_customers),
            EfficiencyMetric.CM2_BEFORE_ADS: self.cm2,
            EfficiencyMetric.POAS: divided(cm2, spend),
            EfficiencyMetric.BREAK_EVEN_MER: break_even,
            EfficiencyMetric.PLATFORM_CLAIMED_REVENUE: self.claim.revenue,
            EfficiencyMetric.OVERCLAIM_RATIO: self._overclaim(),
        }

    def _overclaim(self) -> Fraction | None:
        """Add up the shares of the net revenue that the platforms claim, each by its own window."""
        claimed = [claim.revenue for claim in self.claims.values() if claim.revenue is not None]
        if not claimed or self.net_revenue <= 0 or any(claim.differ for claim in self.claims.values()):
            return None
        return divided(sum(claimed), self.net_revenue)
