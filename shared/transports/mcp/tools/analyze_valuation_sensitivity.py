"""How much the value of the shop moves with what it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from shared.domain.analytics.money import MICROS, amount, share, shown, written
from shared.domain.analytics.sensitivity import ALLOWED, Driver
from shared.domain.analytics.valuation import Method
from shared.domain.analytics.valuation_definitions import VALUATION_VERSION
from shared.services.figures.analyze_valuation_sensitivity import (
    SensitivityQuestion,
    SensitivityReport,
    analyze_valuation_sensitivity,
)
from shared.services.figures.frame import Caveat
from shared.services.figures.get_business_valuation import ValuationQuestion
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import WholeNumber, clash
from shared.transports.mcp.tools.get_business_valuation import SOURCES
from shared.transports.mcp.tools.schemas import NUMBER, TEXT, Schema, listing, output_schema, record
from shared.transports.mcp.tools.tool import Call, Tool
from shared.transports.mcp.tools.valuation_arguments import Number, ValuationArguments, exact
from shared.transports.mcp.tools.valuation_caveats import valuation_caveats

GRID: dict[str, Schema] = {
    "row_driver": TEXT,
    "col_driver": TEXT,
    "row_values": listing(NUMBER),
    "col_values": listing(NUMBER),
    "rows": listing(listing(NUMBER)),
}
TORNADO: dict[str, Schema] = {"driver": TEXT, "low": NUMBER, "high": NUMBER, "swing": NUMBER}
OUTPUT = output_schema(
    record(
        {
            "method": TEXT,
            "value": NUMBER,
            "grid": record(GRID),
            "tornado": listing(record(TORNADO)),
            "breakeven": listing(record({"driver": TEXT, "now": NUMBER, "needed": NUMBER})),
        }
    )
)


class SensitivityArguments(ValuationArguments):
    """The arguments of `analyze_valuation_sensitivity`."""

    method: Literal["sde", "ebitda", "dcf"] = Field(default="sde", description="How the shop is valued.")
    vary: tuple[Driver, ...] | None = Field(
        default=None,
        description=(
            "Two drivers: rows, then columns of the grid. sde and ebitda have earnings and multiple; dcf has earnings "
            "and the rates. Default: the first two."
        ),
    )
    steps: WholeNumber = Field(
        default=5, ge=3, le=9, description="Values of each driver, 3 to 9 and odd: the middle is as it stands."
    )
    shock: Annotated[Number, Field(ge=0.01, le=0.9)] = Field(
        default=0.2,
        description="Part by which drivers move to both sides; growth rates move by this part of discount_rate.",
    )
    target_value: Annotated[Number, Field(gt=0, le=1_000_000_000_000)] | None = Field(
        default=None, description="A price: where each driver alone would take the value to it."
    )

    @model_validator(mode="after")
    def _has_a_middle_and_two_sides(self) -> Self:
        if self.steps % 2 == 0:
            raise clash("an odd number of steps has a middle", "steps")
        if self.vary is not None and not len(self.vary) == len(set(self.vary)) == 2:  # noqa: PLR2004 - rows and columns
            raise clash("give two different drivers", "vary")
        return self


def run(arguments: SensitivityArguments, call: Call) -> Answer:
    """Answer with the grid of two drivers, the swing of each, and where each meets a target."""
    target = arguments.target_value
    report = analyze_valuation_sensitivity(
        SensitivityQuestion(
            method=Method(arguments.method),
            valuation=ValuationQuestion(as_of=arguments.as_of_month, multiples=arguments.given, dcf=arguments.dcf),
            vary=None if arguments.vary is None else (arguments.vary[0], arguments.vary[1]),
            steps=arguments.steps,
            shock=exact(arguments.shock),
            target=None if target is None else round(exact(target) * MICROS),
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.valuation.frame.settings.currency
    return Answer(
        summary=_summary(report, currency),
        frame=report.valuation.frame,
        data={
            "method": arguments.method,
            "value": amount(report.value, currency),
            "grid": _grid(report, currency),
            "tornado": [
                {
                    "driver": str(each.driver),
                    "low": _money(each.low, currency),
                    "high": _money(each.high, currency),
                    "swing": _money(each.swing, currency),
                }
                for each in report.tornado
            ],
            "breakeven": [
                {
                    "driver": str(driver),
                    "now": _place(driver, report.case.base[driver], currency),
                    "needed": None if needed is None else _place(driver, needed, currency),
                }
                for driver, needed in report.breakeven.items()
            ],
        },
        period=report.valuation.period,
        definition_version=VALUATION_VERSION,
        sources=report.valuation.frame.accounts_with(*SOURCES),
        coverage={"cogs": share(*report.valuation.statement.cost_coverage)},
        caveats=[*_endless(report), *_beyond(report), *_out_of_reach(report), *valuation_caveats(report.valuation)],
    )


def _grid(report: SensitivityReport, currency: str) -> dict[str, Any]:
    (rows, cols), grid = report.vary, report.grid
    return {
        "row_driver": str(rows),
        "col_driver": str(cols),
        "row_values": [_place(rows, value, currency) for value in grid.row_values],
        "col_values": [_place(cols, value, currency) for value in grid.col_values],
        "rows": [[_money(value, currency) for value in row] for row in grid.rows],
    }


def _place(driver: Driver, value: Fraction, currency: str) -> float | None:
    """Write a driver's value: earnings as money, the others as the ratios that they are."""
    if driver is Driver.EARNINGS:
        return amount(round(value), currency)
    return share(*value.as_integer_ratio())


def _money(micros: int | None, currency: str) -> float | None:
    return None if micros is None else amount(micros, currency)


def _endless(report: SensitivityReport) -> Sequence[Caveat]:
    """Say where there is no value though both drivers may be there."""
    (rows, cols), grid = report.vary, report.grid
    cells = [
        value
        for place, row in zip(grid.row_values, grid.rows, strict=True)
        for other, value in zip(grid.col_values, row, strict=True)
        if report.case.allows(rows, place) and report.case.allows(cols, other)
    ]
    unknown = sum(value is None for value in cells)
    if not unknown and all(each.swing is not None or each.driver in report.beyond for each in report.tornado):
        return []
    message = "null: discount_rate is not above terminal_growth there, so the value would have no end."
    return [Caveat(code="value_without_end", message=message, share=share(len(cells) - unknown, len(cells)))]


def _beyond(report: SensitivityReport) -> Sequence[Caveat]:
    """Say where there is no value because the shock goes further than a question may."""
    if not report.beyond:
        return []
    limits = ", ".join("{} is from {:g} to {:g}".format(driver, *ALLOWED[driver]) for driver in report.beyond)
    return [Caveat(code="beyond_limits", message=f"null: {limits}, and the shock goes further. Ask for a smaller one.")]


def _out_of_reach(report: SensitivityReport) -> Sequence[Caveat]:
    names = [str(driver) for driver, needed in report.breakeven.items() if needed is None]
    if not names:
        return []
    message = f"{', '.join(names)}: none that could be planned takes the value to the target by itself."
    return [Caveat(code="target_out_of_reach", message=message)]


def _summary(report: SensitivityReport, currency: str) -> str:
    worth = f"By {report.valuation.methods[0].method} the shop is worth {written(report.value, currency)}"
    return f"{worth}{_needed(report, currency)}.{_moving(report, currency)}"


def _needed(report: SensitivityReport, currency: str) -> str:
    """Say what takes the value to the target, if one was given."""
    if report.target is None:
        return ""
    target = written(report.target, currency)
    found = [
        f"{driver} {_place_text(driver, needed, currency)}"
        for driver, needed in report.breakeven.items()
        if needed is not None
    ]
    return f"; for {target} it needs {' or '.join(found)}" if found else f"; no driver by itself takes it to {target}"


def _place_text(driver: Driver, value: Fraction, currency: str) -> str:
    return written(round(value), currency) if driver is Driver.EARNINGS else f"{_place(driver, value, currency):g}"


def _moving(report: SensitivityReport, currency: str) -> str:
    """Say what moves the value most; drivers whose swings look the same are told together."""
    moved = [
        (shown(abs(each.high - each.low), currency), each.driver, each.low, each.high)
        for each in report.tornado
        if each.low is not None and each.high is not None
    ]
    widest = max((swing for swing, *_ in moved), default=None)
    if widest is None:
        return ""
    if not widest:
        why = ": a loss has no multiple" if report.case.base[Driver.EARNINGS] <= 0 else ""
        return f" No driver moves that by itself, as far as it was moved{why}."
    of = "" if len(moved) == len(report.tornado) else "Of what could be moved to both sides, "
    most = [(driver, low, high) for swing, driver, low, high in moved if swing == widest]
    if len(most) > 1:
        names = " and ".join(driver for driver, _, _ in most)
        return f" {of}{names} move that most, each by {written(widest, currency)} from lower to higher."
    ((driver, low, high),) = most
    return (
        f" {of}{driver} moves that most: {written(low, currency)} with it lower, {written(high, currency)} with it "
        "higher."
    )


TOOL = Tool(
    entry=TOOL_BY_NAME["analyze_valuation_sensitivity"],
    description=(
        "How much the value of the business moves with what it stands on: a grid of values for two drivers (earnings "
        "and multiple, or growth, discount rate and terminal growth of the discounted cash flow), a tornado of each "
        "driver alone, and the break-even of each for a target price. Use it for what one turn of multiple or more "
        "profit is worth, what if, and what it takes to sell for a price. The middle of the grid is the middle of "
        "get_business_valuation. Not for the value itself with its add-backs and scorecard: use get_business_valuation."
    ),
    arguments=SensitivityArguments,
    output=OUTPUT,
    run=run,
)
