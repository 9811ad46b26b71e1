"""Chase: the activity of a bank account. Its rows have no id, and people's names stand in its descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TypedDict, cast

from shared.domain.facts.families import Family
from shared.domain.facts.lines import Line
from shared.domain.facts.people import is_person
from shared.domain.facts.text import REDACTED, clean_text
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.cells import american_day, amount, check_sign, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told
from shared.services.imports.formats.occurrences import nth_id
from shared.services.imports.formats.spans import claim_spans, widen_span

_BEFORE_NAMES = re.compile(
    r"(?:\b(?:zelle|quickpay)\b(?: (?:with zelle|scheduled|recurring|instant|payment|transfer|credit|debit))*"
    r"(?: (?:to|from)\b)?"
    r"|\breal ?time (?:payment|transfer)\b(?: (?:credit|debit))?(?: (?:to|from)\b)?|\brtp\b(?: (?:credit|debit))?"
    r"|\b(?:transfer|payment|xfer|check|deposit)\b.*?\b(?:to|from)\b"
    r"|\bcheck #? ?\d+"
    r"|\b(?:dir(?:ect)? dep(?:osit)?|payroll|bill ?pay(?:ment)?)\b"
    r"|\b(?:fed)?wire\b(?! fee)(?: (?:transfer|credit|debit))*"
    r"|\bchips credit\b"
    r"|\b(?:venmo|cash ?app|paypal|apple cash)\b"
    r"|\bind(?:ividual)? (?:id|name):"
    r"|\b(?:b/o|bnf|ben|indn|a/c):)",
    re.IGNORECASE,
)
"""What the name of somebody who is paid or pays follows: everything behind it is cut off."""
_ORIGINATOR = re.compile(
    r"\borig co name: ?(.*?)(?= (?:orig id|desc date|co entry|sec|trace|eed|ind id|ind name)\b|$)", re.IGNORECASE
)
"""Who sent or collected money: mostly a business, whose name stays."""
_OF_OWN_CARD = re.compile(r"payment to chase card\b", re.IGNORECASE)


def _read(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    for row in sheet.rows:
        try:
            line, closed = _transaction(row, reading), _closed_before(row, reading)
        except WrongValue as wrong:
            _leave_open(row, reading)
            yield row.line, wrong
        else:
            if closed is not None:
                yield closed
            yield row.line, line
    last = cast("_Day | None", reading.carry.pop("open", None))
    if last is not None and (closed := _closing(last)) is not None:
        yield closed


def _transaction(row: Row, reading: Reading) -> Line:
    day, booked = read_cell(row, "posting date", american_day), read_cell(row, "amount", amount)
    if booked is None:
        raise WrongValue("field_missing", "is missing", field="amount")
    for header in ("amount", "balance"):
        check_sign(row, header, reading.currency)
    kind, description = row.cells["type"].upper(), _without_names(row.cells["description"])
    line: Line = {
        "type": "bank_txn",
        "id": nth_id(reading, "", day, booked, kind, description),
        "date": day,
        "amount": booked,
        "description": description,
        "nature": _nature(kind, description),
    }
    widen_span(reading, day)
    return line


def _without_names(description: str) -> str:
    shown = clean_text(description)
    if _OF_OWN_CARD.match(shown):
        return shown
    found, sender = _BEFORE_NAMES.search(shown), _ORIGINATOR.search(shown)
    ends = [found.end()] if found else []
    if sender and is_person(sender[1]):
        ends.append(sender.start(1))
    end = min(ends, default=len(shown))
    return shown if end == len(shown) else f"{shown[:end].rstrip()} {REDACTED}"


def _nature(kind: str, description: str) -> str:
    """Tell what is no operation, where the bank's own word is safe; paying a card off is paying for what it bought."""
    if kind == "LOAN_PMT" and not _OF_OWN_CARD.match(description):
        return "financing"
    return "transfer" if kind == "ACCT_XFER" else "operating"


_ANY_DAY = ""
"""Of a row whose day cannot be read: it may be that of the rows above it or of those below."""


class _Day(TypedDict):
    """The balances of a day's rows so far. Within a day, only they tell which row was the last."""

    line: int
    day: str
    first: str
    last: str
    amount: str
    """Of the last row."""
    rises: bool
    """Each balance can be the one above it and its own row's amount: the last row is at the bottom."""
    falls: bool
    """Each balance can be the one below it and its own row's amount: the last row is at the top."""
    is_whole: bool
    """None of its rows was rejected."""


def _closed_before(row: Row, reading: Reading) -> Told | None:
    """Take note of a row's balance, and tell the closing balance of the day before it in the file."""
    day, booked = american_day(row.cells["posting date"]), amount(row.cells["amount"]) or "0"
    balance = read_cell(row, "balance", amount)
    if balance is None:
        return None  # not posted yet
    now = cast("_Day | None", reading.carry.get("open"))
    if now is None or now["day"] != day:
        is_whole = reading.carry.pop("rejected", None) not in {_ANY_DAY, day}
        reading.carry["open"] = _Day(
            line=row.line,
            day=day,
            first=balance,
            last=balance,
            amount=booked,
            rises=True,
            falls=True,
            is_whole=is_whole,
        )
        return None if now is None else _closing(now)
    now["rises"] &= Decimal(balance) == Decimal(now["last"]) + Decimal(booked)
    now["falls"] &= Decimal(now["last"]) == Decimal(balance) + Decimal(now["amount"])
    now["last"], now["amount"] = balance, booked
    return None


def _leave_open(row: Row, reading: Reading) -> None:
    """Take note of a rejected row. It may be the day's last, so what the day ended with is unknown."""
    try:
        day = american_day(row.cells["posting date"])
    except WrongValue:
        day = _ANY_DAY
    now = cast("_Day | None", reading.carry.get("open"))
    if now is not None and day in {_ANY_DAY, now["day"]}:
        now["is_whole"] = False
    if now is None or day != now["day"]:
        reading.carry["rejected"] = day


def _closing(day: _Day) -> Told | None:
    """Tell the balance that the day ended with; where its rows fit both orders or none, the newest stands first."""
    if not day["is_whole"]:
        return None
    is_oldest_first = day["rises"] and not day["falls"]
    return day["line"], {
        "type": "balance",
        "date": day["day"],
        "amount": day["last"] if is_oldest_first else day["first"],
    }


def _claims(reading: Reading) -> Sequence[Line]:
    return claim_spans(reading, Family.BANK_TXN, Family.BALANCE)


CHASE = Format(
    name="bank_chase",
    title="Chase, activity of a bank account (CSV)",
    source="chase",
    requires=frozenset({"details", "posting date", "description", "amount", "type", "balance"}),
    reads=frozenset({"posting date", "description", "amount", "type", "balance"}),
    texts=frozenset({"description"}),
    unneeded=frozenset({"details", "check or slip #"}),
    read=_read,
    claims=_claims,
)
