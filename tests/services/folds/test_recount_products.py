"""What is told of products is what the slow, obvious count of random merchants' files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.periods import Asked, Compare, DateRange
from shared.domain.analytics.product_profit import Level, Margins
from shared.domain.facts.products import VariantFigure
from shared.domain.facts.rollups import Figure
from shared.domain.facts.running import Running
from shared.domain.facts.settings import Settings
from shared.services.figures.list_product_profitability import (
    ProfitQuestion,
    ProfitReport,
    list_product_profitability,
)
from shared.services.figures.spans import Against
from shared.services.figures.sums_between import sums_between
from tests.data.merchants import NOW, WORKSPACE, Line, Merchant, as_file
from tests.data.random_merchants import FIRST_DAY, LAST_DAY, histories
from tests.data.recount import Rules
from tests.data.recount_products import Goods, count_goods

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 16
ALL_DAYS = DateRange(first=FIRST_DAY - timedelta(days=5), last=LAST_DAY + timedelta(days=5))
DAYS = st.dates(ALL_DAYS.first, ALL_DAYS.last)
OF_THE_SHOP = {
    figure: {figure}
    for figure in VariantFigure
    if figure not in {VariantFigure.ORDERS, VariantFigure.ORDERS_REFUNDED, VariantFigure.FEES}
} | {VariantFigure.FEES: {Figure.PAYMENT_FEES, Figure.PAYMENT_FEES_ESTIMATED, Figure.PLATFORM_FEES}}

PRODUCTS: Mapping[str, Mapping[str, str]] = {
    "A": {"title": "Shirt, red", "product_id": "shirt", "category": "Tops"},
    "B": {"title": "Shirt, blue", "product_id": "shirt", "category": "Sale"},
}
catalogues = st.lists(st.sampled_from(sorted(PRODUCTS)), unique=True)


def grown(history: list[list[dict[str, Any]]], known: Sequence[str], *, has_fee_rule: bool) -> tuple[Merchant, Rules]:
    """Import and fold a history, and the names of some of its goods."""
    settled, rules = Settings(timezone=NEW_YORK), Rules(zone=NEW_YORK)
    if has_fee_rule:
        settled = replace(settled, payment_fee_ppm=29_000, payment_fee_fixed=300_000)
        rules = replace(rules, payment_fee_rate=Decimal("0.029"), payment_fee_fixed=Decimal("0.30"))
    merchant = Merchant()
    merchant.settle(settled)
    named: list[Line] = [{"type": "product", "sku": sku, **PRODUCTS[sku]} for sku in known]
    for number, file in enumerate(history):
        merchant.import_bytes(as_file([*file, *named] if number == 0 else file))
    merchant.fold()
    return merchant, rules


def answer(merchant: Merchant, span: DateRange, level: Level = Level.VARIANT) -> ProfitReport:
    question = ProfitQuestion(
        period=Asked(first=span.first, last=span.last), against=Against(compare=Compare.NONE), level=level
    )
    return list_product_profitability(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)


def told(found: Margins) -> dict[str, int | None]:
    names = ("units", "orders", "orders_refunded", "gross_sales", "discounts", "returns", "net_sales", "cogs", "cm1")
    return {name: getattr(found, name) for name in (*names, "cm2", "cost_known_sales")}


def worked_out(goods: Goods, skus: Sequence[str], span: DateRange) -> dict[str, int | None]:
    """Work out a row from the slow count."""
    sums: Counter[str] = Counter()
    for (day, sku, figure), value in goods.items():
        if sku in skus and span.first <= day <= span.last:
            sums[figure] += value
    net_sales = sums["gross_sales"] - sums["discounts"] - sums["returns"]
    is_known = sums["cost_known_units"] or sums["cogs_restocked"] or not sums["units"]
    cogs = sums["cogs"] - sums["cogs_restocked"] if is_known else None
    cm1 = None if cogs is None else net_sales - cogs
    rest = sums["fulfilment"] + sums["return_shipping"] + sums["fees"]
    return {
        **{name: sums[name] for name in ("units", "orders", "orders_refunded", "gross_sales", "discounts", "returns")},
        "net_sales": net_sales,
        "cogs": cogs,
        "cm1": cm1,
        "cm2": None if cm1 is None else cm1 - rest,
        "cost_known_sales": sums["cost_known_sales"],
    }


def group_of(sku: str, level: Level, known: Sequence[str]) -> str | None:
    product: Mapping[str, str] = PRODUCTS[sku] if sku in known else {}
    match level:
        case Level.VARIANT:
            return sku or None
        case Level.PRODUCT:
            return product.get("product_id", sku) or None
        case Level.CATEGORY:
            return product.get("category")


@settings(max_examples=EXAMPLES)
@given(
    history=histories(),
    known=catalogues,
    has_fee_rule=st.booleans(),
    ends=st.tuples(DAYS, DAYS),
    level=st.sampled_from(Level),
)
def test_every_row_is_what_the_slow_count_says_and_the_total_is_that_of_all_rows(
    history: list[list[dict[str, Any]]],
    known: list[str],
    has_fee_rule: bool,  # noqa: FBT001 - Hypothesis draws it
    ends: tuple[date, date],
    level: Level,
) -> None:
    history = [[line for line in file if line["type"] != "payment"] for file in history]
    span = DateRange(first=min(ends), last=max(ends))
    merchant, rules = grown(history, known, has_fee_rule=has_fee_rule)
    goods = count_goods(history, rules)
    happened = {sku for day, sku, _ in goods if span.first <= day <= span.last}
    expected: dict[str | None, list[str]] = {}
    for sku in happened:
        expected.setdefault(group_of(sku, level, known), []).append(sku)

    report = answer(merchant, span, level)

    assert {row.key: told(row.now) for row in report.rows} == {
        key: worked_out(goods, skus, span) for key, skus in expected.items()
    }
    assert told(report.total) == worked_out(goods, list(happened), span)


@settings(max_examples=EXAMPLES)
@given(history=histories(), has_fee_rule=st.booleans(), ends=st.tuples(DAYS, DAYS))
def test_all_skus_together_are_the_shop_and_days_together_are_their_range(
    history: list[list[dict[str, Any]]],
    has_fee_rule: bool,  # noqa: FBT001 - Hypothesis draws it
    ends: tuple[date, date],
) -> None:
    merchant, _ = grown(history, [], has_fee_rule=has_fee_rule)
    span = DateRange(first=min(ends), last=max(ends))
    months = merchant.months()

    by_figure: Counter[str] = Counter()
    for sums in skus_between(merchant, ALL_DAYS).values():
        by_figure.update(sums)
    for figure, names in OF_THE_SHOP.items():
        assert by_figure[figure] == sum(month.total(Figure(name)) for month in months for name in names), figure

    day_by_day: Counter[tuple[str, str]] = Counter()
    for place in range(span.days):
        day = span.first + timedelta(days=place)
        for sku, sums in skus_between(merchant, DateRange(first=day, last=day)).items():
            day_by_day.update({(sku, figure): value for figure, value in sums.items()})
    whole = {(sku, figure): n for sku, sums in skus_between(merchant, span).items() for figure, n in sums.items()}
    assert {place: n for place, n in whole.items() if n} == {place: n for place, n in day_by_day.items() if n}


def skus_between(merchant: Merchant, span: DateRange) -> Mapping[str, Mapping[str, int]]:
    return sums_between(Running.VARIANT, span, workspace_id=WORKSPACE, figures=merchant.figures)
