"""What the numbers are called that a shop steers by, and what those of its goals are made of."""

from __future__ import annotations

STEERING_VERSION = "steering.v1"
GOALS_VERSION = "goals.v1"

MARGINS = (
    ("cm1_margin", "Contribution margin 1, share of net revenue", "ratio", "cm1 / net_revenue"),
    ("cm2_margin", "Contribution margin 2, share of net revenue", "ratio", "cm2 / net_revenue"),
    ("cm3_margin", "Contribution margin 3, share of net revenue", "ratio", "cm3 / net_revenue"),
    ("ebitda_margin", "EBITDA margin", "ratio", "ebitda / net_revenue"),
    ("net_profit_margin", "Net profit margin", "ratio", "net_profit / net_revenue"),
)
"""Key, label, unit and formula."""

INPUTS = (
    (
        "contribution",
        "Part of the north star's change",
        "metric",
        (
            "of a ratio N / D: change of N / earlier D, and N / D - N / earlier D; of what sales bring: change of "
            "orders x its earlier value for each order, and the rest; of cm2 to net_profit: the drivers of "
            "explain_profit_change and the change of later costs. They add up to the change"
        ),
    ),
)
"""The same."""

GOALS = (
    (
        "expected_to_date",
        "Expected by now",
        "metric",
        (
            "target x weights of the days over / weights of all days of the period; a day's weight: what its weekday "
            "brought in the 56 days before the period, losses as 0; where 364 days earlier a day brought >= 1.5 x the "
            "best of the 56 days before that period and of the 56 after it, x how many times as much as the other days "
            "of then, by their weights, it brought, at least 1 (needs data from 420 days before the period). Of a "
            "ratio: the target"
        ),
    ),
    ("pace", "Pace", "ratio", "actual_to_date / expected_to_date"),
    (
        "projected",
        "Projected",
        "metric",
        (
            "actual_to_date x weights of all days / weights of the days over; projected_low and projected_high by how "
            "wrong that was, after as many days, of the last 6 periods like it (null while less than a tenth of the "
            "weights is over)"
        ),
    ),
    ("required_per_day", "Required per day", "metric", "(target - actual_to_date) / days_left, at least 0"),
)
"""Key, label, unit (`metric`: that of the goal's metric) and formula."""
