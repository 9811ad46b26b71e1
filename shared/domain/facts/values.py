"""Single values of an import's line: what may stand there, and what is stored of it.

A reader takes what JSON gave and returns what is stored: whole numbers, text, dates as text. Nothing is guessed and
nothing is rounded. No message ever shows the value, which may be a person's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from typing import TypeVar

from shared.domain.currencies import CURRENCIES
from shared.domain.facts.text import clean_text, reaches_somebody
from shared.domain.text import is_visible

Stored = str | int | bool | list["Stored"] | dict[str, "Stored"] | None
Reader = Callable[[object], Stored]

MICROS = 1_000_000
NANOS = 1_000_000_000
MOST_MONEY = 10**9
"""Major units in one amount: far above any line, and far enough below 2^63 micros to be added up."""
MOST_RATE = 10**7
"""Of one currency in another, either way round: beyond the dearest in the cheapest that there is."""
MOST_UNITS = 10**6
MOST_COUNT = 10**12
LONGEST_ID = 128
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2099, 12, 31)

EXACT = Context(prec=40, Emin=-99, Emax=99, traps=[Inexact, InvalidOperation, Overflow])
"""Arithmetic that refuses to round: a number that it cannot hold raises an ArithmeticError."""

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
_DATE_LENGTH = 10


class WrongValue(Exception):
    """A value cannot be what its field holds. `field` is the way to it within the line."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def within(self, outer: str) -> WrongValue:
        """Say the same of a value inside another."""
        return WrongValue(self.code, self.message, field=outer if self.field is None else f"{outer}.{self.field}")


T = TypeVar("T")
V = TypeVar("V")


def inside(name: str, read: Callable[[V], T], value: V) -> T:
    """Read a value, and have a refusal say in which field it stands."""
    try:
        return read(value)
    except WrongValue as wrong:
        raise wrong.within(name) from None


def _scaled(value: object, unit: int, most: int, what: str) -> int:
    """Read a decimal number, as a JSON number or as text, into whole units of 1/unit."""
    # As a fraction of whole numbers, which are much faster than decimals and can round no less.
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        whole, _, decimals = value.partition(".")
        number, parts = int(whole + decimals), 10 ** len(decimals)
    elif type(value) is int:
        number, parts = value, 1
    elif isinstance(value, Decimal):
        number, parts = value.as_integer_ratio()
    else:
        raise WrongValue("wrong_type", f'must be {what}, as a number or as text such as "12.50"')
    if not -most * parts <= number <= most * parts:
        raise WrongValue("out_of_range", f"must not be beyond {most:,}")
    scaled, rest = divmod(number * unit, parts)
    if rest:
        raise WrongValue("too_precise", f"must not have more than {len(str(unit)) - 1} decimal places")
    return scaled


def money(value: object) -> int:
    """Read an amount of at least zero, in major units, into micros."""
    micros = _scaled(value, MICROS, MOST_MONEY, "an amount in major units")
    if micros < 0:
        raise WrongValue("out_of_range", "must not be negative")
    return micros


def signed_money(value: object) -> int:
    """Read an amount of either sign into micros."""
    return _scaled(value, MICROS, MOST_MONEY, "an amount in major units")


def decimal_count(value: object) -> int:
    """Read a number of at least zero, with decimals (platforms report parts of conversions), into millionths."""
    return money(value)


def rate(value: object) -> int:
    """Read an exchange rate into nanos."""
    nanos = _scaled(value, NANOS, MOST_RATE, "a rate")
    if nanos <= 0:
        raise WrongValue("out_of_range", "must be above zero")
    if nanos * MOST_RATE < NANOS:
        raise WrongValue("out_of_range", f"must not be below one in {MOST_RATE:,}")
    return nanos


def count(value: object) -> int:
    """Read a whole number of at least zero."""
    return _whole(value, 0, MOST_COUNT)


def units(value: object) -> int:
    """Read a number of pieces, at least one."""
    return _whole(value, 1, MOST_UNITS)


def units_back(value: object) -> int:
    """Read a number of pieces that came back; zero if only money did."""
    return _whole(value, 0, MOST_UNITS)


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int:
        raise WrongValue("wrong_type", "must be a whole number")
    if not least <= value <= most:
        raise WrongValue("out_of_range", f"must be from {least:,} to {most:,}")
    return value


def flag(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise WrongValue("wrong_type", "must be true or false")
    return value


def identifier(value: object) -> str:
    """Read an id as its source writes it. It is stored and shown, so it must not be what a person is reached by."""
    read = hidden_identifier(value)
    if reaches_somebody(read):
        raise WrongValue(
            "looks_personal",
            "looks like an e-mail address or a telephone number, and ids are stored and shown: use an id that names "
            "no person",
        )
    return read


def hidden_identifier(value: object) -> str:
    """Read an id that is never shown: text, or a whole number, which is the same as its digits."""
    if type(value) is int and 0 <= value < 10**LONGEST_ID:
        return str(value)
    if not isinstance(value, str):
        raise WrongValue("wrong_type", "must be an id: text or a whole number")
    if not 0 < len(value) <= LONGEST_ID or not is_visible(value) or value != value.strip():
        raise WrongValue("wrong_id", f"must be 1 to {LONGEST_ID} printable characters without space around them")
    return value


def source(value: object) -> str:
    """Read the name of a connector."""
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise WrongValue("wrong_source", "must be 1 to 40 lower-case letters, digits and underscores, a letter first")
    return value


def text(value: object) -> str | None:
    """Read free text; what is left of it when nothing harmful is."""
    if not isinstance(value, str):
        raise WrongValue("wrong_type", "must be text")
    return clean_text(value) or None


def currency(value: object) -> str:
    """Read the ISO 4217 code of a currency."""
    if not isinstance(value, str) or value not in CURRENCIES:
        raise WrongValue("wrong_currency", "must be a currency of ISO 4217 in three capital letters, such as USD")
    return value


def choice(*allowed: str) -> Reader:
    """Make the reader of one of a few words."""
    words = frozenset(allowed)

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise WrongValue("unknown_choice", f"must be one of: {', '.join(allowed)}")
        return value

    return read


@lru_cache(maxsize=4096)
def _day(text: str) -> str:
    try:
        # fromisoformat reads week dates and dates without hyphens too.
        day = date.fromisoformat(text) if len(text) == _DATE_LENGTH and text[4] == text[7] == "-" else None
    except ValueError:
        day = None
    if day is None:
        raise WrongValue("wrong_date", "must be a date such as 2026-11-20")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise WrongValue("out_of_range", f"must be from {FIRST_DAY} to {LAST_DAY}")
    return text


def day(value: object) -> str:
    """Read a date."""
    if not isinstance(value, str):
        raise WrongValue("wrong_date", "must be a date such as 2026-11-20")
    return _day(value)


def moment(value: object) -> datetime:
    """Read a moment with its offset from UTC."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise WrongValue("wrong_moment", "must be a time with its offset, such as 2026-11-20T09:30:00-05:00")
    if not FIRST_DAY < at.date() < LAST_DAY:
        raise WrongValue("out_of_range", f"must be from {FIRST_DAY} to {LAST_DAY}")
    return at


def microseconds(at: datetime) -> int:
    """Count the microseconds since the epoch, exactly."""
    return (at - _EPOCH) // _MICROSECOND
