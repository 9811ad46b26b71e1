"""Whether a product is worth advertising: one that is sold, one that is planned, or one as it might be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.pnl import Imported, Line
from shared.domain.analytics.product_profit import Sums
from shared.domain.analytics.viability import Unit, Viability, assess, sales_rank
from shared.domain.errors import Invalid, NotFound
from shared.domain.facts.products import Product, ProductPart, ProductRange, VariantFigure, part_of
from shared.domain.facts.rollups import Figure, ShopMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import read_months
from shared.storage.contracts.facts import Figures

WINDOW = timedelta(days=90)


class Source(StrEnum):
    """Where an input comes from."""

    OBSERVED = "observed"
    """What is known of the SKU: its last 90 days, its cost, its list price."""
    GIVEN = "given"
    DEFAULT = "default"
    """The shop's own average of those days, or a plain assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViabilityQuestion:
    """What is asked; money in micros. What is given goes before what is known."""

    sku: str | None = None
    price: Fraction | None = None
    unit_cost: Fraction | None = None
    shipping: Fraction | None = None
    fee_rate: Fraction | None = None
    return_rate: Fraction | None = None
    cpa: Fraction | None = None
    target_cm3_margin: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that the answer stands on."""

    name: str
    value: Fraction | None
    """None: unknown."""
    source: Source | None
    is_money: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ViabilityReport:
    """The answer, not rounded."""

    frame: Frame
    product: Product | None
    window: DateRange | None
    """The days that were observed."""
    inputs: Mapping[str, Input]
    result: Viability


def assess_product_viability(
    question: ViabilityQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> ViabilityReport:
    """Put together what is known of a product and what is given, and assess it.

    Raises:
        NotFound: `no_data`, or `not_found`: nobody ever told of the SKU.
        Invalid: `invalid_argument`: no price is known.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    through = frame.overview.data_through
    window = None if through is None else DateRange(first=through - WINDOW + timedelta(days=1), last=through)
    product = None if question.sku is None else _product(question.sku, frame, workspace_id, figures)
    heads = figures.rollups(workspace_id, ProductRange)
    shop = dict[Figure, int]() if window is None else _while_ads_are_told(window, frame, workspace_id, figures)
    inputs = _inputs(question, product, heads[0] if heads else None, shop, today=frame.today.isoformat())
    found = {each.name: each for each in inputs}
    price = found["price"].value
    if price is None:
        raise Invalid(
            "invalid_argument",
            "Neither a sale nor a list price of this product is known.",
            hint="Give price.",
            field="price",
        )
    unit = Unit(
        price=price,
        discount=price * (found["discount_rate"].value or 0),
        return_rate=found["return_rate"].value,
        unit_cost=found["unit_cost"].value,
        restock_rate=found["restock_rate"].value or Fraction(0),
        shipping=found["shipping"].value,
        fee_rate=found["fee_rate"].value,
        units_per_order=found["units_per_order"].value or Fraction(1),
        cpa=found["cpa"].value,
        sales_rank=found["sales_rank"].value,
    )
    return ViabilityReport(
        frame=frame,
        product=product,
        window=window,
        inputs=found,
        result=assess(unit, target_cm3_margin=question.target_cm3_margin),
    )


def _while_ads_are_told(window: DateRange, frame: Frame, workspace_id: str, figures: Figures) -> Mapping[Figure, int]:
    """Add up the shop's days of which ads are told: what an order of other days cost in ads is unknown."""
    reach = Imported.of(frame.overview).reach(Line.AD_SPEND)
    told = None if reach is None else window.common(reach)
    if told is None:
        return {}
    return sums_of(read_months(ShopMonth, [told], workspace_id=workspace_id, figures=figures), told)


def _product(sku: str, frame: Frame, workspace_id: str, figures: Figures) -> Product:
    require_data(frame)
    part = part_of(sku)
    found = [each.product(sku) for each in figures.rollups(workspace_id, ProductPart, part, part)]
    if not found or found[0] is None:
        raise NotFound(
            "not_found",
            "There is no such SKU in products, costs or orders.",
            hint="list_product_costs finds SKUs and their titles; for a planned product leave out sku and give price.",
            field="sku",
        )
    return found[0]


def _inputs(
    question: ViabilityQuestion,
    product: Product | None,
    whole: ProductRange | None,
    shop: Mapping[Figure, int],
    *,
    today: str,
) -> list[Input]:
    """Choose what each input stands on."""
    own: Sums = {} if product is None else product.last_90d
    all_: Sums = {} if whole is None else whole.last_90d
    paid, all_paid = _paid(own), _paid(all_)
    returns, fees = VariantFigure.RETURNS, VariantFigure.FEES
    spend = shop.get(Figure.AD_SPEND, 0) + shop.get(Figure.AD_SPEND_INVOICED, 0)
    rank = None if product is None or whole is None else sales_rank(product.units_30d, whole.units_30d)
    return [
        _input("price", question.price, _price(product), is_money=True),
        _input(
            "discount_rate",
            None,
            _ratio(own, VariantFigure.DISCOUNTS, own.get(VariantFigure.GROSS_SALES, 0)),
            Fraction(0),
        ),
        _input("return_rate", question.return_rate, _part(own, returns, paid), _part(all_, returns, all_paid)),
        _input("unit_cost", question.unit_cost, _cost(product, today), is_money=True),
        _input(
            "restock_rate", None, _part(own, VariantFigure.COGS_RESTOCKED, own.get(VariantFigure.COGS, 0)), Fraction(0)
        ),
        _input("shipping", question.shipping, _shipping(own), _shipping(all_), is_money=True),
        _input("fee_rate", question.fee_rate, _known(_ratio(own, fees, paid)), _known(_ratio(all_, fees, all_paid))),
        _input(
            "units_per_order", None, _ratio(own, VariantFigure.UNITS, own.get(VariantFigure.ORDERS, 0)), Fraction(1)
        ),
        _input("cpa", question.cpa, None, _known(_of(spend, shop.get(Figure.ORDERS, 0))), is_money=True),
        _input("sales_rank", None, rank),
    ]


def _input(
    name: str,
    given: Fraction | None,
    observed: Fraction | None,
    default: Fraction | None = None,
    *,
    is_money: bool = False,
) -> Input:
    choices = ((given, Source.GIVEN), (observed, Source.OBSERVED), (default, Source.DEFAULT))
    value, source = next(((value, source) for value, source in choices if value is not None), (None, None))
    return Input(name=name, value=value, source=source, is_money=is_money)


def _paid(sums: Sums) -> int:
    return sums.get(VariantFigure.GROSS_SALES, 0) - sums.get(VariantFigure.DISCOUNTS, 0)


def _price(product: Product | None) -> Fraction | None:
    """Give what a piece was sold for of late, before discounts; else its list price."""
    if product is None:
        return None
    sold = _ratio(product.last_90d, VariantFigure.GROSS_SALES, product.last_90d.get(VariantFigure.UNITS, 0))
    return sold if sold is not None or product.price is None else Fraction(product.price)


def _cost(product: Product | None, today: str) -> Fraction | None:
    """Give the cost that holds now; else what the orders of late told."""
    if product is None:
        return None
    held = product.cost_at(today)
    if held is not None and held.converted is not None:
        return Fraction(held.converted)
    return _ratio(product.last_90d, VariantFigure.COGS, product.last_90d.get(VariantFigure.COST_KNOWN_UNITS, 0))


def _shipping(sums: Sums) -> Fraction | None:
    """Give what a piece cost to send and to take back; nothing at all means that nobody told."""
    cost = sums.get(VariantFigure.FULFILMENT, 0) + sums.get(VariantFigure.RETURN_SHIPPING, 0)
    return _known(_of(cost, sums.get(VariantFigure.UNITS, 0)))


def _ratio(sums: Sums, figure: VariantFigure, whole: int) -> Fraction | None:
    return _of(sums.get(figure, 0), whole)


def _part(sums: Sums, figure: VariantFigure, whole: int) -> Fraction | None:
    """Give a part of what was sold: returns of earlier sales may be more, and no more than all can come back."""
    part = _ratio(sums, figure, whole)
    return None if part is None else min(part, Fraction(1))


def _of(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole > 0 else None


def _known(value: Fraction | None) -> Fraction | None:
    """Take nothing for unknown, where there is no other sign that anybody ever told."""
    return value or None
