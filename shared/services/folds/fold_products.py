"""What is known of each SKU, from products, costs and sales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from shared.domain.facts.parts import in_parts
from shared.domain.facts.products import (
    NO_SKU,
    ProductNames,
    ProductPart,
    ProductRange,
    VariantFigure,
    part_of,
)
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.fold_holdings import reach_of_orders

SHORT, LONG = timedelta(days=30), timedelta(days=90)

_NAME_COLUMNS = ("skus", "titles", "product_ids", "categories", "vendors", "sources")

_NAMES = """
    WITH turns AS (
        SELECT sku, effective_from, source FROM versions
        QUALIFY source IS DISTINCT FROM lag(source) OVER (PARTITION BY sku ORDER BY number)
    ), sources AS (
        SELECT sku, list([effective_from::VARCHAR, source] ORDER BY effective_from) AS told FROM turns GROUP BY sku
    )
    SELECT sku, title, product_id, category, vendor, coalesce(told, [])
    FROM named FULL JOIN sources USING (sku) ORDER BY sku
"""

_LATELY = f"""
    SELECT key, {", ".join(f"sum({figure}) AS {figure}" for figure in VariantFigure)}
    FROM variant_days WHERE day >= $first GROUP BY key ORDER BY key
"""


def fold_products(duck: Duck, _settings: Settings, generation: int) -> Sequence[ProductPart]:
    """Give all SKUs that anybody ever told of, in their parts."""
    _, through = reach_of_orders(duck)
    skus: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for (key,) in duck.rows("SELECT DISTINCT key FROM variant_days"):
        skus[key] = {}
    _add_names(duck, skus)
    _add_costs(duck, skus)
    for key, sums in _lately(duck, through, LONG).items():
        skus[key]["late"] = [sums.get(figure, 0) for figure in VariantFigure]
    for key, sums in _lately(duck, through, SHORT).items():
        skus[key]["units_30d"] = sums.get(VariantFigure.UNITS, 0)
        skus[key]["sales_30d"] = sums.get(VariantFigure.GROSS_SALES, 0) - sums.get(VariantFigure.DISCOUNTS, 0)
    parts: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for sku, told in sorted(skus.items()):
        parts[part_of(sku)][sku] = told
    return [ProductPart(part=part, generation=generation, skus=told) for part, told in sorted(parts.items())]


def fold_range(duck: Duck, _settings: Settings, generation: int) -> Sequence[ProductRange]:
    """Give what there is of SKUs as a whole; nothing if there is none."""
    _, through = reach_of_orders(duck)
    ((skus,),) = duck.rows(
        """
        SELECT count(*) FROM (
            SELECT key FROM variant_days UNION SELECT sku FROM product_facts UNION SELECT sku FROM costs
        ) WHERE key <> $no_sku
    """,
        no_sku=NO_SKU,
    )
    if not skus:
        return []
    sold: defaultdict[int, int] = defaultdict(int)
    for key, sums in _lately(duck, through, SHORT).items():
        if key != NO_SKU and VariantFigure.UNITS in sums:
            sold[sums[VariantFigure.UNITS]] += 1
    whole: defaultdict[str, int] = defaultdict(int)
    for sums in _lately(duck, through, LONG).values():
        for figure, value in sums.items():
            whole[figure] += value
    units_30d = [[units, count] for units, count in sorted(sold.items())]
    return [ProductRange(generation=generation, skus=skus, units_30d=units_30d, last_90d=dict(sorted(whole.items())))]


def fold_product_names(duck: Duck, _settings: Settings, generation: int) -> Sequence[ProductNames]:
    """Give the names of all SKUs and who told their costs, in parts."""
    rows = duck.rows(_NAMES)
    return [
        ProductNames(
            part=part,
            generation=generation,
            **dict(zip(_NAME_COLUMNS, map(list, zip(*some, strict=True)), strict=True)),
        )
        for part, (some, _) in enumerate(in_parts(rows) if rows else ())
    ]


def _add_names(duck: Duck, skus: dict[str, dict[str, Any]]) -> None:
    for row in duck.named_rows("""
        SELECT sku, title, product_id, category, vendor,
               CASE WHEN nanos IS NOT NULL THEN converted(price, nanos) END AS price
        FROM named_rated
    """):
        sku = row.pop("sku")
        skus[sku] |= {name: value for name, value in row.items() if value is not None}


def _add_costs(duck: Duck, skus: dict[str, dict[str, Any]]) -> None:
    for sku, number, first, last, micros, currency, source, converted in duck.rows("""
        SELECT sku, number, effective_from, told, unit_cost, currency, source,
               CASE WHEN nanos IS NOT NULL THEN converted(unit_cost, nanos) END
        FROM versions_rated ORDER BY sku, number
    """):
        version = [first.isoformat(), last.isoformat(), micros, currency, source, converted]
        skus[sku].setdefault("versions", []).append(version)
        if len(skus[sku]["versions"]) == 1 and number > 1:
            skus[sku]["is_cut"] = True


def _lately(duck: Duck, through: date | None, days: timedelta) -> dict[str, dict[str, int]]:
    """Add up what each SKU did in the days that end with the last order, and what came back since."""
    if through is None:
        return {}
    rows = duck.named_rows(_LATELY, first=through - days + timedelta(days=1))
    return {row.pop("key"): {name: int(value) for name, value in row.items() if value} for row in rows}
