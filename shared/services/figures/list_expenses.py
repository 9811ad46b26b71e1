"""What was booked as expenses in a period, by what it was for and who was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.domain.analytics.buckets import months_of
from shared.domain.analytics.expenses import (
    Booking,
    ExpenseKind,
    GroupBy,
    Sum,
    bookings,
    by_name,
    total,
)
from shared.domain.analytics.periods import Asked, DateRange
from shared.domain.analytics.pnl import Imported, Unsettled
from shared.domain.errors import Invalid
from shared.domain.facts.expenses import ExpenseMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, Spans, find_spans, read_months
from shared.storage.contracts.facts import Figures

LONGEST_DAYS = 400
"""A year and some: the books of a large merchant are megabytes a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseQuestion:
    """What is asked."""

    period: Asked
    against: Against = field(default_factory=Against)
    category: str | None = None
    kind: ExpenseKind = ExpenseKind.ALL
    group_by: GroupBy = GroupBy.CATEGORY


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseRow:
    """A group of expenses."""

    name: str | None
    """None: the books do not say."""
    amount: int
    transactions: int
    prior: int | None
    """In the earlier period; None: there is none, or nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseReport:
    """The answer, not rounded."""

    frame: Frame
    spans: Spans
    books: DateRange | None
    """From the first to the last day that any expense says something about; None: none was ever imported."""
    rows: Sequence[ExpenseRow]
    """Largest first; months in their order; empty where single bookings were asked for."""
    single: Sequence[Booking]
    """Latest first; empty where groups were asked for."""
    total: Sum
    earlier: Sum | None
    """None: nothing to compare with, or the books do not reach back to it, or nothing of it has a rate of exchange."""
    converted: tuple[int, int] | None
    """Transactions of the period, of any kind, that have a rate of exchange, and all of them; None: all have one."""
    categories: Sequence[str] | None
    """Where nothing was found: all of the period, the largest first."""
    unsettled: Unsettled

    @property
    def is_told(self) -> bool:
        """Tell whether the books reach into the period."""
        return self.books is not None and self.spans.period.days_in(self.books) > 0

    @property
    def is_comparable(self) -> bool:
        """Tell whether they tell of all days of the period, and of the one that it is compared with."""
        return self.books is not None and all(span.days_in(self.books) == span.days for span in self.spans.both)

    @property
    def is_unsettled(self) -> bool:
        """Tell whether all that there may be is on accounts that nobody has settled."""
        return self.categories is not None and self.unsettled.bookings > 0

    @property
    def lacks_rates(self) -> bool:
        """Tell whether all that there may be is in a currency without a rate."""
        return self.categories is not None and self.converted is not None


def list_expenses(question: ExpenseQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> ExpenseReport:
    """Add up the expenses of a period, from its months and no others.

    Raises:
        NotFound: `no_data`.
        Invalid: the period.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    spans = find_spans(question.period, question.against, frame=frame)
    for span, field_name in zip(spans.both, ("date_from", "compare_from"), strict=False):
        _check_length(span, field_name)
    months = read_months(ExpenseMonth, spans.both, workspace_id=workspace_id, figures=figures)
    books = Imported.of(frame.overview).books
    is_single = question.group_by is GroupBy.NONE
    chosen = list(bookings(months, spans.period, question.kind, question.category, by_day=is_single))
    earlier = None
    if spans.earlier is not None and books is not None and spans.earlier.days_in(books):
        found = list(bookings(months, spans.earlier, question.kind, question.category))
        earlier = found if found or _converted(months, spans.earlier) is None else None
    return ExpenseReport(
        frame=frame,
        spans=spans,
        books=books,
        rows=() if is_single else _rows(question.group_by, spans, chosen, earlier),
        single=sorted(chosen, key=_latest_first) if is_single else (),
        total=total(chosen),
        earlier=None if earlier is None else total(earlier),
        converted=_converted(months, spans.period),
        categories=None if chosen else _categories(months, spans.period),
        unsettled=_unsettled(months, spans.period),
    )


def _check_length(span: DateRange, field_name: str) -> None:
    if span.days > LONGEST_DAYS:
        raise Invalid(
            "range_too_long",
            f"The range has {span.days} days; {LONGEST_DAYS} are the most for expenses.",
            hint="Ask for one year at a time; get_pnl has operating expenses of longer ranges.",
            field=field_name,
        )


def _unsettled(months: Sequence[ExpenseMonth], span: DateRange) -> Unsettled:
    found = [
        (bookings, debits, unconverted)
        for month in months
        for day, debits, bookings, unconverted in month.unsettled
        if span.first <= date.fromisoformat(f"{month.month}-{day:02}") <= span.last
    ]
    return Unsettled(*map(sum, zip(*found, strict=True)))


def _rows(
    group_by: GroupBy, spans: Spans, chosen: Sequence[Booking], earlier: Sequence[Booking] | None
) -> list[ExpenseRow]:
    groups = by_name(chosen, group_by)
    before = None if earlier is None else by_name(earlier, group_by)
    if group_by is GroupBy.MONTH:
        return _months(spans, groups, before)
    nothing = Sum()
    rows: list[ExpenseRow] = []
    for key in groups.keys() | (before or {}).keys():
        now, then = groups.get(key, nothing), (before or {}).get(key, nothing)
        rows.append(
            ExpenseRow(
                name=now.name or then.name,
                amount=now.micros,
                transactions=now.transactions,
                prior=None if before is None else then.micros,
            )
        )
    return sorted(rows, key=lambda row: (-row.amount, -(row.prior or 0), row.name or ""))


def _months(spans: Spans, groups: dict[str, Sum], before: dict[str, Sum] | None) -> list[ExpenseRow]:
    """Put each month beside the one in its place of the earlier period, if that touches as many months."""
    months = months_of(spans.period)
    then = [] if spans.earlier is None else months_of(spans.earlier)
    is_matched = before is not None and len(then) == len(months)
    nothing = Sum()
    return [
        ExpenseRow(
            name=month,
            amount=groups.get(month, nothing).micros,
            transactions=groups.get(month, nothing).transactions,
            prior=before.get(then[place], nothing).micros if before is not None and is_matched else None,
        )
        for place, month in enumerate(months)
    ]


def _latest_first(booking: Booking) -> tuple[int, int, tuple[str, ...]]:
    return -booking.day.toordinal(), -booking.micros, tuple(str(each or "") for each in booking.group[:-1])


def _converted(months: Sequence[ExpenseMonth], span: DateRange) -> tuple[int, int] | None:
    without = [
        transactions
        for month in months
        for day, transactions in month.unconverted
        if span.first <= date.fromisoformat(f"{month.month}-{day:02}") <= span.last
    ]
    if not without:
        return None
    known = total(bookings(months, span)).transactions
    return known, known + sum(without)


def _categories(months: Sequence[ExpenseMonth], span: DateRange) -> list[str]:
    groups = by_name(bookings(months, span), GroupBy.CATEGORY).values()
    return [group.name for group in sorted(groups, key=lambda group: -group.micros) if group.name is not None]
