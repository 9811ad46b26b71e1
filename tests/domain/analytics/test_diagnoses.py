"""What may be wrong with sources, and what is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.analytics.diagnoses import FIX_OF_STATUS, SILENT_AFTER, Sources, diagnose
from shared.domain.analytics.diagnosis import Cause, Diagnosis
from shared.domain.facts.families import Family
from shared.domain.facts.fields import ACCOUNT_STATUSES
from shared.domain.facts.rollups import Account, Figure
from tests.data.rollups import account, every_day, holding, inspection

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 21), date(2026, 11, 20)
SHOP = account(holdings=[holding("order")])
META = account("meta_ads", "act_1", holdings=[holding("ad_day")])


def asking(*accounts: Account, connector: str | None = None, family: Family | None = None) -> Sources:
    """Ask about these accounts, of whose rows nothing is to be said."""
    return Sources(
        all=accounts,
        asked=[each for each in accounts if connector in {None, each.source}],
        connector=connector,
        family=family,
        inspections=[],
        shop=[],
        now=NOW,
        today=TODAY,
        currency="USD",
    )


def test_of_files_without_a_row_yet_nobody_says_that_none_were_sent() -> None:
    (nothing,) = diagnose(asking())
    (sent,) = diagnose(replace(asking(), has_files=True))

    assert (nothing.message, sent.message) == (
        "Nothing has been imported into this workspace yet.",
        "Files were sent to this workspace, and no row of them is to be seen yet.",
    )


def causes(found: Sequence[Diagnosis]) -> list[Cause]:
    return [each.cause for each in found]


def test_sources_that_are_in_order_have_nothing_wrong() -> None:
    assert diagnose(asking(SHOP, META)) == []


@pytest.mark.parametrize("status", [status for status in ACCOUNT_STATUSES if status != "synced"])
def test_every_state_of_a_connection_but_synced_is_a_cause_with_a_way_out(status: str) -> None:
    (found,) = diagnose(asking(replace(META, status=status)))

    assert found.cause == (Cause.SYNC_INCOMPLETE if status == "syncing" else Cause(status))
    assert found.fix == FIX_OF_STATUS[status]
    assert f'meta_ads "act_1": its status is {status}' in found.message


def test_currencies_without_a_rate_are_told_with_their_days_and_the_line_to_import() -> None:
    lacking = replace(
        asking(SHOP),
        unrated={
            "ad_day": {"GBP": (date(2026, 10, 9), date(2026, 10, 9))},
            "order": {"SEK": (YESTERDAY, YESTERDAY), "GBP": (date(2026, 10, 3), date(2026, 10, 4))},
            "cost": {"NOK": (TODAY, TODAY)},
            "balance": {"CHF": (TODAY, TODAY)},
        },
    )
    facts, costs, bank = diagnose(lacking)

    assert facts.cause == costs.cause == bank.cause == Cause.RATES_MISSING
    assert "GBP (2026-10-03 to 2026-10-09), SEK (2026-11-20)" in facts.message
    assert '{"type":"fx","base":"GBP","quote":"USD","date":"2026-10-03"' in facts.fix
    assert "NOK (2026-11-21)" in costs.message
    assert "CHF (2026-11-21)" in bank.message
    assert diagnose(replace(lacking, family=Family.ORDER)) == [facts, costs]
    of_the_bank = diagnose(replace(lacking, family=Family.BALANCE))
    assert [each.cause for each in of_the_bank] == [Cause.WRONG_REPORT_TYPE, Cause.RATES_MISSING]
    assert of_the_bank[-1] == bank


@pytest.mark.parametrize("family", SILENT_AFTER)
def test_a_source_that_falls_silent_while_others_go_on_is_told_and_not_before(family: str) -> None:
    patience = SILENT_AFTER[family]

    def ended(last: date) -> list[Cause]:
        dead = account("dead", "d_1", holdings=[holding(family, last=last)])
        return causes(diagnose(asking(SHOP, dead)))

    assert ended(YESTERDAY - patience) == []
    assert ended(YESTERDAY - patience - timedelta(days=1)) == [Cause.SILENT]


def test_a_silent_source_is_told_with_its_last_day_and_for_how_long() -> None:
    dead = account("tiktok_ads", "7311", holdings=[holding("ad_day", last=date(2026, 10, 2))])

    (found,) = diagnose(asking(SHOP, dead, connector="tiktok_ads"))

    assert found.message == (
        'tiktok_ads "7311": no ad_day since 2026-10-02 (49 days), while other sources go on to 2026-11-20.'
    )


def test_what_ends_together_has_not_fallen_silent() -> None:
    ended = [holding("order", last=date(2026, 1, 31))]
    both = account(holdings=ended), account("shopify", "shop-2", holdings=ended)

    assert Cause.SILENT not in causes(diagnose(asking(*both)))


def test_products_and_costs_come_when_they_come() -> None:
    books = account("own", "main", holdings=[holding("cost", last=date(2026, 1, 1)), holding("product")])

    assert diagnose(asking(SHOP, books)) == []


@pytest.mark.parametrize(("days", "found"), [(7, []), (8, [Cause.OUTDATED])])
def test_an_account_whose_last_export_is_old_is_outdated_and_not_silent(days: int, found: list[Cause]) -> None:
    old = account(
        "meta_ads",
        "act_1",
        holdings=[holding("ad_day", last=date(2026, 11, 13))],
        last_export=NOW - timedelta(days=days),
    )

    assert causes(diagnose(asking(SHOP, old))) == found


def test_a_lost_connection_is_not_called_silent_as_well() -> None:
    lost = account("tiktok_ads", "1", holdings=[holding("ad_day", last=date(2026, 1, 1))], status="lost_access")

    assert causes(diagnose(asking(SHOP, lost))) == [Cause.LOST_ACCESS]


def test_gaps_of_the_last_months_are_told_and_older_ones_are_not() -> None:
    old, new = ["2026-01-05", "2026-01-09"], ["2026-11-03", "2026-11-04"]

    def told(*gaps: list[str]) -> Sequence[Diagnosis]:
        return diagnose(replace(asking(SHOP), inspections=[inspection(gaps=gaps)]))

    assert told(old) == []
    assert [found.message for found in told(old, new)] == ["shopify: no order from 2026-11-03 to 2026-11-04."]
    assert [found.message for found in told(new, ["2026-11-10", "2026-11-10"])] == [
        "shopify: no order on 2026-11-10, and 1 more gaps in the last 92 days."
    ]


def test_keys_that_one_export_told_in_two_ways_are_told() -> None:
    (found,) = diagnose(replace(asking(SHOP), inspections=[inspection(duplicate_keys=1_200)]))

    assert found.cause == Cause.DUPLICATE_KEYS
    assert "1,200 keys of order" in found.message


@pytest.mark.parametrize(
    ("copies", "rows", "found"),
    [
        (50, 100, [Cause.WRONG_ACCOUNT]),
        (49, 100, []),
        (10, 11, [Cause.WRONG_ACCOUNT]),
        (9, 10, []),
        (9, 9, [Cause.WRONG_ACCOUNT]),
        (3, 3, [Cause.WRONG_ACCOUNT]),
        (2, 2, []),
    ],
)
def test_one_file_in_two_accounts_is_told_and_a_few_rows_alike_are_not(
    copies: int, rows: int, found: list[Cause]
) -> None:
    first, second = (
        account("meta_ads", name, holdings=[holding("ad_day", rows=held)]) for name, held in (("a", 500), ("b", rows))
    )
    sources = replace(
        asking(first, second), inspections=[inspection("ad_day", "meta_ads", copies=[["a", "b", copies]])]
    )

    assert causes(diagnose(sources)) == found


@pytest.mark.parametrize(("known", "found"), [(94, [Cause.MISSING_COSTS]), (95, [])])
def test_missing_costs_are_told_by_the_share_of_sales_that_they_cover(known: int, found: list[Cause]) -> None:
    month = every_day("2026-11", {Figure.GROSS_SALES: 110, Figure.DISCOUNTS: 10, Figure.COST_KNOWN_SALES: known})

    told = diagnose(replace(asking(SHOP, META), shop=[month]))

    assert causes(told) == found
    assert [each.message.startswith("Unit costs are known for 94% of the sales of 2026-11") for each in told] == [
        True for _ in found
    ]


def test_costs_are_no_matter_of_an_ad_platform_or_of_expenses() -> None:
    month = every_day("2026-11", {Figure.GROSS_SALES: 100})

    assert diagnose(replace(asking(SHOP, META, connector="meta_ads"), shop=[month])) == []
    assert causes(diagnose(replace(asking(SHOP, family=Family.EXPENSE), shop=[month]))) == [Cause.WRONG_REPORT_TYPE]


def test_every_cause_but_none_tells_what_to_do() -> None:
    dead = account("tiktok_ads", "1", holdings=[holding("ad_day", last=date(2026, 1, 1))])
    empty = account("snapchat_ads", "2", holdings=[])
    found = [
        *diagnose(asking()),
        *diagnose(asking(SHOP, connector="shop")),
        *diagnose(asking(SHOP, dead, empty, family=Family.GOAL)),
        *diagnose(
            replace(
                asking(SHOP, dead, empty),
                inspections=[inspection(gaps=[["2026-11-03", "2026-11-04"]], duplicate_keys=1)],
            )
        ),
    ]

    assert len({each.cause for each in found}) == 6
    assert all(each.fix and each.message.endswith((".", "?")) for each in found)
