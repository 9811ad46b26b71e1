"""Whether a product is worth advertising."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from shared.domain.analytics.definitions import VIABILITY_VERSION
from shared.domain.analytics.money import MICROS, RATE_DIGITS, exponent_of, share
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, Spans, within
from shared.domain.analytics.viability import Verdict
from shared.domain.facts.families import Family
from shared.domain.text import quoted
from shared.services.figures.assess_product_viability import (
    Input,
    Source,
    ViabilityQuestion,
    ViabilityReport,
    assess_product_viability,
)
from shared.services.figures.frame import Caveat
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import Arguments, Line, clash
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Schema,
    listing,
    output_schema,
    record,
)
from shared.transports.mcp.tools.tool import Call, Tool

SCORE_DIGITS = 1

TO_BE_GIVEN = ("return_rate", "unit_cost", "shipping", "fee_rate", "cpa")
"""Inputs that a caller may know better."""

MONEY = ("unit_net", "cogs", "shipping", "fees", "unit_cm2", "break_even_cpa", "max_cpa_at_target")
RATIOS = ("cm2_margin", "break_even_roas")
DATA: dict[str, Schema] = {
    "sku": TEXT_OR_NULL,
    "title": TEXT_OR_NULL,
    "verdict": {"enum": [*Verdict, None]},
    "score": NUMBER,
    **dict.fromkeys(MONEY, NUMBER),
    **dict.fromkeys(RATIOS, NUMBER),
    "gates": listing(record({"gate": TEXT, "passed": FLAG})),
    "missing_terms": TEXTS,
    "inputs": listing(record({"name": TEXT, "value": NUMBER, "source": {"enum": [*Source, None]}})),
}

OUTPUT = output_schema(record(DATA))


def _plain_number(value: object) -> object:
    """Take a number only as a number, as the schema says."""
    if isinstance(value, bool | str):
        raise ValueError("write a number, without quotes")  # noqa: TRY004 - pydantic makes its error from a ValueError
    return value


# The bounds come first, beside the type: behind a validator they would stand in the schema as words that it has not.
Money = Annotated[float, Field(ge=0, le=1_000_000_000), BeforeValidator(_plain_number)]
Rate = Annotated[float, Field(ge=0, le=1), BeforeValidator(_plain_number)]


class ViabilityArguments(Arguments):
    """The arguments of `assess_product_viability`."""

    sku: Line | None = Field(
        default=None, min_length=1, description="The variant. Leave it out for a product that is only planned."
    )
    price: Money | None = Field(
        default=None, description="Price of one piece without tax. Amounts are in the workspace's currency."
    )
    unit_cost: Money | None = Field(default=None, description="What one piece costs. Needed without sku.")
    shipping: Money | None = Field(default=None, description="Sending one piece, and taking back those that return.")
    fee_rate: Rate | None = Field(default=None, description="Payment and platform fees: 0.03 is 3 % of the price.")
    expected_return_rate: Rate | None = Field(default=None, description="Part of sales that is refunded, 0 to 1.")
    cpa: Money | None = Field(
        default=None,
        description="Advertising per order. Default: the shop's ad spend / orders of the last 90 days.",
    )
    target_cm3_margin: Rate = Field(
        default=0.15, description="Part of the net price that is to be left after advertising."
    )

    @model_validator(mode="after")
    def _a_planned_product_has_a_price_and_a_cost(self) -> Self:
        if self.sku is None and self.price is None:
            raise clash("give sku, or price and unit_cost of a planned product", "sku")
        if self.sku is None and self.unit_cost is None:
            raise clash("a planned product needs unit_cost, too", "unit_cost")
        return self


def run(arguments: ViabilityArguments, call: Call) -> Answer:
    """Answer with the economics of one piece, the verdict, and everything that it stands on."""
    report = assess_product_viability(
        ViabilityQuestion(
            sku=arguments.sku,
            price=_micros(arguments.price),
            unit_cost=_micros(arguments.unit_cost),
            shipping=_micros(arguments.shipping),
            fee_rate=_exact(arguments.fee_rate),
            return_rate=_exact(arguments.expected_return_rate),
            cpa=_micros(arguments.cpa),
            target_cm3_margin=Fraction(Decimal(str(arguments.target_cm3_margin))),
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    return Answer(
        summary=_summary(report, arguments.sku),
        frame=report.frame,
        data=_data(report, arguments.sku),
        period=report.window,
        definition_version=VIABILITY_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PRODUCT, Family.COST, Family.AD_DAY),
        caveats=_caveats(report),
    )


def _exact(value: float | None) -> Fraction | None:
    """Take a number as it was written: 0.1 is a tenth."""
    return None if value is None else Fraction(Decimal(str(value)))


def _micros(value: float | None) -> Fraction | None:
    exact = _exact(value)
    return None if exact is None else exact * MICROS


def _data(report: ViabilityReport, sku: str | None) -> dict[str, Any]:
    result, currency = report.result, report.frame.settings.currency
    return {
        "sku": sku,
        "title": None if report.product is None else report.product.title,
        "verdict": result.verdict,
        "score": _number(result.score, SCORE_DIGITS),
        **{name: _money(getattr(result, name), currency) for name in MONEY},
        **{name: _number(getattr(result, name), RATE_DIGITS) for name in RATIOS},
        "gates": [
            {"gate": "cost_known", "passed": result.cogs is not None},
            {"gate": "unit_cm2_positive", "passed": result.unit_cm2 is not None and result.unit_cm2 > 0},
        ],
        "missing_terms": list(result.missing),
        "inputs": [_input(each, currency) for each in report.inputs.values()],
    }


def _input(each: Input, currency: str) -> dict[str, Any]:
    value = _money(each.value, currency) if each.is_money else _number(each.value, RATE_DIGITS)
    return {"name": each.name, "value": value, "source": each.source}


def _money(micros: Fraction | None, currency: str) -> float | None:
    return None if micros is None else share(micros.numerator, micros.denominator * MICROS, exponent_of(currency))


def _number(value: Fraction | None, digits: int) -> float | None:
    return None if value is None else share(value.numerator, value.denominator, digits)


def _summary(report: ViabilityReport, sku: str | None) -> str:
    result, currency = report.result, report.frame.settings.currency
    name = "The planned product" if sku is None else quoted(sku)
    if result.unit_cm2 is None:
        return f"{name}: its unit cost is unknown, so nobody can tell whether it is worth advertising."
    upto = "at most " if any(unknown != "cpa" for unknown in _unknown(report)) else ""
    left = f"{name} leaves {upto}{_money(result.unit_cm2, currency):,} {currency} of CM2 a piece"
    if result.unit_cm2 <= 0:
        return f"{left}: not viable, whatever advertising costs."
    unknown = ", ".join(_unknown(report))
    verdict = f"no verdict while nobody knows {unknown}" if unknown else str(result.verdict).replace("_", " ")
    return (
        f"{left} and scores {_number(result.score, SCORE_DIGITS)} of 100: {verdict}. "
        f"An order may cost {upto}{_money(result.break_even_cpa, currency):,} {currency} in advertising to break even."
    )


def _unknown(report: ViabilityReport) -> list[str]:
    """Name the inputs that nobody knows, and a caller might."""
    return [name for name, each in report.inputs.items() if each.value is None and name in TO_BE_GIVEN]


def _caveats(report: ViabilityReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    unknown = _unknown(report)
    if unknown:
        message = f"Unknown, and not taken into account: {', '.join(unknown)}. Give them if you know them."
        caveats.append(Caveat(code="inputs_unknown", message=message))
    if report.result.missing and report.result.score:
        terms = ", ".join(report.result.missing)
        caveats.append(Caveat(code="score_partial", message=f"The score stands without {terms}; the rest weighs more."))
    lacking = _without_rate(report)
    if lacking:
        what = "Facts of the 90 days observed, or the unit cost, are in a currency without a rate, and in no input"
        caveats.append(rates_caveat(report.frame, what, lacking))
    assumed = [name for name, each in report.inputs.items() if each.source is Source.DEFAULT and name in TO_BE_GIVEN]
    if assumed:
        message = f"Averages of the whole shop in its last 90 days, not of this product: {', '.join(assumed)}."
        caveats.append(Caveat(code="inputs_assumed", message=message))
    return caveats


def _without_rate(report: ViabilityReport) -> Spans:
    """Name the currencies of what would be observed, had they rates."""
    if report.window is None:
        return {}
    missing = dict(within(report.frame.unrated(*OF_THE_PROFIT), report.window))
    cost = None if report.product is None else report.product.cost_at(report.frame.today.isoformat())
    if cost is not None and cost.converted is None and report.inputs["unit_cost"].source is not Source.GIVEN:
        first, last = missing.get(cost.currency, (report.window.last, report.window.last))
        missing[cost.currency] = (first, max(last, report.window.last))
    return missing


TOOL = Tool(
    entry=TOOL_BY_NAME["assess_product_viability"],
    description=(
        "Unit economics of one product: net price, cost, shipping, fees and contribution margin CM2 of a piece, the "
        "cost per order and the ROAS at which advertising breaks even, the highest cost per order for a target "
        "margin, a score of 0 to 100 and a verdict (null where a cost is unknown), with every input and where it comes "
        "from. Use it to decide "
        "whether a SKU is worth advertising, to judge a planned product (price and unit_cost, no sku), or to try "
        "another price. Not for comparing many products (list_product_profitability) or campaigns "
        "(get_ad_performance)."
    ),
    arguments=ViabilityArguments,
    output=OUTPUT,
    run=run,
)
