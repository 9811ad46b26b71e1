"""Of several attribution windows one is taken, and only if it holds every claim."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.ads import AdMetric, AdSums, Claim, Place, campaign_sums, together
from shared.domain.facts.ads import AdFigure, campaign_key

WINDOWS = ("1d_click", "7d_click", "7d_click_1d_view", "30d_click", "not_stated")


def ads(platform: str = "meta", *, days: int = 1, **windows: int) -> AdSums:
    """Give some ad days, all of which claim as many conversions as are said, in each of the windows."""
    claims: dict[str, dict[str, int]] = {
        window: {AdFigure.CONVERSIONS_KNOWN: days, AdFigure.CONVERSIONS: conversions}
        for window, conversions in windows.items()
    }
    known = days if windows else 0
    return AdSums(
        platforms=frozenset({platform}),
        figures={AdFigure.AD_DAYS: days, AdFigure.CONVERSIONS_KNOWN: known},
        claims=claims,
    )


@pytest.mark.parametrize(
    ("platform", "window"),
    [
        ("meta", "7d_click_1d_view"),
        ("google", "30d_click"),
        ("tiktok", "7d_click_1d_view"),
        ("snapchat", "1d_click"),
        ("other", "1d_click"),
    ],
)
def test_a_platform_s_own_window_goes_first_and_then_the_first_by_name(platform: str, window: str) -> None:
    assert ads(platform, **dict.fromkeys(WINDOWS, 5)).claim.window == window


def test_the_default_window_is_known_by_the_words_of_the_platform_s_export_too() -> None:
    told = ads("meta", **{"1-day click": 2, "7-day click or 1-day view": 5})

    assert told.claim == Claim(window="7-day click or 1-day view", conversions=5)


def test_a_window_that_is_named_goes_before_one_that_is_not() -> None:
    assert ads(not_stated=3, zzz=4).claim == Claim(window="zzz", conversions=4)


def test_who_claims_nothing_has_no_window_and_is_in_nobody_s_way() -> None:
    assert ads().claim == Claim()
    assert together([ads("google", days=3), ads("meta", not_stated=2)]).claim == Claim(
        window="not_stated", conversions=2
    )


def test_a_window_in_common_is_taken_for_platforms_together() -> None:
    meta, google = ads("meta", **{"7d_click_1d_view": 9, "1d_click": 4}), ads("google", **{"1d_click": 2})

    assert together([meta, google]).claim == Claim(window="1d_click", conversions=6)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["meta", "google"]),
            st.dictionaries(st.sampled_from(WINDOWS), st.integers(1, 9), max_size=3),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_claim_is_the_sum_of_one_window_over_everybody_who_claims_or_nothing(
    parts: list[tuple[str, dict[str, int]]],
) -> None:
    claim = together(ads(platform, **windows) for platform, windows in parts).claim

    claiming = [windows for _, windows in parts if windows]
    if claim.window is None:
        assert (claim.conversions, claim.differ) == (None, bool(claiming))
    else:
        assert claim.conversions == sum(windows[claim.window] for windows in claiming)


def test_a_campaign_s_sums_are_put_together_with_those_of_its_windows() -> None:
    key = campaign_key("meta", "meta_ads", "act_1", "c1")
    sums = campaign_sums(
        {
            f"{key}\x1f1d_click": {AdFigure.REVENUE: 8, AdFigure.REVENUE_KNOWN: 1},
            key: {AdFigure.AD_DAYS: 1, AdFigure.SPEND: 3, AdFigure.REVENUE_KNOWN: 1},
        }
    )
    (found,) = sums.values()

    assert list(sums) == [Place(platform="meta", source="meta_ads", account="act_1", campaign_id="c1")]
    assert (found.claim.revenue, found.numbers().values[AdMetric.PLATFORM_ROAS]) == (8, Fraction(8, 3))
