"""The table that Meta Ads Manager exports, trap by trap."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.domain.facts.imports import Declared
from shared.domain.facts.values import WrongValue, identifier
from shared.services.imports.formats.meta_ads import META_ADS
from tests.data.sheets import facts_of, lines_of, reading, told_of, written, wrong_of

HEADERS = (
    "Reporting starts",
    "Reporting ends",
    "Campaign name",
    "Campaign delivery",
    "Attribution setting",
    "Results",
    "Result indicator",
    "Reach",
    "Frequency",
    "Cost per results",
    "Amount spent (USD)",
    "Impressions",
    "CPM (cost per 1,000 impressions)",
    "Link clicks",
    "CTR (link click-through rate)",
    "Landing page views",
    "Purchases",
    "Purchases conversion value",
)


def row(day: str = "2026-10-05", **cells: str) -> dict[str, str]:
    """Give the day of a campaign that spent 118.40."""
    plain = {
        "Reporting starts": day,
        "Reporting ends": day,
        "Campaign name": "Prospecting",
        "Campaign delivery": "active",
        "Attribution setting": "7-day click or 1-day view",
        "Results": "4",
        "Reach": "15000",
        "Amount spent (USD)": "118.4",
        "Impressions": "20500",
        "Link clicks": "310",
        "Purchases": "4",
        "Purchases conversion value": "401",
    }
    return plain | cells


def of(*rows: dict[str, str], headers: Sequence[str] = HEADERS) -> str:
    return written(rows, headers=headers)


def test_a_row_is_the_day_of_a_campaign() -> None:
    (line,) = lines_of(told_of(META_ADS, of(row())))

    assert line == {
        "type": "ad_day",
        "platform": "meta",
        "date": "2026-10-05",
        "campaign_id": "Prospecting",
        "campaign": "Prospecting",
        "window": "7-day click or 1-day view",
        "currency": "USD",
        "spend": "118.4",
        "impressions": 20_500,
        "clicks": 310,
        "conversions": "4",
        "revenue": "401",
    }


def test_the_currency_stands_in_a_header_and_goes_before_what_is_declared() -> None:
    headers = [header.replace("(USD)", "(EUR)") for header in HEADERS]
    cells = {name.replace("(USD)", "(EUR)"): cell for name, cell in row().items()}
    text = of(cells, headers=headers)

    (line,) = lines_of(told_of(META_ADS, text, reading(Declared(currency="GBP"))))
    assert (line["currency"], line["spend"]) == ("EUR", "118.4")


def test_an_amount_may_not_have_the_sign_of_another_currency_than_the_header() -> None:
    told = told_of(META_ADS, "Campaign name,Day,Amount spent (EUR)\nA,2026-10-01,€5.00\nA,2026-10-02,$5.00\n")

    assert wrong_of(told) == [(3, "currency_differs", "amount spent (eur)")]


def test_a_row_of_several_days_is_no_daily_breakdown() -> None:
    text = of(row(**{"Reporting ends": "2026-10-31"}))

    assert wrong_of(told_of(META_ADS, text)) == [(2, "not_daily", "reporting ends")]


def test_with_a_column_of_days_it_may_report_on_a_month() -> None:
    span = {"Reporting starts": "2026-10-01", "Reporting ends": "2026-10-31"}
    text = of(row(**span, Day="2026-10-05"), row(**span, Day="2026-10-06"), headers=[*HEADERS, "Day"])

    assert [line["date"] for line in lines_of(told_of(META_ADS, text))] == ["2026-10-05", "2026-10-06"]


def test_a_table_without_days_says_so_in_each_row() -> None:
    left = [header for header in HEADERS if not header.startswith("Reporting")]
    text = of({name: cell for name, cell in row().items() if name in left}, headers=left)

    assert wrong_of(told_of(META_ADS, text)) == [(2, "not_daily", "day")]


def test_the_row_that_adds_up_all_others_is_dropped() -> None:
    over_all = row(**{"Campaign name": "", "Reporting starts": "2026-10-01", "Reporting ends": "2026-10-31"})
    by_name = row(**{"Campaign name": "Total", "Reporting starts": "", "Reporting ends": ""})

    assert len(told_of(META_ADS, of(over_all, row(), by_name))) == 1


def test_a_day_without_a_campaign_is_no_total_and_is_refused() -> None:
    headers = [*HEADERS, "Day"]
    over_all, nameless = ({"Campaign name": "", "Day": day} for day in ("", "2026-10-05"))
    assert told_of(META_ADS, of(row(**over_all), headers=headers)) == []

    with pytest.raises(WrongValue) as refused:
        facts_of(META_ADS, told_of(META_ADS, of(row(**nameless), headers=headers)))
    assert (refused.value.code, refused.value.field) == ("field_missing", "campaign_id")


def test_a_campaign_may_be_called_total() -> None:
    assert len(lines_of(told_of(META_ADS, of(row(**{"Campaign name": "Total look"}))))) == 1


def test_of_ads_that_were_shown_an_empty_cell_of_clicks_or_purchases_says_none() -> None:
    empty = {"Link clicks": "", "Purchases": "", "Purchases conversion value": ""}
    (line,) = lines_of(told_of(META_ADS, of(row(**empty))))

    assert (line["clicks"], line["conversions"], line["revenue"]) == (0, "0", "0")


@pytest.mark.parametrize(
    ("purchases", "value", "told"),
    [
        ("3", "", {"conversions": "3"}),
        ("", "50.00", {"revenue": "50.00"}),
        ("0", "", {"conversions": "0", "revenue": "0"}),
        ("", "0.00", {"conversions": "0", "revenue": "0.00"}),
    ],
)
def test_what_a_row_shows_to_have_happened_is_never_made_0(purchases: str, value: str, told: dict[str, str]) -> None:
    (line,) = lines_of(told_of(META_ADS, of(row(**{"Purchases": purchases, "Purchases conversion value": value}))))

    assert {name: line[name] for name in ("conversions", "revenue") if name in line} == told


@pytest.mark.parametrize("impressions", ["", "0"])
def test_without_impressions_what_is_empty_is_unknown_and_what_is_0_is_0(impressions: str) -> None:
    empty = {"Impressions": impressions, "Purchases": "", "Purchases conversion value": "", "Link clicks": "0"}
    (line,) = lines_of(told_of(META_ADS, of(row(**empty))))

    assert line["clicks"] == 0
    assert line.keys().isdisjoint({"conversions", "revenue"})


def test_purchases_that_were_not_exported_are_unknown() -> None:
    left = [header for header in HEADERS if "Purchases" not in header]
    text = of({name: cell for name, cell in row().items() if name in left}, headers=left)
    (line,) = lines_of(told_of(META_ADS, text))

    assert line.keys().isdisjoint({"conversions", "revenue"})


def test_an_ad_has_its_own_id_and_those_above_it() -> None:
    ids = {"Campaign ID": "120208", "Ad set ID": "120209", "Ad ID": "120210", "Account ID": "2207"}
    names = {"Ad set name": "Broad", "Ad name": "Knife video"}
    text = of(row(**ids, **names), headers=[*HEADERS, *ids, *names])

    (line,) = lines_of(told_of(META_ADS, text))
    assert (line["campaign_id"], line["ad_group_id"], line["ad_id"]) == ("120208", "120209", "120210")
    assert (line["campaign"], line["ad_group"], line["ad"]) == ("Prospecting", "Broad", "Knife video")
    assert line["account"] == "2207"


def test_where_ids_are_missing_names_do() -> None:
    text = of(row(**{"Ad set name": "Broad", "Ad name": "Video"}), headers=[*HEADERS, "Ad set name", "Ad name"])

    (line,) = lines_of(told_of(META_ADS, text))
    assert (line["campaign_id"], line["ad_group_id"], line["ad_id"]) == ("Prospecting", "Broad", "Video")


@pytest.mark.parametrize("length", range(95, 101))
def test_an_id_that_is_made_of_a_long_name_can_be_read_whatever_it_is_cut_through(length: int) -> None:
    name = "x" * length + "\U0001f468\u200d\U0001f469\u200d\U0001f467" + "y" * 30

    (line,) = lines_of(told_of(META_ADS, of(row(**{"Campaign name": name}))))
    assert identifier(line["campaign_id"]).startswith("x" * length)


def test_a_declared_account_goes_before_the_one_of_the_file() -> None:
    text, how = of(row(**{"Account ID": "2207"}), headers=[*HEADERS, "Account ID"]), reading(Declared(account="act_1"))
    told = told_of(META_ADS, text, how)

    assert [fact.account for fact in facts_of(META_ADS, told, how)] == ["act_1"]
    assert META_ADS.claims(how) == [{"type": "ad_day", "from": "2026-10-05", "to": "2026-10-05"}]


def test_a_table_cut_by_age_would_lose_all_but_one_age() -> None:
    text = of(row(Age="18-24"), row(Age="25-34"), headers=[*HEADERS, "Age"])

    assert wrong_of(told_of(META_ADS, text)) == [(2, "broken_down", "age"), (3, "broken_down", "age")]


def test_a_rounded_id_is_a_bad_row() -> None:
    text = of(row(**{"Campaign ID": "1.20208E+17"}), headers=[*HEADERS, "Campaign ID"])

    assert wrong_of(told_of(META_ADS, text)) == [(2, "rounded_id", "campaign id")]


def test_several_windows_of_a_day_are_several_facts() -> None:
    text = of(row(), row(**{"Attribution setting": "1-day click"}), row(**{"Attribution setting": "-"}))
    facts = facts_of(META_ADS, told_of(META_ADS, text))

    assert len({fact.key for fact in facts}) == 3


@pytest.mark.parametrize("is_known", [True, False])
def test_an_export_is_complete_for_each_account_from_its_first_day_to_its_last(*, is_known: bool) -> None:
    rows = [row("2026-10-07", **{"Account ID": "1"}), row("2026-10-05", **{"Account ID": "1"})]
    rows += [row("2026-10-09", **{"Account ID": "2" if is_known else ""})]
    how = reading()
    told_of(META_ADS, of(*rows, headers=[*HEADERS, "Account ID"]), how)

    second = {"account": "2"} if is_known else {}
    assert META_ADS.claims(how) == [
        {"type": "ad_day", "from": "2026-10-05", "to": "2026-10-07", "account": "1"},
        {"type": "ad_day", "from": "2026-10-09", "to": "2026-10-09", **second},
    ]


def test_a_bad_row_makes_no_day_complete() -> None:
    how = reading()
    told_of(META_ADS, of(row(), row("2026-10-09", Impressions="many")), how)

    assert META_ADS.claims(how) == [{"type": "ad_day", "from": "2026-10-05", "to": "2026-10-05"}]


def test_what_is_claimed_ends_with_the_day_of_the_export_and_is_cut_where_it_is_too_long() -> None:
    how = reading()
    told_of(META_ADS, of(row("2016-10-05"), row("2027-01-01")), how)

    claims = META_ADS.claims(how)
    assert [(claim["from"], claim["to"]) for claim in claims] == [
        ("2016-10-05", "2021-10-09"),
        ("2021-10-10", "2026-10-14"),
        ("2026-10-15", "2026-11-20"),
    ]


def test_a_campaign_that_is_named_for_a_person_is_known_without_the_address() -> None:
    text = of(row(**{"Campaign name": "For planted@example.com"}))
    (fact,) = facts_of(META_ADS, told_of(META_ADS, text))

    assert "planted" not in f"{fact.key}{fact.body}".lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LAL 1% 1002003001", "LAL 1% 1002003002"),
        ("Search | 555 123 4567", "Search | 555 123 4568"),
        ("18-24 25-34 35-44", "18-24 25-34 45-54"),
        ("Re a1@x.example", "Re b2@x.example"),
        ("long " * 30 + "one", "long " * 30 + "other"),
    ],
)
def test_names_of_which_the_same_is_kept_are_still_two_campaigns(one: str, other: str) -> None:
    text = of(row(**{"Campaign name": one}), row("2026-10-06", **{"Campaign name": other}))
    again = of(row("2026-10-07", **{"Campaign name": one}))
    first, second, third = lines_of(told_of(META_ADS, text) + told_of(META_ADS, again))

    assert first["campaign_id"] != second["campaign_id"]
    assert first["campaign_id"] == third["campaign_id"], "it is known again in another file"
    facts = facts_of(META_ADS, told_of(META_ADS, text))
    assert len({fact.key.split("\x1f")[0] for fact in facts}) == 2
    assert not [part for fact in facts for part in ("@", "1002003", "4567") if part in f"{fact.key}{fact.body}"]


@pytest.mark.parametrize("figures", [("", ""), ("--", "0"), ("", "0.00")])
def test_a_row_without_delivery_is_dropped(figures: tuple[str, str]) -> None:
    empty = dict.fromkeys(("Impressions", "Link clicks", "Purchases"), figures[1])
    paused = {
        "Amount spent (USD)": figures[0],
        "Purchases conversion value": "",
        "Reporting ends": "2026-10-31",
    } | empty

    assert len(told_of(META_ADS, of(row(), row(**paused)))) == 1


@pytest.mark.parametrize("figure", ["Impressions", "Link clicks", "Purchases", "Purchases conversion value"])
def test_a_row_without_its_cost_is_a_bad_row_where_anything_was_delivered(figure: str) -> None:
    empty = dict.fromkeys(
        ("Amount spent (USD)", "Impressions", "Link clicks", "Purchases", "Purchases conversion value"), ""
    )
    (line,) = lines_of(told_of(META_ADS, of(row(**empty | {figure: "3"}))))

    assert "spend" not in line, "and a cost is required of every ad day"
