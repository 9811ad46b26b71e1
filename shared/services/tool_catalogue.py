"""The tools there are and the scope each needs: one list for the door that runs them and the doors that show them.

What a tool takes, answers and does stands with the tool itself; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

from shared.domain.analytics.query_fields import REPORTS
from shared.domain.scopes import Scope


class AnyScope(Enum):
    """Said by a tool that every live token may call. It has to be said: there is no default."""

    ANY = "any"


ANY = AnyScope.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class ByArgument:
    """Said by a tool of which an argument decides what is read: any of the scopes shows it, the right one opens it."""

    argument: str
    scopes: Mapping[str, Scope] = field(hash=False)
    """Value of the argument -> the scope that a call with it needs. With any other value nothing is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEntry:
    """What a person needs to know of a tool before making a token for it."""

    name: str
    title: str
    summary: str
    scope: Scope | AnyScope | ByArgument

    @property
    def opened_by(self) -> frozenset[Scope]:
        """Name the scopes any one of which shows the tool; none: every token sees it."""
        match self.scope:
            case Scope():
                return frozenset({self.scope})
            case ByArgument(scopes=scopes):
                return frozenset(scopes.values())
            case AnyScope():
                return frozenset()

    def is_open_to(self, scopes: frozenset[Scope]) -> bool:
        """Tell whether a token with these scopes sees the tool."""
        return self.scope is ANY or not self.opened_by.isdisjoint(scopes)

    def scope_of(self, arguments: object) -> Scope | None:
        """Name the scope that a call needs; None: it needs none, or none more than to see the tool."""
        match self.scope, arguments:
            case Scope() as scope, _:
                return scope
            case ByArgument(argument=name, scopes=scopes), Mapping():
                value = cast("Mapping[str, object]", arguments).get(name)
                return scopes.get(value) if isinstance(value, str) else None
            case _:
                return None

    def lacks(self, scopes: frozenset[Scope], arguments: object = None) -> frozenset[Scope]:
        """Name the scopes that a token with these would need besides them for a call."""
        needed = self.scope_of(arguments)
        if needed is not None:
            return frozenset({needed}) - scopes
        return frozenset() if self.is_open_to(scopes) else self.opened_by


TOOLS: tuple[ToolEntry, ...] = (
    ToolEntry(
        name="get_workspace_context",
        title="Workspace context",
        summary="What the token may read, what day it is for the shop, and how fresh the data is.",
        scope=ANY,
    ),
    ToolEntry(
        name="pma_list_data_sources",
        title="Data sources",
        summary="The connected sources, whether each has data, and when it was last synced.",
        scope=ANY,
    ),
    ToolEntry(
        name="pma_inspect_org_data",
        title="Data inspection",
        summary="Per source and report type: rows, dates, gaps and fields, and why something may be missing.",
        scope=ANY,
    ),
    ToolEntry(
        name="get_pnl",
        title="Profit and loss",
        summary="Profit and loss by line for a period, compared with an earlier one.",
        scope=Scope.PNL,
    ),
    ToolEntry(
        name="explain_profit_change",
        title="Profit change",
        summary="What drove profit from an earlier period to this one: effects that add up to the change.",
        scope=Scope.PNL,
    ),
    ToolEntry(
        name="list_expenses",
        title="Expenses",
        summary="Booked expenses by category, vendor or month, beside an earlier period; people's names are hidden.",
        scope=Scope.PNL,
    ),
    ToolEntry(
        name="get_cash_position",
        title="Cash position",
        summary="Balances of the bank accounts, monthly burn, and how long the cash lasts.",
        scope=Scope.PNL,
    ),
    ToolEntry(
        name="list_product_profitability",
        title="Product profitability",
        summary="What each variant, product or category sold, cost and earned in a period.",
        scope=Scope.PRODUCTS,
    ),
    ToolEntry(
        name="list_product_costs",
        title="Product costs",
        summary="What a piece of each SKU costs, since when, and where no cost is known.",
        scope=Scope.PRODUCTS,
    ),
    ToolEntry(
        name="assess_product_viability",
        title="Product viability",
        summary="Whether a product is worth advertising: unit economics, break-even and a score.",
        scope=Scope.PRODUCTS,
    ),
    ToolEntry(
        name="get_ad_performance",
        title="Ad performance",
        summary="Spend, reach and the platforms' own claims by campaign, account or platform.",
        scope=Scope.ADS,
    ),
    ToolEntry(
        name="get_marketing_efficiency",
        title="Marketing efficiency",
        summary="What all advertising brought the shop: MER, new customers and what each cost, and the break-even.",
        scope=Scope.ADS,
    ),
    ToolEntry(
        name="compare_attribution",
        title="Attribution",
        summary="Orders and revenue of each channel or campaign by up to eight attribution models.",
        scope=Scope.ADS,
    ),
    ToolEntry(
        name="get_cohort_retention",
        title="Cohort retention",
        summary="How many customers of each month's cohort came back, and what they spent.",
        scope=Scope.CUSTOMERS,
    ),
    ToolEntry(
        name="get_customer_ltv",
        title="Customer lifetime value",
        summary="What an average customer brought and is expected to bring, beside what winning one costs.",
        scope=Scope.CUSTOMERS,
    ),
    ToolEntry(
        name="list_top_customers",
        title="Top customers",
        summary="The best customers as pseudonyms: what they ordered, by the month, and which of them are lapsing.",
        scope=Scope.CUSTOMERS,
    ),
    ToolEntry(
        name="get_business_valuation",
        title="Business valuation",
        summary="What the shop could sell for by four methods, with add-backs, multiples and a scorecard.",
        scope=Scope.VALUATION,
    ),
    ToolEntry(
        name="analyze_valuation_sensitivity",
        title="Valuation sensitivity",
        summary="How the value moves with earnings, multiple, growth and discount rate, and what a price would take.",
        scope=Scope.VALUATION,
    ),
    ToolEntry(
        name="get_north_star",
        title="North star",
        summary="The number that the shop steers by: how it moved, what moved it, and whether its guardrails hold.",
        scope=Scope.NORTH_STAR,
    ),
    ToolEntry(
        name="get_goal_progress",
        title="Goal progress",
        summary="What was reached of each goal, what it will come to, and how sure that is.",
        scope=Scope.NORTH_STAR,
    ),
    ToolEntry(
        name="list_anomalies",
        title="Unusual days",
        summary="Days on which orders, revenue, ads or margins were unlike the days before, and what may be behind it.",
        scope=Scope.ACTIVITY,
    ),
    ToolEntry(
        name="list_alerts",
        title="Alerts",
        summary="What somebody should deal with: numbers out of the ordinary, sources, tokens, gaps in the data.",
        scope=Scope.ACTIVITY,
    ),
    ToolEntry(
        name="list_activity",
        title="Activity",
        summary="What happened in the workspace: imports, changes of tokens and settings, and who called which tool.",
        scope=Scope.ACTIVITY,
    ),
    ToolEntry(
        name="pma_query_custom",
        title="Custom query",
        summary="Rows of any dimensions and metrics of one source's report; its type decides which scope is needed.",
        scope=ByArgument(argument="report_type", scopes={name: report.scope for name, report in REPORTS.items()}),
    ),
)
"""In the order in which they are listed."""

TOOL_BY_NAME: dict[str, ToolEntry] = {tool.name: tool for tool in TOOLS}


def tools_for(scopes: frozenset[Scope]) -> tuple[ToolEntry, ...]:
    """List exactly the tools that a token with these scopes sees."""
    return tuple(tool for tool in TOOLS if tool.is_open_to(scopes))
