"""Where the parts of each report type lie: the rollups that a query reads, and how long a range of them may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Generic, TypeVar

from shared.domain.analytics.ads import AdSums, Place, account_sums, place_of, sums_of_places
from shared.domain.analytics.buckets import months_of
from shared.domain.analytics.expenses import bookings
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.query_fields import ACCOUNT, CAMPAIGN_FIELDS, WINDOW, ExpenseFigure, Report
from shared.domain.analytics.query_rows import Part, pieces
from shared.domain.errors import Invalid
from shared.domain.facts.ads import AdFigure, AdMonth, CampaignNames
from shared.domain.facts.expenses import ExpenseMonth
from shared.domain.facts.products import ProductName, ProductNames
from shared.domain.facts.rollups import ShopMonth
from shared.domain.facts.running import Running
from shared.services.figures.spans import read_months
from shared.services.figures.sums_between import SpanSums, sums_of_spans
from shared.storage.contracts.facts import Figures

NAMELESS = ProductName()

M = TypeVar("M", ShopMonth, AdMonth)

Piece = tuple[DateRange, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is to be read."""

    report: Report
    connector: str
    span: DateRange
    told_apart: frozenset[str]
    """The dimensions that parts must tell."""
    workspace_id: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much one answer may read."""

    days: int
    pieces: int
    """Of time: days, weeks or months."""
    hint: str


ACCOUNTS = Reach(days=1830, pieces=400, hint="Ask for week or month in place of date, or for a shorter range.")
CAMPAIGNS = Reach(
    days=400, pieces=92, hint="Ask for a shorter range, for month in place of date, or leave out campaigns."
)
BOOKS = Reach(days=400, pieces=400, hint="Ask for one year at a time.")
PRODUCTS = Reach(days=400, pieces=14, hint="Ask for one year at a time.")


def read_shop(reading: Reading) -> Iterator[Part[Mapping[str, int]]]:
    """Give the figures of the shop's days."""
    months = read_months(ShopMonth, [reading.span], workspace_id=reading.workspace_id, figures=reading.figures)
    touching = _Months(months)
    for span, place in pieces(reading.span, reading.told_apart):
        sums = sums_of(touching.those_of(span), span)
        told = {str(figure): value for figure, value in sums.items() if value and figure in reading.report.figures}
        if told:
            yield Part(place, told)


def read_expenses(reading: Reading) -> Iterator[Part[Mapping[str, int]]]:
    """Give what was booked, day by day."""
    _require_within(BOOKS, reading)
    months = read_months(ExpenseMonth, [reading.span], workspace_id=reading.workspace_id, figures=reading.figures)
    times = {span.first: place for span, place in pieces(reading.span, reading.told_apart | {"date"})}
    for booking in bookings(months, reading.span, by_day=True):
        group = booking.group
        yield Part(
            {
                **times[booking.day],
                "line": group.line,
                "category": group.category,
                "vendor": group.vendor,
                "behaviour": group.behaviour,
            },
            {ExpenseFigure.AMOUNT: booking.micros, ExpenseFigure.TRANSACTIONS: booking.transactions},
        )


def read_products(reading: Reading) -> Iterator[Part[Mapping[str, int]]]:
    """Give the figures of each SKU."""
    cut = _require_within(PRODUCTS, reading)
    found = _sums(Running.VARIANT, cut, reading)
    names = _product_names(reading) if reading.told_apart - {"month", "sku"} else dict[str, ProductName]()
    for (_, place), columns in zip(cut, found.spans, strict=True):
        wanted = {name: column for name, column in columns.items() if name in reading.report.figures}
        for sku, sums in _by_key(found.keys, wanted):
            if not any(sums.values()):
                continue
            name = names.get(sku, NAMELESS)
            of_sku = {
                "sku": sku or None,
                "product_id": name.product_id,
                "title": name.title,
                "category": name.category,
                "vendor": name.vendor,
            }
            yield Part({**place, **of_sku}, sums)


def read_ads(reading: Reading) -> Iterator[Part[AdSums]]:
    """Give the figures of the connector's campaigns, or of its accounts where nothing is asked of campaigns."""
    found = _campaigns(reading) if reading.told_apart & CAMPAIGN_FIELDS else _accounts(reading)
    for place, sums in found:
        if WINDOW not in reading.told_apart:
            yield Part(place, sums)
            continue
        if sums.of(AdFigure.UNCONVERTED):
            # No window tells it, and whoever asks for windows is to know which account is not in them.
            rest = AdSums(platforms=sums.platforms, figures={AdFigure.UNCONVERTED: sums.of(AdFigure.UNCONVERTED)})
            yield Part({**place, WINDOW: None}, rest)
        for window, claimed in sums.claims.items():
            # As if nothing were claimed but in this window: then that is the one that all claims were made in.
            figures = {name: claimed.get(name, 0) for name in (AdFigure.CONVERSIONS_KNOWN, AdFigure.REVENUE_KNOWN)}
            alone = AdSums(
                platforms=sums.platforms,
                figures={**figures, AdFigure.AD_DAYS: max(figures.values())},
                claims={window: claimed},
            )
            yield Part({**place, WINDOW: window}, alone)


def _accounts(reading: Reading) -> Iterator[tuple[Mapping[str, str | None], AdSums]]:
    cut = _require_within(ACCOUNTS, reading)
    months = [
        month
        for month in read_months(AdMonth, [reading.span], workspace_id=reading.workspace_id, figures=reading.figures)
        if month.source == reading.connector
    ]
    touching = _Months(months)
    for span, time in cut:
        sums = account_sums(touching.those_of(span), span)
        yield from ((_values(place, time, None), each) for place, each in sums.items() if _is_told(each))


def _campaigns(reading: Reading) -> Iterator[tuple[Mapping[str, str | None], AdSums]]:
    cut = _require_within(CAMPAIGNS, reading)
    names = _campaign_names(reading) if "campaign" in reading.told_apart else dict[str, str]()
    found = _sums(Running.CAMPAIGN, cut, reading, only=lambda key: place_of(key)[0].source == reading.connector)
    places = [place_of(key) for key in found.keys]
    named = {place: names.get(key) for (place, window), key in zip(places, found.keys, strict=True) if window is None}
    for (_, time), columns in zip(cut, found.spans, strict=True):
        # Most campaigns rest on most days: nothing is made of zeros.
        told = (
            (place, dict(zip(columns, row, strict=True)))
            for place, row in zip(places, zip(*columns.values(), strict=True), strict=False)
            if any(row)
        )
        for place, sums in sums_of_places(told).items():
            if _is_told(sums):
                yield _values(place, time, named[place]), sums


class _Months(Generic[M]):
    """Rollups by month: a day of five years is looked for in one of them, and not in all."""

    def __init__(self, rollups: Sequence[M]) -> None:
        self._by_month: dict[str, list[M]] = {}
        for rollup in rollups:
            self._by_month.setdefault(rollup.month, []).append(rollup)

    def those_of(self, span: DateRange) -> list[M]:
        """Give those of the months that a range touches."""
        return [rollup for month in months_of(span) for rollup in self._by_month.get(month, ())]


def _values(place: Place, time: Mapping[str, str], campaign: str | None) -> Mapping[str, str | None]:
    return {
        **time,
        "platform": place.platform,
        ACCOUNT: place.account or None,
        "campaign_id": place.campaign_id or None,
        "campaign": campaign,
    }


def _is_told(sums: AdSums) -> bool:
    return sums.of(AdFigure.AD_DAYS) > 0 or sums.of(AdFigure.UNCONVERTED) > 0


def _campaign_names(reading: Reading) -> Mapping[str, str]:
    parts = reading.figures.rollups(reading.workspace_id, CampaignNames)
    return {key: name for part in parts for key, name in zip(part.keys, part.names, strict=True)}


def _product_names(reading: Reading) -> Mapping[str, ProductName]:
    parts = reading.figures.rollups(reading.workspace_id, ProductNames)
    return {sku: name for part in parts for sku, name in part.named()}


def _sums(
    of: Running, cut: Sequence[Piece], reading: Reading, *, only: Callable[[str], bool] = lambda _: True
) -> SpanSums:
    spans = [span for span, _ in cut]
    return sums_of_spans(of, spans, workspace_id=reading.workspace_id, figures=reading.figures, only=only)


def _by_key(keys: Sequence[str], columns: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Mapping[str, int]]]:
    rows = zip(*columns.values(), strict=True) if columns else repeat(())
    return ((key, dict(zip(columns, row, strict=True))) for key, row in zip(keys, rows, strict=False))


def _require_within(reach: Reach, reading: Reading) -> list[Piece]:
    """Cut the range, if it is not too long for what is asked.

    Raises:
        Invalid: `range_too_long`.

    """
    days = reading.span.days
    cut = pieces(reading.span, reading.told_apart) if days <= reach.days else []
    if not cut or len(cut) > reach.pieces:
        found, most, what = (len(cut), reach.pieces, "dates, weeks or months") if cut else (days, reach.days, "days")
        raise Invalid(
            "range_too_long",
            f"The range has {found} {what}; for these dimensions {most} are the most.",
            hint=reach.hint,
            field="date_from",
        )
    return cut
