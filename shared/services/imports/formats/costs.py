"""A merchant's own list of unit costs: `sku`, `unit_cost`, and if known `currency` and `effective_from`."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.facts import values
from shared.domain.facts.families import Family
from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.cells import amount, check_sign, iso_day, read_cell
from shared.services.imports.formats.format import Format, Once, Reading, Row, Sheet, Told
from shared.services.imports.formats.shopify_cells import required, sku_of
from shared.services.imports.formats.shopify_products import costs_from


def read_costs(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Tell the cost of each row."""
    for row in sheet.rows:
        try:
            told: Line | WrongValue = _cost(row, reading)
        except WrongValue as wrong:
            told = wrong
        yield row.line, told


def _cost(row: Row, reading: Reading) -> Line:
    sku, cost = sku_of(row, "sku"), read_cell(row, "unit_cost", amount)
    if sku is None or cost is None:
        raise required("sku" if sku is None else "unit_cost")
    currency = read_cell(row, "currency", values.currency) if row.cells.get("currency") else None
    check_sign(row, "unit_cost", currency or reading.currency)
    return {
        "type": "cost",
        "sku": sku,
        "unit_cost": cost,
        "currency": currency,
        "effective_from": read_cell(row, "effective_from", iso_day)
        if row.cells.get("effective_from")
        else costs_from(reading),
    }


COSTS = Format(
    name="costs",
    title="Unit costs of your own: sku, unit_cost, currency, effective_from (CSV)",
    source="costs",
    requires=frozenset({"sku", "unit_cost"}),
    reads=frozenset({"sku", "unit_cost", "currency", "effective_from"}),
    read=read_costs,
    once={
        Family.COST: Once(
            hint="Leave one cost for each SKU, or say in `effective_from` from which day each of them holds.",
            equal_are_one=True,
        )
    },
)
