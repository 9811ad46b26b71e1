"""What the numbers are called that go out with an unusual day."""

from __future__ import annotations

ANOMALY_VERSION = "anomalies.v1"

SCORE_FORMULA = (
    "0.6745 x (y - usual) / deviation, y = ln(1 + value) of amounts and counts, a ratio as it is; usual: median of the "
    "weekday in 56 days + median of what is left of the last 28; deviation: median of |what is left| of the 56 (at "
    "least 0.05; where the median is 0, 0.6745 x 1.2533 x their mean). Told from |score| 3.5; info where "
    "|impact_amount| < 2 % of the net revenue (where it is none or unknown, of the ad spend) of the 28 days before, "
    "else critical from 5 or on the second day running on one side, else warning"
)

ANOMALIES = (
    ("anomaly_score", "How unusual a day is", "ratio", SCORE_FORMULA),
    (
        "impact_amount",
        "What an unusual day amounts to",
        "money",
        (
            "(actual - expected) x what one is worth: 1 of money, mean net revenue per order of 28 days of orders, the "
            "day's orders of aov and fulfilment_per_order, its ad spend of mer, its net revenue of cm2_margin"
        ),
    ),
    (
        "fulfilment_per_order",
        "Fulfilment cost per order",
        "money",
        "fulfilment stated by orders / orders that state it",
    ),
)
"""Key, label, unit and formula."""
