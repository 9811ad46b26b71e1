"""What each variant, product or category earned in a period, beside an earlier one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import Asked, DateRange
from shared.domain.analytics.pnl import Imported, Line
from shared.domain.analytics.product_profit import AdAllocation, Level, Margins, SortBy, common_title, margins, rank
from shared.domain.errors import Invalid
from shared.domain.facts.checks import apportioned
from shared.domain.facts.products import NO_SKU, ProductName, ProductNames, VariantFigure
from shared.domain.facts.rollups import Figure, ShopMonth
from shared.domain.facts.running import Running
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, Spans, find_spans, read_months
from shared.services.figures.sums_between import sums_of_spans
from shared.storage.contracts.facts import Figures

LONGEST_DAYS = 400
"""Thirteen months: each costs a read of all SKUs."""

FROM_ORDERS = "order_lines"
MIXED = "mixed"

NAMELESS = ProductName()
NOTHING = margins({})


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


class ProfitRow(NamedTuple):
    """A variant, a product or a category. A tuple, because a question makes thousands, and shows twenty."""

    key: str | None
    """None: of what names none."""
    now: Margins
    places: Sequence[int]
    """Where its SKUs stand in `Goods`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """All SKUs with which anything happened, and what is told of a row where it is shown."""

    skus: Sequence[str]
    names: Sequence[ProductName]
    now: Sequence[Margins]
    earlier: Sequence[Margins] | None
    spend: Sequence[int] | None
    """The part that each has of the shop's ad spend, where that is asked for and known."""
    titles: Mapping[str, Sequence[str]]
    """Of all variants of a product, sold or not, where products are asked for."""

    def before(self, row: ProfitRow) -> Margins | None:
        """Give what it came to in the period that is compared with."""
        return None if self.earlier is None else _added(self.earlier, row.places)

    def ad_spend(self, row: ProfitRow) -> int | None:
        """Give its part of the shop's ad spend."""
        return None if self.spend is None else sum(self.spend[place] for place in row.places)

    def title(self, row: ProfitRow) -> str | None:
        """Name a variant, or a product."""
        titles = self.titles.get(row.key or "")
        return common_title(titles) if titles else self.names[row.places[0]].title

    def cogs_source(self, row: ProfitRow, day: str) -> str | None:
        """Say who told the costs that held on a day, of those of which any is known."""
        known = (place for place in row.places if self.now[place].cost_known_units)
        sources = {self.names[place].source_at(day) or FROM_ORDERS for place in known}
        return next(iter(sources)) if len(sources) == 1 else MIXED if sources else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitReport:
    """The answer, not rounded."""

    frame: Frame
    spans: Spans
    goods: Goods
    rows: Sequence[ProfitRow]
    losses: Sequence[int]
    """CM2 of the rows that lost money."""
    cost_unknown: int
    """Rows with sales of which no cost is known."""
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
    sums = sums_of_spans(Running.VARIANT, spans.both, workspace_id=workspace_id, figures=figures)
    here, *others = (_of_each_sku(columns, len(sums.keys)) for columns in sums.spans)
    earlier = others[0] if others else None
    parts = figures.rollups(workspace_id, ProductNames)
    known = {sku: name for part in parts for sku, name in part.named()}
    shop = sums_of(read_months(ShopMonth, [spans.period], workspace_id=workspace_id, figures=figures), spans.period)
    is_spread = question.ad_allocation is AdAllocation.REVENUE_SHARE
    goods = Goods(
        skus=sums.keys,
        # One that was sold for the first time, and folded while we read, has no name yet.
        names=[known.get(sku, NAMELESS) for sku in sums.keys],
        now=here,
        earlier=earlier,
        spend=_spread(here, _ad_spend(shop, frame, spans.period)) if is_spread else None,
        titles=_titles_of_products(known.values()) if question.level is Level.PRODUCT else {},
    )
    wanted = [
        place
        for place in range(len(goods.skus))
        if (any(here[place]) or (earlier is not None and any(earlier[place])))
        and _is_wanted(goods.skus[place], goods.names[place], question.query)
    ]
    order = rank(question.sort_by, is_descending=question.is_descending)
    rows = [ProfitRow(key, _added(here, places), places) for key, places in _grouped(wanted, goods, question.level)]
    cm2s = [row.now.cm2 for row in rows]
    return ProfitReport(
        frame=frame,
        spans=spans,
        goods=goods,
        rows=sorted(rows, key=lambda row: (*order(row.now), row.key is None, row.key or "")),
        losses=[cm2 for cm2 in cm2s if cm2 is not None and cm2 < 0],
        cost_unknown=cm2s.count(None),
        total=_added(here, wanted),
        total_before=None if earlier is None else _added(earlier, wanted),
        ad_spend=None if goods.spend is None else sum(goods.spend[place] for place in wanted),
        everything=_added(here, range(len(here))),
        sales_without_sku=sum(each.sales for sku, each in zip(goods.skus, here, strict=True) if sku == NO_SKU),
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


def _of_each_sku(columns: Mapping[str, Sequence[int]], skus: int) -> Sequence[Margins]:
    nothing = [0] * skus
    return list(map(Margins._make, zip(*(columns.get(figure, nothing) for figure in VariantFigure), strict=True)))


def _ad_spend(shop: Mapping[Figure, int], frame: Frame, period: DateRange) -> int | None:
    if not Imported.of(frame.overview).within(period).has(Line.AD_SPEND):
        return None
    return shop.get(Figure.AD_SPEND, 0) + shop.get(Figure.AD_SPEND_INVOICED, 0)


def _spread(goods: Sequence[Margins], spend: int | None) -> Sequence[int] | None:
    """Share ad spend out by net sales, to the last micro; None: it is unknown, or nothing was sold."""
    weights = [max(each.net_sales, 0) for each in goods]
    return None if spend is None or not any(weights) else apportioned(spend, weights)


def _titles_of_products(names: Iterable[ProductName]) -> Mapping[str, Sequence[str]]:
    titles: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.product_id and name.title:
            titles[name.product_id].append(name.title)
    return titles


def _is_wanted(sku: str, name: ProductName, query: str | None) -> bool:
    if query is None:
        return True
    told = (sku, name.title, name.product_id, name.category, name.vendor)
    return any(query.casefold() in text.casefold() for text in told if text)


def _grouped(places: Iterable[int], goods: Goods, level: Level) -> Iterable[tuple[str | None, Sequence[int]]]:
    groups: defaultdict[str | None, list[int]] = defaultdict(list)
    for place in places:
        match level:
            case Level.VARIANT:
                groups[goods.skus[place] or None].append(place)
            case Level.PRODUCT:
                groups[goods.names[place].product_id or goods.skus[place] or None].append(place)
            case Level.CATEGORY:
                groups[goods.names[place].category].append(place)
    return groups.items()


def _added(goods: Sequence[Margins], places: Sequence[int]) -> Margins:
    if len(places) == 1:
        return goods[places[0]]
    return Margins._make(map(sum, zip(NOTHING, *(goods[place] for place in places), strict=True)))
