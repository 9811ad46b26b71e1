"""What the reports of QuickBooks have in common: a booking of an account that is an expense becomes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from shared.domain.facts.families import Family
from shared.domain.facts.fields import UNSETTLED
from shared.domain.facts.imports import MOST_UNMAPPED
from shared.domain.facts.ledger import IGNORED, Entry, Ledger
from shared.domain.facts.lines import Line
from shared.domain.facts.people import account_without_person, is_paid_to_people, is_person
from shared.domain.facts.text import REDACTED, clean_text
from shared.domain.facts.values import inside
from shared.services.imports.formats.cells import american_day
from shared.services.imports.formats.format import Reading, Row
from shared.services.imports.formats.occurrences import keyed_digest, nth_id
from shared.services.imports.formats.spans import claim_spans

SOURCE = "quickbooks"

# QuickBooks has named these columns in several ways over the years.
DAY = ("date", "transaction date")
NUMBER = ("num", "no.")
ACCOUNT = ("account", "account full name", "account name", "distribution account")
PERSONAL = frozenset(
    {"created by", "customer", "description", "employee", "last modified by", "memo", "memo/description", "vendor"}
)
"""Columns that are dropped because they name people, or may; of `name`, only what is no person's is kept."""

_OF_VENDORS = frozenset(
    {
        "bill",
        "cash expense",
        "check",
        "credit card charge",
        "credit card credit",
        "credit card expense",
        "expense",
        "purchase",
        "vendor credit",
    }
)
"""Transactions whose name is a supplier's; in others it is a customer's or an employee's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One row of the books."""

    day: str
    type: str
    number: str
    name: str
    account: str
    amount: str
    """Positive: it costs."""
    row: int
    """The line of the file."""


def cell_of(row: Row, labels: Sequence[str]) -> str:
    """Give the cell of a column that may have any of several labels."""
    return next((row.cells[label] for label in labels if row.cells.get(label)), "")


def day_of(row: Row) -> str:
    """Read the day of a row.

    Raises:
        WrongValue: it is none.

    """
    return inside("date", american_day, cell_of(row, DAY))


def expense_of(booking: Booking, ledger: Ledger, reading: Reading, *, section: str = "") -> Line | None:
    """Make an expense of a booking; None where its account is none.

    Where nobody has said what the account is, it is one that is in no number, so that answers can tell of it.
    Within a section of the report, bookings are sorted by day.

    Raises:
        WrongValue: its day is out of order.

    """
    entry = ledger.entry(booking.account)
    if entry is not None and entry["line"] == IGNORED:
        return None
    said = (booking.type, booking.number, booking.account, booking.amount)
    line = {
        "type": "expense",
        "id": nth_id(reading, section, booking.day, *said),
        "date": booking.day,
        "amount": booking.amount,
    }
    if entry is None:
        _note_unmapped(reading, booking)
        return {**line, "line": UNSETTLED}
    return {**line, **_vendor(booking, entry), **entry}


def claim_books(reading: Reading) -> Sequence[Line]:
    """Claim that there are no other expenses between the first and the last day of the report."""
    return claim_spans(reading, Family.EXPENSE)


def _vendor(booking: Booking, entry: Entry) -> Line:
    """Name who was paid, unless it is or may be a person."""
    category, is_owner_pay = entry.get("category"), entry.get("addback") == "owner_pay"
    if (
        booking.type.casefold() not in _OF_VENDORS
        or is_owner_pay
        or is_paid_to_people(category)
        or is_person(booking.name, category=category)
    ):
        return {}
    return {"vendor": booking.name}


def _note_unmapped(reading: Reading, booking: Booking) -> None:
    """Name the account; of one that is not named, for it may be a person, the merchant is told where it stands."""
    unmapped = cast("list[str]", reading.carry.setdefault("unmapped", []))
    if len(unmapped) == MOST_UNMAPPED:
        return
    shown = clean_text(account_without_person(booking.account)) or REDACTED
    if REDACTED in shown or shown != clean_text(booking.account):
        known = cast("list[str]", reading.carry.setdefault("unnamed", []))
        account = keyed_digest(reading, booking.account)
        if account in known:
            return
        known.append(account)
        shown = f"{shown} (line {booking.row:,})"
    if shown not in unmapped:
        unmapped.append(shown)
