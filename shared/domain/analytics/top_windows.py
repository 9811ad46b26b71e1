"""The days whose orders count for a list of the first customers: whole months, so that no list tells a day.

Of a window that moved day by day, who drops out of it ordered on the day that it has just left.
"""

from __future__ import annotations

from shared.domain.analytics.cohorts import last_complete_month
from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month
from shared.domain.facts.top_customers import Window

MONTHS = {Window.YEAR: 12, Window.QUARTER: 3, Window.MONTH: 1}


def days_of(window: Window, known: DateRange) -> DateRange:
    """Give the days of a window: all that are known, or those of the last months that are known whole."""
    months = MONTHS.get(window)
    if months is None:
        return known
    last = last_complete_month(known.last)
    return DateRange(first=first_of(later_month(last, 1 - months)), last=last_of(last))
