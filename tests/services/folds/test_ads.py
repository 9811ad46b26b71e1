"""Months of ad accounts and names of campaigns, as they are stored."""

from __future__ import annotations

from shared.domain.analytics.ads import account_sums
from shared.domain.analytics.periods import DateRange, first_of, last_of
from shared.domain.facts.ads import AdMonth, CampaignNames, campaign_key
from shared.services.folds.fold_ads import MOST_WINDOWS
from shared.storage.rows.facts import rollups_pk, whole_partition
from tests.data.merchants import WORKSPACE, Line, Merchant, header

DAY = {"type": "ad_day", "source": "meta_ads", "platform": "meta", "date": "2026-10-05", "spend": "20.00"}
LARGEST_ITEM = 400_000
"""Bytes. What DynamoDB takes."""
OCTOBER = DateRange(first=first_of("2026-10"), last=last_of("2026-10"))


def merchant_of(*lines: Line) -> Merchant:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return merchant


def test_a_month_of_an_account_lies_under_month_platform_source_and_account() -> None:
    merchant = merchant_of(DAY | {"campaign_id": "c1", "clicks": 3, "window": "1d_click", "revenue": "7.50"})

    (month,) = merchant.figures.rollups(WORKSPACE, AdMonth, "2026-10", "2026-10")
    assert month.place == "2026-10#meta#meta_ads#main"
    assert {name: (len(column), column[4]) for name, column in month.days.items()} == {
        "ad_days": (31, 1),
        "spend": (31, 20_000_000),
        "clicks": (31, 3),
        "clicks_known": (31, 1),
        "revenue_known": (31, 1),
    }
    assert month.claims["1d_click"]["revenue"][4] == 7_500_000


def test_a_campaign_that_turns_out_to_be_of_another_platform_is_of_that_one_on_all_its_days() -> None:
    merchant = merchant_of(DAY | {"campaign_id": "c1"}, DAY | {"campaign_id": "c1", "date": "2026-09-05"})
    later = DAY | {"campaign_id": "c1", "platform": "other"}
    merchant.import_lines(header("2026-11-20T13:00:00Z"), later)

    months = merchant.figures.rollups(WORKSPACE, AdMonth)
    assert [month.place for month in months] == ["2026-09#other#meta_ads#main", "2026-10#other#meta_ads#main"]


def test_a_campaign_that_is_told_whole_and_by_its_ad_groups_at_the_same_time_is_spent_once() -> None:
    whole = DAY | {"campaign_id": "c1", "spend": "100.00"}
    merchant = merchant_of(whole)
    merchant.import_lines(
        header(),
        whole | {"ad_group_id": "g1", "spend": "60.00"},
        whole | {"ad_group_id": "g2", "ad_id": "a1", "spend": "30.00"},
        whole | {"date": "2026-10-06", "ad_group_id": "g1", "spend": "7.00"},
    )

    (month,) = merchant.figures.rollups(WORKSPACE, AdMonth)
    assert month.days["spend"][4:6] == [100_000_000, 7_000_000]


def test_windows_without_end_do_not_make_a_row_without_end_and_their_claims_are_not_lost_from_sight() -> None:
    spent = DAY | {"campaign_id": "c1", "conversions": 1}
    often = [spent | {"window": "often", "date": f"2026-10-{day:02}"} for day in range(1, 11)]
    once = [spent | {"window": f"w{number:03}"} for number in range(MOST_WINDOWS + 20)]
    merchant = merchant_of(*often, *once, spent | {"campaign_id": "c2", "window": "w999"})

    months = merchant.figures.rollups(WORKSPACE, AdMonth)
    assert len(months[0].claims) == MOST_WINDOWS
    assert "often" in months[0].claims
    (sums,) = account_sums(months, OCTOBER).values()
    assert sums.claim.differ, "the claim of c2 is in no window that is kept"


def test_names_of_campaigns_lie_in_parts_by_their_keys_each_small_enough_to_be_stored() -> None:
    names = [DAY | {"campaign_id": f"c{number:04}", "campaign": "я" * 100 + f"{number}"} for number in range(2_000)]

    merchant = merchant_of(*names)
    parts = merchant.figures.rollups(WORKSPACE, CampaignNames)
    assert [part.place for part in parts] == [f"{number:03}" for number in range(len(parts))]
    assert len(parts) > 1
    keys = [campaign_key("meta", "meta_ads", "main", f"c{number:04}") for number in range(len(names))]
    assert [key for part in parts for key in part.keys] == keys
    stored = whole_partition(merchant.engine, rollups_pk(WORKSPACE))
    assert max(len(str(item.get("doc", "")).encode()) for item in stored) < LARGEST_ITEM
