"""Random ad accounts: files that tell a few days of a few campaigns again and again, in one window or in several."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.data.random_merchants import Line, amounts, fine_amounts, rates

FIRST_DAY, LAST_DAY = date(2026, 1, 28), date(2026, 2, 4)
"""Few, so that facts meet, and on both sides of the end of a month."""

WINDOWS = (None, "1d_click", "7d_click_1d_view", "30d_click")

days = st.dates(FIRST_DAY, LAST_DAY).map(date.isoformat)


@st.composite
def campaign_days(draw: st.DrawFn) -> list[Line]:
    """Draw what one export tells of a campaign's (or an ad's) day: a line for each window."""
    platform = draw(st.sampled_from(["meta", "google"]))
    own = {
        "type": "ad_day",
        "source": f"{platform}_ads",
        "account": draw(st.sampled_from(["a1", "a2"])),
        "platform": draw(st.sampled_from([platform, platform, platform, "other"])),
        "campaign_id": draw(st.sampled_from(["c1", "c2"])),
        "campaign": draw(st.sampled_from([None, "Spring", "Summer"])),
        "date": draw(days),
    }
    if draw(st.integers(0, 2)) == 0:
        own |= {"ad_group_id": draw(st.sampled_from([None, "g1"])), "ad_id": draw(st.sampled_from(["x1", "x2"]))}
    windows = draw(st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=3, unique=True))
    return [_without_nulls({**own, "window": window, **draw(told)}) for window in windows]


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


told = st.fixed_dictionaries(
    {
        "spend": fine_amounts,
        "currency": st.sampled_from([None, None, None, "USD", "EUR", "JPY"]),
        "impressions": _optional(st.integers(0, 5_000)),
        "clicks": _optional(st.integers(0, 90)),
        "conversions": _optional(st.integers(0, 999).map(lambda cents: f"{cents / 100:.2f}")),
        "revenue": _optional(amounts),
    }
)


def _without_nulls(line: Line) -> Line:
    return {name: value for name, value in line.items() if value is not None}


@st.composite
def ad_histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw some files in the order in which they arrive, each of another hour of export."""
    hours = draw(st.lists(st.integers(0, 200), min_size=1, max_size=3, unique=True))
    files: list[list[Line]] = []
    for hour in hours:
        exported_at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)
        header: Line = {"type": "export", "schema": 1, "exported_at": exported_at.isoformat(), "source": "ecb"}
        if draw(st.integers(0, 3)) == 0:
            first, last = sorted(draw(st.lists(days, min_size=2, max_size=2)))
            header["complete"] = [{"type": "ad_day", "source": "meta_ads", "account": "a1", "from": first, "to": last}]
        lines = [line for lines in draw(st.lists(campaign_days(), min_size=1, max_size=8)) for line in lines]
        kept = {_key(line): line for line in [*lines, *draw(st.lists(near_rates, max_size=2))]}
        files.append([header, *kept.values()])
    return files


def _near(rate: Line, day: str) -> Line:
    return rate | {"date": day}


near_rates = st.builds(_near, rates, days)


def _key(line: Line) -> tuple[Any, ...]:
    names = ("type", "source", "account", "campaign_id", "ad_group_id", "ad_id", "date", "window", "base")
    return tuple(line.get(name) for name in names)
