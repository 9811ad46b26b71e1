"""What a piece of each SKU costs, since when, and of which nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.money import rounded
from shared.domain.errors import Invalid, NotFound
from shared.domain.facts.products import NO_SKU, CostVersion, Product, ProductPart, VariantFigure, part_of
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.storage.contracts.facts import Figures

STALE_AFTER = timedelta(days=365)
"""A cost that nobody has told again for so long is worth a look."""

FROM_ORDERS = "order_lines"


class CostStatus(StrEnum):
    """Which SKUs to list."""

    ALL = "all"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostQuestion:
    """What is asked."""

    sku: str | None = None
    status: CostStatus = CostStatus.ALL
    as_of: date | None = None
    """None: today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """A SKU and what it cost on that day. None: unknown."""

    product: Product
    unit_cost: int | None
    currency: str | None
    effective_from: str | None
    source: str | None
    """The connector that told the cost; `order_lines`: no list of costs has it, but orders state their own."""
    previous: CostVersion | None
    change_rate: Fraction | None
    """How the cost changed, where both are in one currency."""
    is_stale: bool
    lacks_rate: bool = False
    """It is told in a currency of which there is no rate at the end of the data, so it counts as unknown."""

    @property
    def is_known(self) -> bool:
        """Tell whether profits can be worked out with it."""
        return self.unit_cost is not None and not self.lacks_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """The answer; what is counted is counted over all SKUs, whatever status was looked for."""

    frame: Frame
    as_of: date
    rows: Sequence[CostRow]
    """By sales of the last 30 days, highest first."""
    skus: int
    missing: int
    stale: int
    unrated: Mapping[str, int]
    """Currency without a rate -> SKUs whose cost is in it; they are among the missing."""
    sales: tuple[int, int]
    """Sales of the last 30 days of SKUs whose cost is known, and of all goods."""
    is_cut: bool
    """Whether costs before that day may be told that are not kept here."""


def list_product_costs(question: CostQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> CostReport:
    """List the costs that held on a day.

    Raises:
        NotFound: `no_data`, or `not_found`: nobody ever told of the SKU.
        Invalid: `invalid_date_range`: the day is in the future.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    as_of = question.as_of or frame.today
    if as_of > frame.today:
        raise Invalid(
            "invalid_date_range",
            f"as_of is in the future: today is {frame.today} where the shop is.",
            hint=f"Use as_of={frame.today} or earlier.",
            field="as_of",
        )
    first = last = "" if question.sku is None else part_of(question.sku)
    parts = figures.rollups(workspace_id, ProductPart, first, last)
    rows = [_row(product, as_of, frame) for part in parts for product in part.products()]
    if question.sku is not None:
        rows = [row for row in rows if row.product.sku == question.sku]
        if not rows:
            raise NotFound(
                "not_found",
                "There is no such SKU in products, costs or orders.",
                hint="Leave out sku to list them all.",
                field="sku",
            )
    named = [row for row in rows if row.product.sku != NO_SKU]
    wanted = [row for row in named if _is_wanted(row, question.status)]
    return CostReport(
        frame=frame,
        as_of=as_of,
        rows=sorted(wanted, key=lambda row: (-row.product.sales_30d, row.product.sku)),
        skus=len(named),
        missing=sum(not row.is_known for row in named),
        stale=sum(row.is_stale for row in named),
        unrated=Counter(row.currency for row in named if row.lacks_rate and row.currency is not None),
        sales=(
            sum(row.product.sales_30d for row in rows if row.is_known),
            sum(row.product.sales_30d for row in rows),
        ),
        is_cut=any(row.unit_cost is None and row.product.is_cut for row in named),
    )


def _row(product: Product, as_of: date, frame: Frame) -> CostRow:
    held, previous = product.cost_at(as_of.isoformat()), product.cost_before(as_of.isoformat())
    if held is None:
        stated = None if product.versions else _stated(product)
        return CostRow(
            product=product,
            unit_cost=stated,
            currency=None if stated is None else frame.settings.currency,
            effective_from=None,
            source=None if stated is None else FROM_ORDERS,
            previous=None,
            change_rate=None,
            is_stale=False,
        )
    told = min(held.told, as_of.isoformat())
    return CostRow(
        product=product,
        unit_cost=held.micros,
        currency=held.currency,
        effective_from=held.effective_from,
        source=held.source,
        previous=previous,
        change_rate=_change(held, previous),
        is_stale=date.fromisoformat(told) < as_of - STALE_AFTER,
        lacks_rate=held.converted is None and frame.overview.data_through is not None,
    )


def _stated(product: Product) -> int | None:
    """Give what a piece cost of late by the orders themselves."""
    late = product.last_90d
    pieces = late.get(VariantFigure.COST_KNOWN_UNITS, 0)
    return rounded(late.get(VariantFigure.COGS, 0), pieces) if pieces else None


def _change(held: CostVersion, previous: CostVersion | None) -> Fraction | None:
    if previous is None or not previous.micros or previous.currency != held.currency:
        return None
    return Fraction(held.micros - previous.micros, previous.micros)


def _is_wanted(row: CostRow, status: CostStatus) -> bool:
    match status:
        case CostStatus.ALL:
            return True
        case CostStatus.MISSING:
            return not row.is_known
        case CostStatus.STALE:
            return row.is_stale
