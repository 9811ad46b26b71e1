"""What a shop could sell for: multiples of what it earns, and its future cash discounted to today.

Multiples are what buyers paid for shops like it; the usual ones are dated, and a merchant may settle others. Sources:
2.4 to 3.8 times SDE is the band that MerchantFlow's TrustProfit publishes; 1.5 to 7 times EBITDA, in the middle 3.5,
and 0.5 to 1.5 times revenue are of adastraequity.com and ecomvault.io. The discounted cash flow is the textbook's, with
money that comes in the middle of each year. Money is in micros; nothing is rounded but to whole micros.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.money import rounded
from shared.domain.errors import Invalid


class Method(StrEnum):
    """What a valuation stands on. The values are on the wire."""

    SDE = "sde"
    """Seller's discretionary earnings: pre-tax profit with what an owner takes, and with what will not come again."""
    EBITDA = "ebitda"
    REVENUE = "revenue"
    DCF = "dcf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiple:
    """How many times its basis a shop is worth."""

    low: Fraction
    mid: Fraction
    high: Fraction

    def moved(self, by: Fraction) -> Multiple:
        """Move the middle, as far as the band goes."""
        return replace(self, mid=min(max(self.mid + by, self.low), self.high))


ENDS = ("low", "mid", "high")
"""What a multiple and a value consist of, by name."""
MOST_TIMES = 100
"""Nobody pays more than so many times what a shop earns: it is a slip of the pen."""


def is_multiple(low: float, mid: float, high: float) -> bool:
    """Tell whether three numbers are a multiple, whoever settles or gives it."""
    return 0 <= low <= mid <= high <= MOST_TIMES


def _multiple(low: str, mid: str, high: str) -> Multiple:
    return Multiple(low=Fraction(low), mid=Fraction(mid), high=Fraction(high))


USUAL_SINCE = date(2026, 11, 21)
USUAL: Mapping[Method, Multiple] = {
    Method.SDE: _multiple("2.4", "3.1", "3.8"),
    Method.EBITDA: _multiple("1.5", "3.5", "7"),
    Method.REVENUE: _multiple("0.5", "1", "1.5"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one method comes to, in micros."""

    low: int | None
    """None: it has no end, for a loss goes on for ever."""
    mid: int
    high: int | None
    """None: it has no end."""


class Source(StrEnum):
    """Who said how many times. The values are on the wire."""

    GIVEN = "given"
    """With the question."""
    SETTINGS = "settings"
    USUAL = "usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A multiple, and on whose word it holds."""

    multiple: Multiple
    source: Source
    since: date | None = None
    """None: for this question alone."""


THOUSAND = 1000


def multiples_held(
    day: date, *, given: Mapping[Method, Multiple], settled: Mapping[str, Mapping[str, Sequence[int]]]
) -> Mapping[Method, Held]:
    """Find what holds on a day: what the question says, else what was settled last by then, else the usual ones.

    Settled are thousandths, by the day (ISO) from which they hold; the usual ones hold before their date, too.
    """
    held = {method: Held(multiple=usual, source=Source.USUAL, since=USUAL_SINCE) for method, usual in USUAL.items()}
    for since in sorted(each for each in settled if each <= day.isoformat()):
        for name, (low, mid, high) in settled[since].items():
            multiple = Multiple(low=Fraction(low, THOUSAND), mid=Fraction(mid, THOUSAND), high=Fraction(high, THOUSAND))
            held[Method(name)] = Held(multiple=multiple, source=Source.SETTINGS, since=date.fromisoformat(since))
    return held | {method: Held(multiple=multiple, source=Source.GIVEN) for method, multiple in given.items()}


def by_multiple(basis: Fraction | int, multiple: Multiple) -> Value:
    """Value a shop by what it earns in a year. A loss has no multiple: it is worth nothing by this method."""
    earned = max(Fraction(basis), Fraction(0))
    low, mid, high = (
        rounded(*(earned * times).as_integer_ratio()) for times in (multiple.low, multiple.mid, multiple.high)
    )
    return Value(low=low, mid=mid, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlow:
    """What a discounted cash flow is worked out from; money of the last year in micros, rates as fractions of 1."""

    ebitda: int
    revenue: int
    depreciation: int = 0
    growth: float = 0.0
    """Of revenue, EBITDA and depreciation, each year of the plan."""
    discount_rate: float = 0.25
    terminal_growth: float = 0.0
    tax_rate: float = 0.0
    capex_rate: float = 0.0
    """Of revenue."""
    nwc_rate: float = 0.0
    """Working capital that each further unit of revenue ties up."""
    years: int = 5

    def planned(self, plan: Mapping[str, float]) -> CashFlow:
        """Take what is given of the plan, by the names of its fields, in place of what is usual."""
        years = {"years": int(plan["years"])} if "years" in plan else {}
        return replace(self, **{**plan, **years})

    @property
    def plan(self) -> Mapping[str, float]:
        """Give the plan, by the names of its fields."""
        return {name: getattr(self, name) for name in PLAN}


PLAN = ("growth", "discount_rate", "terminal_growth", "tax_rate", "capex_rate", "nwc_rate", "years")
"""What may be given of a cash flow."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "growth": (-0.9, 3),
    "discount_rate": (0.01, 2),
    "terminal_growth": (-0.9, 0.5),
    "tax_rate": (0, 1),
    "capex_rate": (0, 1),
    "nwc_rate": (0, 1),
    "years": (1, 20),
}
"""From where to where each of them may be: beyond it no plan is one."""


def discounted(flow: CashFlow) -> int:
    """Give the value today, in micros.

    FCF_t = EBITDA_t (1 - tax) + tax D&A_t - capex_t - dNWC_t, each in the middle of its year, and after the last one
    FCF_n (1 + g) / (r - g) at its end.

    Raises:
        Invalid: `invalid_argument`: it would grow for ever as fast as it is discounted, or faster.

    """
    r, g = flow.discount_rate, flow.terminal_growth
    if r <= g:
        raise Invalid(
            "invalid_argument",
            "discount_rate is not above terminal_growth: the value would have no end.",
            hint="Ask for a higher discount_rate or a lower terminal_growth.",
            field="dcf",
        )
    value = free = 0.0
    for year in range(1, flow.years + 1):
        grown = (1 + flow.growth) ** year
        revenue, revenue_before = flow.revenue * grown, flow.revenue * (1 + flow.growth) ** (year - 1)
        taxed = flow.ebitda * grown * (1 - flow.tax_rate) + flow.tax_rate * flow.depreciation * grown
        free = taxed - flow.capex_rate * revenue - flow.nwc_rate * (revenue - revenue_before)
        value += free / (1 + r) ** (year - 0.5)
    return round(value + free * (1 + g) / ((r - g) * (1 + r) ** flow.years))


def discounted_between(flow: CashFlow, shock: float) -> Value:
    """Value a shop with its discount rate a part higher and lower: nobody knows what its risk is worth.

    The cash of all years has the sign of the first: where there is no end, a profit has no high, and a loss no low.

    Raises:
        Invalid: as `discounted`.

    """
    lower = replace(flow, discount_rate=flow.discount_rate * (1 - shock))
    at_lower = discounted(lower) if lower.discount_rate > lower.terminal_growth else None
    at_higher = discounted(replace(flow, discount_rate=flow.discount_rate * (1 + shock)))
    mid = discounted(flow)
    if at_lower is None:
        return Value(low=None, mid=mid, high=at_higher) if mid < 0 else Value(low=at_higher, mid=mid, high=None)
    return Value(low=min(at_lower, at_higher), mid=mid, high=max(at_lower, at_higher))


def in_the_middle(values: Sequence[Value]) -> Value | None:
    """Put methods together: the median of their lows, mids and highs, so that one that does not fit moves little.

    Where they disagree no narrow range would be true: it goes from the lowest low to the highest high.
    """
    if not values:
        return None
    lows, highs = [value.low for value in values], [value.high for value in values]
    lowest, highest = (min, max) if disagree(values) else (_median, _median)
    return Value(low=_end(lows, lowest), mid=_median([value.mid for value in values]), high=_end(highs, highest))


def disagree(values: Sequence[Value]) -> bool:
    """Tell whether two of them have nothing in common: the one ends before the other begins."""
    lows = [value.low for value in values if value.low is not None]
    highs = [value.high for value in values if value.high is not None]
    return bool(lows) and bool(highs) and max(lows) > min(highs)


def _end(ends: Sequence[int | None], together: Callable[[Sequence[int]], int]) -> int | None:
    known = [end for end in ends if end is not None]
    return together(known) if len(known) == len(ends) else None


def _median(numbers: Sequence[int]) -> int:
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(ordered) % 2 else rounded(ordered[half - 1] + ordered[half], 2)
