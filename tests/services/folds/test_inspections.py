"""What is found of the rows of each source as they are folded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.domain.facts.inspections import SHOWN_GAPS, Inspection
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order

ADS = {"type": "ad_day", "source": "meta_ads", "platform": "meta", "campaign_id": "c-1"}


def found(merchant: Merchant) -> dict[tuple[str, str], Inspection]:
    return {(each.family, each.source): each for each in merchant.figures.rollups(WORKSPACE, Inspection)}


def ads(days: Iterable[str], *, account: str = "a", **more: Any) -> list[Line]:  # noqa: ANN401 - any JSON
    return [{**ADS, "account": account, "date": day, "spend": "10.00", **more} for day in days]


def test_a_report_has_its_gaps_duplicates_and_filled_fields() -> None:
    merchant = Merchant()
    merchant.import_lines(
        header(),
        order(1, "2026-09-30", channel="web"),
        order(2, "2026-10-05"),
        order(2, "2026-10-05", shipping="1.00"),
        order(3, "2026-10-08"),
    )

    assert found(merchant) == {
        ("order", "shop"): Inspection(
            family="order",
            source="shop",
            generation=1,
            gaps=[["2026-10-01", "2026-10-04"]],
            gap_days=4,
            duplicate_keys=1,
            fields=found(merchant)["order", "shop"].fields,
            copies=[],
        )
    }
    assert {"channel", "currency"} <= {*found(merchant)["order", "shop"].fields}
    assert "tax" not in found(merchant)["order", "shop"].fields


def test_a_day_that_any_account_has_is_no_gap() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *ads(["2026-10-01", "2026-10-03"]), *ads(["2026-10-02"], account="b"))

    assert found(merchant)["ad_day", "meta_ads"].gaps == []


def test_the_latest_gaps_are_kept_and_all_of_their_days_are_counted() -> None:
    merchant = Merchant()
    every_other = [f"2026-10-{day:02}" for day in range(1, 31, 2)]
    merchant.import_lines(header(), *ads(every_other))

    kept = found(merchant)["ad_day", "meta_ads"]
    assert (len(kept.gaps), kept.gap_days) == (SHOWN_GAPS, len(every_other) - 1)
    assert kept.gaps[-1] == ["2026-10-28", "2026-10-28"]


def test_a_later_file_that_fills_a_gap_takes_it_away() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *ads(["2026-10-01", "2026-10-03"]))
    before = found(merchant)["ad_day", "meta_ads"].gaps

    merchant.import_lines(header("2026-11-20T13:00:00Z"), *ads(["2026-10-02"]))

    assert (before, found(merchant)["ad_day", "meta_ads"].gaps) == ([["2026-10-02", "2026-10-02"]], [])


def test_an_import_of_something_else_leaves_it_as_it_is() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *ads(["2026-10-01"]))
    before = found(merchant)["ad_day", "meta_ads"]

    merchant.import_lines(header("2026-11-20T13:00:00Z"), order(1))

    assert found(merchant)["ad_day", "meta_ads"] == before


def test_a_source_whose_rows_are_all_gone_is_inspected_no_more() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *ads(["2026-10-01"]))
    claim = {"type": "ad_day", "source": "meta_ads", "account": "a", "from": "2026-10-01", "to": "2026-10-31"}

    merchant.import_lines(header("2026-11-20T13:00:00Z", complete=[claim]))

    assert found(merchant) == {}


def test_rows_that_two_accounts_have_word_for_word_are_counted() -> None:
    merchant = Merchant()
    days = [f"2026-10-{day:02}" for day in range(1, 13)]
    merchant.import_lines(
        header(),
        *ads(days),
        *ads(days[2:], account="b"),
        *ads(days[:2], account="b", impressions=7),
        *ads(days, account="c", campaign_id="c-2"),
    )

    assert found(merchant)["ad_day", "meta_ads"].copies == [["a", "b", 10]]


def test_the_same_products_in_two_shops_are_no_copies() -> None:
    merchant = Merchant()
    cost = {"type": "cost", "sku": "KNF-20", "effective_from": "2026-01-01", "unit_cost": "30.50"}
    merchant.import_lines(header(), cost, {**cost, "account": "b"})

    assert found(merchant)["cost", "shop"].copies == []
