"""The unusual days of random shops are those that a slow, obvious search of their files finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.facts.anomalies import Anomaly, AnomalyMonth, series_key
from shared.domain.facts.settings import Settings
from tests.data.merchants import FIRST_MONTH, LAST_MONTH, WORKSPACE, Merchant, as_file, header
from tests.data.recount_anomalies import floors_of, numbers_of, read

EXAMPLES = settings().max_examples // 20
LAST = date(2026, 11, 18)
LONGEST = 80
MILLION, THOUSAND = 1_000_000, 1_000

Lines = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sent:
    """What a shop sent and settled; too long to be printed."""

    files: list[Lines]
    promotions: dict[str, str]


@st.composite
def shops(draw: st.DrawFn) -> Sent:
    """Give the files of a shop with a week of its own, dice that fall each day, some shocks, ads, and promotions."""
    length = draw(st.integers(58, LONGEST))
    every = [LAST - timedelta(n) for n in reversed(range(length))]
    week = draw(st.lists(st.integers(1, 4), min_size=7, max_size=7))
    dice = draw(st.randoms(use_true_random=True))
    shocks = draw(st.dictionaries(st.sampled_from(every[50:]), st.sampled_from([0, 1, 9, 14]), max_size=4))
    begins, ends = draw(st.integers(0, 1)), draw(st.integers(length - 2, length))
    files: list[Lines] = [[header("2026-11-20T12:00:00Z", currency="USD")], [header("2026-11-21T06:00:00Z")]]
    for place, day in enumerate(every):
        count = shocks.get(day, week[day.weekday()] + dice.randint(0, 1))
        count = max(count, 1) if day in {every[0], every[-1]} else count
        is_late = dice.random() < 0.1
        files[is_late] += _orders(day, count, dice)
        if not is_late and dice.random() < 0.1:  # told again
            files[1] += _orders(day, min(count, 1), dice)
        if count and dice.random() < 0.3:
            amount = f"{dice.randint(1, 2_000) / 100:.2f}"
            files[1].append(
                {
                    "type": "refund",
                    "id": f"r{day}",
                    "order_id": f"{day}-0",
                    "date": dice.choice([day, LAST]).isoformat(),
                    "lines": [{"amount": amount}],
                }
            )
        if begins <= place < ends:
            files[0] += _ads(day, dice)
    promotions = {
        first.isoformat(): min(first + timedelta(2), LAST).isoformat()
        for first in draw(st.lists(st.sampled_from(every[40:]), max_size=1))
    }
    return Sent(files=files, promotions=promotions)


def _orders(day: date, count: int, dice: Any) -> Lines:  # noqa: ANN401 - Hypothesis's dice, which are random.Random's
    has_costs, sent = dice.random() < 0.9, dice.random() < 0.9
    return [
        {
            "type": "order",
            "id": f"{day}-{n}",
            "date": day.isoformat(),
            "shipping": f"{dice.randint(0, 500) / 100:.2f}",
            "lines": [
                {"quantity": dice.randint(1, 2), "price": f"{dice.randint(1_000, 3_000) / 100:.2f}"}
                | ({"unit_cost": f"{dice.randint(100, 900) / 100:.2f}"} if has_costs else {})
            ],
        }
        | ({"fulfilment_cost": f"{dice.randint(100, 700) / 100:.2f}"} if sent else {})
        for n in range(count)
    ]


def _ads(day: date, dice: Any) -> Lines:  # noqa: ANN401 - as above
    lines: Lines = []
    for platform, usual in (("google", 1_500), ("meta", 2_500)):
        spent = usual * dice.choice([0, 4]) if dice.random() < 0.05 else usual + dice.randint(-400, 400)
        if spent or dice.random() < 0.5:
            about = {"platform": platform, "campaign_id": platform, "campaign": "Always on"}
            lines.append({"type": "ad_day", "date": day.isoformat(), "spend": f"{spent / 100:.2f}", **about})
    return lines


def folded(shop: Sent) -> list[AnomalyMonth]:
    merchant = Merchant()
    merchant.settle(Settings(timezone="UTC", promotions=shop.promotions))
    for file in reversed(shop.files):
        merchant.import_bytes(as_file(file))
    merchant.fold()
    return list(merchant.figures.rollups(WORKSPACE, AnomalyMonth, FIRST_MONTH, LAST_MONTH))


def as_numbers(one: Anomaly) -> list[float]:
    parts = (one.actual, one.expected, one.low, one.high, one.impact)
    return [*(part / MILLION for part in parts), one.score / THOUSAND]


@settings(max_examples=EXAMPLES)
@given(shops())
def test_unusual_days_are_those_that_a_slow_search_of_the_files_finds(shop: Sent) -> None:
    declared = {
        date.fromisoformat(first) + timedelta(n)
        for first, last in shop.promotions.items()
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    }
    diary = read(shop.files, declared)

    months = folded(shop)

    judged = {
        (key, date.fromisoformat(f"{month.month}-{day:02}"))
        for month in months
        for key, days in month.judged.items()
        for day in days
    }
    told = {(one.metric, one.scope, one.day): one for month in months for one in month.told()}
    floors = floors_of(diary)
    searched = {key: number.odd_days(floors) for key, number in numbers_of(diary).items()}
    assert judged == {(series_key(*key), day) for key, (days, _) in searched.items() for day in days}
    odd = {(*key, day): one for key, (_, days) in searched.items() for day, one in days.items()}
    assert {key: (one.severity, one.days) for key, one in told.items()} == {
        key: (one.severity, one.running) for key, one in odd.items()
    }
    for key, one in odd.items():
        expected = [one.actual, one.expected, one.low, one.high, one.impact, one.score]
        assert as_numbers(told[key]) == pytest.approx(expected, rel=1e-6, abs=1e-3), key
