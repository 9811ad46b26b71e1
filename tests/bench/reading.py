"""What the answer of each tool costs at three sizes of merchant: read units, requests, bytes, milliseconds.

Read units are those of the figures, which DynamoDB would ask for, running sums at half the price (they need not be
read consistently); the call path around a tool costs the same for all of them and is measured elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from shared.services.folds.duck import open_duck
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.storage.objects.folder import FolderObjects
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups
from tests.bench.merchants import LARGE, MEDIAN, SMALL, Size, make_facts
from tests.bench.metered import Metered
from tests.bench.table import say, say_table
from tests.data.merchants import WORKSPACE
from tests.transports.mcp.shop import Shop

TIMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that is measured."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.tool} {said}".strip()


THREE_YEARS = {"date_from": "2023-11-01", "date_to": "2026-10-31"}
YEAR = {"period": "ttm"}
A_LONG_YEAR = {"date_from": "2025-09-27", "date_to": "2026-10-31"}
THIRTY_DAYS = {"date_from": "2026-09-20", "date_to": "2026-10-19"}
"""In two months, and so are the thirty days before them: what a question about the last thirty days reads."""

NINETY_DAYS = {"date_from": "2026-07-22", "date_to": "2026-10-19"}
SPEND_BY_CAMPAIGN_AND_DAY = {
    **THIRTY_DAYS,
    "connector": "meta_ads",
    "report_type": "ad_day",
    "dimensions": ["campaign", "date"],
    "metrics": ["spend", "clicks", "roas"],
}
UNITS_BY_SKU = {
    "connector": "shopify",
    "report_type": "product",
    "dimensions": ["sku"],
    "metrics": ["units", "net_sales"],
}

CALLS: tuple[Asked, ...] = (
    Asked(tool="get_workspace_context"),
    Asked(tool="pma_list_data_sources"),
    Asked(tool="pma_inspect_org_data"),
    Asked(tool="pma_inspect_org_data", arguments={"level": "fields"}),
    Asked(tool="get_pnl", arguments=THIRTY_DAYS),
    Asked(tool="get_pnl", arguments={**THREE_YEARS, "granularity": "month"}),
    Asked(tool="explain_profit_change", arguments=THIRTY_DAYS),
    Asked(tool="explain_profit_change", arguments=YEAR),
    Asked(tool="list_expenses", arguments=THIRTY_DAYS),
    Asked(tool="list_expenses", arguments=YEAR),
    Asked(tool="get_cash_position"),
    Asked(tool="get_cash_position", arguments={"burn_window_months": 12}),
    Asked(tool="list_product_profitability", arguments=THIRTY_DAYS),
    Asked(tool="list_product_profitability", arguments={**THIRTY_DAYS, "level": "category"}),
    Asked(tool="list_product_profitability", arguments=A_LONG_YEAR),
    Asked(tool="list_product_costs"),
    Asked(tool="assess_product_viability", arguments={"sku": "SKU-00001"}),
    Asked(tool="get_ad_performance", arguments={**THIRTY_DAYS, "group_by": "platform"}),
    Asked(tool="get_ad_performance", arguments={**THIRTY_DAYS, "group_by": "campaign"}),
    Asked(tool="get_ad_performance", arguments={**A_LONG_YEAR, "group_by": "campaign"}),
    Asked(tool="get_marketing_efficiency", arguments=THIRTY_DAYS),
    Asked(tool="get_marketing_efficiency", arguments={**THREE_YEARS, "granularity": "month"}),
    Asked(tool="compare_attribution", arguments=THIRTY_DAYS),
    Asked(tool="compare_attribution", arguments={**THIRTY_DAYS, "group_by": "campaign"}),
    Asked(tool="compare_attribution", arguments=A_LONG_YEAR),
    Asked(tool="get_cohort_retention"),
    Asked(tool="get_cohort_retention", arguments={"segment": "discounted_first_order=yes"}),
    Asked(tool="get_customer_ltv"),
    Asked(tool="get_customer_ltv", arguments={"segment": "discounted_first_order=no", "margin": "cm2"}),
    Asked(tool="list_top_customers"),
    Asked(tool="list_top_customers", arguments={"segment": "at_risk", "sort_by": "days_since_last"}),
    Asked(tool="get_business_valuation"),
    Asked(tool="analyze_valuation_sensitivity"),
    Asked(tool="get_north_star", arguments=THIRTY_DAYS),
    Asked(tool="get_north_star", arguments={**THREE_YEARS, "granularity": "month"}),
    Asked(tool="get_goal_progress"),
    Asked(tool="list_anomalies"),
    Asked(tool="list_anomalies", arguments={**THREE_YEARS, "min_severity": "info"}),
    Asked(tool="list_alerts", arguments={"status": "all"}),
    Asked(tool="pma_query_custom", arguments=SPEND_BY_CAMPAIGN_AND_DAY),
    Asked(tool="pma_query_custom", arguments={**SPEND_BY_CAMPAIGN_AND_DAY, **NINETY_DAYS}),
    Asked(tool="pma_query_custom", arguments={**SPEND_BY_CAMPAIGN_AND_DAY, "dimensions": ["account_id", "date"]}),
    Asked(tool="pma_query_custom", arguments={**UNITS_BY_SKU, **THIRTY_DAYS}),
    Asked(tool="pma_query_custom", arguments={**UNITS_BY_SKU, **A_LONG_YEAR, "dimensions": ["sku", "month"]}),
)


def say_reading() -> None:
    """Print a table for each size."""
    for size in (SMALL, MEDIAN, LARGE):
        with TemporaryDirectory(prefix="bench-") as folder:
            shop, metered = _merchant(size, Path(folder))
            say_table(
                f"{size.name}: {size.orders:,} orders a month for 36 months, {size.campaigns} campaigns, "
                f"{size.skus:,} variants",
                ("call", "requests", "read units", "bytes", "ms"),
                _rows(shop, metered),
            )


def _merchant(size: Size, folder: Path) -> tuple[Shop, Metered]:
    """Make a merchant's facts, fold them, and serve them."""
    shop = Shop()
    objects = FolderObjects(folder / "objects")
    imports, rollups = StoredImports(shop.engine), StoredRollups(shop.engine)
    began = perf_counter()
    with open_duck(folder) as duck:
        make_facts(duck, size, objects=objects, imports=imports, folder=folder)
    made = perf_counter()
    fold_workspace(WORKSPACE, tools=Folder(rollups=rollups, figures=rollups, objects=objects))
    say(f"{size.name}: facts made in {made - began:.0f} s, folded in {perf_counter() - made:.0f} s")
    metered = Metered(shop.engine)
    shop.figures = StoredRollups(metered)
    shop.handler = shop.container()
    return shop, metered


def _rows(shop: Shop, metered: Metered) -> Iterator[tuple[str, ...]]:
    for asked in CALLS:
        seconds: list[float] = []
        size = 0
        for _ in range(TIMES):
            metered.spent.requests.clear()
            metered.spent.read_units = 0
            began = perf_counter()
            shop.clock.advance(seconds=2)  # so that the limit of calls a minute is never met
            size = _size(shop, asked)
            seconds.append(perf_counter() - began)
        yield (
            str(asked),
            f"{metered.spent.requests.total()}",
            f"{ceil(metered.spent.read_units):,}",
            f"{size:,}",
            f"{median(seconds) * 1000:.0f}",
        )


def _size(shop: Shop, asked: Asked) -> int:
    """Call, and count the bytes of the answer."""
    reply = shop.call(asked.tool, **asked.arguments)
    assert not reply.result.get("isError"), reply.text
    return len(reply.text)
