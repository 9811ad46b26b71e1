"""The P&L of random merchants over random ranges, and what explains its change, are what the slow count says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.bridge import BridgeMetric
from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.periods import Asked, Compare
from shared.domain.analytics.pnl import Basis, Line
from shared.domain.errors import Invalid
from shared.domain.facts.settings import Settings
from shared.services.figures.explain_profit_change import ChangeQuestion, explain_profit_change
from shared.services.figures.get_pnl import PnlQuestion, get_pnl, lines_told
from shared.services.figures.spans import Against
from tests.data.merchants import WORKSPACE, Merchant, as_file
from tests.data.random_merchants import histories
from tests.data.recount import Days, Rules, count
from tests.data.recount_reach import days_told

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 20
"""An example takes a second: ten of them here, a thousand in `make soak`."""

ranges = st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 31)), min_size=2, max_size=2).map(sorted)


long_ranges = st.tuples(
    st.dates(date(2026, 1, 1), date(2026, 2, 5)), st.dates(date(2026, 2, 5), date(2026, 3, 31))
).map(list)


def of_one_currency(history: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Leave out currencies: else most merchants lack a rate, and have no P&L."""
    return [[{name: value for name, value in line.items() if name != "currency"} for line in file] for file in history]


def folded(history: list[list[dict[str, Any]]]) -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(timezone=NEW_YORK))
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    return merchant


def slow_lines(days: Days, span: list[date], basis: Basis, left_out: Collection[str] = ()) -> dict[str, int]:
    """Add up the lines of the P&L; what is unknown, or left out, is zero."""

    def of(*names: str) -> int:
        return sum(value for (day, name), value in days.items() if name in names and span[0] <= day <= span[1])

    refunded = "_by_order" if basis is Basis.ORDER_DATE else ""
    lines = {
        "orders": of("orders"),
        "gross_sales": of("gross_sales"),
        "discounts": of("discounts"),
        "returns": of(f"returns{refunded}"),
        "shipping_income": of("shipping_charged") - of(f"shipping_refunded{refunded}"),
        "cogs": of("cogs") - of(f"cogs_restocked{refunded}"),
        "fulfilment": of("fulfilment", "fulfilment_invoiced", f"return_shipping{refunded}"),
        "payment_fees": of("payment_fees", "payment_fees_estimated", "payment_fees_invoiced"),
        "platform_fees": of("platform_fees", "platform_fees_invoiced"),
        "ad_spend": of("ad_spend", "ad_spend_invoiced"),
        "opex": of("opex"),
        "interest": of("interest"),
    }
    lines |= dict.fromkeys(left_out, 0)
    lines["net_sales"] = lines["gross_sales"] - lines["discounts"] - lines["returns"]
    lines["net_revenue"] = lines["net_sales"] + lines["shipping_income"]
    lines["cm1"] = lines["net_revenue"] - lines["cogs"]
    lines["cm2"] = lines["cm1"] - lines["fulfilment"] - lines["payment_fees"] - lines["platform_fees"]
    lines["cm3"] = lines["cm2"] - lines["ad_spend"]
    lines["ebitda"] = lines["cm3"] - lines["opex"]
    lines["net_profit"] = lines["ebitda"] - lines["interest"]
    return lines


def known_days(days: Days, history: Sequence[Sequence[dict[str, Any]]], line: str, span: list[date]) -> int | None:
    """Count the days of a range of which a cost is known; None: of none of them."""

    def of(*names: str) -> int:
        return sum(value for (day, name), value in days.items() if name in names and span[0] <= day <= span[1])

    told = days_told(history, NEW_YORK, line)
    inside = sum(span[0] <= day <= span[1] for day in told)
    all_days = (span[1] - span[0]).days + 1
    by_orders = {
        "fulfilment": of("fulfilment_known_orders"),
        "payment_fees": of("payment_fees_known_orders", "payment_fees_estimated_orders"),
    }
    stated = {
        "cogs": of("cost_known_units") or of("cogs") or of("cogs_restocked") or not of("units"),
        "platform_fees": not of("orders"),
        **{name: orders or not of("orders") for name, orders in by_orders.items()},
    }
    if not inside and not stated.get(line) and not slow_lines(days, span, Basis.PROCESSED_DATE)[line]:
        return None
    return inside if told and not by_orders.get(line) else all_days


def is_enough(known: int | None, span: list[date]) -> bool:
    """Tell whether a tenth of the days is missing at most, or one of a week."""
    length = (span[1] - span[0]).days + 1
    missing = length - (known or 0)
    return known is not None and (10 * missing <= length or (missing == 1 and length >= 7))


def slow_left_out(
    days: Days, history: Sequence[Sequence[dict[str, Any]]], one: list[date], other: list[date]
) -> set[str]:
    """Find the costs of EBITDA that are not known of nearly every day of both ranges, nor unknown in both."""
    found: set[str] = set()
    for line in ("cogs", "fulfilment", "payment_fees", "platform_fees", "ad_spend", "opex"):
        known = [known_days(days, history, line, span) for span in (one, other)]
        if known != [None, None] and not all(map(is_enough, known, (one, other))):
            found.add(line)
    return found


def slow_effects(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Fraction]:
    """Explain EBITDA in the words of `docs/formulas.md`."""
    costs = {
        "discounts": ("discounts",),
        "returns": ("returns",),
        "cogs_rate": ("cogs",),
        "shipping": ("fulfilment",),
        "payment_fees": ("payment_fees",),
        "platform_fees": ("platform_fees",),
    }

    def cost(lines: Mapping[str, int], driver: str) -> int:
        return sum(lines[name] for name in costs[driver]) - (lines["shipping_income"] if driver == "shipping" else 0)

    effects = {name: Fraction(before[name] - after[name]) for name in ("ad_spend", "opex")}
    if before["orders"] and before["gross_sales"]:
        an_order = Fraction(before["gross_sales"], before["orders"])
        effects["volume"] = Fraction((after["orders"] - before["orders"]) * before["cm2"], before["orders"])
        effects["price_mix"] = (
            (after["gross_sales"] - after["orders"] * an_order) * before["cm2"] / before["gross_sales"]
        )
        for driver in costs:
            rate = Fraction(cost(before, driver), before["gross_sales"])
            effects[driver] = rate * after["gross_sales"] - cost(after, driver)
    else:
        effects["volume"] = Fraction(after["gross_sales"] - before["gross_sales"])
        effects["price_mix"] = Fraction(0)
        effects |= {driver: Fraction(cost(before, driver) - cost(after, driver)) for driver in costs}
    return effects


@settings(max_examples=EXAMPLES)
@given(st.one_of(histories(), histories().map(of_one_currency)), ranges, long_ranges, st.sampled_from(Basis))
def test_every_line_and_every_effect_is_what_the_slow_count_says(
    history: list[list[dict[str, Any]]], span: list[date], earlier: list[date], basis: Basis
) -> None:
    merchant = folded(history)
    days, _ = count(history, Rules(zone=NEW_YORK))
    period = Asked(first=span[0], last=span[1])
    against = Against(compare=Compare.CUSTOM, first=earlier[0], last=earlier[1])
    figures: dict[str, Any] = {"workspace_id": WORKSPACE, "now": merchant.now, "figures": merchant.figures}
    question = PnlQuestion(period=period, against=against, basis=basis)
    without_rate = [day for day, name in days if name == "unconverted"]
    if any(begin <= day <= end for day in without_rate for begin, end in (span, earlier)):
        with pytest.raises(Invalid, match="without a rate"):
            get_pnl(question, **figures)
        return

    report = get_pnl(question, **figures)
    change = explain_profit_change(
        ChangeQuestion(period=period, against=against, metric=BridgeMetric.EBITDA), **figures
    )

    assert report.earlier is not None
    for found, of in ((report.total, span), (report.earlier, earlier)):
        slow = slow_lines(days, of, basis)
        assert found.orders == slow.pop("orders")
        assert {name: found.lines[name] or 0 for name in slow} == slow  # pyright: ignore[reportArgumentType] - a line is its name
    left_out = slow_left_out(days, history, earlier, span)
    assert {str(line) for line in change.left_out} == left_out
    before, after = (slow_lines(days, of, Basis.PROCESSED_DATE, left_out) for of in (earlier, span))
    assert (change.before, change.after) == (before["ebitda"], after["ebitda"])
    expected = slow_effects(before, after)
    assert sum(change.effects.values()) == after["ebitda"] - before["ebitda"] == sum(expected.values())
    assert all(abs(change.effects[driver] - expected[driver]) < 1 for driver in change.effects)


wide_ranges = st.tuples(
    st.dates(date(2025, 12, 20), date(2026, 2, 1)), st.dates(date(2026, 2, 1), date(2026, 3, 21))
).map(list)
"""They begin before the first order, or end after the last one, as often as not."""


@settings(max_examples=EXAMPLES)
@given(histories().map(of_one_currency), wide_ranges, st.sampled_from(Basis))
def test_single_days_add_up_to_their_range_also_where_no_order_is_known(
    history: list[list[dict[str, Any]]], span: list[date], basis: Basis
) -> None:
    merchant = folded(history)
    days, _ = count(history, Rules(zone=NEW_YORK))
    question = PnlQuestion(
        period=Asked(first=span[0], last=span[1]),
        against=Against(compare=Compare.NONE),
        granularity=Granularity.DAY,
        basis=basis,
    )

    report = get_pnl(question, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures)

    told = lines_told(report.total, report.frame, report.period)
    single = [(bucket.start, lines_told(found, report.frame, bucket.days)) for bucket, found in report.series]
    for line in Line:
        assert sum(lines[line] or 0 for _, lines in single) == (told[line] or 0)
    for day, lines in single:
        slow = slow_lines(days, [day, day], basis)
        assert {name: lines[name] or 0 for name in slow if name != "orders"} == {  # pyright: ignore[reportArgumentType] - a line is its name
            name: value for name, value in slow.items() if name != "orders"
        }
