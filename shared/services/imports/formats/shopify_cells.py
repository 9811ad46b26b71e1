"""What Shopify's exports have in common: times with their offset, and amounts as whole micros."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from shared.domain.facts import values
from shared.domain.facts.values import MICROS, WrongValue, inside
from shared.services.imports.formats.cells import amount, check_sign, platform_id, read_cell
from shared.services.imports.formats.format import Row

SOURCE = "shopify"

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:([+-]\d\d):?(\d\d)|UTC)", re.ASCII)
_ROUNDED = re.compile(r"\d\.\d+E\+\d+", re.ASCII | re.IGNORECASE)
_DIGITS = len(str(MICROS)) - 1


def moment(text: str) -> str:
    """Read a time such as `2026-10-05 21:15:00 -0400`; without its offset nobody knows its day.

    Raises:
        WrongValue: it is none.

    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise WrongValue("wrong_moment", "must be a time with its offset, such as 2026-10-05 21:15:00 -0400")
    at = f"{found[1]}T{found[2]}{found[3] or '+00'}:{found[4] or '00'}"
    values.moment(at)
    return at


def micros(row: Row, header: str, read: Callable[[object], int] = values.money) -> int | None:
    """Read an amount, which `values.signed_money` lets be negative; None where the cell is empty.

    Raises:
        WrongValue: it is none.

    """
    text = read_cell(row, header, amount)
    if currency := row.cells.get("currency"):
        check_sign(row, header, currency)
    return None if text is None else inside(header, read, text)


def needed(row: Row, header: str, read: Callable[[object], int] = values.money) -> int:
    """Read an amount that must be there.

    Raises:
        WrongValue: it is not, or is none.

    """
    found = micros(row, header, read)
    if found is None:
        raise required(header)
    return found


def known_as(row: Row, header: str) -> str | None:
    """Read an id; None where the cell is empty.

    Raises:
        WrongValue: it is none.

    """
    text = read_cell(row, header, platform_id)
    return None if text is None else inside(header, values.identifier, text)


def sku_of(row: Row, header: str) -> str | None:
    """Read a SKU; None where the cell is empty. `5E3` may be one, `9.78E+12` was a number with more digits.

    Raises:
        WrongValue: it is none.

    """
    text = row.cells.get(header)
    if text and _ROUNDED.fullmatch(text):
        raise WrongValue("rounded_id", "was rounded by a spreadsheet: send the file as it was exported", field=header)
    return inside(header, values.identifier, text) if text else None


def required(header: str) -> WrongValue:
    """Say that a cell must not be empty."""
    return WrongValue("field_missing", "is missing", field=header)


def major_units(amount_: int) -> str:
    """Write micros as a line holds them."""
    whole, part = divmod(abs(amount_), MICROS)
    return f"{'-' if amount_ < 0 else ''}{whole}.{part:0{_DIGITS}}"


read_moment = partial(read_cell, read=moment)
