"""What Shopify Payments exports: its transactions, and the payouts of their money to the bank."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from shared.domain.facts import values
from shared.domain.facts.header import MAIN_ACCOUNT
from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.cells import iso_day, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told
from shared.services.imports.formats.occurrences import nth_id
from shared.services.imports.formats.shopify_cells import (
    SOURCE,
    known_as,
    major_units,
    micros,
    needed,
    read_moment,
    required,
)

NOT_YET_PAID = frozenset({"scheduled", "in transit", "pending"})
NEVER_PAID = frozenset({"failed", "canceled", "cancelled"})
PAID = frozenset({"paid", "deposited"})


def read_transactions(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Tell each transaction.

    The export names none of them. Their key is made of what cannot change: the moment, the type, the order and the
    amount, with a number for those that are alike in all of it. Those are told where each payout is sorted by time.
    """
    for row in sheet.rows:
        try:
            told: Line | WrongValue = _transaction(row, reading)
        except WrongValue as wrong:
            told = wrong
        yield row.line, told


def _transaction(row: Row, reading: Reading) -> Line:
    when = _when(row)
    type_ = row.cells.get("type", "").casefold().replace("_", " ")
    if not type_:
        raise required("type")
    order, amount = known_as(row, "order"), needed(row, "amount", values.signed_money)
    fee = micros(row, "fee", values.signed_money)
    nature = _nature(type_)
    return {
        "type": "payment",
        "id": nth_id(reading, row.cells["payout date"], _instant(when), type_, order or "", str(amount)),
        **when,
        "nature": nature,
        "order_id": order,
        "amount": major_units(-abs(amount) if nature == "refund" else amount),
        "fee": None if fee is None else major_units(fee),
        "currency": read_cell(row, "currency", values.currency) if row.cells.get("currency") else None,
    }


def _when(row: Row) -> dict[str, str]:
    """Read a moment, or a day of the workspace where the export gives no more."""
    text = row.cells.get("transaction date", "")
    if ":" in text:
        return {"at": read_moment(row, "transaction date")}
    return {"date": read_cell(row, "transaction date", iso_day)}


def _instant(when: dict[str, str]) -> str:
    """Write a moment the same way in whatever zone the export was made."""
    return str(values.microseconds(datetime.fromisoformat(when["at"]))) if "at" in when else when["date"]


def _nature(type_: str) -> str:
    if type_ in {"charge", "refund", "payout", "adjustment"}:
        return type_
    return "chargeback" if type_.startswith(("chargeback", "dispute")) else "other"


def read_payouts(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Add up what is on its way to the bank on the day of the export: a balance for each currency, at the end.

    One rejected payout may be any sum of any currency: then there is none.
    """
    line = 0
    for row in sheet.rows:
        line = row.line
        try:
            _add_payout(row, reading.carry)
        except WrongValue as wrong:
            reading.carry["is_partial"] = True
            yield line, wrong
    if reading.carry.get("is_partial"):
        return
    zone = ZoneInfo(reading.settings.timezone)
    today = reading.exported_at.astimezone(zone).date().isoformat()
    account = reading.declared.account or MAIN_ACCOUNT
    for currency, amount in sorted(cast("dict[str, int]", reading.carry.get("in_transit", {})).items()):
        yield (
            line,
            {
                "type": "balance",
                "account": f"{account} payouts {currency}",
                "date": today,
                "amount": major_units(amount),
                "currency": currency,
                "name": f"Shopify payouts in {currency}",
                "nature": "payout_in_transit",
            },
        )


def _add_payout(row: Row, carry: dict[str, object]) -> None:
    currency = read_cell(row, "currency", values.currency)
    status = row.cells.get("status", "").casefold().replace("_", " ")
    if status not in NOT_YET_PAID | NEVER_PAID | PAID:
        raise WrongValue("unknown_choice", "is no status of a payout that we know", field="status")
    total = needed(row, "total", values.signed_money)
    sums = cast("dict[str, int]", carry.setdefault("in_transit", {}))
    sums[currency] = sums.get(currency, 0) + (total if status in NOT_YET_PAID else 0)


SHOPIFY_TRANSACTIONS = Format(
    name="shopify_payments_transactions",
    title="Shopify Payments, Transactions export (CSV)",
    source=SOURCE,
    requires=frozenset({"transaction date", "type", "order", "payout date", "amount", "fee", "net"}),
    reads=frozenset({"transaction date", "type", "order", "payout date", "amount", "fee", "currency"}),
    unneeded=frozenset(
        {
            "available on",
            "card brand",
            "card source",
            "checkout",
            "net",
            "payment method name",
            "payout id",
            "payout status",
            "presentment amount",
            "presentment currency",
            "vat",
        }
    ),
    read=read_transactions,
)

SHOPIFY_PAYOUTS = Format(
    name="shopify_payouts",
    title="Shopify Payments, Payouts export (CSV)",
    source=SOURCE,
    requires=frozenset({"payout date", "status", "charges", "refunds", "fees", "total", "currency"}),
    reads=frozenset({"status", "total", "currency"}),
    unneeded=frozenset(
        {"payout date", "charges", "refunds", "adjustments", "reserved funds", "fees", "retried amount"}
    ),
    read=read_payouts,
)
