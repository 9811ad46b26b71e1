"""Whether customers came back, and what they brought, by when they first ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.domain.analytics.cohorts import (
    CohortMetric,
    Grain,
    Group,
    cost_coverage,
    grouped,
    last_complete_month,
    last_complete_quarter,
    weighted_average,
    whole_quarters,
)
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import MONTHS_OF_QUARTER, DateRange, first_of, last_of, later_month, month_of
from shared.domain.analytics.pnl import Basis, Imported, Line, Statement, statement
from shared.domain.analytics.suppression import Hidden, hidden_in_segments, hidden_of_all
from shared.domain.errors import Invalid
from shared.domain.facts.rollups import Cohort
from shared.domain.facts.segments import EVERYBODY, SegmentCohort
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.segments import FoundSegment, find_segment
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
    segment: str = EVERYBODY
    max_offset: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortReport:
    """The answer, not rounded."""

    frame: Frame
    first: str
    last: str
    segment: FoundSegment | None
    """None: all customers."""
    through: date
    """The last day that is known."""
    groups: Sequence[Group]
    ad_spend: Mapping[str, int | None]
    """By the start of a group, in micros; None: nobody told. Nobody tells which customers an ad was for: of a segment
    there is none."""
    ad_days: Mapping[str, tuple[int, int]]
    """By the start of a group of some of whose days alone ads are told: of how many, and all of them."""
    average: Sequence[tuple[int, int] | None]
    cost_coverage: tuple[int, int]
    """Of what the customers of the shown groups bought: sales whose cost is known, and all sales."""

    @property
    def is_unknown(self) -> bool:
        """Tell whether no order is known of any day of these months."""
        return self.frame.is_unknown(DateRange(first=first_of(self.first), last=last_of(self.last)))

    @property
    def customers(self) -> int | None:
        """How many there are in all groups; None: unknown, or some are hidden, whose number would follow."""
        if self.is_unknown:
            return None
        sizes = [group.size for group in self.groups]
        return None if None in sizes else sum(size or 0 for size in sizes)


def get_cohort_retention(
    question: CohortQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> CohortReport:
    """Work out the cohorts of some months.

    Raises:
        NotFound: `no_data`.
        Invalid: the months, or the segment.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    through = _through(frame)
    first, last = _months(question, through, frame)
    segment = find_segment(question.segment, workspace_id=workspace_id, figures=figures)
    if segment is None:
        found, hidden = _of_all((first, last), frame, workspace_id, figures)
    else:
        found, hidden = _of_segment(segment, (first, last), frame, workspace_id, figures)
    starts = hidden.months if question.grain is Grain.MONTH else hidden.quarters
    groups = [
        group.concealed(with_size=segment is not None) if group.start in starts else group
        for group in grouped(
            found,
            question.metric,
            grain=question.grain,
            fiscal_start=frame.settings.fiscal_year_start,
            max_offset=question.max_offset,
            through=through,
        )
        if group.size or group.start in starts
    ]
    spans = _spans(groups if segment is None else (), question.grain, min(through, last_of(last)))
    spending = _spending(spans, frame, workspace_id, figures)
    shown = {month for group in groups if not group.hidden for month in group.months}
    return CohortReport(
        frame=frame,
        first=first,
        last=last,
        segment=segment,
        through=through,
        groups=groups,
        ad_spend={start: found.lines[Line.AD_SPEND] for start, found in spending.items()},
        ad_days={
            start: (known, found.days)
            for start, found in spending.items()
            if 0 < (known := found.days_told.get(Line.AD_SPEND, 0)) < found.days
        },
        average=weighted_average(groups),
        cost_coverage=cost_coverage([cohort for cohort in found if cohort.month in shown]),
    )


def _of_all(
    months: tuple[str, str], frame: Frame, workspace_id: str, figures: Figures
) -> tuple[Sequence[Cohort], Hidden]:
    """Read the cohorts of all customers; what is hidden of them depends on whole quarters."""
    fiscal_start = frame.settings.fiscal_year_start
    found = figures.cohorts(workspace_id, *whole_quarters(*months, fiscal_start))
    sizes = {cohort.month: cohort.size for cohort in found}
    asked = [cohort for cohort in found if months[0] <= cohort.month <= months[1]]
    return asked, hidden_of_all(sizes, frame.settings.k_min, fiscal_start)


def _of_segment(
    segment: FoundSegment, months: tuple[str, str], frame: Frame, workspace_id: str, figures: Figures
) -> tuple[Sequence[SegmentCohort], Hidden]:
    """Read the cohorts of a segment, an empty one for each month that brought customers to others only.

    Without these, a hidden month of nobody could be told from a hidden month of somebody.
    """
    settings = frame.settings
    sizes = segment.among.of(segment.dimension)
    hidden = hidden_in_segments(sizes, settings.k_min, settings.fiscal_year_start)[segment.name]
    places = (f"{segment.name}#{month}" for month in months)
    found = {
        cohort.month: cohort
        for cohort in figures.rollups(workspace_id, SegmentCohort, *places)
        # An id may hold a # itself.
        if cohort.segment == segment.name
    }
    empty = SegmentCohort(segment=segment.name, month="", currency=settings.currency, generation=0, size=0)
    asked = (month for month in segment.among.months if months[0] <= month <= months[1])
    return [found.get(month) or replace(empty, month=month) for month in asked], hidden


def _through(frame: Frame) -> date:
    """Give the last day that is known: of the data, and not today, which is not over."""
    yesterday = frame.today - timedelta(days=1)
    return min(frame.overview.data_through or yesterday, yesterday)


def _months(question: CohortQuestion, through: date, frame: Frame) -> tuple[str, str]:
    today, fiscal_start = frame.today, frame.settings.fiscal_year_start
    if question.grain is Grain.QUARTER:
        complete = last_complete_quarter(through, fiscal_start)
    else:
        complete = last_complete_month(through)
    for field, month in (("cohort_from", question.first), ("cohort_to", question.last)):
        if month is not None and month > month_of(today):
            raise Invalid(
                "invalid_date_range",
                f"{field} is in the future: this month is {month_of(today)} where the shop is.",
                hint=f"Use {field}={month_of(today)} or earlier; the last complete month is {complete}.",
                field=field,
            )
    last = question.last or complete
    first = question.first or later_month(last, 1 - DEFAULT_COHORTS)
    if first > last:
        growing = "" if question.last else f"Add cohort_to={month_of(today)} to see months that are not over. "
        raise Invalid(
            "invalid_date_range",
            f"cohort_from is after {'cohort_to' if question.last else f'{complete}, the last complete month'}.",
            hint=f"{growing}Without both you get the {DEFAULT_COHORTS} complete months up to {complete}.",
            field="cohort_from",
        )
    if later_month(first, MOST_COHORTS - 1) < last:
        raise Invalid(
            "range_too_long",
            f"{MOST_COHORTS} months of cohorts are the most.",
            hint=f"Up to {last} ask from {later_month(last, 1 - MOST_COHORTS)} on.",
            field="cohort_from",
        )
    if question.grain is Grain.QUARTER:
        # Part of a quarter would tell of the rest of it; of one that is not over there is no rest.
        start, end = whole_quarters(first, last, fiscal_start)
        return start, min(end, month_of(today))
    return first, last


def _spans(groups: Sequence[Group], grain: Grain, ends: date) -> Mapping[str, DateRange]:
    """Give the days of each group up to a day; months of a quarter that brought nobody cost money, too."""
    months = 1 if grain is Grain.MONTH else MONTHS_OF_QUARTER
    spans: dict[str, DateRange] = {}
    for group in groups:
        first, last = first_of(group.start), last_of(later_month(group.start, months - 1))
        spans[group.start] = DateRange(first=first, last=max(first, min(last, ends)))
    return spans


def _spending(
    spans: Mapping[str, DateRange], frame: Frame, workspace_id: str, figures: Figures
) -> Mapping[str, Statement]:
    """Give the P&L of each of these spans."""
    if not spans:
        return {}
    months = figures.shop_months(workspace_id, min(spans), max(month_of(span.last) for span in spans.values()))
    imported = Imported.of(frame.overview)
    return {
        start: statement(sums_of(months, span), Basis.PROCESSED_DATE, imported.within(span))
        for start, span in spans.items()
    }
