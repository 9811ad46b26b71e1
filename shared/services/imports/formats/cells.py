"""Cells of an export: what other software writes where a number or a day is meant, read exactly or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Row

NOTHING = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}"})
"""How reports write that there is no value; it is not 0."""

_NO_SIGNS = {
    **dict.fromkeys(map(ord, "$€£ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")),
    ord("\N{MINUS SIGN}"): "-",
}
_DOLLARS_AND_PESOS = (
    "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD USD "
    "UYU XCD"
)
_POUNDS = "EGP FKP GBP GIP LBP SHP SSP SYP"
_CURRENCIES_OF = {
    sign: frozenset(codes.split()) for sign, codes in (("$", _DOLLARS_AND_PESOS), ("€", "EUR"), ("£", _POUNDS))
}
"""Signs that amounts may have, and the currencies that are written with them alone (CLDR's narrow symbols)."""
_AMOUNT = re.compile(
    r"(?P<minus>-)?(?P<open>\()?(?P<whole>\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?P<part>\.\d+)?(?(open)\))", re.ASCII
)
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
_ISO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T]\d\d:\d\d(?::\d\d)?)?", re.ASCII)
_AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_NAMED_DAY = re.compile(r"(?:[A-Z][a-z]{2,8}, )?([A-Z][a-z]{2})[a-z]{0,6} (\d{1,2}), (\d{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ROUNDED_ID = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)

T = TypeVar("T")


def read_cell(row: Row, header: str, read: Callable[[str], T]) -> T:
    """Read a cell; a refusal names its header, which is ours and none of the file's.

    Raises:
        WrongValue: it is not what stands under this header.

    """
    try:
        return read(row.cells.get(header, ""))
    except WrongValue as wrong:
        raise wrong.within(header) from None


def first_of(headers: Iterable[str], there: frozenset[str]) -> str | None:
    """Find the first of several labels of one column that a sheet has."""
    return next((header for header in headers if header in there), None)


def amount(text: str) -> str | None:
    """Read an amount with thousands commas, a currency sign, a minus or the brackets of bookkeepers.

    Raises:
        WrongValue: it is none, or its comma may be the decimal one.

    """
    if _PLAIN.fullmatch(text):  # as exports of machines write every amount
        return text
    bare = text.translate(_NO_SIGNS)
    if bare in NOTHING:
        return None
    found = _AMOUNT.fullmatch(bare)
    if found is None:
        raise WrongValue("wrong_amount", "must be an amount such as 1,204.50, with a decimal point")
    negative = found["minus"] or found["open"]
    return f"{'-' if negative else ''}{found['whole'].replace(',', '')}{found['part'] or ''}"


def check_sign(row: Row, header: str, currency: str) -> None:
    """Look whether an amount has the sign of another currency than the one that it will be read in.

    Raises:
        WrongValue: it has.

    """
    text = row.cells.get(header, "")
    if not _PLAIN.fullmatch(text) and any(
        sign in text and currency not in found for sign, found in _CURRENCIES_OF.items()
    ):
        raise WrongValue("currency_differs", "has the sign of another currency than that of its row", field=header)


def count(text: str) -> int | None:
    """Read a whole number with thousands commas.

    Raises:
        WrongValue: it is none.

    """
    whole, _, part = (amount(text) or "").partition(".")
    if part.strip("0"):
        raise WrongValue("wrong_type", "must be a whole number")
    return int(whole) if whole else None


def platform_id(text: str) -> str | None:
    """Read an id that a platform gave.

    Raises:
        WrongValue: a spreadsheet has made a number of it and thrown its last digits away.

    """
    if _ROUNDED_ID.fullmatch(text):
        raise WrongValue("rounded_id", "was rounded by a spreadsheet: send the file as the platform wrote it")
    return None if text in NOTHING else text


def iso_day(text: str) -> str:
    """Read a day, with or without a time behind it.

    Raises:
        WrongValue: it is none.

    """
    found = _ISO_DAY.fullmatch(text)
    if found is None:
        raise WrongValue("wrong_date", "must be a date such as 2026-11-20")
    return found[1]


def english_day(text: str) -> str:
    """Read a day as `2026-09-01` or as `Tue, Sep 1, 2026`; `1/9/2026` would be a guess.

    Raises:
        WrongValue: it is none.

    """
    found = _NAMED_DAY.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return iso_day(text)
    return _day(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))


def american_day(text: str) -> str:
    """Read a day, the month first: `09/01/2026`.

    Raises:
        WrongValue: it is none.

    """
    found = _AMERICAN_DAY.fullmatch(text)
    return iso_day(text) if found is None else _day(int(found[3]), int(found[1]), int(found[2]))


def _day(year: int, month: int, day_: int) -> str:
    try:
        return date(year, month, day_).isoformat()
    except ValueError:
        raise WrongValue("wrong_date", "must be a day that there is, the month before the day") from None
