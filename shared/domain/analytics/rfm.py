"""What kind of customer somebody is: by how lately, how often and for how much they bought, beside all others.

Frequency and monetary value are scored by quintiles of all customers (A. M. Hughes, *Strategic Database Marketing*,
1994). Of those who are alike all have the same score, that of the middle of them: the share of customers who are
strictly below and half of themselves. Recency is scored by the calendar months since the last order: a shop may have
lost most of its customers, and a young one none. The names are ours, and the rule is this one:

- often (frequency 4 or 5): champions if recency and monetary are 4 or 5, loyal if recency is 3 or more, else at_risk;
- not often: new after a single order with recency 4 or 5, promising if recency is 3 or more, else lapsed.
"""

from __future__ import annotations

from enum import StrEnum

SCORES = 5
HIGH, MIDDLE = 4, 3
MONTHS = (1, 2, 6, 12)
"""Who ordered at most so many calendar months before the last known one has a recency of 5, 4, 3, 2; all others 1."""


class Rfm(StrEnum):
    """The kinds. The values are on the wire and in stored keys."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    PROMISING = "promising"
    NEW = "new"
    AT_RISK = "at_risk"
    LAPSED = "lapsed"


def kind_of(*, recency: int, frequency: int, monetary: int, ordered_once: bool) -> Rfm:
    """Name the kind of a customer with these scores."""
    if frequency >= HIGH:
        if recency >= HIGH and monetary >= HIGH:
            return Rfm.CHAMPIONS
        return Rfm.LOYAL if recency >= MIDDLE else Rfm.AT_RISK
    if ordered_once and recency >= HIGH:
        return Rfm.NEW
    return Rfm.PROMISING if recency >= MIDDLE else Rfm.LAPSED
