"""Whether customers came back, and what they brought, by when they first ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.domain.analytics.cohorts import (
    CohortMetric,
    Grain,
    Group,
    grouped,
    hidden_months,
    last_complete_month,
    last_complete_quarter,
    weighted_average,
    whole_quarters,
)
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month, month_of
from shared.domain.analytics.pnl import Basis, Imported, Line, Statement, statement
from shared.domain.errors import Invalid
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.storage.contracts.facts import Figures

DEFAULT_COHORTS = 12
MOST_COHORTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortQuestion:
    """What is asked; months are yyyy-mm."""

    first: str | None = None
    last: str | None = None
    metric: CohortMetric = CohortMetric.RETENTION
    grain: Grain = Grain.MONTH
    max_offset: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortReport:
    """The answer, not rounded."""

    frame: Frame
    first: str
    last: str
    through: date
    """The last day that is known."""
    groups: Sequence[Group]
    ad_spend: Mapping[str, int | None]
    """By the start of a group, in micros; None: nobody told."""
    ad_days: Mapping[str, tuple[int, int]]
    """By the start of a group of some of whose days alone ads are told: of how many, and all of them."""
    average: Sequence[tuple[int, int] | None]
    cost_coverage: tuple[int, int]
    """Of what these customers bought: sales whose cost is known, and all sales."""


def get_cohort_retention(
    question: CohortQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> CohortReport:
    """Work out the cohorts of some months.

    Raises:
        NotFound: `no_data`.
        Invalid: the months.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    fiscal_start = frame.settings.fiscal_year_start
    through = _through(frame)
    first, last = _months(question, through, frame)
    quarters = whole_quarters(first, last, fiscal_start)
    if question.grain is Grain.QUARTER:
        # Part of a quarter would tell of the rest of it; of one that is not over there is no rest.
        first, last = quarters[0], min(quarters[1], month_of(frame.today))
    found = figures.cohorts(workspace_id, *quarters)
    k_min = frame.settings.k_min
    hidden = hidden_months({cohort.month: cohort.size for cohort in found}, k_min, fiscal_start)
    asked = [cohort for cohort in found if first <= cohort.month <= last]
    groups = [
        replace(group, hidden=group.start in hidden if question.grain is Grain.MONTH else group.size < k_min)
        for group in grouped(
            asked,
            question.metric,
            grain=question.grain,
            fiscal_start=fiscal_start,
            max_offset=question.max_offset,
            through=through,
        )
    ]
    spending = _spending(groups, frame, workspace_id, figures)
    return CohortReport(
        frame=frame,
        first=first,
        last=last,
        through=through,
        groups=groups,
        ad_spend={start: found.lines[Line.AD_SPEND] for start, found in spending.items()},
        ad_days={
            start: (known, found.days)
            for start, found in spending.items()
            if 0 < (known := found.days_told.get(Line.AD_SPEND, 0)) < found.days
        },
        average=weighted_average(groups),
        cost_coverage=(
            sum(sum(cohort.cost_known_sales) for cohort in asked),
            sum(sum(cohort.sales) for cohort in asked),
        ),
    )


def _through(frame: Frame) -> date:
    """Give the last day that is known: of the data, and not today, which is not over."""
    yesterday = frame.today - timedelta(days=1)
    return min(frame.overview.data_through or yesterday, yesterday)


def _months(question: CohortQuestion, through: date, frame: Frame) -> tuple[str, str]:
    today = frame.today
    if question.grain is Grain.QUARTER:
        complete = last_complete_quarter(through, frame.settings.fiscal_year_start)
    else:
        complete = last_complete_month(through)
    last = question.last or complete
    first = question.first or later_month(last, 1 - DEFAULT_COHORTS)
    if first > last:
        raise Invalid(
            "invalid_date_range",
            "cohort_from is after cohort_to.",
            hint=f"Without both you get the {DEFAULT_COHORTS} complete months up to {complete}.",
            field="cohort_from",
        )
    if last > month_of(today):
        raise Invalid(
            "invalid_date_range",
            "cohort_to is in the future.",
            hint=f"Use cohort_to={month_of(today)} or earlier.",
            field="cohort_to",
        )
    if later_month(first, MOST_COHORTS - 1) < last:
        raise Invalid(
            "range_too_long",
            f"{MOST_COHORTS} months of cohorts are the most.",
            hint="Ask for a part of them.",
            field="cohort_from",
        )
    return first, last


def _spending(groups: Sequence[Group], frame: Frame, workspace_id: str, figures: Figures) -> dict[str, Statement]:
    """Give the P&L of the months in which each group began."""
    if not groups:
        return {}
    imported = Imported.of(frame.overview)
    months = figures.shop_months(workspace_id, groups[0].months[0], groups[-1].months[-1])
    spans = {
        group.start: DateRange(first=first_of(group.months[0]), last=last_of(group.months[-1])) for group in groups
    }
    return {
        start: statement(sums_of(months, span), Basis.PROCESSED_DATE, imported.within(span))
        for start, span in spans.items()
    }
