"""What each variant, product or category earned in a period, beside an earlier one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import Asked, DateRange
from shared.domain.analytics.pnl import Imported, Line
from shared.domain.analytics.product_profit import AdAllocation, Level, Margins, SortBy, Sums, margins, rank
from shared.domain.errors import Invalid
from shared.domain.facts.checks import apportioned
from shared.domain.facts.products import NO_SKU, Product, ProductPart, VariantFigure
from shared.domain.facts.rollups import Figure, ShopMonth
from shared.domain.facts.running import Running
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, Spans, find_spans, read_months
from shared.services.figures.sums_between import sums_between
from shared.storage.contracts.facts import Figures

LONGEST_DAYS = 400
"""Thirteen months: each costs a read of all SKUs."""

FROM_ORDERS = "order_lines"
MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitQuestion:
    """What is asked."""

    period: Asked
    against: Against
    level: Level = Level.VARIANT
    sort_by: SortBy = SortBy.CM2
    is_descending: bool = True
    ad_allocation: AdAllocation = AdAllocation.NONE
    query: str | None = None
    """Part of a SKU, a title, a product's id, a category or a vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitRow:
    """A variant, a product or a category."""

    key: str | None
    """None: of what names none."""
    title: str | None
    now: Margins
    before: Margins | None
    ad_spend: int | None
    """Its part of the shop's ad spend, where that is asked for and known."""
    cogs_source: str | None
    """Who told what it cost: a connector, `order_lines`, or `mixed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitReport:
    """The answer, not rounded."""

    frame: Frame
    spans: Spans
    rows: Sequence[ProfitRow]
    total: Margins
    """Of all rows."""
    total_before: Margins | None
    ad_spend: int | None
    """What the rows have of the shop's ad spend."""
    everything: Margins
    """Of all goods, whatever was looked for."""
    sales_without_sku: int
    shop: Mapping[Figure, int]
    """The figures of the shop in the period."""


def list_product_profitability(
    question: ProfitQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> ProfitReport:
    """Work out what each earned from the running sums around the period, and from no day between.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or `range_too_long`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    spans = find_spans(question.period, question.against, frame=frame)
    for span in spans.both:
        _require_short(span)
    known = {product.sku: product for part in figures.rollups(workspace_id, ProductPart) for product in part.products()}
    told = [_of_skus(span, workspace_id, figures) for span in spans.both]
    sums, earlier = told[0], told[1] if spans.earlier is not None else None
    for sku in {sku for each in told for sku in each} - known.keys():
        known[sku] = Product(sku=sku)  # sold for the first time, and folded while we read
    shop = sums_of(read_months(ShopMonth, [spans.period], workspace_id=workspace_id, figures=figures), spans.period)
    spend = _spread(sums, _ad_spend(shop, frame)) if question.ad_allocation is AdAllocation.REVENUE_SHARE else None

    wanted = [sku for sku in sorted(sums.keys() | (earlier or {}).keys()) if _is_wanted(sku, known, question.query)]
    groups = _grouped(wanted, known, question.level)
    order = rank(question.sort_by, is_descending=question.is_descending)
    rows = [
        ProfitRow(
            key=key,
            title=_title(skus, known, question.level),
            now=margins(_added(sums, skus)),
            before=None if earlier is None else margins(_added(earlier, skus)),
            ad_spend=None if spend is None else sum(spend.get(sku, 0) for sku in skus),
            cogs_source=_source(skus, sums, known, spans.period),
        )
        for key, skus in groups.items()
    ]
    return ProfitReport(
        frame=frame,
        spans=spans,
        rows=sorted(rows, key=lambda row: (*order(row.now), row.key is None, row.key or "")),
        total=margins(_added(sums, wanted)),
        total_before=None if earlier is None else margins(_added(earlier, wanted)),
        ad_spend=None if spend is None else sum(spend.get(sku, 0) for sku in wanted),
        everything=margins(_added(sums, sums)),
        sales_without_sku=margins(sums.get(NO_SKU, {})).sales,
        shop=shop,
    )


def _require_short(span: DateRange) -> None:
    if span.days > LONGEST_DAYS:
        raise Invalid(
            "range_too_long",
            f"{span} has {span.days} days; for products {LONGEST_DAYS} are the most.",
            hint="Ask for a year or less; get_pnl answers longer periods for the whole shop.",
            field="date_from",
        )


def _of_skus(span: DateRange, workspace_id: str, figures: Figures) -> Mapping[str, Sums]:
    """Give what each SKU came to, of those with which anything happened."""
    found = sums_between(Running.VARIANT, span, workspace_id=workspace_id, figures=figures)
    return {sku: sums for sku, sums in found.items() if any(sums.values())}


def _ad_spend(shop: Mapping[Figure, int], frame: Frame) -> int | None:
    imported = Imported.of(frame.overview)
    if not imported.ad_days and not imported.has(Line.AD_SPEND):
        return None
    return shop.get(Figure.AD_SPEND, 0) + shop.get(Figure.AD_SPEND_INVOICED, 0)


def _spread(sums: Mapping[str, Sums], spend: int | None) -> Mapping[str, int] | None:
    """Share ad spend out by net sales, to the last micro; None: it is unknown, or nothing was sold."""
    weights = {sku: max(margins(told).net_sales, 0) for sku, told in sorted(sums.items())}
    if spend is None or not any(weights.values()):
        return None
    return dict(zip(weights, apportioned(spend, list(weights.values())), strict=True))


def _is_wanted(sku: str, known: Mapping[str, Product], query: str | None) -> bool:
    if query is None:
        return True
    product = known[sku]
    told = (sku, product.title, product.product_id, product.category, product.vendor)
    return any(query.casefold() in text.casefold() for text in told if text)


def _grouped(skus: Iterable[str], known: Mapping[str, Product], level: Level) -> Mapping[str | None, Sequence[str]]:
    groups: defaultdict[str | None, list[str]] = defaultdict(list)
    for sku in skus:
        match level:
            case Level.VARIANT:
                groups[sku or None].append(sku)
            case Level.PRODUCT:
                groups[known[sku].product_id or sku or None].append(sku)
            case Level.CATEGORY:
                groups[known[sku].category].append(sku)
    return groups


def _title(skus: Sequence[str], known: Mapping[str, Product], level: Level) -> str | None:
    """Name a row; a product by the first of its variants that has a name."""
    if level is Level.CATEGORY:
        return None
    return next((known[sku].title for sku in skus if known[sku].title), None)


def _source(skus: Iterable[str], sums: Mapping[str, Sums], known: Mapping[str, Product], span: DateRange) -> str | None:
    """Say who told the costs, of those of which any is known."""
    sources, last = set[str](), span.last.isoformat()
    for sku in skus:
        if sums.get(sku, {}).get(VariantFigure.COST_KNOWN_UNITS):
            held = known[sku].cost_at(last)
            sources.add(FROM_ORDERS if held is None else held.source)
    return next(iter(sources)) if len(sources) == 1 else MIXED if sources else None


def _added(sums: Mapping[str, Sums], skus: Collection[str]) -> Sums:
    if len(skus) == 1:
        return sums.get(next(iter(skus)), {})
    added: Counter[str] = Counter()
    for sku in skus:
        for figure, value in sums.get(sku, {}).items():
            added[figure] += value
    return added
