"""What each metric is called, counted in and made of: the words that go out with the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.domain.analytics.ad_definitions import ADS, ADS_VERSION, EFFICIENCY
from shared.domain.analytics.anomaly_definitions import ANOMALIES, ANOMALY_VERSION
from shared.domain.analytics.attribution import Model
from shared.domain.analytics.bridge import Driver
from shared.domain.analytics.cohorts import CohortMetric
from shared.domain.analytics.ltv_definitions import LTV, LTV_VERSION
from shared.domain.analytics.pnl import Line
from shared.domain.analytics.steering_definitions import GOALS, GOALS_VERSION, INPUTS, MARGINS, STEERING_VERSION
from shared.domain.analytics.top_definitions import TOP, TOP_VERSION
from shared.domain.analytics.valuation_definitions import VALUATION, VALUATION_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that tools give."""

    key: str
    label: str
    unit: str
    """`money`, `count`, `ratio` (a fraction), `points` (of a hundred), `label` (a word), or `metric` (that of the
    goal or north star)."""
    formula: str
    version: str
    """A formula never changes under its version."""


ATTRIBUTION_VERSION = "attribution.v1"
PNL_VERSION = "pnl.v1"
BRIDGE_VERSION = "bridge.v1"
EXPENSES_VERSION = "expenses.v1"
CASH_VERSION = "cash.v1"
COHORT_VERSION = "cohort.v1"
PRODUCTS_VERSION = "products.v1"
VIABILITY_VERSION = "viability.v1"

_LINES = {
    Line.GROSS_SALES: ("Gross sales", "price x quantity, before discounts, without tax, on the day of the order"),
    Line.DISCOUNTS: ("Discounts", "line discounts + order discounts"),
    Line.RETURNS: ("Returns", "refunded value of goods, on the day that basis chooses"),
    Line.NET_SALES: ("Net sales", "gross_sales - discounts - returns"),
    Line.SHIPPING_INCOME: ("Shipping income", "shipping charged - shipping refunded"),
    Line.NET_REVENUE: ("Net revenue", "net_sales + shipping_income"),
    Line.COGS: ("Cost of goods sold", "quantity x unit cost on the day of the order - cost of restocked returns"),
    Line.CM1: ("Contribution margin 1", "net_revenue - cogs"),
    Line.FULFILMENT: ("Fulfilment", "outbound shipping + pick and pack + packaging + return shipping"),
    Line.PAYMENT_FEES: ("Payment fees", "actual fees, else the workspace's fee rule"),
    Line.PLATFORM_FEES: ("Platform fees", "actual fees, else the workspace's fee rule"),
    Line.CM2: ("Contribution margin 2", "cm1 - fulfilment - payment_fees - platform_fees"),
    Line.AD_SPEND: (
        "Ad spend",
        "spend of all ad platforms + advertising booked as an expense, up to the last day that all live accounts tell",
    ),
    Line.CM3: ("Contribution margin 3", "cm2 - ad_spend"),
    Line.OPEX: ("Operating expenses", "fixed and one-off expenses; monthly ones spread over the days of the month"),
    Line.EBITDA: ("EBITDA", "cm3 - opex"),
    Line.DEPRECIATION: ("Depreciation and amortization", "as imported"),
    Line.INTEREST: ("Interest", "as imported"),
    Line.INCOME_TAX: ("Income tax", "as imported"),
    Line.NET_PROFIT: ("Net profit", "ebitda - depreciation - interest - income_tax"),
}

_RATE = "earlier {0} / earlier gross_sales x gross_sales - {0}"
_DRIVERS = {
    Driver.VOLUME: ("Number of orders", "change of orders x earlier cm2 / earlier orders"),
    Driver.PRICE_MIX: (
        "Value of an order",
        "(gross_sales - orders x earlier gross_sales / earlier orders) x earlier cm2 / earlier gross_sales",
    ),
    Driver.DISCOUNTS: ("Rate of discounts", _RATE.format("discounts")),
    Driver.RETURNS: ("Rate of returns", _RATE.format("returns")),
    Driver.COGS_RATE: ("Rate of cost of goods", _RATE.format("cogs")),
    Driver.SHIPPING: ("Rate of net shipping cost", _RATE.format("(fulfilment - shipping_income)")),
    Driver.PAYMENT_FEES: ("Rate of payment fees", _RATE.format("payment_fees")),
    Driver.PLATFORM_FEES: ("Rate of platform fees", _RATE.format("platform_fees")),
    Driver.AD_SPEND: ("Ad spend", "earlier ad_spend - ad_spend"),
    Driver.OPEX: ("Operating expenses", "earlier opex - opex; of ebitda only"),
}

_COHORTS = {
    CohortMetric.RETENTION: (
        "Retention",
        "ratio",
        "customers with at least one order in calendar month k after their first / customers of the cohort",
    ),
    CohortMetric.ORDERS_PER_CUSTOMER: (
        "Orders per customer",
        "ratio",
        "orders in calendar month k after the first order / customers of the cohort",
    ),
    CohortMetric.CUMULATIVE_NET_REVENUE: (
        "Cumulative net revenue per customer",
        "money",
        "net revenue of months 0 to k, refunds in the month they were processed / customers of the cohort",
    ),
    CohortMetric.CUMULATIVE_CM2: (
        "Cumulative contribution margin 2 per customer",
        "money",
        (
            "net revenue - known cost of goods (null where none is known), fulfilment and fees of months 0 to k / "
            "customers of the cohort"
        ),
    ),
}

# key, label, unit, formula
_PRODUCTS = (
    ("product_net_sales", "Net sales of goods", "money", "gross_sales - discounts - returns of their lines"),
    (
        "product_cm1",
        "Contribution margin 1 of goods",
        "money",
        "net sales - (quantity x unit cost on the day of the order - cost of restocked returns)",
    ),
    (
        "product_cm2",
        "Contribution margin 2 of goods",
        "money",
        "cm1 - fulfilment - return shipping - payment and platform fees, those of an order by what its lines came to",
    ),
    (
        "product_refund_rate",
        "Refund rate of goods",
        "ratio",
        "orders with the SKU of which some of it was refunded at any time / orders with the SKU, added up over SKUs",
    ),
    (
        "ad_spend_allocated",
        "Ad spend by revenue share",
        "money",
        "ad spend of the shop x net sales / net sales of all goods that sold more than came back",
    ),
)
_VIABILITY = (
    ("unit_net", "Net price of a piece", "money", "(price - discount) x (1 - return rate)"),
    ("unit_cm2", "Contribution margin 2 of a piece", "money", "unit_net - cogs - shipping and returns - fees"),
    ("break_even_cpa", "Break-even cost per order", "money", "unit_cm2 x units per order"),
    ("break_even_roas", "Break-even return on ad spend", "ratio", "unit_net / unit_cm2"),
    (
        "max_cpa_at_target",
        "Highest cost per order at the target",
        "money",
        "break_even_cpa - target_cm3_margin x unit_net x units per order",
    ),
    (
        "viability_score",
        "Viability",
        "points",
        (
            "40 x cm2_margin / 0.40 + 30 x (1 - cpa / break_even_cpa) + 15 x (1 - return_rate / 0.30) + 15 x share of "
            "the sold SKUs that sold no more in 30 days; each part between 0 and its most, unknown parts weighed out"
        ),
    ),
)

_MODELS = {
    Model.PLATFORM_REPORTED: ("Reported by the platform", "what the ad platform claims, in one window of it"),
    Model.LAST_TOUCH: ("Last touch", "all to the last touch before the order"),
    Model.LAST_NON_DIRECT: ("Last non-direct touch", "all to the last touch that is not direct, else to the last"),
    Model.FIRST_TOUCH: ("First touch", "all to the first touch within lookback_days before the order"),
    Model.LINEAR: ("Linear", "1 / n to each of n touches"),
    Model.POSITION_BASED: ("Position-based", "40 % first, 40 % last, 20 % between; of two touches 50 % each"),
    Model.TIME_DECAY: ("Time decay", "by weight 2^(-days before the order / 7)"),
    Model.MARKOV: (
        "Markov chain",
        "by removal effect, 1 - P(order if the channel led nowhere) / P(order), in the first-order chain of all paths",
    ),
}

ROAS_FORMULA = (
    "revenue / spend; in totals over the channels or campaigns with a spend; of platform_reported only where every ad "
    "day tells its revenue, and in totals only of one attribution window"
)
LABELS: dict[Line, str] = {line: label for line, (label, _) in _LINES.items()}
FORMULAS: dict[Line, str] = {line: formula for line, (_, formula) in _LINES.items()}
BRIDGE_LABELS: dict[Driver, str] = {driver: label for driver, (label, _) in _DRIVERS.items()}
BRIDGE_FORMULAS: dict[Driver, str] = {driver: formula for driver, (_, formula) in _DRIVERS.items()}
MODEL_FORMULAS: dict[Model, str] = {model: formula for model, (_, formula) in _MODELS.items()}
COHORT_FORMULAS: dict[CohortMetric, str] = {metric: formula for metric, (_, _, formula) in _COHORTS.items()}

_TOLD: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    PRODUCTS_VERSION: _PRODUCTS,
    VIABILITY_VERSION: _VIABILITY,
    ADS_VERSION: (
        *ADS,
        *((str(metric), *told) for metric, told in EFFICIENCY.items() if str(metric) not in set(Line)),
    ),
    STEERING_VERSION: (*MARGINS, *INPUTS),
    GOALS_VERSION: GOALS,
    VALUATION_VERSION: VALUATION,
    ANOMALY_VERSION: ANOMALIES,
    LTV_VERSION: LTV,
    TOP_VERSION: TOP,
}
"""Version -> key, label, unit and formula of each number."""

METRICS: tuple[Metric, ...] = (
    *(
        Metric(key=str(line), label=label, unit="money", formula=formula, version=PNL_VERSION)
        for line, (label, formula) in _LINES.items()
    ),
    Metric(key="orders", label="Orders", unit="count", formula="orders placed, test orders aside", version=PNL_VERSION),
    Metric(key="units", label="Units", unit="count", formula="pieces sold, before returns", version=PNL_VERSION),
    Metric(
        key="aov",
        label="Average order value",
        unit="money",
        formula="(gross_sales - discounts) / orders",
        version=PNL_VERSION,
    ),
    Metric(
        key="refund_rate",
        label="Refund rate",
        unit="ratio",
        formula="orders of the period that were refunded at any time, in part or whole / orders",
        version=PNL_VERSION,
    ),
    *(
        Metric(key=str(driver), label=label, unit="money", formula=formula, version=BRIDGE_VERSION)
        for driver, (label, formula) in _DRIVERS.items()
    ),
    Metric(
        key="expenses",
        label="Booked expenses",
        unit="money",
        formula="sum of what was booked, credits taken off; what covers a month is spread over its days",
        version=EXPENSES_VERSION,
    ),
    Metric(
        key="total_cash",
        label="Cash",
        unit="money",
        formula="last balances of cash accounts, each at the rate of its day; cards and payouts in transit apart",
        version=CASH_VERSION,
    ),
    Metric(
        key="burn_monthly",
        label="Monthly burn",
        unit="money",
        formula="mean of the last n complete months of -(cash change - financing - owner draws - transfers)",
        version=CASH_VERSION,
    ),
    Metric(
        key="runway_months",
        label="Runway",
        unit="ratio",
        formula="total_cash / burn_monthly, in months; null where burn_monthly <= 0",
        version=CASH_VERSION,
    ),
    Metric(
        key="roas",
        label="Return on ad spend, by model",
        unit="ratio",
        formula=ROAS_FORMULA,
        version=ATTRIBUTION_VERSION,
    ),
    *(
        Metric(
            key=f"{model}_revenue",
            label=f"Revenue, {label[0].lower()}{label[1:]}",
            unit="money",
            formula=f"net revenue of orders, {formula}",
            version=ATTRIBUTION_VERSION,
        )
        for model, (label, formula) in _MODELS.items()
    ),
    *(
        Metric(key=str(metric), label=label, unit=unit, formula=formula, version=COHORT_VERSION)
        for metric, (label, unit, formula) in _COHORTS.items()
    ),
    Metric(
        key="cac",
        label="Customer acquisition cost",
        unit="money",
        formula="ad_spend of the cohort's months / its customers",
        version=COHORT_VERSION,
    ),
    *(
        Metric(key=key, label=label, unit=unit, formula=formula, version=version)
        for version, told in _TOLD.items()
        for key, label, unit, formula in told
    ),
)
