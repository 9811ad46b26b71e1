"""What a reader of a valuation must know: what of the earnings is unknown or partial, and on whose word it stands."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.analytics.earnings import MARKED, unknown_costs, unknown_named
from shared.domain.analytics.money import counted, share
from shared.domain.analytics.pnl import COSTS, Line
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, within
from shared.domain.analytics.valuation import Held, Method, Source, disagree
from shared.services.figures.frame import Caveat
from shared.services.figures.get_business_valuation import SCORED, ValuationReport
from shared.transports.mcp.tools.pnl_caveats import profit_caveats, unsettled_caveats
from shared.transports.mcp.tools.rate_caveats import rates_caveat

YEAR = 12


def valuation_caveats(report: ValuationReport) -> list[Caveat]:
    """Say everything that makes a valuation partial."""
    frame, period = report.frame, report.period
    unknown = unknown_costs(report.statement)
    told = [line for line in COSTS if line not in unknown and line is not Line.INCOME_TAX]
    return [
        *_earnings_caveats(report, unknown),
        *frame.caveats(period),
        *_rates_caveats(report),
        *frame.late_ads(period),
        *profit_caveats(frame, period, report.statement, told),
        *unsettled_caveats(report.statement.unsettled, frame.settings.currency),
        *_loss_caveats(report),
        *_disagreement_caveats(report),
        *_addback_caveats(report),
        *_concentration_caveats(report),
        *_basis_caveats(report),
    ]


def _earnings_caveats(report: ValuationReport, unknown: Sequence[Line]) -> list[Caveat]:
    """Say why there is no value, where there is none."""
    found: list[Caveat] = []
    months = report.earnings.months
    if months < YEAR:
        message = (
            f"Orders are known of {months} of the 12 months to {report.month}. Multiples and the cash flow are of a "
            "whole year, and months times a factor would sell a season twice: no value is given. "
            f"{report.orders_to_import}."
        )
        found.append(Caveat(code="history_short", message=message, share=share(months, YEAR)))
    if unknown and months:
        nothing = " Days without ads are told by an export that is complete." if Line.AD_SPEND in unknown else ""
        message = (
            f"Not known, or not nearly whole: {unknown_named(report.statement)}. Without the rest profit would be "
            "overstated, and a multiple overstates it again: earnings and what stands on them are null. Import the "
            f"missing costs, ads or books.{nothing}"
        )
        found.append(Caveat(code="earnings_unknown", message=message))
    return found


def _rates_caveats(report: ValuationReport) -> list[Caveat]:
    facts = report.statement.unconverted
    if not facts:
        return []
    missing = within(report.frame.unrated(*OF_THE_PROFIT), report.period)
    return [rates_caveat(report.frame, f"{counted(facts, 'fact')} without a rate of exchange in no number", missing)]


def _loss_caveats(report: ValuationReport) -> list[Caveat]:
    """Say what a loss does: a multiple makes nothing of it, and a cash flow goes on with it."""
    parts: list[str] = []
    valued = [(each, each.value) for each in report.methods if each.value is not None]
    if losing := [each.method for each, _ in valued if each.held and each.basis is not None and each.basis <= 0]:
        parts.append(f"A loss has no multiple: by {', '.join(losing)} the value is 0.")
    if any(each.method is Method.DCF and value.mid < 0 for each, value in valued):
        parts.append("By dcf the value is below 0, for the cash flow as planned loses money every year.")
    return [Caveat(code="loss", message=" ".join(parts))] if parts else []


def _disagreement_caveats(report: ValuationReport) -> list[Caveat]:
    if not disagree([each.value for each in report.methods if each.value is not None]):
        return []
    message = (
        "Two methods have no value in common, so range goes from the lowest low to the highest high, and its mid is "
        "the median of theirs. Look at each method by itself."
    )
    return [Caveat(code="methods_disagree", message=message)]


def _addback_caveats(report: ValuationReport) -> list[Caveat]:
    if report.earnings.ebitda is None or any(report.earnings.addbacks[reason] for reason in MARKED):
        return []
    message = (
        "No expense of the 12 months is marked as owner_pay, discretionary or one_off, so SDE has no add-backs but "
        "interest and depreciation. Mark them (addback, in the expenses or the settings' ledger accounts)."
    )
    return [Caveat(code="no_addbacks", message=message)]


def _concentration_caveats(report: ValuationReport) -> list[Caveat]:
    found: list[Caveat] = []
    if not report.earnings.is_year:
        return found
    for what, (named, whole) in (("sales channel", report.named_channels), ("SKU", report.named_skus)):
        known = share(named, whole)
        if known is not None and known < 1:
            message = f"Sales that name a {what} are this part of all; the scorecard's share of the largest is of them."
            found.append(Caveat(code="concentration_partial", message=message, share=known))
    return found


def _basis_caveats(report: ValuationReport) -> list[Caveat]:
    """Say what kind of number this is, and who says how many times."""
    multiples = [f"{each.method} {_said(each.held)}" for each in report.methods if each.held is not None]
    moved = [
        each.method
        for each in report.methods
        if each.method in SCORED and each.held is not None and each.held.source is not Source.GIVEN
    ]
    parts = ["Earnings are before income tax. An estimate by formulas, and no appraisal."]
    if multiples:
        parts.append(f"Multiples: {', '.join(multiples)}.")
    parts += _later_multiples(report)
    if moved and report.score:
        parts.append(
            f"The scorecard moves the middle of {' and '.join(moved)} by {float(report.score):+g}, within its band."
        )
    if report.earnings.is_year and report.statement.lines[Line.AD_SPEND] is None:
        parts.append("The scorecard leaves out mer and net_margin: nobody told of ad spend.")
    for each in report.methods:
        if each.value is not None and None in (each.value.low, each.value.high):
            end = "low" if each.value.low is None else "high"
            parts.append(f"With a discount rate 20 % lower the cash flow has no end: its {end} is null.")
    return [Caveat(code="estimate", message=" ".join(parts))]


def _later_multiples(report: ValuationReport) -> list[str]:
    """Name the multiples in the settings that do not hold yet on the day that counts."""
    asked = {each.method for each in report.methods if each.held is not None and each.held.source is not Source.GIVEN}
    return [
        f"The settings have others of {', '.join(later)} from {since} on, after {report.held_on}."
        for since, methods in sorted(report.frame.settings.multiples.items())
        if since > report.held_on.isoformat() and (later := sorted(asked.intersection(methods)))
    ]


def _said(held: Held) -> str:
    match held.source:
        case Source.GIVEN:
            return "as given"
        case Source.SETTINGS:
            return f"from settings since {held.since}"
        case Source.USUAL:
            return f"usual since {held.since}"
