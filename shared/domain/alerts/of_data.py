"""Alerts of what the data lacks: sources that do not deliver, files that failed, costs and rates that nobody told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.alerts.alert import AlertSeverity, Category, Condition, Unit
from shared.domain.analytics.periods import today_in
from shared.domain.facts.anomalies import SHOP
from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Account, Figure

MILLION = 1_000_000
LATE_DAYS, VERY_LATE_DAYS = 3, 14
"""Days without news from a source of orders or ads, which tell something every day."""
BEHIND_DAYS = 7
"""Days up to an export that it may tell nothing of: a small shop sells nothing on some, and a campaign pauses."""
DAILY: Mapping[str, tuple[str, str]] = {
    Family.ORDER: ("orders_behind", "orders"),
    Family.AD_DAY: ("ads_behind", "days of ads"),
}
"""Families of which there is something to tell every day: the metric, and what they are called."""
LEAST_KNOWN = 900_000
"""Of the last days' sales, or orders: costs of less are told of."""

STATUSES: Mapping[str, AlertSeverity] = {
    "reconnect": AlertSeverity.ERROR,
    "lost_access": AlertSeverity.ERROR,
    "missing_permissions": AlertSeverity.ERROR,
    "not_syncing": AlertSeverity.WARNING,
    "no_accounts": AlertSeverity.WARNING,
    "resolving": AlertSeverity.INFO,
    "syncing": AlertSeverity.INFO,
}
"""Of a source that is synced, or was given up on purpose (discontinued), nothing is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that was sent lately, and what became of it."""

    import_id: str
    same_name: str
    """Files with the same one are taken for the same, mended."""
    at: datetime
    """When it last came on."""
    stands_still: bool
    is_refused: bool
    is_finished: bool
    lines: int
    rejected: int


def of_accounts(accounts: Sequence[Account], *, today: date, timezone: str) -> Iterable[Condition]:
    """Tell of sources that say that something is wrong, or nothing for days, or whose exports bring no more days."""
    for account in accounts:
        if account.last_export is None:
            continue
        scope = f"{account.source} {account.account}"
        told = today_in(timezone, account.last_export)
        severity = STATUSES.get(account.status)
        if severity is not None:
            yield Condition(
                category=Category.SYNC_HEALTH,
                metric="source_status",
                scope=scope,
                since=f"{account.status} {told:%Y-%m}",
                opened_at=account.last_export,
                severity=severity,
                title=f"The last export of a source says: {account.status.replace('_', ' ')}",
                value=None,
                threshold=None,
                unit=Unit.COUNT,
            )
        days = (today - told).days
        if account.status != "synced":
            continue
        yield from _behind(account, told, timezone)
        if any(holding.family in DAILY for holding in account.holdings) and days > LATE_DAYS:
            yield Condition(
                category=Category.SYNC_HEALTH,
                metric="days_without_news",
                scope=scope,
                since=told.isoformat(),
                opened_at=_begin(told + timedelta(days=LATE_DAYS + 1), timezone),
                severity=AlertSeverity.ERROR if days > VERY_LATE_DAYS else AlertSeverity.WARNING,
                title=f"A source has told nothing for {days} days",
                value=days * MILLION,
                threshold=LATE_DAYS * MILLION,
                unit=Unit.DAYS,
            )


def _behind(account: Account, told: date, timezone: str) -> Iterable[Condition]:
    for holding in account.holdings:
        known = holding.last
        if holding.family not in DAILY or known is None:
            continue
        days = (told - known).days
        if days > BEHIND_DAYS:
            metric, what = DAILY[holding.family]
            yield Condition(
                category=Category.SYNC_HEALTH,
                metric=metric,
                scope=f"{account.source} {account.account}",
                since=known.isoformat(),
                opened_at=_begin(known + timedelta(days=BEHIND_DAYS + 1), timezone),
                severity=AlertSeverity.ERROR if days > VERY_LATE_DAYS else AlertSeverity.WARNING,
                title=f"Exports come, and bring no {what} after {known}",
                value=days * MILLION,
                threshold=BEHIND_DAYS * MILLION,
                unit=Unit.DAYS,
            )


def of_files(files: Sequence[SentFile]) -> Iterable[Condition]:
    """Tell of files that were refused, stand still, or have lines that were rejected; a later one mends it."""
    for file in files:
        is_mended = any(
            later.is_finished and not later.rejected and later.same_name == file.same_name and later.at > file.at
            for later in files
        )
        found = _of_file(file)
        if found is not None:
            category, metric, severity, title, rejected = found
            yield Condition(
                category=category,
                metric=metric,
                scope=file.import_id,
                since=file.at.astimezone(UTC).date().isoformat(),
                opened_at=file.at,
                severity=severity,
                title=title,
                value=None if rejected is None else rejected * MILLION,
                threshold=None if rejected is None else 0,
                unit=Unit.COUNT,
                is_over=is_mended,
            )


def _of_file(file: SentFile) -> tuple[Category, str, AlertSeverity, str, int | None] | None:
    if file.stands_still:
        title = "An import stands still"
        return Category.SYNC_HEALTH, "import_stalled", AlertSeverity.WARNING, title, None
    if file.is_refused:
        title = "A file was refused whole: nothing of it is in any number"
        return Category.DATA_QUALITY, "import_refused", AlertSeverity.ERROR, title, None
    if file.is_finished and file.rejected:
        title = f"{file.rejected:,} of {file.lines:,} lines of a file were rejected"
        return Category.DATA_QUALITY, "lines_rejected", AlertSeverity.WARNING, title, file.rejected
    return None


def of_rates(unrated: Mapping[str, Mapping[str, tuple[date, date]]], timezone: str) -> Iterable[Condition]:
    """Tell of currencies without a rate: what is in them is in no sum."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for currencies in unrated.values():
        for currency, span in currencies.items():
            spans.setdefault(currency, []).append(span)
    for currency, days in sorted(spans.items()):
        first, last = min(first for first, _ in days), max(last for _, last in days)
        yield Condition(
            category=Category.DATA_QUALITY,
            metric="fx_rate_missing",
            scope=currency,
            since=first.isoformat(),
            opened_at=_begin(first, timezone),
            severity=AlertSeverity.WARNING,
            title=f"Amounts in {currency} from {first} to {last} have no rate, and are in no sum",
            value=None,
            threshold=None,
            unit=Unit.COUNT,
        )


def of_shop(sums: Mapping[Figure, int], last: date, timezone: str) -> Iterable[Condition]:
    """Tell of costs that are not known of the days up to `last`, and of bookings that nobody has settled.

    These have no first day: what somebody has acknowledged is asked again the next month.
    """

    def condition(
        category: Category, metric: str, title: str, value: int, threshold: int, *, unit: Unit = Unit.RATIO
    ) -> Condition:
        return Condition(
            category=category,
            metric=metric,
            scope=SHOP,
            since=f"{last:%Y-%m}",
            opened_at=_begin(last.replace(day=1), timezone),
            severity=AlertSeverity.WARNING,
            title=title,
            value=value,
            threshold=threshold,
            unit=unit,
        )

    sales = sums.get(Figure.GROSS_SALES, 0) - sums.get(Figure.DISCOUNTS, 0)
    orders = sums.get(Figure.ORDERS, 0)
    if sales > 0 and (known := sums.get(Figure.COST_KNOWN_SALES, 0) * MILLION // sales) < LEAST_KNOWN:
        title = "The cost of much of what was sold lately is unknown"
        yield condition(Category.DATA_QUALITY, "cost_coverage", title, known, LEAST_KNOWN)
    told = orders if sums.get(Figure.FULFILMENT_INVOICED, 0) else sums.get(Figure.FULFILMENT_KNOWN_ORDERS, 0)
    if orders and (known := told * MILLION // orders) < LEAST_KNOWN:
        title = "What it cost to fulfil many of the latest orders is unknown"
        yield condition(Category.FULFILLMENT, "fulfilment_coverage", title, known, LEAST_KNOWN)
    if unsettled := sums.get(Figure.UNSETTLED_BOOKINGS, 0):
        title = "Bookings are on accounts of which nobody has said what they are"
        yield condition(Category.DATA_QUALITY, "unsettled_bookings", title, unsettled * MILLION, 0, unit=Unit.COUNT)


def _begin(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(timezone))
