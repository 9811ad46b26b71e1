"""A report downloaded from Google Ads, trap by trap."""

from __future__ import annotations

import pytest

from shared.domain.facts.imports import Declared
from shared.services.imports.formats.google_ads import GOOGLE_ADS
from tests.data.sheets import facts_of, lines_of, reading, sheet_of, told_of, wrong_of

HEADERS = "Day,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value"
PREAMBLE = 'Campaign report\n"September 1, 2026 - September 3, 2026"\n'
BRAND = '2026-09-01,Brand search,111,USD,"1,204.50","48,210","1,930",96.50,"9,120.00"\n'
TOTAL = 'Total: Account,,,,"1,514.50","57,310","2,240",97.00,"9,170.00"\n'


def of(*rows: str, headers: str = HEADERS) -> str:
    return "\n".join([headers, *(row.strip() for row in rows)]) + "\n"


def test_the_report_has_a_title_a_range_of_dates_and_a_total() -> None:
    (told,) = told_of(GOOGLE_ADS, PREAMBLE + of(BRAND, TOTAL), preamble=2)

    assert told == (
        4,
        {
            "type": "ad_day",
            "platform": "google",
            "date": "2026-09-01",
            "campaign_id": "111",
            "campaign": "Brand search",
            "currency": "USD",
            "spend": "1204.50",
            "impressions": 48_210,
            "clicks": 1_930,
            "conversions": "96.50",
            "revenue": "9120.00",
        },
    )


def test_parts_of_conversions_are_kept() -> None:
    (fact,) = facts_of(GOOGLE_ADS, told_of(GOOGLE_ADS, of(BRAND)))

    assert '"conversions":96500000' in fact.body
    assert '"spend":1204500000' in fact.body, "the cost is in major units, as the report shows it"


@pytest.mark.parametrize(
    "total",
    [
        "Total: Account,,,,1.00,1,1,1,1",
        "Total: Campaigns,--,--,,1.00,1,1,1,1",
        "--,Total: Search,,,1.00,1,1,1,1",
    ],
)
def test_totals_are_dropped_in_whichever_column_they_stand(total: str) -> None:
    assert len(told_of(GOOGLE_ADS, of(BRAND, total))) == 1


@pytest.mark.parametrize(
    ("row", "declared", "wrong"),
    [
        ("2026-09-01,B,1,USD,€1.00,1,1,1,1.00", None, "cost"),
        ("2026-09-01,B,1,EUR,€1.00,1,1,1,$1.00", None, "conv. value"),
        ("2026-09-01,B,1,EUR,€1.00,1,1,1,€1.00", None, None),
        ("2026-09-01,B,1,,€1.00,1,1,1,1.00", None, "cost"),
        ("2026-09-01,B,1,,€1.00,1,1,1,1.00", "EUR", None),
    ],
)
def test_an_amount_with_the_sign_of_another_currency_than_the_rows_is_a_bad_row(
    row: str, declared: str | None, wrong: str | None
) -> None:
    told = told_of(GOOGLE_ADS, of(row), reading(Declared(currency=declared)))

    assert wrong_of(told) == ([] if wrong is None else [(2, "currency_differs", wrong)])


def test_a_campaign_may_be_called_total() -> None:
    (line,) = lines_of(told_of(GOOGLE_ADS, of("2026-09-01,Total: Knives,1,USD,1.00,1,1,1,1")))

    assert line["campaign"] == "Total: Knives"


def test_two_dashes_are_unknown_and_not_0() -> None:
    (line,) = lines_of(told_of(GOOGLE_ADS, of("2026-09-01,Generic,222,USD,300.00,9000,300,--,0")))

    assert "conversions" not in line
    assert line["revenue"] == "0"


@pytest.mark.parametrize("day", ["2026-09-01", '"Sep 1, 2026"', '"Tue, Sep 1, 2026"'])
def test_a_day_comes_in_the_spellings_of_the_english_interface(day: str) -> None:
    (line,) = lines_of(told_of(GOOGLE_ADS, of(f"{day},Generic,222,USD,300.00,9000,300,1,1")))

    assert line["date"] == "2026-09-01"


def test_a_day_with_slashes_is_a_bad_row() -> None:
    text = of("01/09/2026,Generic,222,USD,300.00,9000,300,1,1")

    assert wrong_of(told_of(GOOGLE_ADS, text)) == [(2, "wrong_date", "day")]


def test_a_report_that_is_not_by_day_says_so() -> None:
    text = of("Generic,222,USD,300.00,9000", headers="Campaign,Campaign ID,Currency code,Cost,Impr.")

    assert wrong_of(told_of(GOOGLE_ADS, text)) == [(2, "not_daily", "day")]


def test_shares_and_averages_are_not_read() -> None:
    text = of(BRAND.strip() + ",4.00%,0.62", headers=f"{HEADERS},CTR,Avg. CPC")

    assert len(lines_of(told_of(GOOGLE_ADS, text))) == 1


def test_several_accounts_are_known_by_their_customer_id() -> None:
    text = of(BRAND.strip() + ",877-953-6058", headers=f"{HEADERS},Customer ID")
    how = reading()
    (line,) = lines_of(told_of(GOOGLE_ADS, text, how))

    assert line["account"] == "877-953-6058"
    assert GOOGLE_ADS.claims(how) == [
        {"type": "ad_day", "from": "2026-09-01", "to": "2026-09-01", "account": "877-953-6058"}
    ]


def test_a_report_of_ad_groups_is_by_ad_group() -> None:
    text = of(BRAND.strip() + ",Brand terms,900", headers=f"{HEADERS},Ad group,Ad group ID")

    (line,) = lines_of(told_of(GOOGLE_ADS, text))
    assert (line["ad_group"], line["ad_group_id"]) == ("Brand terms", "900")


def test_a_report_cut_by_device_would_lose_all_but_one_device() -> None:
    text = of(BRAND.strip() + ",Mobile phones", headers=f"{HEADERS},Device")

    assert wrong_of(told_of(GOOGLE_ADS, text)) == [(2, "broken_down", "device")]


@pytest.mark.parametrize(
    "headers",
    [
        "Tag,Kampagne,Kampagnen-ID,Währungscode,Kosten,Impr.,Klicks,Conversions,Conv.-Wert",
        "Jour,Campagne,ID de la campagne,Code de devise,Coût,Impr.,Clics,Conversions,Valeur de conv.",
    ],
)
def test_a_report_in_another_language_is_not_taken_for_one(headers: str) -> None:
    assert not GOOGLE_ADS.fits(sheet_of(f"{headers}\n").headers)
