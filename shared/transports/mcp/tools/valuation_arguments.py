"""The arguments of both tools of valuation: as of when, by which multiples, and with which plan."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.domain.analytics.valuation import (
    ENDS,
    LIMITS,
    MOST_TIMES,
    PLAN,
    USUAL,
    Method,
    Multiple,
    is_multiple,
)
from shared.transports.mcp.tools.arguments import Arguments

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Month = Annotated[str, Field(pattern=r"^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$")]


def exact(number: float) -> Fraction:
    """Take a number as it was written: 0.1 is a tenth."""
    return Fraction(Decimal(str(number)))


def _multiples(given: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    for method, ends in given.items():
        if method not in USUAL:
            raise ValueError(f"there are multiples of {', '.join(USUAL)} alone")
        if set(ends) != set(ENDS):
            raise ValueError(f"give low, mid and high of {method}, and nothing else")
        if not is_multiple(**ends):
            raise ValueError(f"{method} needs 0 <= low <= mid <= high <= {MOST_TIMES}")
    return given


def _plan(given: dict[str, float]) -> dict[str, float]:
    for name, value in given.items():
        if name not in LIMITS:
            raise ValueError(f"its members are {', '.join(PLAN)}")
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise ValueError(f"{name} is from {low} to {high}")
    if given.get("years", 1) % 1:
        raise ValueError("years is a whole number")
    return given


class ValuationArguments(Arguments):
    """What a valuation is of."""

    as_of_month: Month | None = Field(
        default=None,
        description=(
            "Last of the 12 months, yyyy-mm. Default: the last that is complete in the data, with today's multiples; "
            "an earlier one has those of its end."
        ),
    )
    multiples: Annotated[dict[str, dict[str, Number]], AfterValidator(_multiples)] = Field(
        default_factory=dict,
        description='For this call, such as {"sde": {"low": 2, "mid": 3, "high": 4}}; also ebitda and revenue.',
    )
    dcf: Annotated[dict[str, Number], AfterValidator(_plan)] = Field(
        default_factory=dict,
        description=(
            "Another plan than growth 0, discount_rate 0.25, terminal_growth 0, tax_rate 0, capex_rate 0, nwc_rate 0 "
            "(of revenue, and of its growth), years 5."
        ),
    )

    @property
    def given(self) -> Mapping[Method, Multiple]:
        """The multiples in the words of the domain."""
        return {
            Method(method): Multiple(low=exact(ends["low"]), mid=exact(ends["mid"]), high=exact(ends["high"]))
            for method, ends in self.multiples.items()
        }
