"""The seven read scopes that a credential can hold, in the words of the MerchantFlow page."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from shared.domain.errors import Invalid


class Scope(StrEnum):
    """What a credential may read. The values are on the wire and never change."""

    PNL = "mcp:pnl:read"
    PRODUCTS = "mcp:products:read"
    ADS = "mcp:ads:read"
    CUSTOMERS = "mcp:customers:read"
    VALUATION = "mcp:valuation:read"
    NORTH_STAR = "mcp:north-star:read"
    ACTIVITY = "mcp:activity:read"


GRANTS: dict[Scope, str] = {
    Scope.PNL: "Profit & loss, revenue, expenses, and bank balance",
    Scope.PRODUCTS: "Product profitability, COGS, and viability data",
    Scope.ADS: "Ad spend, ROAS, and attribution across Meta, Google, TikTok, Snapchat",
    Scope.CUSTOMERS: "Cohort and LTV data (PII redacted by default)",
    Scope.VALUATION: "Business valuations and sensitivity analysis",
    Scope.NORTH_STAR: "North Star metrics and goal progress",
    Scope.ACTIVITY: "Anomalies, alerts, and recent tenant activity",
}
"""What each scope grants; one line per scope, shown wherever scopes are chosen."""


def parse_scopes(values: Iterable[str], *, field: str = "scopes") -> frozenset[Scope]:
    """Turn scope strings into scopes; `field` is where a request names them.

    Raises:
        Invalid: one is unknown, or there is none (`scope_unknown`, `scope_required`).

    """
    scopes: set[Scope] = set()
    for value in values:
        try:
            scopes.add(Scope(value))
        except ValueError:
            known = ", ".join(Scope)
            raise Invalid(
                "scope_unknown",
                f"There is no scope {value[:60]!r}.",
                hint=f"Use one or more of: {known}.",
                field=field,
            ) from None
    if not scopes:
        raise Invalid(
            "scope_required",
            "A token needs at least one scope.",
            hint="Name what the client will read.",
            field=field,
        )
    return frozenset(scopes)
