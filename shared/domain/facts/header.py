"""The first line of an import: when its data left the source, and what it holds completely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from shared.domain.facts import values
from shared.domain.facts.families import UNDATED_FAMILIES, Family
from shared.domain.facts.lines import Context, Line, shown_name
from shared.domain.facts.values import WrongValue, inside

SCHEMA = 1
HEADER_TYPE = "export"
MAIN_ACCOUNT = "main"
LONGEST_SPAN = timedelta(days=1830)
CLOCK_SPREAD = timedelta(minutes=5)
"""A source's clock may be ahead of ours by so much; a date from the future would outrank every later export."""

_FIELDS = frozenset({"type", "schema", "exported_at", "source", "account", "currency", "complete"})
_CLAIM_FIELDS = frozenset({"type", "source", "account", "from", "to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The export holds every fact of a family in a span: what it does not hold there is no more."""

    family: Family
    source: str
    account: str
    first: str | None
    last: str | None
    """Both or, for families without a date, neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first line says, with what the lines after it take from it."""

    exported_at: datetime
    context: Context
    claims: tuple[Claim, ...]


def read_header(line: Line, *, now: datetime, zone: ZoneInfo, currency: str, customer_key: bytes) -> Header:
    """Read the first line of a file; `currency` is the workspace's.

    Raises:
        WrongValue: it is not a header, or breaks a rule.

    """
    for name in line:
        if name not in _FIELDS:
            raise WrongValue("unknown_field", "is not a field of the first line", field=shown_name(name))
    if line.get("schema") != SCHEMA or line.get("schema") is True:
        raise WrongValue("unknown_schema", f"must be {SCHEMA}", field="schema")
    exported_at = cast("datetime", _read(line, "exported_at", values.moment, None))
    if exported_at > now + CLOCK_SPREAD:
        raise WrongValue("in_the_future", "lies in the future", field="exported_at")
    context = Context(
        source=cast("str | None", _read(line, "source", values.source, "")) or None,
        account=cast("str", _read(line, "account", values.identifier, MAIN_ACCOUNT)),
        currency=cast("str", _read(line, "currency", values.currency, currency)),
        zone=zone,
        last_day=exported_at.astimezone(zone).date().isoformat(),
        customer_key=customer_key,
    )
    return Header(exported_at=exported_at, context=context, claims=_read_claims(line.get("complete"), context))


def _read(line: Line, name: str, read: Callable[[object], object], default: str | None) -> object:
    value = line.get(name)
    if value is None:
        if default is None:
            raise WrongValue("field_missing", "is missing", field=name)
        return default
    return inside(name, read, value)


def _read_claims(value: object, context: Context) -> tuple[Claim, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise WrongValue("wrong_type", "must be a list", field="complete")
    elements = cast("list[object]", value)
    read = partial(_read_claim, context)
    return tuple(inside(f"complete.{number}", read, element) for number, element in enumerate(elements))


def _read_claim(context: Context, element: object) -> Claim:
    if not isinstance(element, dict):
        raise WrongValue("wrong_type", "must be an object")
    line = cast("Line", element)
    for name in line:
        if name not in _CLAIM_FIELDS:
            raise WrongValue("unknown_field", "is not a field of a claim", field=shown_name(name))
    family = Family(cast("str", _read(line, "type", values.choice(*Family), None)))
    source = cast("str", _read(line, "source", values.source, context.source))
    account = cast("str", _read(line, "account", values.identifier, context.account))
    if family in UNDATED_FAMILIES:
        if line.get("from") is not None or line.get("to") is not None:
            raise WrongValue("unknown_field", "has no place beside a type without dates", field="from")
        return Claim(family=family, source=source, account=account, first=None, last=None)
    first = cast("str", _read(line, "from", values.day, None))
    last = cast("str", _read(line, "to", values.day, None))
    if not date.fromisoformat(first) <= date.fromisoformat(last) <= date.fromisoformat(first) + LONGEST_SPAN:
        raise WrongValue("out_of_range", f"must lie at most {LONGEST_SPAN.days} days after `from`", field="to")
    if last > context.last_day:
        raise WrongValue("after_export", "lies after the day of the export", field="to")
    return Claim(family=family, source=source, account=account, first=first, last=last)
