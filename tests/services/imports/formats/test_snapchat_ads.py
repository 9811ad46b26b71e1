"""A report of Snapchat Ads Manager, trap by trap; only the first five labels are verified."""

from __future__ import annotations

import pytest

from shared.services.imports.formats.snapchat_ads import SNAPCHAT_ADS
from tests.data.sheets import lines_of, reading, told_of, wrong_of

HEADERS = "Start Time,End Time,Paid Impressions,Swipe Ups,Spend"


def of(*rows: str, headers: str = HEADERS) -> str:
    return "\n".join([headers, *rows]) + "\n"


@pytest.mark.parametrize("end", ["2026-09-01 23:59:59", "2026-09-02 00:00:00", "2026-09-01"])
def test_a_row_is_a_day_of_the_account(end: str) -> None:
    how = reading()

    assert lines_of(told_of(SNAPCHAT_ADS, of(f"2026-09-01 00:00:00,{end},5000,40,300.5"), how)) == [
        {
            "type": "ad_day",
            "platform": "snapchat",
            "date": "2026-09-01",
            "campaign_id": "account",
            "spend": "300.5",
            "impressions": 5_000,
            "clicks": 40,
        }
    ]
    assert SNAPCHAT_ADS.claims(how) == [{"type": "ad_day", "from": "2026-09-01", "to": "2026-09-01"}]


@pytest.mark.parametrize("end", ["2026-09-30 23:59:59", "2026-09-02 23:59:59", "2026-08-31 23:59:59"])
def test_a_row_of_several_days_is_no_daily_breakdown(end: str) -> None:
    text = of(f"2026-09-01 00:00:00,{end},5000,40,300")

    assert wrong_of(told_of(SNAPCHAT_ADS, text)) == [(2, "not_daily", "end time")]


def test_with_campaigns_a_row_is_the_day_of_a_campaign() -> None:
    text = of("2026-09-01,2026-09-01,5000,40,300,Autumn,,2", headers=f"{HEADERS},Campaign Name,Ad Set Name,Purchases")

    (line,) = lines_of(told_of(SNAPCHAT_ADS, text))
    assert (line["campaign_id"], line["campaign"], line["conversions"]) == ("Autumn", "Autumn", "2")
    assert "ad_group_id" not in line


@pytest.mark.parametrize("row", [",2026-09-01,5000,40,300,", ",,5000,40,300,Autumn"])
def test_a_row_that_has_lost_its_day_is_no_total_and_is_refused(row: str) -> None:
    text = of(row, headers=f"{HEADERS},Campaign Name")

    assert wrong_of(told_of(SNAPCHAT_ADS, text)) == [(2, "wrong_date", "start time")]


def test_the_row_of_totals_is_dropped() -> None:
    assert len(told_of(SNAPCHAT_ADS, of("2026-09-01,2026-09-01,5000,40,300", ",,5000,40,300", "Total,,1,1,1"))) == 1
