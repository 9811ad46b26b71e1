"""What the shop could sell for, by what it earned in twelve months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from shared.domain.analytics.cohorts import last_complete_month
from shared.domain.analytics.earnings import Earnings, earnings
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import (
    MONTHS_OF_YEAR,
    DateRange,
    first_of,
    is_nearly_all,
    last_of,
    later_month,
    month_of,
)
from shared.domain.analytics.pnl import Basis, Imported, Line, Statement, statement
from shared.domain.analytics.scorecard import Factor, Scored, score, scored
from shared.domain.analytics.valuation import (
    CashFlow,
    Held,
    Method,
    Multiple,
    Source,
    Value,
    by_multiple,
    discounted_between,
    in_the_middle,
    multiples_held,
)
from shared.domain.errors import Invalid
from shared.domain.facts.rollups import ShopMonth
from shared.domain.facts.valuations import ValuationMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.storage.contracts.facts import Figures

DISCOUNT_SHOCK = 0.2
"""So much lower and higher the discount rate is taken for the two ends of a discounted cash flow."""

SCORED = frozenset({Method.SDE, Method.EBITDA})
"""Whose multiples the scorecard moves: in turns of earnings; half a turn of revenue is half of all its band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationQuestion:
    """What is asked."""

    as_of: str | None = None
    """yyyy-mm; None: the last month that is complete in the data."""
    methods: Sequence[Method] = tuple(Method)
    multiples: Mapping[Method, Multiple] = field(default_factory=dict[Method, Multiple])
    dcf: Mapping[str, float] = field(default_factory=dict[str, float])
    """Fields of `CashFlow` that are not to be as usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """One method."""

    method: Method
    basis: int | None
    """What is multiplied, or what the cash flow begins with; None: unknown."""
    held: Held | None
    """The multiple, its middle moved by the scorecard. None: a discounted cash flow has none."""
    value: Value | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationReport:
    """The answer, not rounded."""

    frame: Frame
    month: str
    period: DateRange
    """The twelve months."""
    held_on: date
    """The day whose multiples hold: today for the last complete month, else the last of the twelve months."""
    statement: Statement
    earnings: Earnings
    flow: CashFlow | None
    """What is discounted; None: earnings are unknown, or it was not asked for."""
    methods: Sequence[Valued]
    scorecard: Sequence[Scored]
    score: Fraction
    overall: Value | None
    """None: no method has a value."""
    history: Sequence[tuple[str, Earnings]]
    """The twelve months that end with each of the last twelve."""
    named_channels: tuple[int, int]
    """Net revenue of orders that name a channel, and all of it."""
    named_skus: tuple[int, int]
    """Net sales under a SKU, and all of them."""

    @property
    def orders_to_import(self) -> str:
        """Say which orders would make the twelve months known: earlier ones, or later ones than there are."""
        begins, ends = self.frame.overview.data_from, self.frame.overview.data_through
        if begins is None or ends is None:
            return "Import orders"
        unknown = _months_unknown(self.frame, self.month)
        earlier = [f"those before {begins}"] if any(each.first < begins for each in unknown) else []
        later = [f"those after {ends}"] if any(each.last > ends for each in unknown) else []
        return f"Import more orders: {' and '.join(earlier + later)}"


def get_business_valuation(
    question: ValuationQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> ValuationReport:
    """Value the shop, from the months of two years and no books.

    Raises:
        NotFound: `no_data`.
        Invalid: the month, or the plan of a discounted cash flow.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    month = _month(question.as_of, frame)
    first = later_month(month, 1 - 2 * MONTHS_OF_YEAR)
    years = _Years(
        frame=frame,
        shop=figures.rollups(workspace_id, ShopMonth, first, month),
        sides={each.month: each for each in figures.rollups(workspace_id, ValuationMonth, first, month)},
    )
    period = _year_to(month)
    earned = years.earnings(month)
    found = years.statement(period)
    card = scored(years.factors(month))
    moved = score(card)
    # Who values the shop as it is now sells it now, by what buyers pay today; an earlier month is as it was then.
    held_on = frame.today if month == _last_complete(frame) else period.last
    held = {
        method: _moved(each, moved) if method in SCORED and each.source is not Source.GIVEN else each
        for method, each in multiples_held(held_on, given=question.multiples, settled=frame.settings.multiples).items()
    }
    flow = _flow(found, earned, question.dcf) if Method.DCF in question.methods else None
    methods = [_valued(method, earned, held, flow) for method in Method if method in question.methods]
    return ValuationReport(
        frame=frame,
        month=month,
        period=period,
        held_on=held_on,
        statement=found,
        earnings=earned,
        flow=flow,
        methods=methods,
        scorecard=card,
        score=moved,
        overall=in_the_middle([each.value for each in methods if each.value is not None]),
        history=[
            (each, years.earnings(each)) for each in (later_month(month, back) for back in range(1 - MONTHS_OF_YEAR, 1))
        ],
        named_channels=years.named_channels(month),
        named_skus=years.named_skus(month),
    )


def _month(asked: str | None, frame: Frame) -> str:
    """Find the month that the twelve end with."""
    complete = _last_complete(frame)
    month = asked or complete
    if last_of(month) >= frame.today:
        raise Invalid(
            "invalid_date_range",
            f"{month} is not over: today is {frame.today} where the shop is.",
            hint=f"Use as_of_month={complete} or earlier.",
            field="as_of_month",
        )
    return month


def _last_complete(frame: Frame) -> str:
    yesterday = frame.today - timedelta(days=1)
    return last_complete_month(min(frame.overview.data_through or yesterday, yesterday))


def _months_unknown(frame: Frame, month: str) -> Sequence[DateRange]:
    """Give the months of the twelve of which the orders of too many days are unknown."""
    begins, ends = frame.overview.data_from, frame.overview.data_through
    months = (later_month(month, back) for back in range(1 - MONTHS_OF_YEAR, 1))
    spans = [DateRange(first=first_of(each), last=last_of(each)) for each in months]
    if begins is None or ends is None:
        return spans
    known = DateRange(first=begins, last=ends)
    return [span for span in spans if not is_nearly_all(span.days_in(known), span.days)]


def _year_to(month: str) -> DateRange:
    return DateRange(first=first_of(later_month(month, 1 - MONTHS_OF_YEAR)), last=last_of(month))


def _moved(held: Held, by: Fraction) -> Held:
    return Held(multiple=held.multiple.moved(by), source=held.source, since=held.since)


def _flow(found: Statement, earned: Earnings, plan: Mapping[str, float]) -> CashFlow | None:
    """Begin the plan with the year's earnings; None: they are unknown."""
    if not earned.is_year or earned.adjusted_ebitda is None or earned.revenue is None:
        return None
    begun = CashFlow(ebitda=earned.adjusted_ebitda, revenue=earned.revenue, depreciation=found.known(Line.DEPRECIATION))
    return begun.planned(plan)


def _valued(method: Method, earned: Earnings, held: Mapping[Method, Held], flow: CashFlow | None) -> Valued:
    basis = {Method.SDE: earned.sde, Method.REVENUE: earned.revenue}.get(method, earned.adjusted_ebitda)
    if method is Method.DCF:
        value = None if flow is None else discounted_between(flow, DISCOUNT_SHOCK)
        return Valued(method=method, basis=basis, held=None, value=value)
    value = None if basis is None or not earned.is_year else by_multiple(basis, held[method].multiple)
    return Valued(method=method, basis=basis, held=held[method], value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Years:
    """Two years of months."""

    frame: Frame
    shop: Sequence[ShopMonth]
    sides: Mapping[str, ValuationMonth]

    def statement(self, span: DateRange, basis: Basis = Basis.PROCESSED_DATE) -> Statement:
        return statement(sums_of(self.shop, span), basis, Imported.of(self.frame.overview).within(span))

    def of_year(self, month: str) -> Sequence[ValuationMonth]:
        """Give those of the twelve months up to one of which there is anything."""
        months = (later_month(month, back) for back in range(1 - MONTHS_OF_YEAR, 1))
        return [self.sides[each] for each in months if each in self.sides]

    def earnings(self, month: str) -> Earnings:
        marked: dict[str, int] = {}
        for each in self.of_year(month):
            for reason, micros in each.addbacks.items():
                marked[reason] = marked.get(reason, 0) + micros
        known = MONTHS_OF_YEAR - len(_months_unknown(self.frame, month))
        return earnings(self.statement(_year_to(month)), marked, months=known)

    def factors(self, month: str) -> Mapping[Factor, Fraction | None]:
        """Give what the scorecard looks at, where it is known of the twelve months.

        Without ad spend a margin may flatter: it moves no multiple.
        """
        now = self.earnings(month)
        if not now.is_year:
            return {}
        before = self.earnings(later_month(month, -MONTHS_OF_YEAR))
        growth = None
        if before.is_year and before.revenue is not None and now.revenue is not None:
            growth = _part(now.revenue - before.revenue, before.revenue)
        by_order = self.statement(_year_to(month), Basis.ORDER_DATE)
        knows_ads = by_order.is_nearly_whole(Line.AD_SPEND)
        return {
            Factor.GROWTH: growth,
            Factor.NET_MARGIN: _part(now.net_profit, now.revenue) if knows_ads else None,
            Factor.MER: _part(by_order.known(Line.NET_REVENUE), by_order.lines[Line.AD_SPEND]) if knows_ads else None,
            Factor.TOP_CHANNEL: self._top_channel(month),
            Factor.TOP_SKU: None
            if month not in self.sides
            else _part(self.sides[month].top_sku, self.named_skus(month)[0]),
            Factor.HISTORY_MONTHS: self._history(month),
        }

    def named_channels(self, month: str) -> tuple[int, int]:
        year = self.of_year(month)
        named = sum(self._channels(month).values()) + max(sum(each.other_channels for each in year), 0)
        return named, named + max(sum(each.no_channel for each in year), 0)

    def named_skus(self, month: str) -> tuple[int, int]:
        side = self.sides.get(month)
        return (0, 0) if side is None else (side.skus, side.goods)

    def _channels(self, month: str) -> Mapping[str, int]:
        """Give what each channel brought in the year; one from which more came back brought nothing."""
        sums: dict[str, int] = {}
        for each in self.of_year(month):
            for channel, micros in each.channels.items():
                sums[channel] = sums.get(channel, 0) + micros
        return {channel: micros for channel, micros in sums.items() if micros > 0}

    def _top_channel(self, month: str) -> Fraction | None:
        largest = max(self._channels(month).values(), default=None)
        return _part(largest, self.named_channels(month)[0])

    def _history(self, month: str) -> Fraction | None:
        begins: date | None = self.frame.overview.data_from
        if begins is None:
            return None
        begun, end = first_of(month_of(begins)), first_of(month)
        return Fraction((end.year - begun.year) * MONTHS_OF_YEAR + end.month - begun.month + 1)


def _part(part: int | None, whole: int | None) -> Fraction | None:
    return None if part is None or whole is None or whole <= 0 else Fraction(part, whole)
