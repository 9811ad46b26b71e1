"""QuickBooks: the Journal report. A transaction is several rows; its first tells its day, type and number.

In newer reports the others repeat them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
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
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told
from shared.services.imports.formats.spans import widen_span


def _read(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    ledger = Ledger(reading.settings.ledger_accounts)
    for row in sheet.rows:
        try:
            line = _expense(row, ledger, reading)
        except WrongValue as wrong:
            yield row.line, wrong
        else:
            if line is not None:
                yield row.line, line


_SIDES = ("debit", "credit")


def _expense(row: Row, ledger: Ledger, reading: Reading) -> Line | None:
    account = cell_of(row, ACCOUNT)
    if cell_of(row, DAY):
        reading.carry.pop("transaction", None)
        if not account and not row.cells["transaction type"]:
            return None  # the total of the report
        reading.carry["transaction"] = {
            "day": day_of(row),
            "type": row.cells["transaction type"],
            "number": cell_of(row, NUMBER),
            "name": row.cells.get("name", ""),
        }
    if not account:
        return None  # the total of a transaction
    transaction = cast("dict[str, str] | None", reading.carry.get("transaction"))
    if transaction is None:
        raise WrongValue("field_missing", "is missing here and in the first row of the transaction", field="date")
    widen_span(reading, transaction["day"])
    booked = [Decimal(read_cell(row, side, amount) or 0) for side in _SIDES]
    for side in _SIDES:
        check_sign(row, side, reading.currency)
    booking = Booking(
        day=transaction["day"],
        type=transaction["type"],
        number=transaction["number"],
        name=row.cells.get("name") or transaction["name"],
        account=account,
        amount=f"{booked[0] - booked[1]:f}",
        row=row.line,
    )
    return expense_of(booking, ledger, reading)


QUICKBOOKS_JOURNAL = Format(
    name="quickbooks_journal",
    title="QuickBooks, Journal report (CSV)",
    source=SOURCE,
    requires=frozenset({"transaction type", "debit", "credit"}),
    begins=("account",),
    reads=frozenset({"transaction type", "name", "debit", "credit", *DAY, *NUMBER, *ACCOUNT}),
    texts=frozenset({"name"}),
    personal=PERSONAL,
    read=_read,
    claims=claim_books,
    has_footer=True,
)
