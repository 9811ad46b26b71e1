"""All tools, in the order in which clients list them."""

from __future__ import annotations

from shared.transports.mcp.tools import (
    analyze_valuation_sensitivity,
    assess_product_viability,
    compare_attribution,
    explain_profit_change,
    get_ad_performance,
    get_business_valuation,
    get_cash_position,
    get_cohort_retention,
    get_customer_ltv,
    get_goal_progress,
    get_marketing_efficiency,
    get_north_star,
    get_pnl,
    get_workspace_context,
    list_activity,
    list_alerts,
    list_anomalies,
    list_expenses,
    list_product_costs,
    list_product_profitability,
    list_top_customers,
    pma_inspect_org_data,
    pma_list_data_sources,
    pma_query_custom,
)
from shared.transports.mcp.tools.tool import Catalogue

CATALOGUE = Catalogue(
    (
        get_workspace_context.TOOL,
        pma_list_data_sources.TOOL,
        pma_inspect_org_data.TOOL,
        get_pnl.TOOL,
        explain_profit_change.TOOL,
        list_expenses.TOOL,
        get_cash_position.TOOL,
        list_product_profitability.TOOL,
        list_product_costs.TOOL,
        assess_product_viability.TOOL,
        get_ad_performance.TOOL,
        get_marketing_efficiency.TOOL,
        compare_attribution.TOOL,
        get_cohort_retention.TOOL,
        get_customer_ltv.TOOL,
        list_top_customers.TOOL,
        get_business_valuation.TOOL,
        analyze_valuation_sensitivity.TOOL,
        get_north_star.TOOL,
        get_goal_progress.TOOL,
        list_anomalies.TOOL,
        list_alerts.TOOL,
        list_activity.TOOL,
        pma_query_custom.TOOL,
    )
)
