"""QuickBooks: the General Ledger report. Accounts are sections, and an account below another is a section within it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from shared.domain.facts.ledger import Ledger
from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.books import (
    ACCOUNT,
    DAY,
    NUMBER,
    PERSONAL,
    SOURCE,
    Booking,
    cell_of,
    claim_books,
    day_of,
    expense_of,
)
from shared.services.imports.formats.cells import amount, check_sign, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told, folded_header
from shared.services.imports.formats.spans import widen_span

DEEPEST = 8
"""Sections within sections; QuickBooks has five."""

_TOTAL = "total"
_TOTAL_FOR = "total for "
_BEGINNING = "beginning balance"


def _read(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    ledger = Ledger(reading.settings.ledger_accounts)
    label = folded_header(sheet.headers[0])
    for row in sheet.rows:
        if row.cells[label] and not row.cells["transaction type"]:
            _turn_section(reading, row.cells[label])
            continue
        try:
            line = _expense(row, ledger, reading)
        except WrongValue as wrong:
            yield row.line, wrong
        else:
            if line is not None:
                yield row.line, line


def _turn_section(reading: Reading, label: str) -> None:
    """Open a section, or close it and those within it; the total of the report, and a balance, do neither."""
    sections = cast("list[str]", reading.carry.setdefault("sections", []))
    folded = label.casefold()
    if folded.startswith(_TOTAL_FOR):
        closed = folded.removeprefix(_TOTAL_FOR)  # "… with sub-accounts", perhaps
        depths = [depth for depth, name in enumerate(sections) if closed.startswith(name.casefold())]
        del sections[depths[-1] if depths else len(sections) :]
    elif folded not in {_TOTAL, _BEGINNING}:
        sections.append(label)
        del sections[:-DEEPEST]


def _expense(row: Row, ledger: Ledger, reading: Reading) -> Line | None:
    if any(cell.casefold() == _BEGINNING for cell in row.cells.values()):
        return None
    day = day_of(row)
    account = cell_of(row, ACCOUNT) or ":".join(cast("list[str]", reading.carry.get("sections", [])))
    if not account:
        raise WrongValue("field_missing", "is missing: no section of an account is open", field="account")
    widen_span(reading, day)
    check_sign(row, "amount", reading.currency)
    booking = Booking(
        day=day,
        type=row.cells["transaction type"],
        number=cell_of(row, NUMBER),
        name=row.cells.get("name", ""),
        account=account,
        amount=read_cell(row, "amount", amount) or "0",
        row=row.line,
    )
    return expense_of(booking, ledger, reading, section=account)


QUICKBOOKS_LEDGER = Format(
    name="quickbooks_ledger",
    title="QuickBooks, General Ledger or Transaction Detail by Account report (CSV)",
    source=SOURCE,
    requires=frozenset({"transaction type", "split", "amount"}),
    reads=frozenset({"transaction type", "name", "amount", *DAY, *NUMBER, *ACCOUNT}),
    texts=frozenset({"name"}),
    personal=PERSONAL,
    unneeded=frozenset({"split", "balance"}),
    read=_read,
    claims=claim_books,
    has_footer=True,
)
