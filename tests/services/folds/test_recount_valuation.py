"""What a valuation stands on is, of random merchants, what the slow count of their files says."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.earnings import Addback
from shared.domain.analytics.scorecard import Factor
from shared.domain.analytics.valuation import Method
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.settings import Settings
from shared.domain.facts.valuations import ValuationMonth
from shared.services.figures.get_business_valuation import (
    ValuationQuestion,
    ValuationReport,
    get_business_valuation,
)
from tests.data.merchants import WORKSPACE, Merchant, as_file
from tests.data.random_merchants import histories
from tests.data.recount import Rules, count
from tests.data.recount_valuation import Year, channels, count_year

NEW_YORK = "America/New_York"
RULES = Rules(zone=NEW_YORK)
EXAMPLES = settings().max_examples // 20
"""An example takes a second: eight of them here, a thousand in `make soak`."""

Files = list[list[dict[str, Any]]]

# The random files tell of ten weeks; this one, which left before them, makes a year known.
A_YEAR: list[dict[str, Any]] = [
    {
        "type": "export",
        "schema": 1,
        "exported_at": "2026-05-01T00:00:00Z",
        "source": "shop",
        "complete": [
            {"type": "order", "from": "2025-04-01", "to": "2026-03-31"},
            {"type": "ad_day", "from": "2025-04-01", "to": "2026-03-31", "source": "meta_ads"},
        ],
    },
    {
        "type": "order",
        "id": "first",
        "date": "2025-04-01",
        "channel": "market",
        "lines": [{"quantity": 10, "price": "90.00", "unit_cost": "31.00", "sku": "A"}],
    },
    {
        "type": "ad_day",
        "source": "meta_ads",
        "platform": "meta",
        "campaign_id": "first",
        "date": "2025-04-01",
        "spend": "12.34",
    },
    {"type": "expense", "id": "april", "date": "2025-04-05", "amount": "120.50", "addback": "owner_pay"},
    {"type": "expense", "id": "march", "date": "2026-03-31", "amount": "77.77", "covers": "month"},
]

names = st.lists(st.sampled_from([None, "store", "market", "app"]), min_size=7, max_size=7)
reasons = st.lists(st.sampled_from([None, "owner_pay", "discretionary", "one_off"]), min_size=4, max_size=4)


def told(history: Files, through: Sequence[str | None], marks: Sequence[str | None]) -> Files:
    """Let orders name the channels, and expenses the marks, that were drawn for their ids."""
    return [A_YEAR, *([_told(line, through, marks) for line in file] for file in history)]


def _told(line: dict[str, Any], through: Sequence[str | None], marks: Sequence[str | None]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if line["type"] == "order" and not line.get("deleted"):
        more = {"channel": through[line["id"]]}
    if line["type"] == "expense" and not line.get("deleted"):
        more = {"addback": marks[line["id"]]}
    return line | {name: value for name, value in more.items() if value is not None}


def folded(history: Files) -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(timezone=NEW_YORK))
    for file in history:
        record = merchant.import_bytes(as_file(file))
        assert record.status is ImportStatus.FINISHED, record.report
    merchant.fold()
    return merchant


def asked(merchant: Merchant, month: str) -> ValuationReport:
    question = ValuationQuestion(as_of=month)
    return get_business_valuation(question, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures)


def top_channel(year: Year) -> Fraction | None:
    brought = [worth for channel, worth in year.channels.items() if channel is not None and worth > 0]
    return Fraction(max(brought), sum(brought)) if brought else None


@settings(max_examples=EXAMPLES)
@given(histories(), names, reasons)
def test_earnings_and_concentration_of_a_year_are_what_the_slow_count_says(
    history: Files, through: list[str | None], marks: list[str | None]
) -> None:
    files = told(history, through, marks)
    merchant = folded(files)
    year = count_year(files, RULES, date(2025, 4, 1), date(2026, 3, 31))

    report = asked(merchant, "2026-03")

    earned = report.earnings
    assert earned.months == 12
    assert earned.revenue == year.revenue
    counted = (year.ebitda, year.net_profit, year.sde, year.adjusted_ebitda) if year.knows_goods else (None,) * 4
    assert (earned.ebitda, earned.net_profit, earned.sde, earned.adjusted_ebitda) == counted
    assert year.sde == year.net_profit + sum(micros or 0 for micros in earned.addbacks.values())
    for reason in (Addback.OWNER_PAY, Addback.DISCRETIONARY, Addback.ONE_OFF):
        assert earned.addbacks[reason] == year.marked.get(reason, 0)
    found = {each.factor: each.value for each in report.scorecard}
    assert found[Factor.TOP_CHANNEL] == top_channel(year)
    assert found[Factor.TOP_SKU] == year.top_sku
    for method, basis in (
        (Method.SDE, earned.sde),
        (Method.EBITDA, earned.adjusted_ebitda),
        (Method.REVENUE, earned.revenue),
    ):
        (valued,) = [each for each in report.methods if each.method is method]
        assert valued.basis == basis
        if basis is None:
            assert valued.value is None
            continue
        assert valued.held is not None
        assert valued.value is not None
        assert abs(valued.value.mid - max(basis, 0) * valued.held.multiple.mid) <= Fraction(1, 2)


@settings(max_examples=EXAMPLES)
@given(histories(), names, reasons)
def test_of_eleven_months_the_sums_are_told_and_no_value(
    history: Files, through: list[str | None], marks: list[str | None]
) -> None:
    files = told(history, through, marks)
    year = count_year(files, RULES, date(2025, 3, 1), date(2026, 2, 28))

    report = asked(folded(files), "2026-02")

    sde = year.sde if year.knows_goods else None
    assert (report.earnings.months, report.earnings.revenue, report.earnings.sde) == (11, year.revenue, sde)
    assert report.overall is None
    assert [each.value for each in report.methods] == [None] * len(Method)


@settings(max_examples=EXAMPLES)
@given(histories(), names)
def test_the_channels_of_each_month_add_up_to_its_net_revenue(history: Files, through: list[str | None]) -> None:
    files = told(history, through, [None] * 4)
    merchant = folded(files)
    figures, _ = count(files, RULES)

    for each in merchant.figures.rollups(WORKSPACE, ValuationMonth):
        first = date.fromisoformat(f"{each.month}-01")
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        sums: dict[str, int] = {}
        for (day, name), value in figures.items():
            if first <= day <= last:
                sums[name] = sums.get(name, 0) + value
        plus, minus = ("gross_sales", "shipping_charged"), ("discounts", "returns", "shipping_refunded")
        net_revenue = sum(sums.get(name, 0) for name in plus) - sum(sums.get(name, 0) for name in minus)
        assert sum(each.channels.values()) + each.other_channels + each.no_channel == net_revenue
        named = {
            channel: worth for channel, worth in channels(files, RULES, first, last).items() if channel is not None
        }
        assert {channel: worth for channel, worth in each.channels.items() if worth} == named
