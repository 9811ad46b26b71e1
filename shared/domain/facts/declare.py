"""The rules for what a sender says about a file: the same as for what a file says itself."""

from __future__ import annotations

from datetime import date, datetime

from shared.domain.errors import Invalid
from shared.domain.facts import values
from shared.domain.facts.header import CLOCK_SPREAD
from shared.domain.facts.imports import Declared
from shared.domain.facts.values import WrongValue


def declare(
    *,
    exported_at: datetime | None = None,
    account: str | None = None,
    currency: str | None = None,
    costs_from: date | None = None,
    partial: bool = False,
    now: datetime,
) -> Declared:
    """Take down what is said.

    Raises:
        Invalid: `declared_invalid`, with the field.

    """
    if exported_at is not None and exported_at > now + CLOCK_SPREAD:
        raise _invalid("exported_at", "lies in the future")
    if costs_from is not None and not values.FIRST_DAY <= costs_from <= values.LAST_DAY:
        raise _invalid("costs_from", f"must be from {values.FIRST_DAY} to {values.LAST_DAY}")
    try:
        if account is not None:
            values.identifier(account)
    except WrongValue as wrong:
        raise _invalid("account", wrong.message) from None
    try:
        if currency is not None:
            values.currency(currency)
    except WrongValue as wrong:
        raise _invalid("currency", wrong.message) from None
    return Declared(
        exported_at=exported_at, account=account, currency=currency, costs_from=costs_from, is_complete=not partial
    )


def _invalid(field: str, why: str) -> Invalid:
    return Invalid(
        "declared_invalid",
        f"What is said of the file is wrong: {field} {why}.",
        hint="Leave it out if the file says it itself.",
        field=field,
    )
