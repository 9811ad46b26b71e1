"""Which segments there are, and who is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.domain.facts.segments import MOST_OWN, Dimension
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.segments import build_segments

First = tuple[str | None, str | None, bool]


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(tmp_path) as opened:
        opened.run(
            "CREATE TEMP TABLE first_orders (customer VARCHAR, channel VARCHAR, product VARCHAR, discounted BOOL)"
        )
        yield opened


def segments(duck: Duck, firsts: Sequence[First], k_min: int = 10) -> dict[str, int]:
    """Make customers with these first orders, and count them by segment."""
    duck.run("DELETE FROM first_orders")
    for number, first in enumerate(firsts):
        values: dict[str, Any] = dict(zip(("channel", "product", "discounted"), first, strict=True))
        duck.run(
            "INSERT INTO first_orders VALUES ($customer, $channel, $product, $discounted)",
            customer=str(number),
            **values,
        )
    build_segments(duck, Settings(k_min=k_min))
    return dict(duck.rows("SELECT segment, count(*) FROM customer_segments GROUP BY segment ORDER BY segment"))


def test_every_customer_is_in_one_segment_of_each_dimension(duck: Duck) -> None:
    found = segments(duck, [("web", "P1", True)] * 12 + [("pos", None, False)] * 11 + [(None, "P1", False)])

    assert found == {
        "channel=web": 12,
        "channel=pos": 11,
        "channel=(unknown)": 1,
        "first_product=P1": 13,
        "first_product=(unknown)": 11,
        "discounted_first_order=yes": 12,
        "discounted_first_order=no": 12,
    }


def test_values_of_too_few_customers_are_one_segment_together(duck: Duck) -> None:
    found = segments(duck, [("web", "P", False)] * 10 + [("pos", "P", False)] * 9 + [("fair", "P", True)])

    assert {name: n for name, n in found.items() if name.startswith("channel")} == {
        "channel=web": 10,
        "channel=(other)": 10,
    }
    assert found["discounted_first_order=yes"] == 1, "there are only two of them"


@pytest.mark.parametrize("dimension", [Dimension.CHANNEL, Dimension.FIRST_PRODUCT])
def test_the_values_that_brought_most_customers_have_segments_and_no_more(duck: Duck, dimension: Dimension) -> None:
    most = MOST_OWN[dimension]
    firsts: list[First] = []
    for place in range(most + 3):
        firsts += [(f"v{place:02}", f"v{place:02}", False)] * (2 + place)

    found = segments(duck, firsts, k_min=1)

    own = {name for name in found if name.startswith(f"{dimension}=v")}
    assert own == {f"{dimension}=v{place:02}" for place in range(3, most + 3)}
    assert found[f"{dimension}=(other)"] == 2 + 3 + 4


def test_of_two_values_that_brought_as_many_it_is_always_the_same_that_has_a_segment(duck: Duck) -> None:
    firsts: list[First] = [(f"v{place:02}", None, False) for place in range(MOST_OWN[Dimension.CHANNEL] + 1)]

    assert segments(duck, firsts, k_min=1) == segments(duck, firsts[::-1], k_min=1)


@pytest.mark.parametrize("name", ["other", "unknown"])
def test_a_channel_that_a_shop_calls_other_or_unknown_has_a_segment_of_its_own(duck: Duck, name: str) -> None:
    found = segments(duck, [(name, None, False)] * 10 + [("fair", None, False)] * 2 + [(None, None, False)] * 3)

    assert {segment: n for segment, n in found.items() if segment.startswith("channel")} == {
        f"channel={name}": 10,
        "channel=(other)": 2,
        "channel=(unknown)": 3,
    }


@pytest.mark.parametrize("name", ["(other)", "(unknown)"])
def test_a_channel_that_is_written_like_a_name_of_ours_is_one_of_the_others(duck: Duck, name: str) -> None:
    found = segments(duck, [(name, None, False)] * 10 + [("fair", None, False)] * 2 + [(None, None, False)] * 3)

    assert {segment: n for segment, n in found.items() if segment.startswith("channel")} == {
        "channel=(other)": 12,
        "channel=(unknown)": 3,
    }
