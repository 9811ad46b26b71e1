"""Every cause of missing rows that the PMA page and our catalogue name, as an owner's agent is told it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.facts.imports import Counts, ImportReport, Refusal
from shared.domain.facts.rollups import Account, Rollup
from tests.data.rollups import account, holding, inspection
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.test_latest_imports import announced, begun, ended
from tests.transports.mcp.test_sources import ADS, META, SHOPIFY, asked, shop_with

ORDERS = inspection()
LAST_SUMMER = date(2026, 7, 5)
TIKTOK_DAYS = [holding("ad_day", last=LAST_SUMMER)]
DEAD = account("tiktok_ads", "7311", holdings=TIKTOK_DAYS, status="lost_access")
SILENT = account("tiktok_ads", "7311", holdings=TIKTOK_DAYS)
STALE = account("tiktok_ads", "7311", holdings=TIKTOK_DAYS, last_export=datetime(2026, 7, 6, tzinfo=UTC))
EMPTY = account("tiktok_ads", "7311", holdings=[])
SYNCING = account("tiktok_ads", "7311", holdings=[], status="syncing", last_export=None)
TIKTOK = inspection("ad_day", "tiktok_ads")
GAPS = inspection("ad_day", "tiktok_ads", gaps=[["2026-11-03", "2026-11-08"]], gap_days=6)
TWICE = inspection("ad_day", "tiktok_ads", duplicate_keys=7)
WHOLE = account("tiktok_ads", "7311", holdings=[holding("ad_day")])


@pytest.mark.parametrize(
    ("tiktok", "found", "arguments", "cause", "said", "fix"),
    [
        (SYNCING, TIKTOK, {}, "sync_incomplete", "its first sync is not finished); it has given no rows.", "ask again"),
        (EMPTY, TIKTOK, {}, "sync_incomplete", "it has given no rows yet", "Send its first export"),
        (
            WHOLE,
            TIKTOK,
            {"report_type": "order"},
            "wrong_report_type",
            "no rows of order here. There are: ad_day.",
            "Rows of order come from shopify: ask for one of these",
        ),
        (WHOLE, TIKTOK, {"connector": "TikTok"}, "name_mismatch", "Did you mean tiktok_ads?", "exact connector name"),
        (
            DEAD,
            TIKTOK,
            {},
            "lost_access",
            "lost_access (nobody here may look into the account any more); its rows end on 2026-07-05, 138 days before",
            "grant it again",
        ),
        (WHOLE, GAPS, {}, "gaps", "no ad_day from 2026-11-03 to 2026-11-08", "export them again"),
        (WHOLE, TWICE, {}, "duplicate_keys", "7 keys of ad_day stand in one export in two ways", "export by day"),
        (STALE, TIKTOK, {}, "outdated", "its latest export left the source on 2026-07-06", "up to yesterday"),
        (SILENT, TIKTOK, {}, "silent", "no ad_day since 2026-07-05 (138 days)", "reconnect it"),
        (WHOLE, TIKTOK, {}, "none", "has rows", ""),
    ],
)
def test_what_is_wrong_with_a_platform_is_told_with_the_way_to_mend_it(
    *, tiktok: Account, found: Rollup, arguments: dict[str, Any], cause: str, said: str, fix: str
) -> None:
    shop = shop_with(SHOPIFY, META, tiktok, found=(ORDERS, ADS, found))

    content = asked(shop, "pma_inspect_org_data", **{"connector": "tiktok_ads", **arguments})

    (diagnosis,) = content["data"]["diagnosis"]
    assert diagnosis["cause"] == cause
    assert said in diagnosis["message"]
    assert diagnosis["message"] in content["summary"]
    assert fix in diagnosis["fix"]


def test_accounts_that_are_left_out_are_named_with_the_reason_and_diagnosed() -> None:
    content = asked(shop_with(SHOPIFY, DEAD), "pma_inspect_org_data")

    assert content["data"]["accounts_excluded"] == [
        {"connector": "tiktok_ads", "account_id": "7311", "reason": "lost_access"}
    ]
    assert 'tiktok_ads "7311"' in content["data"]["diagnosis"][0]["message"]


# --- imports of what was asked about ---------------------------------------------------------------------------------


UNKNOWN = Refusal(code="format_unknown", message="Nobody knows these headers.", hint="Export in English.")


def told(*connectors: str, **more: Any) -> ImportReport:  # noqa: ANN401 - fields of a report
    return ImportReport(connectors=connectors, **more)


def files_told(shop: Shop, **arguments: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [each["file"] for each in asked(shop, "pma_inspect_org_data", **arguments)["data"]["last_imports"]]


def test_only_imports_of_what_is_asked_about_are_told_however_many_others_came_later() -> None:
    shop = shop_with(SHOPIFY, META)
    told_ads = told("meta_ads", counts={"ad_day": Counts(new=1)})
    ended(shop, announced(shop, "ads.csv", number=1), told_ads)
    for number in range(2, 9):
        shop.clock.advance(minutes=1)
        report = told("shopify", "erp", counts={"order": Counts(new=1)})
        ended(shop, announced(shop, f"orders {number}.csv", number=number), report)

    assert files_told(shop, connector="meta_ads") == ["ads.csv"]
    assert files_told(shop, report_type="ad_day") == ["ads.csv"]
    assert files_told(shop, connector="erp", report_type="ad_day") == []
    assert files_told(shop, connector="shopify") == files_told(shop) == [f"orders {n}.csv" for n in (8, 7, 6, 5, 4)]


def test_a_file_of_which_nobody_knows_what_it_tells_may_be_the_one_that_is_missed() -> None:
    shop = shop_with(SHOPIFY, META)
    ended(shop, announced(shop, "tag.csv"), ImportReport(refusal=UNKNOWN))
    announced(shop, "on its way.csv", number=2)

    content = asked(shop, "pma_inspect_org_data", connector="meta_ads", report_type="ad_day")

    assert {each["file"] for each in content["data"]["last_imports"]} == {"tag.csv", "on its way.csv"}
    assert {each["cause"] for each in content["data"]["diagnosis"]} == {"import_refused", "sync_incomplete"}


def test_what_is_surely_wrong_is_told_before_a_file_that_may_be_of_anybody() -> None:
    shop = shop_with(SHOPIFY, DEAD)
    ended(shop, announced(shop, "tag.csv"), ImportReport(refusal=UNKNOWN))

    found = asked(shop, "pma_inspect_org_data", connector="tiktok_ads")["data"]["diagnosis"]

    assert [each["cause"] for each in found] == ["lost_access", "import_refused"]


def test_what_is_wrong_with_the_files_of_others_is_not_told() -> None:
    shop = shop_with(SHOPIFY, META)
    torn = Refusal(code="file_truncated", message="It breaks off.", hint="Send it again.")
    ended(shop, announced(shop, "orders.csv"), told("shopify", refusal=torn))

    content = asked(shop, "pma_inspect_org_data", connector="meta_ads")

    assert [each["cause"] for each in content["data"]["diagnosis"]] == ["none"]


def test_a_platform_whose_only_file_was_refused_is_not_taken_for_a_wrong_name() -> None:
    shop = shop_with(SHOPIFY)
    torn = Refusal(code="too_many_bad_rows", message="9 of 9 rows are bad.", hint="Mend the rows.")
    ended(shop, announced(shop, "tiktok.csv"), told("tiktok_ads", refusal=torn))

    content = asked(shop, "pma_inspect_org_data", connector="tiktok_ads")

    refused, nothing = content["data"]["diagnosis"]
    assert (refused["cause"], refused["fix"]) == ("import_refused", "Mend the rows.")
    assert nothing["cause"] == "sync_incomplete"
    assert "Files of tiktok_ads were sent" in nothing["message"]


def test_columns_that_became_nothing_are_told_and_all_of_them_with_the_fields() -> None:
    shop = shop_with(SHOPIFY)
    odd = tuple(f"Odd {number}" for number in range(12))
    ended(shop, announced(shop), told("shopify", unmapped_columns=odd, personal_columns=("Billing Name", "Notes")))

    (summed,) = asked(shop, "pma_inspect_org_data")["data"]["last_imports"]
    (whole,) = asked(shop, "pma_inspect_org_data", level="fields")["data"]["last_imports"]

    assert summed["connectors"] == ["shopify"]
    assert summed["columns_dropped_for_privacy"] == ["Billing Name", "Notes"]
    assert (summed["unmapped_columns"], whole["unmapped_columns"]) == (list(odd[:10]), list(odd))


def test_an_import_tells_when_it_last_moved_and_that_it_stands_still() -> None:
    shop = shop_with(SHOPIFY)
    record = announced(shop)
    shop.clock.advance(minutes=1)
    begun(shop, record)
    began = f"{shop.clock():%Y-%m-%dT%H:%M:%SZ}"

    (moving,) = asked(shop, "pma_inspect_org_data")["data"]["last_imports"]
    shop.clock.advance(minutes=21)
    (still,) = asked(shop, "pma_inspect_org_data")["data"]["last_imports"]

    assert (moving["moved_at"], moving["stands_still"]) == (began, False)
    assert (still["moved_at"], still["stands_still"]) == (began, True)
