"""What is told of the worth of a customer: each metric by its name, its unit and what it is made of."""

from __future__ import annotations

LTV_VERSION = "ltv.v1"

LTV = (
    (
        "ltv_historical",
        "Value so far of a customer",
        "money",
        (
            "net revenue or cm2 of months 0 to k after the first order's / customers for whom month k is over, of "
            "cohorts that may be shown; refunds in the month they were processed"
        ),
    ),
    (
        "ltv_predictive",
        "Value that a customer is expected to bring",
        "money",
        (
            "mean over customers of E[M] x sum over months t of (E[Y(t)] - E[Y(t-1)]) / (1 + discount_rate_annual)^"
            "(t / 12), order days by BG/NBD, their value by gamma-gamma, a month a twelfth of 52 weeks; for cm2 times "
            "cm2 / net_revenue up to observed_through of cohorts that may be shown"
        ),
    ),
    (
        "p_alive_share",
        "Share of customers who still buy",
        "ratio",
        (
            "mean of P(alive) over customers; who ordered on one day only counts as 1, however long ago, for in the "
            "model one can leave only after a repeat order"
        ),
    ),
    (
        "ltv_to_cac",
        "Lifetime value to acquisition cost",
        "ratio",
        "cm2 of a customer up to month 12 after the first order's / cac",
    ),
    (
        "payback_month",
        "Payback month",
        "count",
        "least k by whose end customers had brought cm2 of at least cac, on average",
    ),
    (
        "ltv_cac",
        "Customer acquisition cost of a year",
        "money",
        "ad_spend / new customers of the 12 complete months up to observed_through",
    ),
    (
        "holdout_error",
        "Error of a prediction",
        "ratio",
        "expected / actual order days - 1 in the last third of the time, by a model fitted to the first two thirds",
    ),
)
"""Key, label, unit and formula."""
