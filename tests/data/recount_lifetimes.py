"""What the models are made of, counted customer by customer from the lines of a file, without a line of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Life:
    """One customer, watched up to the end of a day."""

    repeats: int
    last: float
    known: float
    """Weeks."""
    mean: Decimal
    """Of the order days after the first one."""
    later: int
    """Order days after that day."""

    @property
    def cents(self) -> Decimal:
        """The mean, rounded to whole cents as in the published summary of CDNOW."""
        return self.mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


def lives(lines: Iterable[Mapping[str, Any]], through: date) -> dict[str, Life]:
    """Count the order days of every customer who had ordered by then."""
    days: dict[str, dict[date, Decimal]] = {}
    for line in lines:
        if line["type"] == "order":
            spent = sum((Decimal(item["price"]) * item["quantity"] for item in line["lines"]), Decimal(0))
            of_customer = days.setdefault(str(line["customer"]), {})
            day = date.fromisoformat(line["date"])
            of_customer[day] = of_customer.get(day, Decimal(0)) + spent
    found: dict[str, Life] = {}
    for customer, of_customer in days.items():
        watched = sorted(day for day in of_customer if day <= through)
        if watched:
            again = [of_customer[day] for day in watched[1:]]
            found[customer] = Life(
                repeats=len(again),
                last=(watched[-1] - watched[0]).days / 7,
                known=(through - watched[0]).days / 7,
                mean=sum(again, Decimal(0)) / len(again) if again else Decimal(0),
                later=len(of_customer) - len(watched),
            )
    return found
