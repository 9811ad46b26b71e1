"""What a customer has brought so far, what more is expected, and how that compares with what winning one costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from math import isfinite

from shared.domain.analytics.cohorts import is_cost_unknown, last_complete_month, whole_quarters
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.lifetimes import (
    DAYS_A_WEEK,
    MILLION,
    MONTHS_A_YEAR,
    Gate,
    gates,
    models_of,
    weeks_ahead,
)
from shared.domain.analytics.names import UnknownName
from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month, month_of
from shared.domain.analytics.pnl import Basis, Imported, Line, statement
from shared.domain.analytics.repeat_orders import OrderModel, orders_of_new_customer
from shared.domain.analytics.suppression import hidden_in_segments, hidden_of_all, hidden_parts
from shared.domain.errors import Invalid
from shared.domain.facts.lifetimes import HORIZON, Lifetimes
from shared.domain.facts.rollups import Cohort
from shared.domain.facts.segments import EVERYBODY, SegmentCohort
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.list_top_customers import why_not
from shared.services.figures.segments import FoundSegment, find_segment
from shared.storage.contracts.facts import Figures

MARKS = (1, 3, 6, 12)
"""Months after the first order's of which it is told what customers had brought by their end."""
YEARS = 5
"""Customers whose first order is longer ago are in no history, and in the models all the same."""


class Method(StrEnum):
    """What is told: what customers brought, what they are expected to bring, or both."""

    HISTORICAL = "historical"
    PREDICTIVE = "predictive"
    BOTH = "both"


class Margin(StrEnum):
    """In what a customer is worth something."""

    REVENUE = "revenue"
    CM2 = "cm2"


@dataclass(frozen=True, slots=True, kw_only=True)
class LtvQuestion:
    """What is asked."""

    method: Method = Method.BOTH
    horizon_months: int = 12
    margin: Margin = Margin.REVENUE
    discount_rate: float = 0.10
    """A year."""
    segment: str = EVERYBODY
    observed_through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What customers had brought by the end of a month after the first order's."""

    customers: int
    """For whom it is over; 0: nobody."""
    net_revenue: int
    cm2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a customer is expected to bring, on average."""

    value: float
    """Micros, discounted; in the margin that was asked for."""
    alive: float
    """The share of customers who are expected to order again."""
    orders: float
    order_value: float
    """Net revenue, in micros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """What came true after the last day that was watched."""

    days: int
    orders: int
    expected: float | None
    """Of what was known of each customer by then; None: beyond the horizon."""
    error_in_all: float | None
    """Of all order days after the first since it, told by its day alone, as studies of the model show it."""
    few_in_a_month: bool
    """So few that it would give them away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LtvReport:
    """The answer, not rounded."""

    frame: Frame
    segment: FoundSegment | None
    suppressed: bool
    lifetimes: Lifetimes
    through: date
    marks: Mapping[int, Mark]
    """Month after the first order's -> what had come by its end."""
    hidden_cohorts: bool
    cohorts_before: str | None
    """Customers whose first order was before this month are in no history; None: there are none."""
    margin: float | None
    """cm2 / net revenue of all their orders; None: there is no revenue."""
    cost_coverage: tuple[int, int]
    prediction: Prediction | None
    failed: Sequence[Gate]
    afterwards: Afterwards | None
    cac: int | None
    """Micros, of the twelve months before; None: nobody told, or the question is about a segment."""
    cac_months: DateRange
    ad_days: tuple[int, int]
    """Of how many days of them ads are told, and all."""
    payback_month: int | None

    @property
    def is_cost_unknown(self) -> bool:
        """Tell whether nobody knows what is left of revenue."""
        return is_cost_unknown(*self.cost_coverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Customers:
    """The cohorts of a segment that may be shown, and all of them."""

    shown: Sequence[Cohort | SegmentCohort] = ()
    found: Sequence[Cohort | SegmentCohort] = ()
    few_in_a_month: bool = False
    """In some month of the last year so few came that what they did would be the difference of what all did who had
    come by its end and by its beginning."""
    first: str | None = None
    """The month of the first of them that history is made of, where customers began before it."""


def get_customer_ltv(question: LtvQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> LtvReport:
    """Work out what a customer is worth.

    Raises:
        NotFound: `no_data`.
        Invalid: the segment, the day, or `insufficient_data`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    segment = find_segment(question.segment, workspace_id=workspace_id, figures=figures)
    lifetimes = _lifetimes(segment, question.observed_through, workspace_id, figures)
    through = date.fromisoformat(lifetimes.through)
    suppressed = lifetimes.customers < frame.settings.k_min or _is_hidden(segment, frame.settings.k_min)
    customers = _Customers() if suppressed else _customers(segment, through, frame, workspace_id, figures)
    marks = {month: _mark(customers.shown, month, through) for month in range(HORIZON + 1)}
    cost_coverage = (
        sum(_upto(cohort.cost_known_sales, cohort.month, through) for cohort in customers.shown),
        sum(_upto(cohort.sales, cohort.month, through) for cohort in customers.shown),
    )
    margin = None if is_cost_unknown(*cost_coverage) else _margin(customers.shown, through)
    failed = [] if suppressed else [gate for gate in gates(lifetimes) if not gate.passes]
    if question.method is Method.PREDICTIVE and (failed or suppressed):
        raise _insufficient(failed, question)
    twelve = _year_before(through)
    cac, ad_days = (None, (0, 0)) if segment else _cac(twelve, frame, workspace_id, figures)
    return LtvReport(
        frame=frame,
        segment=segment,
        suppressed=suppressed,
        lifetimes=lifetimes,
        through=through,
        marks={month: marks[month] for month in MARKS},
        hidden_cohorts=len(customers.shown) < len(customers.found),
        cohorts_before=customers.first,
        margin=margin,
        cost_coverage=cost_coverage,
        prediction=None if failed or suppressed else _prediction(question, lifetimes, margin),
        failed=failed,
        afterwards=None if suppressed else _afterwards(lifetimes, through, customers),
        cac=cac,
        cac_months=twelve,
        ad_days=ad_days,
        payback_month=None if cac is None or is_cost_unknown(*cost_coverage) else _payback(marks, cac),
    )


def discounted(value: Sequence[int], months: int, rate: float) -> float:
    """Give what comes in over some months in the money of today: what comes in a month counts as at its end."""
    months_of_value = pairwise((0, *value[:months]))
    return sum(
        (upto - before) / (1 + rate) ** (month / MONTHS_A_YEAR)
        for month, (before, upto) in enumerate(months_of_value, start=1)
    )


def _lifetimes(segment: FoundSegment | None, asked_for: date | None, workspace_id: str, figures: Figures) -> Lifetimes:
    """Read what is known of a segment as of the day that is asked for, else of the last there is."""
    name = EVERYBODY if segment is None else segment.name
    place = f"{name}#"
    found = figures.rollups(workspace_id, Lifetimes, place, place)
    of_segment = {each.through: each for each in found if each.segment == name}
    if not of_segment:
        raise Invalid(
            "insufficient_data",
            "No order names a customer: 0 customers, 1 is needed.",
            hint="Import orders with their customer; get_pnl answers without.",
        )
    asked = max(of_segment) if asked_for is None else asked_for.isoformat()
    if asked not in of_segment:
        raise UnknownName(
            "invalid_argument",
            "Customers are watched up to the last day that is known; all of them also up to the ends of 12 months.",
            hint="Use one of allowed, or leave observed_through out.",
            field="observed_through",
            allowed=tuple(sorted(of_segment)),
        )
    return of_segment[asked]


def _is_hidden(segment: FoundSegment | None, k_min: int) -> bool:
    if segment is None:
        return False
    sizes = {name: sum(months.values()) for name, months in segment.among.of(segment.dimension).items()}
    return segment.name in hidden_parts(sizes, k_min)


def _customers(
    segment: FoundSegment | None, through: date, frame: Frame, workspace_id: str, figures: Figures
) -> _Customers:
    """Read the cohorts up to a day; those are shown that `get_cohort_retention` shows."""
    fiscal_start, k_min = frame.settings.fiscal_year_start, frame.settings.k_min
    last = month_of(frame.overview.data_through or through)
    first, last = whole_quarters(later_month(last, -YEARS * MONTHS_A_YEAR), last, fiscal_start)
    if segment is None:
        found: Sequence[Cohort | SegmentCohort] = figures.cohorts(workspace_id, first, last)
        hidden = hidden_of_all({cohort.month: cohort.size for cohort in found}, k_min, fiscal_start)
    else:
        places = (f"{segment.name}#{first}", f"{segment.name}#{last}")
        of_places = figures.rollups(workspace_id, SegmentCohort, *places)
        found = [cohort for cohort in of_places if cohort.segment == segment.name]
        sizes = segment.among.of(segment.dimension)
        hidden = hidden_in_segments(sizes, k_min, fiscal_start)[segment.name]
    begun = [cohort for cohort in found if cohort.month <= month_of(through)]
    year_ago = later_month(month_of(frame.overview.data_through or through), -MONTHS_A_YEAR)
    begins = frame.overview.data_from
    return _Customers(
        shown=[cohort for cohort in begun if cohort.month not in hidden.months],
        found=begun,
        few_in_a_month=any(0 < cohort.size < k_min for cohort in found if cohort.month > year_ago),
        first=first if begins is not None and month_of(begins) < first else None,
    )


def _mark(cohorts: Sequence[Cohort | SegmentCohort], months: int, through: date) -> Mark:
    """Add up what the customers for whom so many months are over had brought by then."""
    over = [cohort for cohort in cohorts if last_of(later_month(cohort.month, months)) <= through]
    return Mark(
        customers=sum(cohort.size for cohort in over),
        net_revenue=sum(sum(cohort.net_revenue[: months + 1]) for cohort in over),
        cm2=sum(sum(cohort.cm2[: months + 1]) for cohort in over),
    )


def _margin(cohorts: Sequence[Cohort | SegmentCohort], through: date) -> float | None:
    revenue = sum(_upto(cohort.net_revenue, cohort.month, through) for cohort in cohorts)
    cm2 = sum(_upto(cohort.cm2, cohort.month, through) for cohort in cohorts)
    return cm2 / revenue if revenue > 0 else None


def _upto(by_offset: Sequence[int], month: str, through: date) -> int:
    """Add up what was known of a cohort by a day: months after that day's came later."""
    begun = first_of(month)
    return sum(by_offset[: (through.year - begun.year) * MONTHS_A_YEAR + through.month - begun.month + 1])


def _prediction(question: LtvQuestion, lifetimes: Lifetimes, margin: float | None) -> Prediction | None:
    part = 1.0 if question.margin is Margin.REVENUE else margin
    months, number = question.horizon_months, lifetimes.customers
    orders, value = lifetimes.expected_orders[months - 1], lifetimes.expected_value[months - 1]
    if part is None or lifetimes.alive is None:
        return None
    return Prediction(
        value=part * discounted(lifetimes.expected_value, months, question.discount_rate) / number,
        alive=lifetimes.alive / MILLION / number,
        orders=orders / MILLION / number,
        order_value=value / (orders / MILLION) if orders else 0.0,
    )


def _insufficient(failed: Sequence[Gate], question: LtvQuestion) -> Invalid:
    why = why_not(failed) if failed else "there are too few customers to tell anything of them."
    return Invalid(
        "insufficient_data",
        f"Nothing can be expected of these customers: {why}",
        hint="method=historical answers what they have brought"
        + ("." if question.segment == EVERYBODY else "; segment=all has more customers."),
    )


def _afterwards(lifetimes: Lifetimes, through: date, customers: _Customers) -> Afterwards | None:
    """Hold what was expected as of an earlier day against what came true since."""
    models = models_of(lifetimes)
    if models is None or not lifetimes.later_days:
        return None
    weeks = lifetimes.later_days / DAYS_A_WEEK
    place = weeks / weeks_ahead(1)
    expected = None
    if place < HORIZON:
        before, upto = (0, *lifetimes.expected_orders)[int(place) : int(place) + 2]
        expected = (before + (upto - before) * (place - int(place))) / MILLION
    return Afterwards(
        days=lifetimes.later_days,
        orders=lifetimes.later_orders,
        expected=expected,
        error_in_all=None
        if customers.few_in_a_month
        else _error_in_all(models[0], lifetimes, through, weeks, customers.found),
        few_in_a_month=customers.few_in_a_month,
    )


def _error_in_all(
    model: OrderModel,
    lifetimes: Lifetimes,
    through: date,
    weeks: float,
    cohorts: Sequence[Cohort | SegmentCohort],
) -> float | None:
    expected, customers = 0.0, 0
    for cohort in cohorts:
        if isinstance(cohort, Cohort):
            for place, new in enumerate(cohort.new_by_day):
                if new:
                    known = (through - first_of(cohort.month)).days - place
                    expected += new * orders_of_new_customer(model, known / DAYS_A_WEEK + weeks)
                    customers += new
    came_true = lifetimes.repeats + lifetimes.later_orders
    is_known = customers == lifetimes.customers and came_true and isfinite(expected)
    return expected / came_true - 1 if is_known else None


def _year_before(through: date) -> DateRange:
    last = last_complete_month(through)
    return DateRange(first=first_of(later_month(last, 1 - MONTHS_A_YEAR)), last=last_of(last))


def _cac(span: DateRange, frame: Frame, workspace_id: str, figures: Figures) -> tuple[int | None, tuple[int, int]]:
    """Divide what was spent on ads in a year by the customers that it brought."""
    months = (month_of(span.first), month_of(span.last))
    told = Imported.of(frame.overview).within(span)
    spent = statement(sums_of(figures.shop_months(workspace_id, *months), span), Basis.PROCESSED_DATE, told)
    customers = sum(cohort.size for cohort in figures.cohorts(workspace_id, *months))
    ad_spend = spent.lines[Line.AD_SPEND]
    cac = None if ad_spend is None or not customers else round(ad_spend / customers)
    return cac, (spent.days_told.get(Line.AD_SPEND, 0), spent.days)


def _payback(marks: Mapping[int, Mark], cac: int) -> int | None:
    """Find the first month by whose end customers had brought what winning one costs."""
    reached = (month for month, mark in marks.items() if mark.customers and mark.cm2 >= cac * mark.customers)
    return min(reached, default=None)
