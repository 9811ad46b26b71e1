"""What each metric of ads is called, counted in and made of."""

from __future__ import annotations

from shared.domain.analytics.efficiency import EfficiencyMetric

ADS_VERSION = "ads.v1"

ADS = (
    ("ctr", "Click-through rate", "ratio", "clicks / impressions"),
    ("cpm", "Cost per thousand impressions", "money", "1000 x spend / impressions"),
    ("cpc", "Cost per click", "money", "spend / clicks"),
    (
        "platform_roas",
        "Return on ad spend, as claimed",
        "ratio",
        "platform_revenue / spend, where every ad day tells both",
    ),
    ("cpa", "Cost per acquisition, as claimed", "money", "spend / platform_conversions, where every ad day tells both"),
)
"""Key, label, unit and formula."""

_OF_ALL_DAYS = ", where spend is known of every day"

EFFICIENCY = {
    EfficiencyMetric.AD_SPEND: ("Ad spend", "money", "ad_spend of get_pnl"),
    EfficiencyMetric.NET_REVENUE: ("Net revenue", "money", "net_revenue of get_pnl with basis=order_date"),
    EfficiencyMetric.MER: ("Marketing efficiency ratio", "ratio", f"net_revenue / ad_spend{_OF_ALL_DAYS}"),
    EfficiencyMetric.NEW_CUSTOMERS: ("New customers", "count", "customers whose first order ever is of the period"),
    EfficiencyMetric.NEW_CUSTOMER_REVENUE: (
        "New customer revenue",
        "money",
        "net revenue of those first orders, less their refunds",
    ),
    EfficiencyMetric.AMER: ("Acquisition MER", "ratio", f"new_customer_revenue / ad_spend{_OF_ALL_DAYS}"),
    EfficiencyMetric.NCAC: ("New customer acquisition cost", "money", f"ad_spend / new_customers{_OF_ALL_DAYS}"),
    EfficiencyMetric.CAC_LOADED: (
        "Loaded acquisition cost",
        "money",
        f"(ad_spend + opex whose category names marketing or advertising) / new_customers{_OF_ALL_DAYS}",
    ),
    EfficiencyMetric.CM2_BEFORE_ADS: ("Contribution margin before ads", "money", "cm2 with basis=order_date"),
    EfficiencyMetric.POAS: ("Profit on ad spend", "ratio", f"cm2_before_ads / ad_spend{_OF_ALL_DAYS}"),
    EfficiencyMetric.BREAK_EVEN_MER: ("Break-even MER", "ratio", "net_revenue / cm2_before_ads"),
    EfficiencyMetric.PLATFORM_CLAIMED_REVENUE: (
        "Revenue that platforms claim",
        "money",
        "sum over platforms, if all claims are of one attribution window",
    ),
    EfficiencyMetric.OVERCLAIM_RATIO: (
        "Overclaim",
        "ratio",
        "sum over platforms of the revenue that each claims in its own window / net_revenue",
    ),
}
"""Label, unit and formula."""
