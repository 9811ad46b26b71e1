"""What a customer is worth is not told of few customers, nor what would give them away."""

from __future__ import annotations

import pytest

from tests.data.rollups import MICROS, cohort
from tests.transports.mcp.ltv_told import ADS, JULY, SEGMENTS, asked, lifetimes, parts, shop_with, warned


def test_a_segment_of_few_customers_is_not_shown_nor_what_would_give_it_away() -> None:
    of_segments = [lifetimes(segment=name, customers=size) for name, (size,) in SEGMENTS.sizes.items()]
    shop = shop_with(lifetimes(), *of_segments, SEGMENTS, *parts(), JULY)

    for name, hidden in (("channel=web", False), ("channel=fair", True), ("channel=other", True)):
        content = asked(shop, segment=name)
        data = content["data"]
        assert data["suppressed"] is hidden
        if hidden:
            assert [data[part] for part in ("historical", "matured_customers", "predictive", "model")] == [None] * 4
            assert warned(content) == ["suppressed"]
            assert content["meta"]["coverage"] == {"cogs": None}
        else:
            assert data["historical"]["m1"] == 50.0
            # With `n` it would tell how many came in months that are hidden.
            assert data["matured_customers"] is None


def test_a_segment_may_be_written_with_spaces() -> None:
    shop = shop_with(lifetimes(), lifetimes(segment="channel=web", customers=800), SEGMENTS, *parts(), JULY)

    assert asked(shop, segment="channel = web")["data"]["segment"] == "channel=web"


@pytest.mark.parametrize(("came", "told"), [(9, False), (10, True), (0, True)])
def test_what_all_did_is_told_of_no_two_days_between_which_few_came(came: int, *, told: bool) -> None:
    """Else the difference would be what those few did; in months that lie farther back no day may be asked for."""
    august = [cohort("2026-08", [came])] if came else []
    earlier = [cohort("2025-08", [300]), cohort("2025-09", [5])]
    through = lifetimes("2026-09-30", customers=300 + 5 + 100 + came, later_days=51, later_orders=700)
    shop = shop_with(lifetimes(), through, JULY, *august, *earlier)

    content = asked(shop, observed_through="2026-09-30")

    assert (content["data"]["afterwards"]["cumulative_error"] is not None) is told
    assert content["data"]["afterwards"]["orders"] == 700
    assert any("cumulative_error" in each["message"] for each in content["meta"]["warnings"]) is not told


def test_the_cost_of_winning_customers_is_told_of_no_segment() -> None:
    web = lifetimes(segment="channel=web", customers=800)
    shop = shop_with(lifetimes(), web, SEGMENTS, *parts(), JULY, *ADS)

    data = asked(shop, segment="channel=web")["data"]

    assert (data["cac"], data["ltv_to_cac"], data["payback_month"]) == (None, None, None)


def test_a_cohort_of_few_customers_is_in_no_history() -> None:
    content = asked(shop_with(lifetimes(), JULY, cohort("2026-05", [9, 9], net_revenue=[9_000 * MICROS])))

    assert content["data"]["historical"]["m3"] == 57.5
    assert "suppressed" in warned(content)


def test_what_was_left_of_revenue_is_told_of_cohorts_that_may_be_shown_up_to_the_day_that_is_asked_for() -> None:
    hidden = cohort("2026-05", [9], net_revenue=[9_000 * MICROS], cm2=[0], sales=[9_000 * MICROS], cost_known_sales=[0])
    shop = shop_with(lifetimes(), lifetimes("2026-08-31"), JULY, hidden)

    for arguments, left in (({}, 1160 / 5750), ({"observed_through": "2026-08-31"}, 1200 / 5800)):
        content = asked(shop, margin="cm2", discount_rate_annual=0, **arguments)
        assert content["data"]["predictive"]["value"] == round(120 * left, 2)
        assert content["meta"]["coverage"] == {"cogs": 0.9}
