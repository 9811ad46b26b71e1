"""A report of TikTok Ads Manager, trap by trap."""

from __future__ import annotations

import pytest

from shared.domain.facts.imports import Declared
from shared.domain.facts.settings import Settings
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.tiktok_ads import TIKTOK_ADS
from tests.data.sheets import facts_of, lines_of, reading, told_of, wrong_of

HEADERS = (
    "By Day,Campaign name,Ad group name,Ad name,Cost,Impressions,Clicks (destination),Complete payment,"
    "Total complete payment value"
)
ROW = "2026-09-20,Winter,Interest,UGC 1,8.00,5000,70,1,59"


def of(*rows: str, headers: str = HEADERS) -> str:
    return "\n".join([headers, *rows]) + "\n"


def test_a_row_is_the_day_of_an_ad() -> None:
    assert lines_of(told_of(TIKTOK_ADS, of(ROW))) == [
        {
            "type": "ad_day",
            "platform": "tiktok",
            "date": "2026-09-20",
            "campaign_id": "Winter",
            "campaign": "Winter",
            "ad_group_id": "Interest",
            "ad_group": "Interest",
            "ad_id": "UGC 1",
            "ad": "UGC 1",
            "spend": "8.00",
            "impressions": 5_000,
            "clicks": 70,
            "conversions": "1",
            "revenue": "59",
        }
    ]


def test_purchases_may_stand_under_conversions() -> None:
    headers = "By Day,Campaign name,Cost,Impressions,Clicks (destination),Conversions,Total conversion value"
    (line,) = lines_of(told_of(TIKTOK_ADS, of("2026-09-20 00:00:00,Winter,8.00,5000,70,2,118.5", headers=headers)))

    assert (line["date"], line["conversions"], line["revenue"]) == ("2026-09-20", "2", "118.5")


@pytest.mark.parametrize(("declared", "currency"), [(None, "EUR"), ("GBP", "GBP")])
def test_the_currency_is_not_in_the_file(declared: str | None, currency: str) -> None:
    how = reading(Declared(currency=declared), settings=Settings(currency="EUR"))
    (fact,) = facts_of(TIKTOK_ADS, told_of(TIKTOK_ADS, of(ROW), how), how)

    assert f'"currency":"{currency}"' in fact.body


@pytest.mark.parametrize(
    "total",
    [
        "Total,Winter,,,8,1,1,1,1",
        "Total of 3 results,-,-,-,8,1,1,1,1",
        ",,,,8,1,1,1,1",
        ",Total of 2 results,-,-,8,1,1,1,1",
        "-,-,Total,-,8,1,1,1,1",
    ],
)
def test_totals_are_dropped(total: str) -> None:
    assert len(told_of(TIKTOK_ADS, of(ROW, total))) == 1


def test_a_day_without_a_campaign_is_no_total_and_is_refused() -> None:
    told = told_of(TIKTOK_ADS, of("2026-09-20,,,,8,1,1,1,1"))

    with pytest.raises(WrongValue) as refused:
        facts_of(TIKTOK_ADS, told)
    assert (refused.value.code, refused.value.field) == ("field_missing", "campaign_id")


def test_a_report_cut_by_gender_is_refused_row_by_row() -> None:
    assert wrong_of(told_of(TIKTOK_ADS, of(f"{ROW},Female", headers=f"{HEADERS},Gender"))) == [
        (2, "broken_down", "gender")
    ]


def test_the_day_may_stand_under_date_and_the_currency_in_a_column() -> None:
    headers = "Campaign name,Cost,Impressions,Clicks (destination),Date,Currency"
    (line,) = lines_of(told_of(TIKTOK_ADS, of("Winter,8.00,5000,70,2026-09-20,GBP", headers=headers)))

    assert (line["date"], line["currency"]) == ("2026-09-20", "GBP")


def test_a_report_that_is_not_by_day_says_so() -> None:
    text = of("Winter,8.00,5000,70", headers="Campaign name,Cost,Impressions,Clicks (destination)")

    assert wrong_of(told_of(TIKTOK_ADS, text)) == [(2, "not_daily", "by day")]


def test_a_row_without_a_day_is_a_bad_row() -> None:
    assert wrong_of(told_of(TIKTOK_ADS, of(ROW.replace("2026-09-20", "2026-W38")))) == [(2, "wrong_date", "by day")]
