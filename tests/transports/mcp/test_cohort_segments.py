"""Cohorts of one segment, and which segments and months can be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure
from shared.domain.facts.segments import SegmentCohort, Segments
from tests.data.rollups import MICROS, every_day, store
from tests.transports.mcp.cohort_shop import AUGUST, JULY, TOLD, asked, shop_with
from tests.transports.mcp.shop import Shop

SHIRT, MUG = "first_product=44", "first_product=MUG-1"
SEGMENTS = Segments(
    generation=1,
    months=["2026-07", "2026-08"],
    sizes={
        SHIRT: [60, 30],
        MUG: [40, 20],
        "first_product=44#2026-08": [0, 0],
        "first_product=PEN": [0, 0],
        "channel=online_store": [100, 50],
        "discounted_first_order=yes": [91, 25],
        "discounted_first_order=no": [9, 25],
    },
    titles={SHIRT: "Linen shirt"},
)
PRODUCTS = [SHIRT, MUG, "first_product=44#2026-08", "first_product=PEN"]
"""What brought the most customers comes first."""


def part(segment: str, month: str, active: list[int]) -> SegmentCohort:
    return SegmentCohort(
        segment=segment, month=month, currency="USD", generation=1, size=active[0], active=active, orders=active
    )


def shop_of_segments() -> Shop:
    parts = [
        part(SHIRT, "2026-07", [60, 15]),
        part(SHIRT, "2026-08", [30, 3]),
        part("first_product=44#2026-08", "2026-08", [77, 7]),
        part("discounted_first_order=yes", "2026-07", [91, 9]),
    ]
    return shop_with(JULY, AUGUST, SEGMENTS, *parts, every_day("2026-07", {Figure.AD_SPEND: 10 * MICROS}))


def test_a_segment_is_the_customers_whose_first_order_was_of_a_kind() -> None:
    content = asked(shop_of_segments(), segment=SHIRT, max_offset=1)

    # Nobody tells which customers an ad was for.
    assert content["data"]["rows"] == [
        ["2026-07", 60, None, False, [1.0, 0.25]],
        ["2026-08", 30, None, False, [1.0, 0.1]],
    ]
    assert content["data"]["weighted_average"] == [1.0, 0.2]
    assert (content["data"]["segment"], content["data"]["product_title"]) == (SHIRT, "Linen shirt")
    assert content["totals"] == {"customers": 90}
    assert content["summary"].startswith("2 cohorts of this segment from 2025-11 to 2026-10; the weighted average")
    assert content["summary"].endswith("in month 1 is 0.2, of 90 customers.")


def test_a_segment_may_be_written_with_spaces() -> None:
    assert asked(shop_of_segments(), segment=" first_product = 44 ")["data"]["segment"] == SHIRT


def test_months_of_a_small_segment_are_hidden_with_their_size_and_so_is_the_total() -> None:
    content = asked(shop_of_segments(), segment="discounted_first_order=yes", max_offset=1)

    # The nine others of July would be all of July less these.
    hidden = [[month, None, None, True, [None, None]] for month in ("2026-07", "2026-08")]
    assert content["data"]["rows"] == hidden
    assert content["totals"] == {"customers": None}
    assert content["summary"] == (
        "2 cohorts of this segment from 2025-11 to 2026-10, 2 of them suppressed: they have too few customers, or "
        "would give such a cohort away."
    )
    (warning,) = (each for each in content["meta"]["warnings"] if each["code"] == "suppressed")
    assert "grain=quarter" in warning["message"]


@pytest.mark.parametrize(
    ("segment", "allowed", "hint"),
    [
        ("first_product", PRODUCTS, "Use one of allowed"),
        ("first_product=mug", PRODUCTS, "Use one of allowed"),
        ("channel=online", ["channel=online_store"], 'Did you mean "online_store"?'),
        ("discounted_first_order=true", ["discounted_first_order=yes", "discounted_first_order=no"], "Use one of"),
        (
            "vip",
            [
                "all",
                "channel=online_store",
                *PRODUCTS[:3],  # a few of each
                *("discounted_first_order=yes", "discounted_first_order=no"),
            ],
            "Write dimension=value",
        ),
    ],
)
def test_a_segment_that_does_not_exist_is_refused_with_those_that_do(
    segment: str, allowed: list[str], hint: str
) -> None:
    content = shop_of_segments().call("get_cohort_retention", segment=segment).content

    assert (content["code"], content["field"], content["allowed"]) == ("invalid_argument", "segment", allowed)
    assert content["hint"].startswith(hint)
    assert content["outside_text"] == ["allowed"], "who named a channel or a product wrote these"


def test_without_customers_there_are_no_segments() -> None:
    content = shop_with().call("get_cohort_retention", segment="channel=web").content

    assert (content["code"], content["allowed"]) == ("invalid_argument", ["all"])


# --- currencies ------------------------------------------------------------------------------------------------------


def test_what_is_in_no_cohort_for_want_of_a_rate_is_warned_of() -> None:
    shop = Shop()
    missing = {
        "order": {"GBP": (date(2026, 7, 3), date(2026, 7, 9))},
        "ad_day": {"EUR": (date(2026, 8, 1), date(2026, 8, 1))},
        "payment": {"SEK": (date(2026, 8, 2), date(2026, 8, 2))},
    }
    store(shop.engine, JULY, SEGMENTS, part(SHIRT, "2026-07", [60]), found=replace(TOLD, unrated=missing))

    def told(**arguments: Any) -> list[str]:  # noqa: ANN401 - any JSON
        warnings = asked(shop, **arguments)["meta"]["warnings"]
        return [warning["message"] for warning in warnings if warning["code"] == "fx_rate_missing"]

    of_orders, of_ads = told()
    assert "in no cohort and no value: GBP (2026-07-03 to 2026-07-09)." in of_orders
    assert "in no cac: EUR (2026-08-01)." in of_ads
    assert len(told(cohort_from="2026-09", cohort_to="2026-10")) == 1, "ads of other months are in no cac of these"
    assert len(told(segment=SHIRT)) == 1, "a segment has no cac"
    assert "SEK (2026-08-02)" in told(metric="cumulative_cm2")[0]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"cohort_from": "2026-13"}, "invalid_argument", "cohort_from"),
        ({"cohort_from": "2026-7"}, "invalid_argument", "cohort_from"),
        ({"cohort_from": "2026-09", "cohort_to": "2026-08"}, "invalid_date_range", "cohort_from"),
        ({"cohort_to": "2026-12"}, "invalid_date_range", "cohort_to"),
        ({"cohort_from": "2021-10", "cohort_to": "2026-10"}, "range_too_long", "cohort_from"),
        ({"max_offset": 37}, "invalid_argument", "max_offset"),
        ({"max_offset": True}, "invalid_argument", "max_offset"),
        ({"max_offset": "3"}, "invalid_argument", "max_offset"),
        ({"max_offset": 3.5}, "invalid_argument", "max_offset"),
        ({"metric": "churn"}, "invalid_argument", "metric"),
        ({"segment": "channel"}, "invalid_argument", "segment"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(arguments: dict[str, Any], code: str, field: str) -> None:
    content = shop_with(JULY).call("get_cohort_retention", **arguments).content

    assert (content["code"], content["field"]) == (code, field)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            {"cohort_from": "2027-01"},
            "cohort_from is in the future: this month is 2026-11 where the shop is.",
            "Use cohort_from=2026-11 or earlier; the last complete month is 2026-10.",
        ),
        (
            {"cohort_from": "2026-11"},
            "cohort_from is after 2026-10, the last complete month.",
            "Add cohort_to=2026-11 to see months that are not over.",
        ),
        ({"cohort_from": "2026-09", "cohort_to": "2026-08"}, "cohort_from is after cohort_to.", "Without both"),
        ({"cohort_from": "2015-01"}, "60 months of cohorts are the most.", "Up to 2026-10 ask from 2021-11 on."),
    ],
)
def test_months_that_cannot_be_are_refused_with_those_that_can(
    arguments: dict[str, Any], message: str, hint: str
) -> None:
    content = shop_with(JULY).call("get_cohort_retention", **arguments).content

    assert content["message"] == message
    assert content["hint"].startswith(hint)
