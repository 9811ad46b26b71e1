"""What is told of single customers: each metric by its name, its unit and what it is made of."""

from __future__ import annotations

TOP_VERSION = "customers.v1"

TOP = (
    (
        "rfm",
        "Kind of customer",
        "label",
        (
            "recency: 5, 4, 3 or 2 where the last order is at most 1, 2, 6 or 12 calendar months before the last known "
            "month, else 1; frequency (orders) and monetary (net revenue), each 1 + 5 x (customers strictly below + "
            "half of those alike) / all customers, rounded down. Frequency 4 or 5: champions (recency and monetary "
            "4 or 5), loyal (recency 3 or more), at_risk (the rest). Others: new (one order, recency 4 or 5), "
            "promising (recency 3 or more), lapsed (the rest)"
        ),
    ),
    (
        "p_alive",
        "Chance that a customer still buys",
        "ratio",
        (
            "1 / (1 + a / (b + x - 1) x ((alpha + T) / (alpha + t))^(r + x)) after x repeat order days, unknown where "
            "x = 0 (the model has all of these stay), with the BG/NBD parameters of all "
            "customers; first and last order taken as in the middle of their months"
        ),
    ),
    (
        "predicted_value_12m",
        "Value expected of a customer",
        "money",
        (
            "net revenue of the next 52 weeks, not discounted: expected order days (BG/NBD) x expected value of one "
            "(gamma-gamma)"
        ),
    ),
)
"""Key, label, unit and formula."""
