"""How much a valuation moves with what it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from shared.domain.analytics.earnings import unknown_named
from shared.domain.analytics.names import UnknownName
from shared.domain.analytics.sensitivity import DRIVERS, Case, Driver, Grid, Swing, beyond, breakeven, grid, tornado
from shared.domain.analytics.valuation import CashFlow, Method
from shared.domain.errors import Invalid
from shared.services.figures.get_business_valuation import (
    ValuationQuestion,
    ValuationReport,
    Valued,
    get_business_valuation,
)
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityQuestion:
    """What is asked."""

    method: Method
    valuation: ValuationQuestion = field(default_factory=ValuationQuestion)
    """Of which month, by which multiple or plan."""
    vary: tuple[Driver, Driver] | None = None
    """None: the two of the method that everybody asks for."""
    steps: int = 5
    shock: Fraction = Fraction(1, 5)
    target: int | None = None
    """Micros. None: no break-even is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityReport:
    """The answer, not rounded."""

    valuation: ValuationReport
    """By the one method."""
    case: Case
    value: int
    """As it stands: the middle of the grid, and the middle that `get_business_valuation` gives."""
    vary: tuple[Driver, Driver]
    grid: Grid
    tornado: Sequence[Swing]
    beyond: Sequence[Driver]
    """Which of them the shock takes to where none may be."""
    target: int | None
    breakeven: Mapping[Driver, Fraction | None]
    """Empty where no target was given."""


def analyze_valuation_sensitivity(
    question: SensitivityQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> SensitivityReport:
    """Value the shop again and again, from what one valuation reads.

    Raises:
        NotFound: `no_data`.
        Invalid: the month, the plan, a driver that the method does not have, or `insufficient_data`.

    """
    drivers = DRIVERS[question.method]
    vary = question.vary or (drivers[0], drivers[1])
    if foreign := [driver for driver in vary if driver not in drivers]:
        raise UnknownName(
            "invalid_argument",
            f"{foreign[0]} is nothing that method={question.method} stands on.",
            hint="Vary two of those that are allowed, or ask for another method.",
            field="vary",
            allowed=tuple(drivers),
        )
    report = get_business_valuation(
        replace(question.valuation, methods=[question.method]), workspace_id=workspace_id, now=now, figures=figures
    )
    (valued,) = report.methods
    case = _case(valued, report.flow)
    if valued.value is None or case is None:
        raise _insufficient(report)
    return SensitivityReport(
        valuation=report,
        case=case,
        value=valued.value.mid,
        vary=vary,
        grid=grid(case, *vary, steps=question.steps, shock=question.shock),
        tornado=tornado(case, question.shock),
        beyond=beyond(case, question.shock),
        target=question.target,
        breakeven={}
        if question.target is None
        else {driver: breakeven(case, driver, question.target) for driver in drivers},
    )


def _case(valued: Valued, flow: CashFlow | None) -> Case | None:
    """Say what the valuation stands on; None: that is unknown."""
    if valued.basis is None:
        return None
    if valued.held is not None:
        return Case(base={Driver.EARNINGS: Fraction(valued.basis), Driver.MULTIPLE: valued.held.multiple.mid})
    if flow is None:
        return None
    return Case(
        base={
            Driver.EARNINGS: Fraction(valued.basis),
            Driver.GROWTH: Fraction(flow.growth),
            Driver.DISCOUNT_RATE: Fraction(flow.discount_rate),
            Driver.TERMINAL_GROWTH: Fraction(flow.terminal_growth),
        },
        flow=flow,
    )


def _insufficient(report: ValuationReport) -> Invalid:
    earned = report.earnings
    if not earned.is_year:
        why = f"A valuation needs the orders of 12 months; of {report.period} they are known of {earned.months}."
        hint = f"{report.orders_to_import}; or choose an as_of_month whose twelve months are known."
    else:
        why = f"What the shop earned in {report.period} is unknown, for this is: {unknown_named(report.statement)}."
        hint = "Import the missing costs, ads or books."
    return Invalid("insufficient_data", why, hint=hint)
