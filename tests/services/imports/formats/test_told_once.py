"""Rows that tell one ad day twice, or one cost in two ways, are parts of a whole: none may be lost in silence."""

from __future__ import annotations

import pytest

from shared.domain.facts.imports import ImportReport, ImportStatus
from shared.domain.facts.rollups import Figure
from tests.data.merchants import Merchant

META = 'Campaign name,Day,"{}",Amount spent (USD)\n'
GOOGLE = 'Campaign,Day,"{}",Cost,Impr.\n'
TIKTOK = 'Campaign name,By Day,"{}",Cost,Impressions,Clicks (destination)\n'
SNAPCHAT = 'Campaign Name,Start Time,End Time,"{}",Spend,Paid Impressions,Swipe Ups\n'
PRODUCTS = "Handle,Title,Variant SKU,Variant Price,Cost per item\n"


def sent(merchant: Merchant, content: str) -> tuple[ImportStatus, ImportReport]:
    done = merchant.take_up(merchant.send(content.encode()))
    assert done.report is not None
    return done.status, done.report


def spent(merchant: Merchant) -> int:
    merchant.fold()
    return sum(merchant.month("2026-10").days[Figure.AD_SPEND])


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (META.format("Product ID"), "Brand,2026-10-01,{},{}.00\n"),
        (META.format("Media type"), "Brand,2026-10-01,{},{}.00\n"),
        (META.format("Body (ad settings)"), "Brand,2026-10-01,{},{}.00\n"),
        (GOOGLE.format("Country/Territory (User location)"), "Brand,2026-10-01,{},{}.00,1\n"),
        (GOOGLE.format("Landing page"), "Brand,2026-10-01,{},{}.00,1\n"),
        (TIKTOK.format("OS"), "Brand,2026-10-01,{},{}.00,1,1\n"),
        (SNAPCHAT.format("Language"), "Brand,2026-10-01,2026-10-01,{},{}.00,1,1\n"),
    ],
)
def test_a_day_that_is_cut_by_a_column_that_we_do_not_know_is_refused(headers: str, row: str) -> None:
    merchant = Merchant()
    status, report = sent(merchant, headers + row.format("planted", 1) + row.format("other", 2))

    assert status is ImportStatus.REFUSED
    assert report.refusal is not None
    assert report.refusal.code == "key_repeated"
    assert "`ad_day`: 1." in report.refusal.message
    assert "breakdown" in report.refusal.hint
    assert "planted" not in str(report).lower()
    assert report.counts == {}


def test_it_is_told_also_where_the_two_rows_lie_in_parts_that_are_read_apart() -> None:
    filler = "Other,2026-10-{:02},x,1.00\n"
    rows = "Brand,2026-10-01,x,1.00\n" + "".join(map(filler.format, range(1, 31))) + "Brand,2026-10-01,y,2.00\n"
    content = META.format("Sort") + rows
    status, report = sent(Merchant(part_bytes=len(content) // 3), content)

    assert (status, report.refusal and report.refusal.code) == (ImportStatus.REFUSED, "key_repeated")


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (META.format("Delivery"), "Brand,2026-10-01,active,5.00\n"),
        (META.format("Ad set name"), "Brand,2026-10-01,Broad,5.00\n"),
        (GOOGLE.format("Ad group"), "Brand,2026-10-01,Broad,5.00,1\n"),
        (TIKTOK.format("Ad name"), "Brand,2026-10-01,Video,5.00,1,1\n"),
        (SNAPCHAT.format("Ad Set Name"), "Brand,2026-10-01,2026-10-01,Broad,5.00,1,1\n"),
    ],
)
def test_two_campaigns_of_one_name_with_equal_figures_are_refused_and_none_is_lost(headers: str, row: str) -> None:
    status, report = sent(Merchant(), headers + row * 2)

    assert report.refusal is not None
    assert (status, report.refusal.code) == (ImportStatus.REFUSED, "key_repeated")
    assert "Campaign ID" in report.refusal.hint
    assert "pasted in twice" in report.refusal.hint


@pytest.mark.parametrize("figures", [("0.00,0", "0.00,0"), ("0.00,0", "0.00,")])
def test_two_campaigns_of_one_name_that_stood_still_lose_nothing(figures: tuple[str, str]) -> None:
    merchant = Merchant()
    rows = "".join(f"Paused,2026-10-01,,{each}\n" for each in figures)
    status, _ = sent(merchant, GOOGLE.format("x") + "Brand,2026-10-01,,5.00,1\n" + rows)

    assert (status, spent(merchant)) == (ImportStatus.FINISHED, 5_000_000)


@pytest.mark.parametrize("figures", [("0.00,0", "5.00,1"), ("5.00,1", "0.00,0"), ("0.00,0", "0.00,7")])
def test_two_campaigns_of_one_name_of_which_one_stood_still_are_refused(figures: tuple[str, str]) -> None:
    rows = "".join(f"Brand,2026-10-01,,{each}\n" for each in figures)
    status, report = sent(Merchant(), GOOGLE.format("x") + rows)

    assert (status, report.refusal and report.refusal.code) == (ImportStatus.REFUSED, "key_repeated")


def test_with_their_ids_they_are_both_paid() -> None:
    merchant = Merchant()
    status, _ = sent(merchant, META.format("Campaign ID") + "".join(f"Brand,2026-10-01,{id_},5.00\n" for id_ in "12"))

    assert (status, spent(merchant)) == (ImportStatus.FINISHED, 10_000_000)


def test_the_same_rows_in_another_file_are_the_same_days() -> None:
    merchant = Merchant()
    rows = [f"Brand,2026-10-{day:02},active,5.00\n" for day in range(1, 7)]
    for part in (rows[:4], rows[2:], rows):
        status, _ = sent(merchant, META.format("Delivery") + "".join(part))
        assert status is ImportStatus.FINISHED

    assert spent(merchant) == 30_000_000


def test_a_cost_that_stands_there_twice_word_for_word_is_one() -> None:
    status, report = sent(Merchant(), "sku,unit_cost\n" + "A,1.00\n" * 2)

    assert (status, report.counts["cost"].repeated) == (ImportStatus.FINISHED, 1)


def test_campaigns_whose_names_are_kept_alike_are_all_paid() -> None:
    merchant = Merchant()
    names = ["Re a1@x.example", "Re b2@x.example", "LAL 1% 1002003001", "LAL 1% 1002003002", "18-24 25-34 35-44"]
    status, report = sent(merchant, META.format("x") + "".join(f'"{name}",2026-10-01,,1.00\n' for name in names))

    assert (status, report.counts["ad_day"].new) == (ImportStatus.FINISHED, 5)
    assert spent(merchant) == 5_000_000


def test_a_list_of_own_costs_may_not_have_two_costs_of_a_sku() -> None:
    head = "sku,unit_cost,effective_from\n"
    status, report = sent(Merchant(), head + "A,1.00,2026-01-01\nA,2.00,2026-01-01\n")

    assert (status, report.refusal and report.refusal.code) == (ImportStatus.REFUSED, "key_repeated")
    assert sent(Merchant(), head + "A,1.00,2026-01-01\nA,2.00,2026-06-01\n")[0] is ImportStatus.FINISHED


def test_two_variants_of_a_shop_may_share_a_sku() -> None:
    status, report = sent(Merchant(), PRODUCTS + "mug,Mug,M,10.00,4.00\ncup,Cup,M,12.00,5.00\n")

    assert (status, report.counts["cost"].repeated) == (ImportStatus.FINISHED, 1)
