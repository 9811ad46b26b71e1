"""Two formats that nobody exports: one whose rows stand alone, one in which rows with one order id make an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Format, Reading, Sheet, Told, folded_header


def _read_prices(sheet: Sheet, reading: Reading) -> Iterator[Told]:  # noqa: ARG001  # the shape of `Format.read`
    for row in sheet.rows:
        yield (
            row.line,
            {
                "type": "product",
                "sku": row.cells["code"],
                "title": row.cells["label"],
                "price": row.cells["list price"],
            },
        )


def _all_prices(reading: Reading) -> Sequence[Line]:  # noqa: ARG001  # the shape of `Format.claims`
    return ({"type": "product"},)


def _read_baskets(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    carry = reading.carry
    price = next(header for header in map(folded_header, sheet.headers) if header.startswith("price"))
    for row in sheet.rows:
        if carry and row.cells["basket"] != carry["id"]:
            yield _closed(carry)
        if not carry:
            carry.update(line=row.line, id=row.cells["basket"], date=row.cells["day"], lines=[])
        quantity = row.cells["pieces"]
        piece = {"sku": row.cells["code"] or None, "quantity": int(quantity) if quantity.isdecimal() else quantity}
        cast("list[Any]", carry["lines"]).append({**piece, "price": row.cells[price]})
    if carry:
        yield _closed(carry)


def _closed(carry: dict[str, Any]) -> Told:
    line = carry["line"]
    basket = {name: value for name, value in carry.items() if name != "line"}
    carry.clear()
    if not basket["date"]:
        return line, WrongValue("field_missing", "has no day", field="day")
    return line, {"type": "order", **basket}


PRICES = Format(
    name="toy_prices",
    title="Toy, prices",
    source="toy",
    requires=frozenset({"code", "label", "list price"}),
    reads=frozenset({"code", "label", "list price"}),
    read=_read_prices,
    claims=_all_prices,
)
BASKETS = Format(
    name="toy_baskets",
    title="Toy, baskets",
    source="toy",
    requires=frozenset({"basket", "day", "code", "pieces"}),
    begins=("price",),
    reads=frozenset({"basket", "day", "code", "pieces", "price"}),
    read=_read_baskets,
)
TOYS = (PRICES, BASKETS)
