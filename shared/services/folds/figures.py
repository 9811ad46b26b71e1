"""What is folded from the current facts of a workspace: the tables in between, and the rollups made of them.

A new rollup is a line here. Tables are built in this order, each from the tables of facts and those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shared.domain.facts.ads import AdMonth, CampaignNames
from shared.domain.facts.anomalies import AnomalyMonth
from shared.domain.facts.cash import CashMonth
from shared.domain.facts.expenses import ExpenseMonth
from shared.domain.facts.goals import GoalPart
from shared.domain.facts.products import ProductNames, ProductPart, ProductRange
from shared.domain.facts.rollups import Cohort, FxMonth, Rollup, ShopMonth
from shared.domain.facts.running import Running
from shared.domain.facts.segments import SegmentCohort, Segments
from shared.domain.facts.settings import Settings
from shared.domain.facts.top_customers import TopCustomers
from shared.domain.facts.valuations import ValuationMonth
from shared.services.folds.ad_tables import build_ad_tables
from shared.services.folds.customer_tables import build_customer_tables
from shared.services.folds.duck import Duck
from shared.services.folds.fold_ads import fold_ads, fold_campaign_names
from shared.services.folds.fold_anomalies import fold_anomalies
from shared.services.folds.fold_cash import fold_cash
from shared.services.folds.fold_cohorts import fold_cohorts, fold_segment_cohorts, fold_segments
from shared.services.folds.fold_expenses import fold_expenses
from shared.services.folds.fold_goals import fold_goals
from shared.services.folds.fold_products import fold_product_names, fold_products, fold_range
from shared.services.folds.fold_shop import fold_shop
from shared.services.folds.fold_top_customers import fold_top_customers
from shared.services.folds.fold_valuation import fold_valuation
from shared.services.folds.order_tables import build_order_tables
from shared.services.folds.payment_tables import build_payment_tables
from shared.services.folds.product_tables import build_product_tables
from shared.services.folds.rates import build_rates, fold_fx
from shared.services.folds.segments import build_segments
from shared.services.folds.sku_tables import build_sku_tables
from shared.services.folds.spending_tables import build_spending_tables
from shared.services.folds.touch_tables import build_touch_tables

TABLES: tuple[Callable[[Duck, Settings], None], ...] = (
    build_rates,
    build_payment_tables,
    build_order_tables,
    build_product_tables,
    build_sku_tables,
    build_spending_tables,
    build_ad_tables,
    build_touch_tables,
    build_customer_tables,
    build_segments,
)

FOLDS: Mapping[type[Rollup], Callable[[Duck, Settings, int], Iterable[Rollup]]] = {
    ShopMonth: fold_shop,
    Cohort: fold_cohorts,
    SegmentCohort: fold_segment_cohorts,
    Segments: fold_segments,
    FxMonth: fold_fx,
    ExpenseMonth: fold_expenses,
    CashMonth: fold_cash,
    AdMonth: fold_ads,
    CampaignNames: fold_campaign_names,
    ProductPart: fold_products,
    ProductNames: fold_product_names,
    ProductRange: fold_range,
    ValuationMonth: fold_valuation,
    GoalPart: fold_goals,
    AnomalyMonth: fold_anomalies,
    TopCustomers: fold_top_customers,
}
"""Kind -> what makes all rollups of it there are, with the generation that they are made in."""

SUMMED: Mapping[Running, str] = {
    Running.VARIANT: "variant_days",
    Running.CAMPAIGN: "campaign_days",
    Running.CHANNELS_7: "channels_7",
    Running.CHANNELS_30: "channels_30",
    Running.CHANNELS_90: "channels_90",
    Running.TOUCHED_7: "campaigns_7",
    Running.TOUCHED_30: "campaigns_30",
    Running.TOUCHED_90: "campaigns_90",
}
"""What is kept as running sums -> the table of its days: `day DATE`, `key VARCHAR` and a BIGINT for each figure."""
