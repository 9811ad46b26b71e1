"""What a shop earned in a year as a buyer reads it: its profit, and what of its costs a buyer would not have.

Seller's discretionary earnings are the pre-tax profit with the owner's pay, interest, depreciation, one-offs and what
was the owner's choice. Adjusted EBITDA, of which EBITDA is multiplied, has the last two alone: whoever buys must pay
somebody for the owner's work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.analytics.periods import MONTHS_OF_YEAR, is_nearly_all
from shared.domain.analytics.pnl import Line, Statement


class Addback(StrEnum):
    """Why a cost is added back. The values are on the wire, and the first three are those of an expense's field."""

    OWNER_PAY = "owner_pay"
    DISCRETIONARY = "discretionary"
    ONE_OFF = "one_off"
    INTEREST = "interest"
    DEPRECIATION = "depreciation"


MARKED = (Addback.OWNER_PAY, Addback.DISCRETIONARY, Addback.ONE_OFF)
"""Those that somebody has to mark; the others are lines of the P&L."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earnings:
    """The earnings of twelve months, or of as many of them as orders are known of. Money in micros; None: unknown."""

    months: int
    revenue: int | None
    net_profit: int | None
    """Before income tax."""
    addbacks: Mapping[Addback, int | None]
    ebitda: int | None

    @property
    def is_year(self) -> bool:
        """Tell whether it is a whole year's: multiples are of no other."""
        return self.months == MONTHS_OF_YEAR

    @property
    def sde(self) -> int | None:
        """Seller's discretionary earnings."""
        return self._with(MARKED)

    @property
    def adjusted_ebitda(self) -> int | None:
        """EBITDA without what will not come again."""
        return self._with((Addback.DISCRETIONARY, Addback.ONE_OFF))

    def _with(self, reasons: Sequence[Addback]) -> int | None:
        return None if self.ebitda is None else self.ebitda + sum(self.addbacks[reason] or 0 for reason in reasons)


def unknown_costs(found: Statement) -> Sequence[Line]:
    """Name the costs without which nobody can tell what a shop earns, of which not nearly all is known.

    Ads of which nobody ever told are none of them: a shop may have none.
    """
    are_goods_known = found.lines[Line.COGS] is not None and is_nearly_all(*found.cost_coverage)
    are_ads_known = found.is_nearly_whole(Line.AD_SPEND) or Line.AD_SPEND not in found.days_told
    are_known = {
        Line.COGS: are_goods_known,
        Line.AD_SPEND: are_ads_known,
        Line.OPEX: found.is_nearly_whole(Line.OPEX),
    }
    return [line for line, is_known in are_known.items() if not is_known]


def unknown_named(found: Statement) -> str:
    """Name them for people, with how much is known: `the cost of goods (of 5 % of sales)`."""
    parts = [_named(found, line) for line in unknown_costs(found)]
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def _named(found: Statement, line: Line) -> str:
    if line is not Line.COGS:
        name = "ad spend" if line is Line.AD_SPEND else "operating expenses"
        return f"{name} ({found.days_known(line)} of {found.days} days)"
    known, sales = found.cost_coverage
    return f"the cost of goods (of {100 * known // sales} % of sales)" if sales > 0 else "the cost of goods"


def earnings(found: Statement, marked: Mapping[str, int], *, months: int) -> Earnings:
    """Read the earnings off the P&L of twelve months and what was marked in their books."""
    is_known = months > 0 and not unknown_costs(found)
    is_booked = found.lines[Line.OPEX] is not None
    ebitda = found.known(Line.EBITDA)
    return Earnings(
        months=months,
        revenue=found.known(Line.NET_REVENUE) if months else None,
        ebitda=ebitda if is_known else None,
        net_profit=ebitda - found.known(Line.DEPRECIATION) - found.known(Line.INTEREST) if is_known else None,
        addbacks={
            **{reason: marked.get(reason, 0) if is_booked else None for reason in MARKED},
            Addback.INTEREST: found.lines[Line.INTEREST],
            Addback.DEPRECIATION: found.lines[Line.DEPRECIATION],
        },
    )
