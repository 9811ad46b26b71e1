"""The tools, the methods of JSON-RPC, and the plain pages of the MCP function."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.transports.mcp.shop import HANDSHAKE, MODERN
from tests.walls.operations.parts import ACTIVITY, ACTIVITY_FILTERS, CURSOR, PAGE_SIZE
from tests.walls.vocabulary import MARK, Kind, Part, Reference, one_of, perhaps

MONTH = perhaps(one_of("2026-06", "2026-07", "2026-10", "2026-11"))
DAY = one_of("2026-06-01", "2026-08-15", "2026-11-03", "2026-11-20")
ERA: Mapping[str, Part] = {"header.mcp-protocol-version": one_of(MODERN, *HANDSHAKE)}
ANY_TOOL: Mapping[str, Part] = {**ERA, "argument.detail": perhaps(one_of("compact", "full"))}
ROWS: Mapping[str, Part] = {**ANY_TOOL, "argument.cursor": CURSOR}
COMPARED: Mapping[str, Part] = {
    "argument.period": perhaps(one_of("last_30d", "ytd", "ttm", "last_quarter")),
    "argument.date_from": perhaps(DAY),
    "argument.date_to": perhaps(DAY),
    "argument.compare": perhaps(one_of("none", "previous_period", "previous_year", "custom")),
    "argument.compare_from": perhaps(DAY),
    "argument.compare_to": perhaps(DAY),
}
VALUED: Mapping[str, Part] = {
    "argument.as_of_month": MONTH,
    "argument.multiples": perhaps(one_of({"sde": {"low": 1, "mid": 2, "high": 3}})),
    "argument.dcf": perhaps(one_of({"growth": 0.1}, {"discount_rate": 0.2, "years": 3})),
}

TOOLS: Mapping[str, Mapping[str, Part]] = {
    "get_workspace_context": ANY_TOOL,
    "pma_list_data_sources": {
        **ROWS,
        "argument.connector": Reference(kind=Kind.CONNECTOR, refused=False),
        "argument.status": perhaps(one_of("synced", "reconnect")),
        "argument.limit": PAGE_SIZE,
    },
    "pma_inspect_org_data": {
        **ROWS,
        "argument.connector": Reference(kind=Kind.CONNECTOR, refused=False),
        "argument.report_type": perhaps(one_of("order", "ad_day", "goal")),
        "argument.level": perhaps(one_of("summary", "fields")),
        "argument.limit": PAGE_SIZE,
    },
    "get_pnl": {
        **ROWS,
        **COMPARED,
        "argument.granularity": perhaps(one_of("total", "day", "month")),
        "argument.currency": perhaps(one_of("EUR", "USD", "GBP")),
        "argument.basis": perhaps(one_of("processed_date", "order_date")),
    },
    "explain_profit_change": {
        **ROWS,
        **COMPARED,
        "argument.metric": perhaps(one_of("cm3", "ebitda")),
    },
    "list_expenses": {
        **ROWS,
        **COMPARED,
        "argument.category": perhaps(one_of("software", "rent", MARK)),
        "argument.kind": perhaps(one_of("all", "fixed", "ad")),
        "argument.group_by": perhaps(one_of("category", "vendor", "month", "none")),
        "argument.limit": PAGE_SIZE,
    },
    "get_cash_position": {
        **ROWS,
        "argument.as_of": perhaps(DAY),
        "argument.burn_window_months": perhaps(one_of(1, 3, 12)),
        "argument.currency": perhaps(one_of("EUR", "USD", "GBP")),
    },
    "list_product_profitability": {
        **ROWS,
        "argument.period": perhaps(one_of("last_30d", "ytd", "ttm")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.compare": perhaps(one_of("none", "previous_period", "previous_year", "custom")),
        "argument.compare_from": perhaps(DAY),
        "argument.compare_to": perhaps(DAY),
        "argument.level": perhaps(one_of("variant", "product", "category")),
        "argument.sort_by": perhaps(one_of("cm2", "net_sales", "refund_rate")),
        "argument.order": perhaps(one_of("asc", "desc")),
        "argument.ad_allocation": perhaps(one_of("none", "revenue_share")),
        "argument.query": perhaps(one_of("a", "A-1")),
        "argument.limit": PAGE_SIZE,
    },
    "get_ad_performance": {
        **ROWS,
        "argument.period": perhaps(one_of("last_30d", "ytd", "ttm")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.compare": perhaps(one_of("none", "previous_period", "previous_year", "custom")),
        "argument.compare_from": perhaps(DAY),
        "argument.compare_to": perhaps(DAY),
        "argument.granularity": perhaps(one_of("total", "month")),
        "argument.platforms": perhaps(one_of(["meta"], ["google", "other"])),
        "argument.group_by": perhaps(one_of("platform", "account", "campaign")),
        "argument.campaign_query": perhaps(one_of("a", "campaign")),
        "argument.sort_by": perhaps(one_of("spend", "cpa", "platform_roas")),
        "argument.limit": PAGE_SIZE,
    },
    "get_marketing_efficiency": {
        **ROWS,
        "argument.period": perhaps(one_of("last_30d", "ytd", "ttm")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.compare": perhaps(one_of("none", "previous_period", "previous_year", "custom")),
        "argument.compare_from": perhaps(DAY),
        "argument.compare_to": perhaps(DAY),
        "argument.granularity": perhaps(one_of("total", "day", "month")),
    },
    "compare_attribution": {
        **ROWS,
        "argument.period": perhaps(one_of("last_30d", "ytd", "last_month")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.models": perhaps(st.lists(st.sampled_from(["last_touch", "linear", "markov"]), min_size=1)),
        "argument.group_by": perhaps(one_of("channel", "campaign")),
        "argument.lookback_days": perhaps(one_of(7, 30, 90)),
        "argument.limit": PAGE_SIZE,
    },
    "list_product_costs": {
        **ROWS,
        "argument.sku": perhaps(one_of("A", "A-1")),
        "argument.status": perhaps(one_of("all", "missing", "stale")),
        "argument.as_of": perhaps(DAY),
        "argument.limit": PAGE_SIZE,
    },
    "assess_product_viability": {
        **ANY_TOOL,
        "argument.sku": Reference(kind=Kind.SKU, required=True),
        "argument.price": perhaps(one_of(0, 19.99)),
        "argument.unit_cost": perhaps(one_of(0, 8)),
        "argument.shipping": perhaps(one_of(0, 4.5)),
        "argument.fee_rate": perhaps(one_of(0, 0.03)),
        "argument.expected_return_rate": perhaps(one_of(0, 0.2, 1)),
        "argument.cpa": perhaps(one_of(0, 12)),
        "argument.target_cm3_margin": perhaps(one_of(0, 0.2)),
    },
    "get_cohort_retention": {
        **ROWS,
        "argument.cohort_from": MONTH,
        "argument.cohort_to": MONTH,
        "argument.metric": perhaps(one_of("retention", "orders_per_customer", "cumulative_net_revenue")),
        "argument.grain": perhaps(one_of("month", "quarter")),
        "argument.max_offset": perhaps(one_of(0, 3, 36)),
        "argument.segment": perhaps(one_of("all", "channel", "discounted_first_order=no")),
    },
    "get_customer_ltv": {
        **ANY_TOOL,
        "argument.method": perhaps(one_of("historical", "both")),
        "argument.horizon_months": perhaps(one_of(1, 12, 36)),
        "argument.margin": perhaps(one_of("revenue", "cm2")),
        "argument.discount_rate_annual": perhaps(one_of(0, 0.1, 1)),
        "argument.segment": perhaps(one_of("all")),
        "argument.observed_through": perhaps(DAY),
    },
    "list_top_customers": {
        **ROWS,
        "argument.period": perhaps(one_of("all", "last_12_months", "last_3_months", "last_month")),
        "argument.sort_by": perhaps(one_of("net_revenue", "orders", "days_since_last")),
        "argument.segment": perhaps(one_of("champions", "at_risk", "lapsed")),
        "argument.limit": PAGE_SIZE,
    },
    "get_business_valuation": {
        **ANY_TOOL,
        **VALUED,
        "argument.methods": perhaps(one_of(["sde"], ["revenue", "dcf"])),
    },
    "analyze_valuation_sensitivity": {
        **ANY_TOOL,
        **VALUED,
        "argument.method": perhaps(one_of("sde", "ebitda", "dcf")),
        "argument.vary": perhaps(one_of(["earnings", "multiple"], ["growth", "discount_rate"])),
        "argument.steps": perhaps(one_of(3, 9)),
        "argument.shock": perhaps(one_of(0.1, 0.5)),
        "argument.target_value": perhaps(one_of(1, 500_000)),
    },
    "get_north_star": {
        **ROWS,
        **COMPARED,
        "argument.granularity": perhaps(one_of("total", "day", "month")),
    },
    "get_goal_progress": {
        **ROWS,
        "argument.goal_id": perhaps(one_of("g1", MARK)),
        "argument.status": perhaps(one_of("all", "active", "met", "missed", "upcoming")),
        "argument.as_of": perhaps(DAY),
        "argument.limit": PAGE_SIZE,
    },
    "list_anomalies": {
        **ROWS,
        "argument.period": perhaps(one_of("last_28d", "last_90d", "today")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.metrics": perhaps(one_of(["net_revenue"], ["mer", "ad_spend"])),
        "argument.min_severity": perhaps(one_of("info", "warning", "critical")),
        "argument.direction": perhaps(one_of("up", "down", "both")),
        "argument.limit": PAGE_SIZE,
    },
    "list_alerts": {
        **ROWS,
        "argument.status": perhaps(one_of("open", "acknowledged", "resolved", "all")),
        "argument.category": perhaps(one_of("revenue", "credentials", "sync_health", "data_quality")),
        "argument.severity": perhaps(one_of("info", "warning", "error")),
        "argument.limit": PAGE_SIZE,
    },
    "pma_query_custom": {
        **ROWS,
        "argument.connector": Reference(kind=Kind.CONNECTOR, required=True),
        # Mostly what goes together and one connector alone tells in both shops: else it is refused, and shows nothing.
        "argument.report_type": one_of(*["ad_day"] * 6, "order", "expense", "product"),
        "argument.dimensions": perhaps(one_of([], ["date"], ["month"], ["campaign"])),
        "argument.metrics": one_of(*[["spend"]] * 6, ["orders"], ["amount", "transactions"], ["units"]),
        "argument.period": perhaps(one_of("last_30d", "ytd")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.filters": perhaps(one_of([], [{"field": "date", "op": "gt", "value": "2026-06-30"}])),
        "argument.order_by": perhaps(one_of("spend", "orders desc")),
        "argument.limit": PAGE_SIZE,
        "argument.offset": perhaps(one_of(0, 1)),
    },
    "list_activity": {
        **ROWS,
        "argument.period": perhaps(one_of("today", "last_7d", "last_30d")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.kinds": perhaps(st.lists(ACTIVITY, max_size=2)),
        **{f"argument.{name}": part for name, part in ACTIVITY_FILTERS.items()},
        "argument.limit": PAGE_SIZE,
    },
}

METHODS: Mapping[str, Mapping[str, Part]] = {
    "initialize": {
        **ERA,
        "param.protocolVersion": one_of(*HANDSHAKE),
        "param.capabilities": st.just({}),
        "param.clientInfo": st.just({"name": f"the client of {MARK}", "version": "1"}),
    },
    "notifications/initialized": ERA,
    "ping": ERA,
    "server/discover": ERA,
    "tools/list": ERA,
    # Tools that there are join by their names above; this is one that there is not.
    "tools/call": {**ERA, "param.name": one_of("get_pnls", "x"), "param.arguments": st.just({})},
}

PAGES: Mapping[str, Mapping[str, Part]] = {
    "GET /.well-known/oauth-protected-resource": {},
    "GET /.well-known/oauth-protected-resource/mcp": {},
    "GET /mcp": {},
}

PUBLIC = {
    "GET /.well-known/oauth-protected-resource",
    "GET /.well-known/oauth-protected-resource/mcp",
}
"""What answers everybody alike."""
