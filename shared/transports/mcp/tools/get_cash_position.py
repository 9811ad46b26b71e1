"""Cash, burn and runway."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from shared.domain.analytics.cash import Account, Check
from shared.domain.analytics.definitions import CASH_VERSION
from shared.domain.analytics.money import amount, counted, rounded, share, written
from shared.domain.analytics.rates_missing import lacking
from shared.domain.facts.cash import CARD, CASH, PAYOUT_IN_TRANSIT
from shared.domain.facts.families import Family
from shared.services.figures.frame import MOST_NAMED, Caveat
from shared.services.figures.get_cash_position import CashQuestion, CashReport, Held, get_cash_position
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import CurrencyCode, IsoDate, RowsArguments, WholeNumber
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

ACCOUNTS: dict[str, Schema] = {
    "account_id": TEXT,
    "name": TEXT_OR_NULL,
    "type": TEXT_OR_NULL,
    "balance": NUMBER,
    "as_of": TEXT_OR_NULL,
    "own_balance": NUMBER,
    "own_currency": TEXT_OR_NULL,
}
TREND = listing(record({"week_end": TEXT, "total_cash": NUMBER, "accounts": INTEGER}))
TOTALS: dict[str, Schema] = {
    "total_cash": NUMBER,
    "card_balance": NUMBER,
    "in_transit_payouts": NUMBER,
    "burn_monthly": NUMBER,
    "burn_window": record({"from": TEXT, "to": TEXT}),
    "runway_months": NUMBER,
    "runway_note": TEXT,
}

OUTPUT = output_schema(table(ACCOUNTS, {"trend": TREND}), totals=record(TOTALS))

OLD = timedelta(days=7)
"""A balance may be so old without a word about it."""


class CashArguments(RowsArguments):
    """The arguments of `get_cash_position`."""

    as_of: IsoDate | None = Field(default=None, description="The day, yyyy-mm-dd; not in the future. Default: today.")
    burn_window_months: WholeNumber = Field(
        default=3, ge=1, le=12, description="The last complete months that burn is the mean of."
    )
    currency: CurrencyCode | None = Field(
        default=None, description="ISO 4217, such as EUR; at the rate of each day. Default: the workspace's currency."
    )


def run(arguments: CashArguments, call: Call) -> Answer:
    """Answer with a row for each account, and the course of the last weeks."""
    report = get_cash_position(
        CashQuestion(
            as_of=arguments.as_of, burn_window_months=arguments.burn_window_months, currency=arguments.currency
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    months, note = _runway(report)
    window = report.burn.months
    return Answer(
        summary=_summary(report, note),
        frame=report.frame,
        data=Table(
            columns=tuple(ACCOUNTS),
            rows=[_account(held, report.currency) for held in report.held],
            more={
                "trend": [
                    {
                        "week_end": week.day.isoformat(),
                        "total_cash": _amount(week.micros, report),
                        "accounts": week.accounts,
                    }
                    for week in report.trend
                ]
            },
        ),
        totals={
            "total_cash": _amount(report.total(CASH), report),
            "card_balance": _amount(report.total(CARD), report),
            "in_transit_payouts": _amount(report.total(PAYOUT_IN_TRANSIT), report),
            "burn_monthly": _amount(report.burn.micros, report),
            "burn_window": {"from": window.first.isoformat(), "to": window.last.isoformat()},
            "runway_months": months,
            "runway_note": note,
        },
        currency=report.currency,
        definition_version=CASH_VERSION,
        sources=report.frame.accounts_with(Family.BALANCE, Family.BANK_TXN),
        caveats=_caveats(report),
    )


def _amount(micros: int | None, report: CashReport) -> float | None:
    return None if micros is None else amount(micros, report.currency)


def _account(held: Held, currency: str) -> list[Cell]:
    told, balance = held.account.latest, held.balance
    if balance is None:
        return [told.account, told.name, *([None] * (len(ACCOUNTS) - 2))]
    return [
        told.account,
        told.name,
        balance.nature,
        None if held.micros is None else amount(held.micros, currency),
        balance.day,
        amount(balance.own, balance.currency),
        balance.currency,
    ]


def _runway(report: CashReport) -> tuple[float | None, str]:
    """Say for how many months the cash lasts, or why that cannot be said."""
    burn, cash = report.burn, report.total(CASH)
    if burn.micros is None:
        return None, f"Burn is unknown: {burn.reason}."
    if burn.micros <= 0:
        return (
            None,
            f"Not burning: {written(-burn.micros, report.currency)} a month came in on balance in {burn.months}.",
        )
    if cash is None:
        return None, "Cash is unknown: no balance of a cash account is known."
    months = rounded(max(cash, 0) * 10, burn.micros) / 10
    return months, f"At {written(burn.micros, report.currency)} a month, the mean of {burn.months}."


def _summary(report: CashReport, note: str) -> str:
    cash = report.total(CASH)
    if cash is None:
        return f"No cash balance is known on {report.as_of}. {note}"
    months, _ = _runway(report)
    lasts = "" if months is None else f", which lasts {months} months"
    return f"Cash on {report.as_of}: {written(cash, report.currency)}{lasts}. {note}"


def _caveats(report: CashReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    if not report.held:
        reason = "No bank account is known on this day: import balances, and bank lines for burn."
        return [Caveat(code="no_bank_data", message=reason)]
    old = [held for held in report.held if held.balance is not None and held.balance.date < report.as_of - OLD]
    caveats += [
        Caveat(
            code="balance_old",
            message=(
                f"The last balance of {_named(held.account)} is of {held.balance.day}, "
                f"{(report.as_of - held.balance.date).days:,} days before: it counts as if nothing had moved since. "
                "Import a newer one."
            ),
        )
        for held in old[:MOST_NAMED]
        if held.balance is not None
    ]
    without = [held for held in report.held if held.balance is None]
    caveats += [
        Caveat(
            code="balance_unknown",
            message=(
                f"No balance of {_named(held.account)} is known: its cash is in no total, and its lines count for burn "
                "only. Import one."
            ),
        )
        for held in without[:MOST_NAMED]
    ]
    rateless = [held for held in report.held if held.balance is not None and held.micros is None]
    if rateless:
        names = ", ".join(_named(held.account) for held in rateless[:MOST_NAMED])
        what = (
            f"Balances of {names} are in a currency without a rate, and in no sum; share is that of accounts with one"
        )
        missing = {
            held.balance.currency: (held.balance.date, held.balance.date)
            for held in rateless
            if held.balance is not None
        }
        known = share(len(report.held) - len(rateless), len(report.held))
        caveats.append(rates_caveat(report.frame, what, missing, known))
    if report.burn.unconverted:
        lines = counted(report.burn.unconverted, "bank line")
        what = f"{lines} of {report.burn.months} are in a currency without a rate, so burn is unknown"
        missing = lacking(report.frame.unrated(Family.BANK_TXN), report.burn.months)
        caveats.append(rates_caveat(report.frame, what, missing))
    if report.burn.is_by_balances:
        message = (
            "Burn is the change of balances, as there are no bank lines: loans, draws of the owner and transfers are "
            "in it. Import bank lines to take them out."
        )
        caveats.append(Caveat(code="burn_by_balances", message=message))
    caveats += [_incomplete(check, report.currency) for check in report.burn.incomplete[:MOST_NAMED]]
    if report.burn.partial:
        names = ", ".join(map(_named, report.burn.partial[:MOST_NAMED]))
        message = (
            f"Bank lines of {names} do not cover {report.burn.months}: burn is without those that are missing. "
            "Import them."
        )
        caveats.append(Caveat(code="burn_partial", message=message))
    return caveats


def _incomplete(check: Check, currency: str) -> Caveat:
    moved, told, untold = (written(micros, currency) for micros in (check.by_balances, check.by_lines, check.untold))
    message = (
        f"From {check.opening.day} to {check.closing.day} the balance of {_named(check.account)} changed by {moved}, "
        f"but its lines add up to {told}. Burn goes by the balance: {untold} that no line tells counts as operating. "
        "Import the missing bank lines, for some of them may be a loan, a draw of the owner or a transfer."
    )
    return Caveat(code="bank_lines_incomplete", message=message)


def _named(account: Account) -> str:
    return f"{account.latest.source} {account.shown}"


TOOL = Tool(
    entry=TOOL_BY_NAME["get_cash_position"],
    description=(
        "Cash in the bank on a day, account by account, payouts on their way and card balances apart, the monthly burn "
        "of the last complete months, for how many months the cash lasts at that rate, and total cash at the end of "
        "the last 13 weeks. Use it for how much cash there is and how long it lasts. runway_months is null where "
        "nothing is burned or something is unknown; runway_note says which. Not for profit (get_pnl) or for what was "
        "spent on what (list_expenses)."
    ),
    arguments=CashArguments,
    output=OUTPUT,
    run=run,
)
