"""What each number of a valuation is called, counted in and made of."""

from __future__ import annotations

VALUATION_VERSION = "valuation.v1"

# key, label, unit, formula
VALUATION = (
    (
        "sde",
        "Seller's discretionary earnings",
        "money",
        "pre-tax net profit + interest + depreciation + expenses marked owner_pay, discretionary or one_off",
    ),
    ("adjusted_ebitda", "Adjusted EBITDA", "money", "ebitda + expenses marked discretionary or one_off"),
    (
        "value_by_multiple",
        "Value by a multiple",
        "money",
        "sde, adjusted_ebitda or net_revenue of 12 months x its multiple; 0 of a loss",
    ),
    (
        "value_by_dcf",
        "Value by discounted cash flow",
        "money",
        (
            "sum of FCF_t / (1 + r)^(t - 0.5) + FCF_n x (1 + g) / ((r - g) x (1 + r)^n); FCF = adjusted_ebitda x "
            "(1 - tax) + tax x depreciation - capex - further working capital; low and high: r 20 % higher and lower"
        ),
    ),
    (
        "valuation_range",
        "Range of the methods",
        "money",
        (
            "median of the lows, the mids and the highs of the methods that have a value; where two have nothing in "
            "common, lowest low and highest high"
        ),
    ),
    (
        "valuation_score",
        "Scorecard",
        "ratio",
        (
            "sum of -0.5 to 0.5 turns by factor that is known (mer and net_margin: with ad spend); moves the middle "
            "multiple of sde and ebitda within its low and high, unless the multiple was given with the question"
        ),
    ),
    ("swing", "Swing of a driver", "money", "value with the driver a shock higher - value with it a shock lower"),
)
"""Key, label, unit and formula."""
