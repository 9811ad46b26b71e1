"""Rows of any dimensions and metrics of a report type, as users of PMA ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.analytics.ads import AdMetric, AdSums
from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.analytics.periods import DateRange, resolve
from shared.domain.analytics.pnl import Imported
from shared.domain.analytics.query_fields import ACCOUNT, REPORTS, OfAds, QueryField, Report, Summed
from shared.domain.analytics.query_rows import Arithmetic, OfAdSums, OfFigures, Part, Row, Shape, Value, rows_of
from shared.domain.analytics.query_shape import CustomQuestion, shape_of
from shared.domain.analytics.rates_missing import within
from shared.domain.errors import Invalid
from shared.domain.facts.ads import AdFigure
from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Account
from shared.services.figures.frame import SYNCED, Frame, read_frame, require_data
from shared.services.figures.list_data_sources import connectors_of
from shared.services.figures.query_readers import Reading, read_ads, read_expenses, read_products, read_shop
from shared.storage.contracts.facts import Figures

NO_ROWS, NOT_COVERED, NO_RATE = "no_rows", "range_not_covered", "fx_rate_missing"
"""Why an account is left out, where its own status does not say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """An account of which not all is in the rows."""

    account: Account
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomReport:
    """The answer, not rounded."""

    frame: Frame
    report: Report
    period: DateRange
    dimensions: Sequence[QueryField]
    metrics: Sequence[QueryField]
    rows: Sequence[Row[Any]]
    total: Any
    """The sums of all rows; None: there are none."""
    is_known: bool
    """Whether everything of the period is known, so that no rows mean that there was nothing."""
    arithmetic: Arithmetic[Any]
    accounts: Sequence[Account]
    """Whose facts are in the rows."""
    excluded: Sequence[Excluded]

    def value(self, row: Row[Any], metric: QueryField) -> Value:
        """Give a metric of a row."""
        return self.arithmetic.value(row.sums, metric)

    def total_of(self, metric: QueryField) -> Value:
        """Give a metric of all rows; of none it is nothing, if that is known, and unless it is made of others."""
        if self.total is not None:
            return self.arithmetic.value(self.total, metric)
        return 0 if self.is_known and is_added_up(metric) else None

    def known_of(self, metric: QueryField) -> tuple[int, int] | None:
        """Tell of how many things a metric is known, and how many there are; None: it is known of all."""
        found = None if self.total is None else self.arithmetic.coverage(self.total, metric)
        return None if found is None or found[0] == found[1] else found


def query_custom(question: CustomQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> CustomReport:
    """Group and add up what rollups have of a report type, over the whole range.

    Raises:
        NotFound: `no_data`.
        Invalid: a name, the period, `pii_not_permitted`, or `range_too_long`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    report = _report(question, frame)
    period = resolve(question.period, today=frame.today, fiscal_start=frame.settings.fiscal_year_start)
    shape = shape_of(question, report, currency=frame.settings.currency)
    reading = Reading(
        report=report,
        connector=question.connector,
        span=period,
        told_apart=shape.told_apart,
        workspace_id=workspace_id,
        figures=figures,
    )
    arithmetic, parts = _read(reading)
    told = [part for part in parts if not isinstance(part.sums, AdSums) or part.sums.of(AdFigure.AD_DAYS)]
    rows = rows_of(told, shape, arithmetic)
    accounts = [each for each in _accounts(frame, report, question.connector) if _is_let_in(each, shape)]
    excluded = [
        each for each in _excluded(frame, report, question.connector, period, parts) if _is_let_in(each.account, shape)
    ]
    return CustomReport(
        frame=frame,
        report=report,
        period=period,
        dimensions=shape.dimensions,
        metrics=shape.metrics,
        rows=rows,
        total=arithmetic.add([row.sums for row in rows]) if rows else None,
        is_known=bool(accounts) and not excluded and _is_known(frame, report, period),
        arithmetic=arithmetic,
        accounts=accounts,
        excluded=excluded,
    )


def reports_of(frame: Frame, connector: str) -> Mapping[str, Report]:
    """Give the report types of a connector that can be queried."""
    held = {
        holding.family
        for account in frame.overview.accounts
        if account.source == connector
        for holding in account.holdings
    }
    return {name: report for name, report in REPORTS.items() if held.intersection(report.held_as)}


def _report(question: CustomQuestion, frame: Frame) -> Report:
    known = connectors_of(frame)
    if question.connector not in known:
        raise UnknownName(
            "unknown_connector",
            "No connected source has this name.",
            hint=nearest(question.connector, known) or f"Connected are: {', '.join(known)}.",
            field="connector",
            allowed=known,
            by_outsiders=True,
        )
    reports = reports_of(frame, question.connector)
    if question.report_type not in reports:
        allowed = tuple(reports)
        has = f"{question.connector} has: {', '.join(allowed)}." if allowed else "It has none that can be queried."
        raise UnknownName(
            "unknown_report_type",
            f"{question.connector} has no such report type to query.",
            hint=f"{nearest(question.report_type, allowed)} {has}".strip(),
            field="report_type",
            allowed=allowed,
        )
    report = reports[question.report_type]
    _require_alone(question.connector, report, frame)
    return report


def _require_alone(connector: str, report: Report, frame: Frame) -> None:
    """Refuse to give what several connectors have told as what one of them has.

    Raises:
        Invalid: the report is kept for the shop as a whole, and others have told of it, too.

    """
    if report.whole_shop is None:
        return
    # Payments tell on which days a refund was paid out, and never of one that the shop has not told of.
    told_by = frame.accounts_with(*set(report.stands_on) - {Family.PAYMENT})
    others = sorted({account.source for account in told_by} - {connector})
    if others:
        raise Invalid(
            "invalid_argument",
            f"{report.family} is kept for the shop as a whole, and {', '.join(others)} tells of it, too: "
            "what is of one connector alone is not known.",
            hint=f"{report.whole_shop} has the figures of all connectors together.",
            field="connector",
        )


def _read(reading: Reading) -> tuple[Arithmetic[Any], list[Part[Any]]]:
    metrics = reading.report.metrics
    match reading.report.family:
        case Family.AD_DAY:
            return OfAdSums(metrics), list(read_ads(reading))
        case Family.EXPENSE:
            return OfFigures(metrics), list(read_expenses(reading))
        case Family.PRODUCT:
            return OfFigures(metrics), list(read_products(reading))
        case _:
            return OfFigures(metrics), list(read_shop(reading))


def _accounts(frame: Frame, report: Report, connector: str) -> Sequence[Account]:
    """Name the accounts whose facts are in the rows; payments have a say in the days of the shop's refunds."""
    found = frame.accounts_with(*report.stands_on)
    return [account for account in found if account.source == connector or report.whole_shop is not None]


def _is_let_in(account: Account, shape: Shape) -> bool:
    """Tell whether the filters leave room for rows of an account: of any other there is nothing to be said."""
    of_accounts = (each for each in shape.filters if each.field.name == ACCOUNT)
    return all(each.lets_in(account.account or None) for each in of_accounts)


def _is_known(frame: Frame, report: Report, period: DateRange) -> bool:
    """Tell whether all days are known, where no account is left out."""
    match report.family:
        case Family.AD_DAY:
            return True
        case Family.EXPENSE:
            return _are_booked(frame, period)
        case _:
            return frame.knows(period)


def _are_booked(frame: Frame, period: DateRange) -> bool:
    books = Imported.of(frame.overview).books
    return books is not None and period.days_in(books) == period.days


def _excluded(
    frame: Frame, report: Report, connector: str, period: DateRange, parts: Sequence[Part[Any]]
) -> Iterator[Excluded]:
    """Name the connector's accounts of which some of the range is not told, or not converted."""
    unrated = within(frame.unrated(*report.stands_on), period)
    unconverted = {
        part.place[ACCOUNT] for part in parts if isinstance(part.sums, AdSums) and part.sums.of(AdFigure.UNCONVERTED)
    }
    for account in frame.overview.accounts:
        if account.source != connector:
            continue
        reach = _reach(account, report)
        if reach is None:
            yield Excluded(account=account, reason=NO_ROWS if account.status == SYNCED else account.status)
        elif not _covers(reach, period, frame, report):
            yield Excluded(account=account, reason=NOT_COVERED if account.status == SYNCED else account.status)
        if account.account in unconverted or (report.family is not Family.AD_DAY and unrated and reach is not None):
            yield Excluded(account=account, reason=NO_RATE)


def _reach(account: Account, report: Report) -> DateRange | None:
    """Give the days from the first to the last that an account tells of what the report stands on.

    Who tells of orders tells of their refunds, of which there may be none.
    """
    families = {*report.stands_on, Family.ORDER} if Family.REFUND in report.stands_on else {*report.stands_on}
    days = [
        (holding.first, holding.last)
        for holding in account.holdings
        if holding.family in families and holding.first is not None and holding.last is not None
    ]
    return DateRange(first=min(first for first, _ in days), last=max(last for _, last in days)) if days else None


def _covers(reach: DateRange, period: DateRange, frame: Frame, report: Report) -> bool:
    """Tell whether an account tells of all of a period; a shop may sell nothing on its first and last days."""
    if report.family is Family.AD_DAY:
        return reach.first <= period.first and period.last <= reach.last
    if report.family is Family.EXPENSE:
        return _are_booked(frame, period)
    through = frame.overview.data_through
    return period.days_in(reach) > 0 and through is not None and period.last <= through


def is_added_up(metric: QueryField) -> bool:
    """Tell whether a metric of nothing is nothing."""
    return isinstance(metric, Summed) or (isinstance(metric, OfAds) and metric.metric is AdMetric.SPEND)
